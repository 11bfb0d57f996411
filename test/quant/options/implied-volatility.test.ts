import { describe, expect, it } from 'vitest'
import { blackScholesPrice } from '../../../lib/quant/options/black.ts'
import { impliedTotalVolatility } from '../../../lib/quant/options/implied-total-volatility.ts'
import {
  IMPLIED_VOLATILITY_REFUSALS,
  impliedVolatility,
  impliedVolatilityBatch,
  type PricedOption,
} from '../../../lib/quant/options/implied-volatility.ts'
import {
  normalisedBlack,
  normalisedBlackComplement,
  normalisedVega,
} from '../../../lib/quant/options/normalised-black.ts'
import { bigCdf, exactly, relativeError } from '../big-normal.ts'

const EPS = 2 ** -52

function sequence(): () => number {
  let state = 97
  return () => {
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_647
  }
}

/** Moneyness to 8 and down to 1e-12, total volatility from 1e-6 to 20, prices from 1e-300 to the bound less 1e-10. */
function* points(n: number): Generator<{ x: number; s: number; b: number; condition: number }> {
  const next = sequence()
  for (let k = 0; k < n; k += 1) {
    const x = k % 50 === 0 ? 0 : k % 3 === 0 ? -8 * 10 ** (-12 * next()) : -8 * next()
    const s = k % 2 === 0 ? 10 ** (1.3 - 6 * next()) : 20 * next()
    const b = normalisedBlack(x, s)
    if (b >= 1e-300 && b <= Math.exp(x / 2) * (1 - 1e-10)) yield { x, s, b, condition: b / (s * normalisedVega(x, s)) }
  }
}

function ulp(value: number): number {
  return 2 ** (Math.floor(Math.log2(value)) - 52)
}

describe('the normalised Black price', () => {
  it('holds to a few units in the last place against 60 digits, and so does what it lacks to its bound', () => {
    for (const { x, s, b, condition } of points(250)) {
      const [X, s60] = [exactly(x), exactly(s)]
      const d1 = X.div(s60).plus(s60.div(2))
      const grown = X.div(2).exp()
      const paid = bigCdf(d1.minus(s60)).div(grown)
      expect(
        relativeError(b, grown.times(bigCdf(d1)).minus(paid)) * Math.min(1, condition),
        `b ${x} ${s}`,
      ).toBeLessThan(4 * EPS)
      if (d1.isPositive()) {
        const lacking = grown.times(bigCdf(d1.neg())).plus(paid)
        expect(relativeError(normalisedBlackComplement(x, s), lacking), `complement ${x} ${s}`).toBeLessThan(4 * EPS)
      }
    }
  })

  it('starts at nothing, ends at its bound, and refuses the in-the-money side', () => {
    expect([normalisedBlack(-1, 0), normalisedBlack(-1, 1e-3), normalisedBlack(-1, 1e6)]).toEqual([
      0,
      0,
      Math.exp(-0.5),
    ])
    expect(normalisedBlackComplement(-1, 0)).toBe(Math.exp(-0.5))
    for (const kernel of [normalisedBlack, normalisedBlackComplement])
      expect(() => kernel(1, 1)).toThrow(expect.objectContaining({ code: 'out-of-domain' }))
  })
})

describe('implied total volatility', () => {
  it('comes back from its price to 4 eps max(1, condition)', () => {
    let compared = 0
    for (const { x, s, b, condition } of points(40_000)) {
      expect(Math.abs(impliedTotalVolatility(x, b) / s - 1), `${x} ${s}`).toBeLessThanOrEqual(
        4 * EPS * Math.max(1, condition),
      )
      compared += 1
    }
    expect(compared).toBeGreaterThan(15_000)
  })

  it('gives its price back to 4 ulp, where a last place of volatility does not move the price by more', () => {
    for (const { x, s, b, condition } of points(40_000)) {
      const again = normalisedBlack(x, impliedTotalVolatility(x, b))
      expect(Math.abs(again - b) / ulp(b), `${x} ${s}`).toBeLessThanOrEqual(4 * Math.max(1, 1 / condition))
    }
  })

  it('reaches the corners of its domain', () => {
    for (const x of [0, -1e-300, -1e-100, -1e-15, -1e-6, -0.5, -8])
      for (const b of [1e-300, 1e-200, 1e-50, 1e-10, 1e-3, 0.3, 0.9, 1 - 1e-6, 1 - 1e-10].map(
        (part) => part * Math.exp(x / 2),
      )) {
        if (b < 1e-300) continue
        const s = impliedTotalVolatility(x, b)
        const lacking = Math.exp(x / 2) - b
        const condition = Math.min(b, lacking) / (s * normalisedVega(x, s))
        const again = Math.min(b, lacking) === b ? normalisedBlack(x, s) / b : normalisedBlackComplement(x, s) / lacking
        expect(Math.abs(again - 1), `${x} ${b}`).toBeLessThan(
          8 * EPS * Math.max(1, 1 / condition, Math.exp(x / 2) / lacking),
        )
      }
  })

  it('refuses what lies outside of its domain', () => {
    for (const [x, b] of [
      [0.1, 0.1],
      [-8.1, 1e-5],
      [-1, 1e-301],
      [-1, Math.exp(-0.5)],
      [-1, Number.NaN],
    ] as const)
      expect(() => impliedTotalVolatility(x, b)).toThrow(expect.objectContaining({ code: 'out-of-domain' }))
  })
})

describe('implied volatility', () => {
  const base = { kind: 'call', spot: 60_000, strike: 66_000, time: 0.1, rate: 0.04, carry: 0.03 } as const

  it('inverts the price of calls and puts in and out of the money', () => {
    for (const kind of ['call', 'put'] as const)
      for (const strike of [20_000, 40_000, 59_000, 60_180.27, 70_000, 200_000])
        for (const volatility of [0.3, 0.7, 1.5, 4]) {
          const p = { ...base, kind, strike }
          const price = blackScholesPrice({ ...p, volatility })
          const timeValue = blackScholesPrice({ ...p, kind: kind === 'call' ? 'put' : 'call', volatility })
          const inside = Math.min(timeValue, price) / price
          if (inside < 1e-9) continue
          expect(Math.abs(impliedVolatility({ ...p, price }) / volatility - 1)).toBeLessThan(2e-15 / inside)
        }
  })

  it('names why a price has none', () => {
    const reason = (change: Partial<PricedOption>) => {
      try {
        return impliedVolatility({ ...base, price: 2_000, ...change })
      } catch (error) {
        return (error as { code: string }).code
      }
    }
    expect(reason({})).toBeGreaterThan(0.5)
    expect(reason({ price: 60_000 })).toBe('price-above-maximum')
    expect(reason({ price: 5_000, strike: 40_000 })).toBe('price-below-intrinsic')
    expect(reason({ price: 0 })).toBe('time-value-lost')
    expect(reason({ price: 1e-290, spot: 1e-3, strike: 2 })).toBeGreaterThan(0)
    expect(reason({ strike: 1 })).toBe('moneyness-out-of-range')
    expect(reason({ price: Number.NaN })).toBe('out-of-domain')
    expect(reason({ time: 0 })).toBe('out-of-domain')
    expect(reason({ kind: 'both' as 'call' })).toBe('out-of-domain')
  })

  it('works through a chain, marks what it refuses and answers the rest', () => {
    const price = Float64Array.of(2_000, 60_000, -1, 2_000, 2_000)
    const of = (value: number) => new Float64Array(5).fill(value)
    const kind = Int8Array.of(1, 1, 1, 0, 1)
    const terms = { kind, price, spot: of(60_000), strike: of(66_000), time: of(0.1), rate: of(0.04), carry: of(0.03) }
    const volatility = new Float64Array(5)
    const status = new Uint8Array(5)
    expect(impliedVolatilityBatch(terms, volatility, status)).toBe(3)
    expect(volatility[0]).toBe(impliedVolatility({ ...base, price: 2_000 }))
    expect(volatility[4]).toBe(volatility[0])
    expect([...status].map((code) => IMPLIED_VOLATILITY_REFUSALS[code - 1])).toEqual([
      undefined,
      'price-above-maximum',
      'out-of-domain',
      'out-of-domain',
      undefined,
    ])
    expect(volatility[1]).toBeNaN()
    expect(() => impliedVolatilityBatch(terms, new Float64Array(4), status)).toThrow(
      expect.objectContaining({ code: 'out-of-domain' }),
    )
  })
})
