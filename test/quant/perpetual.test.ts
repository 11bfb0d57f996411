import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import {
  fundingCarry,
  inversePerpetual,
  inversePerpetualMark,
  linearPerpetual,
  linearPerpetualMark,
} from '../../lib/quant/perpetual.ts'
import { powerPerpetual } from '../../lib/quant/power-perpetual.ts'
import { big, errorOf, exactly, uniform } from './amm/big.ts'

const random = uniform(41)
const holdings = Array.from({ length: 1_000 }, () => ({
  size: (random() - 0.5) * 10 ** (random() * 8 - 2),
  entry: 10 ** (random() * 8 - 3),
  change: random() < 0.3 ? 1e-6 * random() : random() * 3 - 0.9,
})).map(({ change, ...one }) => ({ ...one, mark: one.entry * (1 + change) }))
const refused = expect.objectContaining({ code: 'out-of-domain' })

describe('linear and inverse perpetuals', () => {
  it('earn what the exchanges’ formulas say in 64 digits, to 1e-12, however small the move', () => {
    for (const one of holdings) {
      const [size, entry, mark] = [exactly(one.size), exactly(one.entry), exactly(one.mark)]
      expect(errorOf(linearPerpetual(one).profit, size.times(mark.minus(entry)))).toBeLessThan(1e-12)
      const inverse = inversePerpetual(one)
      const coin = size.times(big.bignumber(1).div(entry).minus(big.bignumber(1).div(mark)))
      expect(errorOf(inverse.profit, coin)).toBeLessThan(1e-12)
      expect(errorOf(inverse.profitQuote, coin.times(mark))).toBeLessThan(1e-12)
    }
  })

  it('move with the mark as their delta says', () => {
    for (const one of holdings.slice(0, 100)) {
      for (const state of [linearPerpetual, inversePerpetual]) {
        const step = one.mark * 1e-3
        const up = state({ ...one, mark: one.mark + step }).profitQuote
        const down = state({ ...one, mark: one.mark - step }).profitQuote
        const { delta } = state(one)
        expect(Math.abs((up - down) / (2 * step) / delta - 1)).toBeLessThan(1e-9)
      }
    }
  })

  it('have by hand: 100,000 USD of inverse contracts from 50,000 to 55,000 earn 0.1818 coins, 10,000 USD', () => {
    const one = inversePerpetual({ size: 100_000, entry: 50_000, mark: 55_000 })
    expect(one.profit).toBeCloseTo(2 - 100_000 / 55_000, 14)
    expect(one.profitQuote).toBeCloseTo(10_000, 9)
    expect(one.delta).toBe(2)
    expect(one.notional).toBeCloseTo(100_000 / 55_000, 14)
  })

  it('are paid funding by whom the convention says: above 0, long pays', () => {
    const year = { ratePerYear: 0.1095, years: 8 / 8_760 }
    expect(fundingCarry({ notional: 1e6, ...year })).toBeCloseTo(-100, 10)
    expect(fundingCarry({ notional: -1e6, ...year })).toBeCloseTo(100, 10)
    expect(fundingCarry({ notional: 1e6, ratePerYear: -0.1, years: 1 })).toBeCloseTo(1e5, 8)
    expect(Object.is(fundingCarry({ notional: 1e6, ratePerYear: 0.1, years: 0 }), 0)).toBe(true)
    expect(() => fundingCarry({ notional: 1, ratePerYear: 1, years: -1 })).toThrow(refused)
  })

  it('have fair marks that pay the holder of either side nothing, the premium charged many times over', () => {
    const one = { index: 3_000, kappa: 1_095, iota: 0.1, rateQuote: 0.05, rateBase: 0.03 }
    // Under the quote currency's measure the index grows at r_quote - r_base, and so does a mark in proportion to it.
    const linear = linearPerpetualMark(one)
    expect(linear * (one.rateQuote - one.rateBase)).toBeCloseTo(one.kappa * (linear - 3_000) + one.iota * 3_000, 8)
    // Under the coin's measure 1/index grows at r_base - r_quote; the long inverse contract gains as 1/mark falls.
    const inverse = inversePerpetualMark(one)
    expect((-(one.rateBase - one.rateQuote) / inverse) * 3_000).toBeCloseTo(
      one.kappa * (1 - 3_000 / inverse) + one.iota,
      10,
    )
    expect(linearPerpetualMark({ ...one, iota: 0, rateQuote: 0.04, rateBase: 0.04 })).toBe(3_000)
    expect(linearPerpetualMark({ ...one, iota: 0 })).toBeGreaterThan(3_000)
    expect(inversePerpetualMark({ ...one, iota: 0 })).toBeGreaterThan(3_000)
  })

  it('refuse prices that are not above 0, and a funding too slow for its carry', () => {
    for (const bad of [{ entry: 0 }, { mark: -1 }, { size: Number.NaN }, { mark: Number.POSITIVE_INFINITY }]) {
      expect(() => linearPerpetual({ size: 1, entry: 1, mark: 1, ...bad })).toThrow(refused)
      expect(() => inversePerpetual({ size: 1, entry: 1, mark: 1, ...bad })).toThrow(refused)
    }
    expect(() => linearPerpetualMark({ index: 1, kappa: 0.01, iota: 0, rateQuote: 0.05, rateBase: 0 })).toThrow(refused)
  })

  it('work for huge and tiny magnitudes', () => {
    for (const scale of [1e-18, 1e18]) {
      const { profit } = inversePerpetual({ size: scale, entry: scale, mark: scale * 1.5 })
      expect(profit).toBeCloseTo(1 / 3, 14)
      expect(linearPerpetual({ size: 1 / scale, entry: scale, mark: scale * 1.5 }).profit).toBeCloseTo(0.5, 14)
    }
  })
})

interface Row {
  readonly p: number
  readonly sigma: number
  readonly r: number
  readonly f: number
  readonly S: number
  readonly index: number
  readonly mark_discrete: number
  readonly mark_continuous: number
  readonly premium: number
  readonly premium_continuous: number
  readonly continuous_funding_rate_per_year: number
}

describe('a power perpetual', () => {
  const squeeth = { S: 3_000, p: 2, sigma: 0.8, r: 0.03, f: 17.5 / 365 }

  it('has the mark of its fundings summed one by one (White et al. 2021) to 64 digits', () => {
    const y = big.bignumber(0.03).plus(big.bignumber(0.8).pow(2))
    const f = big.bignumber(17.5).div(365)
    let discrete = big.bignumber(0)
    // The mark is everlasting: half of the next funding's index, a quarter of the one after, ...
    for (let i = 1; i <= 220; i += 1) discrete = discrete.plus(y.times(f).times(i).exp().div(big.bignumber(2).pow(i)))
    expect(errorOf(powerPerpetual({ ...squeeth, funding: 'discrete' }).mark, discrete.times(9e6))).toBeLessThan(1e-14)
    // And continuously: the mean of e^(y t) over exponential times of mean f, here by its moments (y f)^k.
    let continuous = big.bignumber(0)
    for (let k = 0; k <= 100; k += 1) continuous = continuous.plus(y.times(f).pow(k))
    expect(errorOf(powerPerpetual({ ...squeeth, funding: 'continuous' }).mark, continuous.times(9e6))).toBeLessThan(
      1e-14,
    )
  })

  it.each(['discrete', 'continuous'] as const)('has Greeks equal to differences under %s funding', (funding) => {
    for (const p of [0.5, 2, 3, -1]) {
      const one = { ...squeeth, p, funding }
      const got = powerPerpetual(one)
      const slope = (key: 'S' | 'sigma' | 'r', step: number, of: 'mark' | 'delta' = 'mark') =>
        (powerPerpetual({ ...one, [key]: one[key] + step })[of] -
          powerPerpetual({ ...one, [key]: one[key] - step })[of]) /
        (2 * step)
      expect(slope('S', 0.03) / got.delta).toBeCloseTo(1, 8)
      expect(slope('S', 0.03, 'delta') / got.gamma).toBeCloseTo(1, 8)
      expect(slope('sigma', 1e-5) / got.vega).toBeCloseTo(1, 7)
      expect(slope('r', 1e-5) / got.rho).toBeCloseTo(1, 7)
      const bend =
        powerPerpetual({ ...one, sigma: 0.8 + 1e-4 }).vega - powerPerpetual({ ...one, sigma: 0.8 - 1e-4 }).vega
      expect(bend / 2e-4 / got.volga).toBeCloseTo(1, 6)
      expect(-(got.mark - got.index) / one.f / got.theta).toBeCloseTo(1, 12)
      expect(got.premium).toBeCloseTo(got.mark / got.index - 1, 13)
    }
  })

  it.each(['discrete', 'continuous'] as const)('follows the carry of its underlying under %s funding', (funding) => {
    for (const p of [0.5, 2, 3, -1]) {
      const one = { ...squeeth, p, funding, b: 0.07 }
      const got = powerPerpetual(one)
      const slope = (key: 'b' | 'r') =>
        (powerPerpetual({ ...one, [key]: one[key] + 1e-5 }).mark -
          powerPerpetual({ ...one, [key]: one[key] - 1e-5 }).mark) /
        2e-5
      expect(slope('b') / got.carryRho).toBeCloseTo(1, 7)
      expect(slope('r') / got.rho).toBeCloseTo(1, 7)
      expect(got.growth).toBeCloseTo(p * 0.07 - 0.03 + (p * (p - 1) * 0.64) / 2, 14)
    }
    // A forward that grows at the rate is the one without a yield.
    const own = powerPerpetual({ ...squeeth, funding })
    const stated = powerPerpetual({ ...squeeth, funding, b: squeeth.r })
    expect(stated.mark).toBe(own.mark)
    expect((stated.rho + stated.carryRho) / own.rho).toBeCloseTo(1, 14)
  })

  it('has a premium that the convention doubles, and none at p = 1', () => {
    const short = { ...squeeth, f: 1e-6 }
    const [discrete, continuous] = (['discrete', 'continuous'] as const).map(
      (funding) => powerPerpetual({ ...short, funding }).premium,
    )
    expect((discrete ?? 0) / (continuous ?? 1)).toBeCloseTo(2, 5)
    expect(powerPerpetual({ ...squeeth, p: 1, funding: 'discrete' }).premium).toBeCloseTo(0, 20)
    for (const funding of ['discrete', 'continuous'] as const) {
      const instant = powerPerpetual({ ...squeeth, f: 0, funding })
      expect(instant.mark).toBe(9e6)
      expect(instant.theta / powerPerpetual({ ...squeeth, f: 1e-9, funding }).theta).toBeCloseTo(1, 7)
    }
  })

  it('refuses fundings so far apart that the mark is infinite', () => {
    expect(() => powerPerpetual({ ...squeeth, f: 1.6, funding: 'continuous' })).toThrow(refused)
    expect(() => powerPerpetual({ ...squeeth, f: 1.1, funding: 'discrete' })).toThrow(refused)
    expect(() => powerPerpetual({ ...squeeth, S: 0, funding: 'discrete' })).toThrow(refused)
    expect(() => powerPerpetual({ ...squeeth, sigma: Number.NaN, funding: 'discrete' })).toThrow(refused)
  })

  it('meets three published marks at S = 3000: p = 2 and 3, sigma 0.5 to 1.2 (White et al. 2021)', () => {
    const [day, squeeth] = [1 / 365, 17.5 / 365]
    expect(powerPerpetual({ S: 3_000, p: 3, sigma: 1.2, r: 0, f: day, funding: 'discrete' }).mark).toBeCloseTo(
      27650667264.39008,
      3,
    )
    expect(
      powerPerpetual({ S: 3_000, p: 3, sigma: 1.2, r: 0, f: squeeth, funding: 'discrete' }).mark / 43142096973.7208,
    ).toBeCloseTo(1, 13)
    expect(
      powerPerpetual({ S: 3_000, p: 3, sigma: 1.2, r: 0, f: squeeth, funding: 'continuous' }).mark / 34053213545.266064,
    ).toBeCloseTo(1, 13)
  })
})

const path = '../shared/tables/power_perp.json'

describe.skipIf(!existsSync(path))(`the published figures of ${path} (skipped where the folder is absent)`, () => {
  const rows: readonly Row[] = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')).rows : []

  it('are met to 1e-12', () => {
    expect(rows.length).toBeGreaterThan(0)
    for (const { p, sigma, r, f, S, ...row } of rows) {
      const one = { p, sigma, r, f, S }
      const discrete = powerPerpetual({ ...one, funding: 'discrete' })
      const continuous = powerPerpetual({ ...one, funding: 'continuous' })
      expect(Math.abs(discrete.mark / row.mark_discrete - 1)).toBeLessThan(1e-12)
      expect(Math.abs(continuous.mark / row.mark_continuous - 1)).toBeLessThan(1e-12)
      expect(Math.abs(discrete.premium - row.premium)).toBeLessThan(1e-12)
      expect(Math.abs(continuous.premium - row.premium_continuous)).toBeLessThan(1e-12)
      expect(Math.abs(continuous.growth - row.continuous_funding_rate_per_year)).toBeLessThan(1e-12)
    }
  })
})
