// A market in which every example can be valued: round figures, made up, of the size of late 2026.

import type { MarketInput } from './market/market-schema.ts'

export const exampleMarket = {
  at: '2026-11-24T12:00:00Z',
  spot: { ETH: 3_000, BTC: 90_000, USDC: 1 },
  exchangeRates: {
    WETH: { underlying: 'ETH', rate: 1 },
    WBTC: { underlying: 'BTC', rate: 1 },
    wstETH: { underlying: 'ETH', rate: 1.23, growth: 0.028 },
  },
  interest: 0.04,
  forward: { ETH: [{ expiry: '2027-03-26T08:00:00Z', price: 3_060 }] },
  volatility: {
    ETH: {
      svi: [{ expiry: '2027-03-26T08:00:00Z', a: 0.03, b: 0.12, rho: -0.3, m: 0.02, sigma: 0.25 }],
      dynamics: 'sticky-delta',
    },
    BTC: 0.5,
    USDC: 0.01,
  },
  funding: { ETH: 0.11, BTC: 0.09 },
  perpetualPremium: { ETH: 0.0004 },
  correlation: { 'BTC/ETH': 0.82, 'BTC/USDC': 0, 'ETH/USDC': 0 },
} as const satisfies MarketInput
