// A random market that knows everything an instrument may ask for.

import fc from 'fast-check'
import type { Market } from '../../lib/instruments/market/market.ts'
import type { AssetVolatility, VolatilitySurface } from '../../lib/instruments/market/volatility-surface.ts'

export const now = 1_795_521_600
export const day = 86_400
export const year = 365 * day

export const within = (min: number, max: number) => fc.double({ min, max, noNaN: true })

const surface: fc.Arbitrary<VolatilitySurface> = fc.oneof(
  within(0.1, 1.5).map((volatility) => ({ kind: 'flat', volatility }) as const),
  fc.record({ near: within(0.2, 1.2), far: within(0.2, 1.2) }).map(({ near, far }) => ({
    kind: 'term' as const,
    points: [
      { expiry: now + 7 * day, volatility: near },
      { expiry: now + 365 * day, volatility: far },
    ],
  })),
  fc
    .record({ level: within(0.05, 0.4), b: within(0, 0.15), rho: within(-0.6, 0.6), m: within(-0.1, 0.1) })
    .map(({ level, b, rho, m }) => ({
      kind: 'svi' as const,
      // The same density in total variance at each date, so that variance grows with time at every strike.
      slices: [30, 365].map((days) => ({
        expiry: now + days * day,
        parameters: { a: (level * days) / 365, b: (b * days) / 365, rho, m, sigma: 0.3 },
      })),
    })),
)

const volatilityOf = (spot: number): fc.Arbitrary<AssetVolatility> =>
  fc
    .record({
      surface,
      dynamics: fc.constantFrom('sticky-strike', 'sticky-delta'),
      anchor: within(0.95, 1.05).map((share) => share * spot),
    })
    .map((held) => ({ ...held, asOf: now, shift: 0 }))

/** ETH and BTC are risky, USDC is a dollar; wstETH follows ETH at a rate. */
export const arbitraryMarket: fc.Arbitrary<Market> = fc
  .record({
    eth: within(50, 20_000),
    btc: within(1_000, 300_000),
    usdc: within(0.9, 1.1),
    wrap: within(1, 1.5),
    interest: fc.option(within(-0.02, 0.15), { nil: undefined }),
    carry: fc.option(within(-0.2, 0.4), { nil: undefined }),
    funding: within(-0.5, 1),
    premium: within(-0.01, 0.01),
    correlations: fc.tuple(within(-0.5, 0.95), within(-0.3, 0.3), within(-0.3, 0.3)),
  })
  .chain(({ eth, btc, usdc, wrap, interest, carry, funding, premium, correlations: [a, b, c] }) =>
    fc.record({ ETH: volatilityOf(eth), BTC: volatilityOf(btc) }).map(({ ETH, BTC }) => ({
      at: now,
      spot: { ETH: eth, BTC: btc, USDC: usdc },
      exchangeRates: {
        ETH: { underlying: 'ETH', rate: 1 },
        BTC: { underlying: 'BTC', rate: 1 },
        WETH: { underlying: 'ETH', rate: 1 },
        wstETH: { underlying: 'ETH', rate: wrap, growth: 0.03 },
        WBTC: { underlying: 'BTC', rate: 1 },
        USDC: { underlying: 'USDC', rate: 1 },
      },
      ...(interest === undefined ? {} : { interest: [{ at: now, rate: interest }] }),
      ...(carry === undefined ? {} : { carry: { ETH: [{ at: now, rate: carry }] } }),
      volatility: {
        ETH,
        BTC,
        USDC: {
          surface: { kind: 'flat' as const, volatility: 0.01 },
          dynamics: 'sticky-strike' as const,
          asOf: now,
          anchor: usdc,
          shift: 0,
        },
      },
      funding: { ETH: funding, BTC: funding / 2 },
      perpetualPremium: { ETH: premium },
      correlation: { 'BTC/ETH': a, 'ETH/USDC': b, 'BTC/USDC': c },
    })),
  )

/** Assets of that market. */
export const arbitraryAsset = fc.constantFrom('WETH', 'wstETH', 'WBTC', 'USDC')
export const arbitraryQuantity = fc.oneof(fc.constant(0), within(1e-6, 1e6))
export const arbitrarySigned = fc.oneof(arbitraryQuantity, within(-1e6, -1e-6))
/** From an hour to five years away. */
export const arbitraryExpiry = within(1 / 24, 5 * 365).map((days) => Math.round(now + days * day))
