import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { differences } from '../../../lib/quant/bump.ts'
import { gaussLegendre } from '../../../lib/quant/gauss-legendre.ts'
import { blackScholesPrice } from '../../../lib/quant/options/black.ts'
import { type EverlastingOption, everlastingOption } from '../../../lib/quant/options/everlasting.ts'
import { exactly, relativeError } from '../big-normal.ts'
import { exactBlack } from './exact-black.ts'

const contract = {
  kind: 'call',
  spot: 2900,
  strike: 3000,
  rate: 0.03,
  carry: 0.01,
  volatility: 0.7,
  f: 1 / 12,
} as const

const european = ({ kind, spot, strike, rate, carry, volatility }: EverlastingOption, time: number) => ({
  kind,
  spot,
  strike,
  rate,
  carry,
  volatility,
  time,
})

/** nu integral of e^{-nu t} European(t), t = f x^2 so that the root of time is smooth, by a fine rule. */
function byQuadrature(option: EverlastingOption): number {
  const { nodes, weights } = gaussLegendre(400)
  const top = 7
  return nodes.reduce((sum, node, i) => {
    const x = (top * (1 + node)) / 2
    return sum + (weights[i] ?? 0) * top * x * Math.exp(-x * x) * blackScholesPrice(european(option, option.f * x * x))
  }, 0)
}

describe('everlasting options', () => {
  it('with discrete funding are worth halves, quarters, eighths of European options, to 1e-13 of a sum in 60 digits', () => {
    for (const [kind, spot, rate, carry] of [
      ['call', 2900, 0.03, 0.01],
      ['put', 2900, 0, 0],
      ['put', 4000, 0.05, -0.1],
      ['call', 1500, -0.02, 0.02],
    ] as const) {
      const option = { ...contract, kind, spot, rate, carry, funding: 'discrete' } as const
      let reference = exactly(0)
      for (let i = 1; i <= 70; i += 1)
        reference = reference.plus(exactBlack(european(option, i * option.f)).price.times(exactly(2 ** -i)))
      const { mark, truncation } = everlastingOption(option)
      expect(relativeError(mark, reference), `${kind} ${spot}`).toBeLessThan(1e-13)
      expect(truncation).toBeLessThan(1e-15)
    }
  })

  it('with continuous funding have the closed form of an exponential expiry, to 1e-11 of its integral', () => {
    for (const kind of ['call', 'put'] as const)
      for (const spot of [1500, 2900, 3000, 4200])
        for (const [rate, carry] of [
          [0, 0],
          [0.05, 0.05],
          [0.02, -0.3],
          [-0.1, 0.1],
        ] as const) {
          const option = { ...contract, kind, spot, rate, carry, funding: 'continuous' } as const
          const { mark } = everlastingOption(option)
          expect(Math.abs(mark / byQuadrature(option) - 1), `${kind} ${spot} ${carry}`).toBeLessThan(1e-10)
        }
  })

  it('have the continuous convention as the limit of many payments, and twice its time value under one', () => {
    const option = { ...contract, spot: 3000 }
    const continuous = everlastingOption({ ...option, funding: 'continuous' }).mark
    const gap = (payments: number) =>
      everlastingOption({ ...option, funding: 'discrete', paymentsPerPeriod: payments }).mark - continuous
    expect(gap(1000) / continuous).toBeLessThan(1e-3)
    expect(gap(200) / gap(400)).toBeGreaterThan(1.9)
    expect(everlastingOption({ ...option, funding: 'discrete' }).mark / continuous).toBeGreaterThan(1.4)
  })

  it('have the Greeks of their own mark under both conventions', () => {
    for (const funding of ['discrete', 'continuous'] as const)
      for (const kind of ['call', 'put'] as const)
        for (const spot of [2400, 3700]) {
          const option = { ...contract, kind, spot, funding }
          const got = everlastingOption(option)
          const { gradient, hessian } = differences({
            f: ([spot = 0, volatility = 0, rate = 0, carry = 0]) =>
              everlastingOption({ ...option, spot, volatility, rate, carry }).mark,
            x: [spot, option.volatility, option.rate, option.carry],
            scales: [600, 0.7, 1, 1],
          })
          const [delta, vega, rate = 0, carry = 0] = gradient
          const found = [delta, vega, rate + carry, carry, hessian[0]]
          for (const [i, want] of [got.delta, got.vega, got.rho, got.carryRho, got.gamma].entries())
            expect(Math.abs((found[i] ?? 0) - want), `${funding} ${kind} ${spot} ${i}`).toBeLessThan(
              1e-8 * (1 + Math.abs(want)),
            )
        }
  })

  it('pay their time value as funding: theta is minus mark less payoff, over f', () => {
    for (const funding of ['discrete', 'continuous'] as const) {
      const { mark, payoff, theta } = everlastingOption({ ...contract, spot: 3300, funding })
      expect(payoff).toBe(300)
      expect(theta).toBeCloseTo(-(mark - 300) * 12, 9)
    }
  })

  it('keep parity with the everlasting forward, and stay above what exercise is worth without rates', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -18, max: 18, noNaN: true }),
        fc.double({ min: -2, max: 2, noNaN: true }),
        fc.oneof(fc.constant(0), fc.double({ min: 0.01, max: 3, noNaN: true })),
        fc.double({ min: 1e-4, max: 1, noNaN: true }),
        fc.constantFrom('discrete' as const, 'continuous' as const),
        (scale, moneyness, volatility, f, funding) => {
          const strike = 10 ** scale
          const option = {
            ...contract,
            strike,
            spot: strike * Math.exp(moneyness),
            volatility,
            f,
            rate: 0,
            carry: 0,
            funding,
          }
          const [call, put] = (['call', 'put'] as const).map((kind) => everlastingOption({ ...option, kind }))
          for (const value of [call, put])
            for (const number of Object.values(value ?? {}))
              if (volatility > 0) expect(number).toSatisfy(Number.isFinite)
          const rounding = 1e-13 * Math.max(option.spot, strike)
          expect(Math.abs((call?.mark ?? 0) - (put?.mark ?? 0) - (option.spot - strike))).toBeLessThan(rounding)
          expect(call?.mark).toBeGreaterThanOrEqual((call?.payoff ?? 0) - rounding)
        },
      ),
      { numRuns: 300, seed: 5 },
    )
  })

  it('take zero volatility as a limit', () => {
    for (const carry of [0.2, -0.2])
      for (const kind of ['call', 'put'] as const) {
        const option = { ...contract, kind, carry, funding: 'continuous' } as const
        const none = everlastingOption({ ...option, volatility: 0 }).mark
        expect(everlastingOption({ ...option, volatility: 1e-7 }).mark).toBeCloseTo(none, 8)
        expect(none).toBeCloseTo(byQuadrature({ ...option, volatility: 0 }), 0)
      }
  })

  it('refuse by name what they cannot price', () => {
    for (const [change, field] of [
      [{ spot: 0 }, 'spot'],
      [{ strike: Number.NaN }, 'strike'],
      [{ f: 0 }, 'f'],
      [{ volatility: -1 }, 'volatility'],
      [{ paymentsPerPeriod: 0 }, 'paymentsPerPeriod'],
    ] as const)
      expect(() => everlastingOption({ ...contract, funding: 'discrete', ...change }), field).toThrow(
        expect.toSatisfy((error) => error.code === 'out-of-domain' && error.facts.field === field),
      )
    for (const funding of ['discrete', 'continuous'] as const)
      expect(() => everlastingOption({ ...contract, rate: 0, carry: 13, funding })).toThrow('not defined')
  })
})
