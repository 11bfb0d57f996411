// Crises that happened, as moves of factors: what today's book would have gone through.

import type { Crisis } from '../../model/stress.ts'

const closes = 'daily closes, UTC'

/**
 * Moves of prices are by daily closes, or by the extremes that were reported at the time, as each source says. None of those records an implied volatility
 * for all assets: it follows the fall by the rule of `crisis-move.ts`.
 */
export const crises = [
  {
    id: '2020-03-12',
    name: 'Black Thursday, one day',
    date: '2020-03-12',
    source: closes,
    spot: { BTC: -0.352, ETH: -0.431, BNB: -0.428, XRP: -0.343, ADA: -0.408, LTC: -0.376, LINK: -0.484, MKR: -0.568 },
    others: -0.48,
  },
  {
    id: '2020-03-12-26h',
    name: 'Black Thursday, 26 hours to the low, oracle an hour behind at 130 USD',
    date: '2020-03-12',
    source:
      'ETH 194.97 to 95.87 USD in some 26 h while the medianiser read 30 USD high (MakerDAO post-mortems, March 2020)',
    spot: { ETH: -0.508 },
    oracle: { ETH: -0.354 },
  },
  {
    id: '2022-05-12',
    name: 'Terra, nine days',
    date: '2022-05-05',
    source: `2022-05-04 to 2022-05-13 by ${closes}; UST on its worst day alone`,
    spot: {
      BTC: -0.262,
      ETH: -0.317,
      BNB: -0.277,
      XRP: -0.348,
      ADA: -0.408,
      LTC: -0.362,
      LINK: -0.413,
      UST: -0.664,
      LUNA: -0.9999,
    },
  },
  {
    id: 'luna-floor-2022',
    name: 'LUNA below the floor of its feed',
    date: '2022-05-12',
    source: 'market 0.01 USD, feed stuck at 0.107 (Venus and Blizz post-mortems, May 2022); some 80 USD a week before',
    spot: { LUNA: -0.99987 },
    oracle: { LUNA: -0.99866 },
    isolated: true,
  },
  {
    id: '2022-06-13',
    name: 'Celsius and Three Arrows, one day',
    date: '2022-06-13',
    source: closes,
    spot: { BTC: -0.158, ETH: -0.171, BNB: -0.131, MKR: -0.18, LINK: -0.137 },
  },
  {
    id: '2022-06-13-run',
    name: 'Celsius and Three Arrows, with staked ETH at its discount',
    date: '2022-06-07',
    source: `2022-06-06 to 2022-06-19 by ${closes}; stETH 0.937 ETH on Curve, while protocols that take its exchange rate saw none of it`,
    spot: { BTC: -0.346, ETH: -0.395, BNB: -0.273, XRP: -0.192, ADA: -0.204, LTC: -0.157, LINK: -0.172, MKR: -0.256 },
    followers: { ETH: -0.063 },
  },
  {
    id: '2022-11-09',
    name: 'FTX, one day',
    date: '2022-11-09',
    source: closes,
    spot: { BTC: -0.152, ETH: -0.179, BNB: -0.202, XRP: -0.188, ADA: -0.152, LTC: -0.153 },
  },
  {
    id: 'usdc-2023',
    name: 'USDC off its peg',
    date: '2023-03-11',
    source:
      'USDC 0.86 to 0.88 and DAI 0.88 USD at their lows (Circle and MakerDAO statements, venue candles, March 2023)',
    spot: { USDC: -0.13, DAI: -0.12 },
    isolated: true,
  },
  {
    id: '2024-08-05',
    name: 'Carry unwind',
    date: '2024-08-05',
    source: 'ETH -20 to -22 % to some 2,100 USD; stETH 0.983 ETH (venue candles, Lido, August 2024)',
    spot: { ETH: -0.21 },
    followers: { ETH: -0.017 },
  },
  {
    id: '2025-10-10',
    name: 'Liquidation cascade, slow oracles of small coins',
    date: '2025-10-10',
    source:
      'BTC 116,500 to 102,700 in 30 min, ETH -20 %, others -50 to -60 %; USDe 0.65 on one venue, 0.99 on chain (venue candles); lenders read their oracles for CRV and ENS late',
    spot: { BTC: -0.118, ETH: -0.2, USDe: -0.01 },
    others: -0.55,
    oracle: { CRV: 0, ENS: 0 },
  },
  {
    id: 'usde-venue-2025',
    name: 'USDe at 0.65 on one venue while its oracle says 0.99',
    date: '2025-10-10',
    source: 'Binance candles, 21:36 to 22:16 UTC',
    spot: { USDe: -0.35 },
    oracle: { USDe: -0.01 },
    isolated: true,
  },
  {
    id: 'xusd-2025',
    name: 'Stream xUSD, with an oracle that is written down as 1',
    date: '2025-11-03',
    source: 'xUSD 1 to 0.11, deUSD to 0.015 USD (statements of Stream and Elixir, November 2025)',
    spot: { xUSD: -0.89, deUSD: -0.985 },
    oracle: { xUSD: 0, deUSD: 0 },
    isolated: true,
  },
  {
    id: 'cbeth-oracle-2026',
    name: 'cbETH at 1.12 USD for its oracle alone',
    date: '2026-02-15',
    source: '1.12 USD shown for some 2,200 (Moonwell post-mortem, February 2026)',
    spot: {},
    rates: { cbETH: 0 },
    oracle: { cbETH: -0.99949 },
    isolated: true,
  },
  {
    id: 'usr-2026',
    name: 'Resolv USR minted without backing, with oracles written down near 1',
    date: '2026-03-22',
    source: 'USR to 0.025 USD (Resolv statements, March 2026)',
    spot: { USR: -0.975 },
    oracle: { USR: 0 },
    isolated: true,
  },
  {
    id: 'rseth-2026',
    name: 'rsETH after the theft from its bridge',
    date: '2026-04-18',
    source: 'rsETH -21.6 % (venue candles, April 2026)',
    spot: {},
    rates: { rsETH: -0.216 },
    isolated: true,
  },
] as const satisfies readonly Crisis[]
