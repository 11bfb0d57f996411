// A market as people state it: what is left out has a meaning, what contradicts itself is refused where it stands.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { exampleMarket } from '../../lib/instruments/example-market.ts'
import { withSpot, withTime } from '../../lib/instruments/market/bump.ts'
import { carryTo, forwardOf, interestTo } from '../../lib/instruments/market/forwards.ts'
import { parseMarket } from '../../lib/instruments/market/parse-market.ts'
import { strikeVolatility } from '../../lib/instruments/market/volatility.ts'
import { parsePosition } from '../../lib/instruments/parse-position.ts'
import { value, warningsOf } from '../../lib/instruments/value.ts'

const at = 1_795_521_600
const year = 31_536_000
const plain = { at, spot: { ETH: 3_000, USDC: 1 } }

describe('what a market leaves out', () => {
  it('has a meaning: no interest, the dollar rate as carry, sticky strikes, fitted now', () => {
    const market = parseMarket({ ...plain, volatility: { ETH: 0.6 } })
    expect(interestTo(market, at + year)).toBe(0)
    expect(carryTo(parseMarket({ ...plain, interest: 0.04 }), 'ETH', at + year)).toBe(0.04)
    expect(market.volatility?.ETH).toMatchObject({ dynamics: 'sticky-strike', asOf: at, anchor: 3_000, shift: 0 })
    expect(market.exchangeRates.ETH).toEqual({ underlying: 'ETH', rate: 1 })
  })
})

describe('forwards', () => {
  it('are met on their dates, follow the spot, and are linear in carry between two dates', () => {
    const forward = [
      { expiry: at + year, price: 3_300 },
      { expiry: at + year / 2, price: 3_060 },
    ]
    const market = parseMarket({ ...plain, forward: { ETH: forward } })
    expect(forwardOf(market, 'ETH', at + year)).toBeCloseTo(3_300, 9)
    expect(forwardOf(withSpot(market, 'ETH', 1_500), 'ETH', at + year / 2)).toBeCloseTo(1_530, 9)
    const between = (Math.log(1.02) * 2 + Math.log(1.1)) / 2
    expect(carryTo(market, 'ETH', at + 0.75 * year)).toBeCloseTo(between, 12)
    expect(carryTo(withTime(market, at + year / 4), 'ETH', at + 0.75 * year)).toBeCloseTo(between, 12)
    expect(forwardOf(withTime(market, at + 2 * year), 'ETH', at + year)).toBe(3_000)
  })
})

describe('volatility dynamics', () => {
  const svi = [{ expiry: at + year / 4, a: 0.03, b: 0.12, rho: -0.3, m: 0.02, sigma: 0.25 }]
  const smile = (dynamics: string) => parseMarket({ ...plain, volatility: { ETH: { svi, dynamics } } })
  const volatilityAt = (dynamics: string, strike: number, spot = 3_000) =>
    strikeVolatility(withSpot(smile(dynamics), 'ETH', spot), { asset: 'ETH', strike, expiry: at + year / 4 }).volatility

  it('sticky strike keeps the volatility of a strike, sticky delta that of a moneyness', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1_000, max: 9_000, noNaN: true }),
        fc.double({ min: 0.5, max: 2, noNaN: true }),
        (strike, move) => {
          expect(volatilityAt('sticky-strike', strike, 3_000 * move)).toBeCloseTo(
            volatilityAt('sticky-strike', strike),
            12,
          )
          expect(volatilityAt('sticky-delta', strike * move, 3_000 * move)).toBeCloseTo(
            volatilityAt('sticky-delta', strike),
            12,
          )
        },
      ),
    )
  })

  it('a smile with butterfly arbitrage is told at the strikes where it has it', () => {
    // Vogt's slice (Gatheral & Jacquier 2014): g < 0 for k within 0.64 and 1.26.
    const vogt = { expiry: at + year, a: -0.041, b: 0.1331, rho: 0.306, m: 0.3586, sigma: 0.4153 }
    const market = parseMarket({ ...plain, volatility: { ETH: { svi: [vogt] } } })
    const warned = (k: number) =>
      warningsOf(
        parsePosition({
          kind: 'vanilla-option',
          terms: { asset: 'ETH', type: 'call', strike: 3_000 * Math.exp(k), expiry: at + year, quantity: 1 },
        }),
        market,
      )
    expect(warned(0.9)).toEqual(['the smile allows a butterfly arbitrage at this strike'])
    expect([warned(0.6), warned(1.3), warned(0)]).toEqual([[], [], []])
  })
})

const refused: readonly (readonly [string, object, RegExp])[] = [
  ['no spot', { spot: undefined }, /spot: .*missing/],
  ['a spot of 0', { spot: { ETH: 0 } }, /spot\.ETH: must be above 0/],
  ['a spot of NaN', { spot: { ETH: Number.NaN } }, /spot\.ETH: must be a finite number/],
  ['a volatility below 0', { volatility: { ETH: -0.1 } }, /volatility\.ETH/],
  ['a volatility in per cent', { volatility: { ETH: 60 } }, /volatility\.ETH/],
  ['a volatility of what has no spot', { volatility: { BTC: 0.5 } }, /volatility\.BTC: must have a spot/],
  [
    'a forward beside a carry',
    { carry: { ETH: 0.1 }, forward: { ETH: [{ expiry: at + 1, price: 1 }] } },
    /must not stand beside a carry/,
  ],
  [
    'a forward in the past',
    { forward: { ETH: [{ expiry: at, price: 3_000 }] } },
    /forward\.ETH\.0\.expiry: must be later/,
  ],
  [
    'a forward twice',
    {
      forward: {
        ETH: [
          { expiry: at + year, price: 3_000 },
          { expiry: at + year, price: 3_500 },
        ],
      },
    },
    /forward\.ETH: must have each date once/,
  ],
  ['no forward at all', { forward: { ETH: [] } }, /at least one \{ expiry, price \}/],
  [
    'a date of interest twice',
    {
      interest: [
        { at: at + 1, rate: 0.1 },
        { at: at + 1, rate: 0.2 },
      ],
    },
    /interest: must have each date once/,
  ],
  ['an interest in per cent', { interest: 400 }, /interest: must be a rate per year/],
  ['a correlation twice', { correlation: { 'ETH/USDC': 0.9, 'USDC/ETH': -0.9 } }, /must be stated once/],
  ['a correlation of the unknown', { correlation: { 'ETH/BTC': 0.9 } }, /BTC has no spot/],
  ['a correlation of 2', { correlation: { 'ETH/USDC': 2 } }, /within -1 and 1/],
  [
    'an underlying that follows another',
    { exchangeRates: { ETH: { underlying: 'USDC', rate: 2 } } },
    /must not contradict spot\.ETH/,
  ],
  [
    'an asset of an underlying without a spot',
    { exchangeRates: { WBTC: { underlying: 'BTC', rate: 1 } } },
    /there is none for BTC/,
  ],
  ['two surfaces in one', { volatility: { ETH: { flat: 0.5, term: [] } } }, /one of flat, term and svi/],
  [
    'a slice below zero variance',
    { volatility: { ETH: { svi: [{ expiry: at + year, a: -1, b: 0.1, rho: 0, m: 0, sigma: 0.1 }] } } },
    /total variance of 0 or more/,
  ],
  ['milliseconds', { at: at * 1_000 }, /at: must be an instant.*looks like milliseconds/],
  ['an instant without its zone', { at: '2026-11-24T12:00:00' }, /add its zone: 2026-11-24T12:00:00Z/],
  ['an unknown field', { spots: {} }, /spots: is not known here/],
]

it.each(refused)('%s is refused where it stands', (_, change, says) => {
  expect(() => parseMarket({ ...plain, ...change })).toThrow(says)
})

it('names like those of objects are no keys', () => {
  const market = parseMarket({ ...exampleMarket, spot: JSON.parse('{"ETH":3000,"BTC":90000,"USDC":1,"__proto__":5}') })
  for (const asset of ['constructor', 'toString', '__proto__'])
    expect(() => value(parsePosition({ kind: 'spot', terms: { asset, quantity: 1 } }), market)).toThrow(/no price/)
})
