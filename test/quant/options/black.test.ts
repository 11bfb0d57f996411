import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import {
  black76,
  blackScholes,
  blackScholesPrice,
  type EuropeanOption,
  type OptionKind,
} from '../../../lib/quant/options/black.ts'
import { exactly, relativeError } from '../big-normal.ts'
import { exactBlack } from './exact-black.ts'

const KINDS = ['call', 'put'] as const

/** Options from deep out of the money to deep in the money, minutes to decades, with and without carry. */
function* grid(): Generator<EuropeanOption> {
  const strikes = [1e-3, 21, 64, 88, 99.9, 100, 100.0001, 103, 150, 700, 1e5]
  const times = [1 / 525600, 0.01, 0.25, 1, 30]
  const rates = [
    [0, 0],
    [0.05, 0],
    [0.04, 0.03],
    [-0.01, 0.02],
  ] as const
  let i = 0
  for (const strike of strikes)
    for (const time of times)
      for (const volatility of [0.003, 0.05, 0.6, 2.5])
        for (const kind of KINDS) {
          const [rate, carry] = rates[i % rates.length] ?? [0, 0]
          i += 1
          yield { kind, spot: 100, strike, time, volatility, rate, carry }
        }
}

function d1Of(p: EuropeanOption): number {
  const s = p.volatility * Math.sqrt(p.time)
  return (Math.log(p.spot / p.strike) + p.carry * p.time) / s + s / 2
}

describe('a European option', () => {
  it('has its out-of-the-money price, delta, gamma and vega to 3e-13 max(1, d1^2 / 100) against 60 digits', () => {
    let compared = 0
    for (const p of grid()) {
      const d1 = d1Of(p)
      const w = p.kind === 'call' ? 1 : -1
      if (Math.abs(d1) > 35 || w * (Math.log(p.spot / p.strike) + p.carry * p.time) > 0) continue
      const got = blackScholes(p)
      const want = exactBlack(p)
      const allowed = 3e-13 * Math.max(1, (d1 * d1) / 100)
      for (const greek of ['price', 'delta', 'gamma', 'vega'] as const)
        expect(relativeError(got[greek], want[greek]), `${greek} ${JSON.stringify(p)}`).toBeLessThan(allowed)
      compared += 1
    }
    expect(compared).toBeGreaterThan(100)
  })

  it('has all the rest to 1e-13 of the sum of absolute terms, in and out of the money', () => {
    for (const p of grid()) {
      const d1 = d1Of(p)
      if (Math.abs(d1) > 35) continue
      const got = blackScholes(p)
      const want = exactBlack(p)
      const tail = Math.max(1, (d1 * d1) / 30)
      const gross = want.thetaTerms.plus(
        want.delta
          .abs()
          .times(p.spot)
          .times(Math.abs(p.rate) + Math.abs(p.carry)),
      )
      const scales = {
        price: want.priceTerms,
        delta: want.delta.abs(),
        theta: gross,
        rho: want.rho.abs(),
        carryRho: want.carryRho.abs(),
        vanna: want.vanna.abs().plus(want.vega.div(p.spot)),
        volga: want.volga.abs().plus(want.vega),
      }
      for (const [greek, scale] of Object.entries(scales)) {
        const error = exactly(got[greek as 'theta'])
          .minus(want[greek as 'theta'])
          .abs()
        expect(error.div(scale).toNumber(), `${greek} ${JSON.stringify(p)}`).toBeLessThan(1e-13 * tail)
      }
    }
  })

  it('keeps put-call parity', () => {
    for (const p of grid()) {
      const parity = p.spot * Math.exp((p.carry - p.rate) * p.time) - p.strike * Math.exp(-p.rate * p.time)
      const difference = blackScholesPrice({ ...p, kind: 'call' }) - blackScholesPrice({ ...p, kind: 'put' })
      expect(Math.abs(difference - parity)).toBeLessThan(4e-15 * (p.spot + p.strike) * Math.exp(0.05 * p.time))
    }
  })

  it('is worth its discounted intrinsic value without time or without volatility', () => {
    const p = { kind: 'call', spot: 110, strike: 100, time: 0, volatility: 0.5, rate: 0.05, carry: 0.05 } as const
    expect(blackScholes(p)).toMatchObject({ price: 10, delta: 1, gamma: 0, vega: 0, vanna: 0, volga: 0 })
    expect(blackScholes({ ...p, kind: 'put' })).toMatchObject({ price: 0, delta: -0, gamma: 0 })
    const still = { ...p, time: 2, volatility: 0 }
    expect(blackScholes(still).price).toBeCloseTo(110 - 100 * Math.exp(-0.1), 12)
    expect(blackScholes(still).theta).toBeCloseTo(-0.05 * 100 * Math.exp(-0.1), 12)
    const nearly = blackScholes({ ...still, volatility: 1e-9 })
    for (const [greek, value] of Object.entries(blackScholes(still)))
      expect(nearly[greek as 'price'], greek).toBeCloseTo(value, 9)
  })

  it('turns at the money into its limit as time vanishes', () => {
    const p = { kind: 'call', spot: 100, strike: 100, time: 0, volatility: 0.5, rate: 0, carry: 0 } as const
    expect(blackScholes(p)).toMatchObject({ price: 0, delta: 0.5, gamma: Infinity, vega: 0, theta: -Infinity })
    const near = blackScholes({ ...p, time: 1, volatility: 1e-12 })
    const at = blackScholes({ ...p, time: 1, volatility: 0 })
    expect(at.vega).toBeCloseTo(near.vega, 9)
    expect(at.vanna).toBeCloseTo(near.vanna, 9)
    expect(at.theta).toBeCloseTo(near.theta, 9)
  })

  it('gives no NaN between 1e-18 and 1e18', () => {
    const sizes = [1e-18, 1e-9, 1, 1e9, 1e18]
    for (const spot of sizes)
      for (const strike of sizes)
        for (const time of [0, ...sizes])
          for (const volatility of [0, ...sizes])
            for (const kind of KINDS)
              for (const value of Object.values(
                blackScholes({ kind, spot, strike, time, volatility, rate: 0, carry: 0 }),
              ))
                expect(value, `${spot} ${strike} ${time} ${volatility}`).not.toBeNaN()
  })

  it('refuses terms outside of its domain by name', () => {
    const p: EuropeanOption = { kind: 'put', spot: 1, strike: 1, time: 1, volatility: 1, rate: 0, carry: 0 }
    const wrong: readonly Partial<EuropeanOption>[] = [
      { spot: 0 },
      { strike: -1 },
      { time: -1e-9 },
      { volatility: Number.NaN },
      { rate: Infinity },
      { carry: 800 },
      { kind: 'straddle' as OptionKind },
    ]
    for (const change of wrong)
      for (const kernel of [blackScholes, blackScholesPrice])
        expect(() => kernel({ ...p, ...change })).toThrow(
          expect.objectContaining({
            code: 'out-of-domain',
            // A carry is only too large for the time.
            facts: expect.objectContaining({ field: 'carry' in change ? 'time' : Object.keys(change)[0] }),
            hint: expect.stringContaining('carry' in change ? 'carry time' : (Object.keys(change)[0] ?? '')),
          }),
        )
  })

  it('on a future has a rho of minus time times price (Black 1976)', () => {
    const terms = { kind: 'put', strike: 19, time: 0.75, volatility: 0.28, rate: 0.1 } as const
    const future = black76({ ...terms, forward: 19 })
    expect(future.price).toBeCloseTo(1.7011, 4)
    expect(future.rho).toBe(-0.75 * future.price)
    const shifted = black76({ ...terms, forward: 19, rate: 0.1 + 1e-6 }).price - future.price
    expect(shifted / 1e-6).toBeCloseTo(future.rho, 5)
  })
})

interface Row {
  readonly type: 'Call' | 'Put'
  readonly strike: number
  readonly spot: number
  readonly q: number
  readonly r: number
  readonly t: number
  readonly volatility: number
  readonly value: number
  readonly tol: number
  readonly group: string
}

function optionOf(row: Row): EuropeanOption {
  const kind = row.type === 'Call' ? 'call' : 'put'
  return {
    kind,
    spot: row.spot,
    strike: row.strike,
    time: row.t,
    volatility: row.volatility,
    rate: row.r,
    carry: row.r - row.q,
  }
}

function rowsOf(name: string): readonly Row[] {
  const file = new URL(`../../../../shared/tables/${name}.json`, import.meta.url)
  return existsSync(file)
    ? (JSON.parse(readFileSync(file, 'utf8').replaceAll('"vol"', '"volatility"')) as { rows: readonly Row[] }).rows
    : []
}

describe('Haug (1998)', () => {
  it('agrees on the figures of pages 3 to 16', () => {
    const call: EuropeanOption = {
      kind: 'call',
      spot: 60,
      strike: 65,
      time: 0.25,
      volatility: 0.3,
      rate: 0.08,
      carry: 0.08,
    }
    expect(blackScholesPrice(call)).toBeCloseTo(2.1334, 4)
    const future: EuropeanOption = {
      kind: 'call',
      spot: 105,
      strike: 100,
      time: 0.5,
      volatility: 0.36,
      rate: 0.1,
      carry: 0,
    }
    expect(blackScholes(future).delta).toBeCloseTo(0.5946, 4)
    expect(blackScholes({ ...future, kind: 'put' }).delta).toBeCloseTo(-0.3566, 4)
  })

  const values = rowsOf('bs_european_values')
  it.skipIf(values.length === 0)('agrees on every value of the table (../shared/tables)', () => {
    for (const row of values)
      expect(Math.abs(blackScholesPrice(optionOf(row)) - row.value), JSON.stringify(row)).toBeLessThanOrEqual(
        row.tol || 0.5e-4,
      )
  })

  const greeks = rowsOf('bs_european_greeks')
  it.skipIf(greeks.length === 0)('agrees on every Greek of the table (../shared/tables)', () => {
    for (const row of greeks) {
      const got = blackScholes(optionOf(row))
      const figures: Readonly<Record<string, number>> = {
        delta: got.delta,
        elasticity: (got.delta * row.spot) / got.price,
        gamma: got.gamma,
        vega: got.vega,
        theta: got.theta,
        'theta per day': got.theta / 365,
        rho: got.rho,
        dividendRho: -got.carryRho,
      }
      expect(Math.abs((figures[row.group] ?? Number.NaN) - row.value), row.group).toBeLessThanOrEqual(1e-4)
    }
  })
})
