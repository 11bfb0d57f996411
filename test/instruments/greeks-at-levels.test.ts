import type { BigNumber } from 'mathjs'
import { describe, expect, it } from 'vitest'
import type { Greeks } from '../../lib/instruments/greeks/greeks.ts'
import { greeksOf } from '../../lib/instruments/greeks/greeks-of.ts'
import { withSpot } from '../../lib/instruments/market/bump.ts'
import { parsePosition } from '../../lib/instruments/parse-position.ts'
import { value, warningsOf } from '../../lib/instruments/value.ts'
import { exactly } from '../quant/big-normal.ts'
import { exactBarrier } from '../quant/options/exact-barrier.ts'
import { expiryIn, oneAssetMarket } from './one-asset-market.ts'

const years = 0.25
const numbers = { rate: 0.05, carry: 0.03, volatility: 0.6 }
const market = oneAssetMarket({ spot: 3000, ...numbers })
const shared = { asset: 'ETH', expiry: expiryIn(years), quantity: 1 }
const greeksAt = (kind: string, terms: object, spot: number) =>
  greeksOf(parsePosition({ kind, terms: { ...shared, ...terms } }), withSpot(market, 'ETH', spot))
/** Delta, gamma x S, vega / S, vanna, volga / S: all of them about 1 or less. */
const figuresOf = ({ delta, gamma, vega, vanna, volga }: Greeks) => [
  delta.ETH ?? Number.NaN,
  3000 * (gamma.ETH ?? Number.NaN),
  Object.values(vega.ETH ?? {}).reduce((sum, one) => sum + one, 0) / 3000,
  vanna.ETH ?? Number.NaN,
  (volga.ETH ?? Number.NaN) / 3000,
]

/** The same from differences of the printed formula in 60 digits, which does not stop at the barrier. */
function exactFigures(
  terms: Omit<Parameters<typeof exactBarrier>[0], 'spot' | 'time' | 'rate' | 'carry' | 'volatility'>,
) {
  const [h, e] = [2 ** -10, 2 ** -20]
  return (spot: number) => {
    const at = (i: number, j: number): BigNumber =>
      exactBarrier({ ...terms, ...numbers, time: years, spot: spot + i * h, volatility: numbers.volatility + j * e })
    const mid = at(0, 0)
    const [up, down, more, less] = [at(1, 0), at(-1, 0), at(0, 1), at(0, -1)]
    const cross = at(1, 1).minus(at(1, -1)).minus(at(-1, 1)).plus(at(-1, -1))
    return [
      up.minus(down).div(exactly(2 * h)),
      up
        .plus(down)
        .minus(mid.times(2))
        .div(exactly(h * h))
        .times(3000),
      more
        .minus(less)
        .div(exactly(2 * e))
        .div(3000),
      cross.div(exactly(4 * h * e)),
      more
        .plus(less)
        .minus(mid.times(2))
        .div(exactly(e * e))
        .div(3000),
    ].map((figure) => figure.toNumber())
  }
}

describe('Greeks of a barrier option close to its barrier', () => {
  it('are those of the living side in 60 digits, down to a distance of 1e-11 of the spot, for all eight kinds', () => {
    for (const type of ['call', 'put'] as const)
      for (const direction of ['down', 'up'] as const)
        for (const knock of ['in', 'out'] as const)
          for (const [strike, rebate] of [
            [2600, 30],
            [3300, 0],
          ] as const) {
            const terms = { type, strike, barrier: 3000, direction, knock, rebate }
            const exact = exactFigures({ kind: type, strike, barrier: 3000, direction, knock, rebate })
            for (const distance of [1e-2, 1e-4, 1e-6, 1e-8, 1e-11]) {
              const spot = 3000 * (1 + (direction === 'down' ? distance : -distance))
              const found = figuresOf(greeksAt('barrier-option', terms, spot))
              for (const [i, figure] of exact(spot).entries())
                expect(Math.abs((found[i] ?? 0) - figure), `${JSON.stringify(terms)} ${distance} ${i}`).toBeLessThan(
                  1e-6,
                )
            }
          }
  })
})

const kinds: readonly (readonly [kind: string, terms: object, level: number, alive: 1 | -1])[] = [
  ...(['in', 'out'] as const).flatMap((knock) =>
    ([1, -1] as const).map(
      (alive) =>
        [
          'double-barrier-option',
          { type: 'call', strike: 2900, knock, rebate: 20, lowerBarrier: 2500, upperBarrier: 3600 },
          alive === 1 ? 2500 : 3600,
          alive,
        ] as const,
    ),
  ),
  ...(['hit', 'expiry'] as const).flatMap((paidAt) =>
    ([1, -1] as const).flatMap((alive) =>
      [{ cash: 500 }, {}].map(
        (paid) =>
          [
            'touch-option',
            { payoff: 'one-touch', paidAt, ...paid, barrier: 3000, direction: alive === 1 ? 'down' : 'up' },
            3000,
            alive,
          ] as const,
      ),
    ),
  ),
  ['touch-option', { payoff: 'no-touch', paidAt: 'expiry', cash: 500, barrier: 3000, direction: 'up' }, 3000, -1],
  ['lookback-option', { type: 'call', strikeStyle: 'floating', extremum: 3000 }, 3000, 1],
  ['lookback-option', { type: 'put', strikeStyle: 'floating', extremum: 3000 }, 3000, -1],
  ['lookback-option', { type: 'call', strikeStyle: 'floating', extremum: 3000, strikeMultiple: 1.1 }, 3000, 1],
  ['lookback-option', { type: 'call', strikeStyle: 'fixed', extremum: 3000, strike: 2800 }, 3000, -1],
  ['lookback-option', { type: 'put', strikeStyle: 'fixed', extremum: 3000, strike: 2800 }, 2800, 1],
]

describe('Greeks close to a level', () => {
  it.each(kinds)(
    'of a %s %j at %d go over into their limit: no noise at 1e-11 of the spot',
    (kind, terms, level, alive) => {
      const at = (distance: number) => figuresOf(greeksAt(kind, terms, level * (1 + alive * distance)))
      const [near, nearer, wide, wider] = [at(1e-11), at(1e-8), at(1e-3), at(2e-3)] as [
        number[],
        number[],
        number[],
        number[],
      ]
      for (const [i, figure] of near.entries()) {
        expect(Math.abs(figure - (nearer[i] ?? 0)), `${i}`).toBeLessThan(1e-5)
        expect(Math.abs(figure - (2 * (wide[i] ?? 0) - (wider[i] ?? 0))), `${i}`).toBeLessThan(1e-3)
      }
    },
  )

  it.each(kinds)(
    'of a %s %j at %d are on it those after the touch or of a new extremum, and a warning says so',
    (kind, terms, level, alive) => {
      const [on, after] = [0, 1e-4].map((beyond) => figuresOf(greeksAt(kind, terms, level * (1 - alive * beyond)))) as [
        number[],
        number[],
      ]
      for (const [i, figure] of on.entries()) expect(Math.abs(figure - (after[i] ?? 0)), `${i}`).toBeLessThan(2e-3)
      const position = parsePosition({ kind, terms: { ...shared, ...terms } })
      expect(warningsOf(position, withSpot(market, 'ETH', level))).toContainEqual(
        expect.stringMatching(/^the spot is exactly at (a barrier|the extremum)/),
      )
      const isVanilla = 'knock' in terms && terms.knock === 'in'
      if (!isVanilla) expect(Math.abs(on[1] ?? 1)).toBeLessThan(1e-6)
    },
  )

  it('of a knock-out on its barrier are 0, and in + out keep the parity with the vanilla option', () => {
    const terms = { type: 'call', strike: 2900, barrier: 3000, direction: 'down' }
    expect(figuresOf(greeksAt('barrier-option', { ...terms, knock: 'out', rebate: 30 }, 3000))).toEqual([0, 0, 0, 0, 0])
    const vanilla = greeksAt('vanilla-option', { type: 'call', strike: 2900 }, 3000)
    expect(greeksAt('barrier-option', { ...terms, knock: 'in' }, 3000)).toEqual(vanilla)
    const position = parsePosition({ kind: 'barrier-option', terms: { ...shared, ...terms, knock: 'out', rebate: 30 } })
    expect(value(position, withSpot(market, 'ETH', 3000))).toBe(30)
  })
})
