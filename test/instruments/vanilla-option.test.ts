import type { BigNumber } from 'mathjs'
import { describe, expect, it } from 'vitest'
import { greeksOf } from '../../lib/instruments/greeks/greeks-of.ts'
import type { PositionTerms } from '../../lib/instruments/index.ts'
import { withSpot } from '../../lib/instruments/market/bump.ts'
import { forwardOf } from '../../lib/instruments/market/forwards.ts'
import type { Market } from '../../lib/instruments/market/market.ts'
import { parseMarket } from '../../lib/instruments/market/parse-market.ts'
import { yearsTo } from '../../lib/instruments/market/years-to.ts'
import { parsePosition } from '../../lib/instruments/parse-position.ts'
import { detailsOf, value, warningsOf } from '../../lib/instruments/value.ts'
import { black76, type EuropeanOption } from '../../lib/quant/options/black.ts'
import { exactly, relativeError } from '../quant/big-normal.ts'
import { exactBlack } from '../quant/options/exact-black.ts'
import { published } from '../quant/options/published.ts'
import { at, expiryIn, marketOf, oneAssetMarket, type PublishedRow, termsOf } from './one-asset-market.ts'

const bucket = (greeks: { readonly vega: Readonly<Record<string, Readonly<Record<string, number>>>> }) =>
  Object.values(greeks.vega.ETH ?? {})[0] ?? Number.NaN

interface Case {
  readonly market: Market
  readonly position: PositionTerms
  /** The very doubles that the model is given. */
  readonly model: EuropeanOption
}

/** Deep out of the money to deep in the money, an hour to decades, with and without carry. */
function* grid(): Generator<Case> {
  const rates = [
    [0, 0],
    [0.05, 0.05],
    [0.04, 0.01],
    [-0.01, 0.02],
  ] as const
  let i = 0
  for (const strike of [21, 64, 99.9, 100, 103, 150, 700])
    for (const years of [1 / 8760, 0.05, 1, 30])
      for (const volatility of [0.05, 0.6, 2.5])
        for (const type of ['call', 'put'] as const) {
          const [rate, carry] = rates[i % rates.length] ?? [0, 0]
          i += 1
          const expiry = expiryIn(years)
          const market = oneAssetMarket({ spot: 100, rate, carry, volatility })
          const terms = { asset: 'ETH', type, strike, expiry, quantity: 1 }
          const time = yearsTo(market, expiry)
          yield {
            market,
            position: parsePosition({ kind: 'vanilla-option', terms }),
            model: { kind: type, spot: 100, strike, time, volatility, rate, carry },
          }
        }
}

function d1Of({ spot, strike, time, volatility, carry }: EuropeanOption): number {
  const s = volatility * Math.sqrt(time)
  return (Math.log(spot / strike) + carry * time) / s + s / 2
}

describe('a vanilla option against 60 digits', () => {
  it('has its out-of-the-money value, delta, gamma and vega to 3e-13 max(1, d1^2 / 100)', () => {
    let compared = 0
    for (const { market, position, model } of grid()) {
      const d1 = d1Of(model)
      const w = model.kind === 'call' ? 1 : -1
      if (Math.abs(d1) > 35 || w * (Math.log(model.spot / model.strike) + model.carry * model.time) > 0) continue
      const want = exactBlack(model)
      const greeks = greeksOf(position, market)
      const allowed = 3e-13 * Math.max(1, (d1 * d1) / 100)
      const of = JSON.stringify(model)
      expect(relativeError(value(position, market), want.price), `value ${of}`).toBeLessThan(allowed)
      expect(relativeError(greeks.delta.ETH ?? 0, want.delta), `delta ${of}`).toBeLessThan(allowed)
      expect(relativeError(greeks.gamma.ETH ?? 0, want.gamma), `gamma ${of}`).toBeLessThan(allowed)
      expect(relativeError(bucket(greeks), want.vega), `vega ${of}`).toBeLessThan(allowed)
      compared += 1
    }
    expect(compared).toBeGreaterThan(50)
  })

  it('has all the rest to 1e-13 of the sum of absolute terms, in and out of the money', () => {
    for (const { market, position, model } of grid()) {
      const d1 = d1Of(model)
      if (Math.abs(d1) > 35) continue
      const want = exactBlack(model)
      const greeks = greeksOf(position, market)
      const carried = want.delta.abs().times(model.spot * (Math.abs(model.rate) + Math.abs(model.carry)))
      const checks: Readonly<Record<string, readonly [number, BigNumber, BigNumber]>> = {
        value: [value(position, market), want.price, want.priceTerms],
        theta: [greeks.theta.decay, want.theta, want.thetaTerms.plus(carried)],
        rho: [greeks.rho, want.price.times(-model.time), want.priceTerms.times(model.time)],
        carryRho: [greeks.carryRho.ETH ?? 0, want.carryRho, want.carryRho.abs()],
        vanna: [greeks.vanna.ETH ?? 0, want.vanna, want.vanna.abs().plus(want.vega.div(model.spot))],
        volga: [greeks.volga.ETH ?? 0, want.volga, want.volga.abs().plus(want.vega)],
      }
      const tail = Math.max(1, (d1 * d1) / 30)
      for (const [greek, [got, exact, terms]] of Object.entries(checks))
        expect(exactly(got).minus(exact).abs().div(terms).toNumber(), `${greek} ${JSON.stringify(model)}`).toBeLessThan(
          1e-13 * tail,
        )
    }
  })
})

const smile = [
  { expiry: expiryIn(0.1), a: 0.004, b: 0.02, rho: -0.4, m: 0.01, sigma: 0.2 },
  { expiry: expiryIn(1), a: 0.04, b: 0.1, rho: -0.5, m: 0, sigma: 0.1 },
]

describe('a vanilla option in a market', () => {
  it('keeps put-call parity at every strike of a smile', () => {
    const market = parseMarket({
      at,
      spot: { ETH: 2_950 },
      interest: 0.04,
      forward: { ETH: [{ expiry: expiryIn(0.5), price: 3_041 }] },
      volatility: { ETH: { svi: smile } },
    })
    for (const strike of [300, 1_500, 2_900, 3_041, 5_000, 40_000]) {
      const priced = (type: 'call' | 'put') =>
        value(
          {
            kind: 'vanilla-option',
            terms: { asset: 'ETH', type, strike, expiry: expiryIn(0.5), quantity: 1 },
          },
          market,
        )
      const parity = Math.exp(-0.04 * 0.5) * (3_041 - strike)
      expect(Math.abs(priced('call') - priced('put') - parity)).toBeLessThan(1e-10 * (3_041 + strike))
    }
  })

  it('is an option on the forward of the market, wherever the spot is', () => {
    const strike = 3_200
    const expiry = expiryIn(0.5)
    const volatility = 0.62
    const model = { kind: 'put', forward: 3_041, strike, time: 0.5, volatility, rate: 0.04 } as const
    for (const spot of [1_000, 2_950, 3_041, 9_000]) {
      const market = parseMarket({
        at,
        spot: { ETH: spot },
        interest: 0.04,
        forward: { ETH: [{ expiry, price: 3_041 }] },
        volatility: { ETH: volatility },
      })
      const position: PositionTerms = {
        kind: 'vanilla-option',
        terms: { asset: 'ETH', type: 'put', strike, expiry, quantity: 1 },
      }
      expect(forwardOf(market, 'ETH', expiry) / 3_041).toBeCloseTo(1, 13)
      expect(value(position, market) / black76(model).price).toBeCloseTo(1, 12)
      // Per unit of spot, which moves the forward in proportion.
      expect(((greeksOf(position, market).delta.ETH ?? 0) * spot) / 3_041).toBeCloseTo(black76(model).delta, 12)
      expect(greeksOf(position, market).rho).toBeCloseTo(black76(model).rho, 8)
    }
  })

  it('has the delta of its dynamics: 0.5445 sticky by strike, 0.5888 sticky by delta', () => {
    // By hand: w = 0.04 + 0.1 x 0.1 = 0.05 and w' = -0.05 at k = 0, so vol = 0.2236068, d vol / dk = w' / (2 vol T) = -0.1118034;
    // d1 = 0.1118034, N(d1) = 0.5445104, vega = 100 n(d1) = 39.64567. A spot 1 higher lowers k by 0.01 and the volatility by 0.001118:
    // 0.5445104 + 39.64567 x 0.1118034 / 100 = 0.5888356.
    const option: PositionTerms = {
      kind: 'vanilla-option',
      terms: { asset: 'ETH', type: 'call', strike: 100, expiry: expiryIn(1), quantity: 1 },
    }
    const under = (dynamics: 'sticky-strike' | 'sticky-delta') =>
      oneAssetMarket({ spot: 100, rate: 0, carry: 0, volatility: { svi: smile, dynamics } })
    expect(value(option, under('sticky-strike'))).toBeCloseTo(8.9020707, 7)
    expect(greeksOf(option, under('sticky-strike')).delta.ETH).toBeCloseTo(0.5445104, 7)
    expect(greeksOf(option, under('sticky-delta')).delta.ETH).toBeCloseTo(0.5888356, 7)
  })

  it('keeps its volatility under sticky strike, and that of its moneyness under sticky delta', () => {
    const option: PositionTerms = {
      kind: 'vanilla-option',
      terms: { asset: 'ETH', type: 'call', strike: 100, expiry: expiryIn(1), quantity: 1 },
    }
    const moved = (dynamics: 'sticky-strike' | 'sticky-delta') =>
      detailsOf(
        option,
        withSpot(
          oneAssetMarket({ spot: 100, rate: 0, carry: 0, volatility: { svi: smile, dynamics } }),
          'ETH',
          100 * Math.exp(0.2),
        ),
      ).volatility
    expect(moved('sticky-strike')).toBeCloseTo(Math.sqrt(0.05), 14)
    // k = -0.2: w = 0.04 + 0.1 (0.1 + sqrt(0.04 + 0.01)) = 0.07236068.
    expect(moved('sticky-delta')).toBeCloseTo(Math.sqrt(0.07236068), 8)
  })

  it('settles once it has expired, and says at what', () => {
    const market = oneAssetMarket({ spot: 120, rate: 0.05, carry: 0.05, volatility: 0.6 })
    const terms = { asset: 'ETH', type: 'call', strike: 100, expiry: at - 1, quantity: -2 } as const
    const open: PositionTerms = { kind: 'vanilla-option', terms }
    const settled: PositionTerms = { kind: 'vanilla-option', terms: { ...terms, settlementPrice: 101.5 } }
    expect(value(open, market)).toBe(-40)
    expect(greeksOf(open, market).delta).toEqual({ ETH: -2 })
    expect(warningsOf(open, market)).toEqual([expect.stringContaining('for want of a settlement price')])
    expect(value(settled, market)).toBe(-3)
    expect(greeksOf(settled, market).delta).toEqual({ ETH: 0 })
    expect(warningsOf(settled, market)).toEqual(['expired: valued at its settlement price'])
  })
})

describe('Haug (1998), as a position in a market', () => {
  it('has the figures of pages 3 and 11', () => {
    const row = { type: 'Call', strike: 65, spot: 60, q: 0, r: 0.08, t: 0.25, volatility: 0.3 } as PublishedRow
    const position = parsePosition({ kind: 'vanilla-option', terms: termsOf(row) })
    expect(value(position, marketOf(row))).toBeCloseTo(2.1334, 4)
    const future = { ...row, strike: 100, spot: 105, q: 0.1, r: 0.1, t: 0.5, volatility: 0.36 }
    const onFuture = parsePosition({ kind: 'vanilla-option', terms: termsOf(future) })
    expect(greeksOf(onFuture, marketOf(future)).delta.ETH).toBeCloseTo(0.5946, 4)
  })

  const values = published<PublishedRow>('bs_european_values')
  it.skipIf(values === undefined)('has every value of the table (../shared/tables)', () => {
    for (const row of values?.rows ?? []) {
      const position = parsePosition({ kind: 'vanilla-option', terms: termsOf(row) })
      const error = Math.abs(value(position, marketOf(row)) - row.value)
      expect(error, JSON.stringify(row)).toBeLessThanOrEqual(row.tol || 0.5e-4)
    }
  })

  const greeks = published<PublishedRow>('bs_european_greeks')
  it.skipIf(greeks === undefined)('has every Greek of the table (../shared/tables)', () => {
    for (const row of greeks?.rows ?? []) {
      const position = parsePosition({ kind: 'vanilla-option', terms: termsOf(row) })
      const got = greeksOf(position, marketOf(row))
      const [delta, carryRho] = [got.delta.ETH ?? 0, got.carryRho.ETH ?? 0]
      const figures: Readonly<Record<string, number>> = {
        delta,
        elasticity: (delta * row.spot) / value(position, marketOf(row)),
        gamma: got.gamma.ETH ?? 0,
        vega: bucket(got),
        theta: got.theta.decay,
        'theta per day': got.theta.decay / 365,
        // The table holds the yield, so that the carry moves with the rate.
        rho: got.rho + carryRho,
        dividendRho: -carryRho,
      }
      expect(Math.abs((figures[row.group] ?? Number.NaN) - row.value), row.group).toBeLessThanOrEqual(1e-4)
    }
  })
})
