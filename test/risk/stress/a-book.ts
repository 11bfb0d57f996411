// Books for the tests of the stress: positions with options and loans, in a market that can be moved.

import type { PositionTerms } from '../../../lib/instruments/index.ts'
import { parseMarket } from '../../../lib/instruments/market/parse-market.ts'
import type { StressTestParams } from '../../../lib/risk/stress/stress-test.ts'

export const at = 1_780_000_000
export const day = 86_400

export const aMarket = parseMarket({
  at,
  spot: { ETH: 3_000, BTC: 90_000, LINK: 20, USDC: 1 },
  exchangeRates: {
    WETH: { underlying: 'ETH', rate: 1 },
    wstETH: { underlying: 'ETH', rate: 1.2 },
    WBTC: { underlying: 'BTC', rate: 1 },
  },
  volatility: {
    ETH: {
      svi: [20, 60, 200].map((days) => ({
        expiry: at + days * day,
        a: 0.01 * (days / 60),
        b: 0.1,
        rho: -0.3,
        m: 0.02,
        sigma: 0.2,
      })),
    },
    BTC: 0.5,
  },
})

export const position = (positionId: string, instrument: PositionTerms) => ({
  positionId,
  label: `my ${positionId}`,
  instrument,
})
export const spot = (asset: string, quantity: number) => position(asset, { kind: 'spot', terms: { asset, quantity } })
export const option = (
  positionId: string,
  asset: string,
  change: Partial<{ type: 'call' | 'put'; strike: number; days: number; quantity: number }> = {},
) => {
  const { type = 'put', strike = 3_000, days = 45, quantity = 10 } = change
  return position(positionId, {
    kind: 'vanilla-option',
    terms: { asset, type, strike, expiry: at + days * day, quantity },
  } as PositionTerms)
}
export const pair = (liquidity = 1_000) =>
  position('pair', {
    kind: 'uniswap-v3-range',
    terms: { asset0: 'WBTC', asset1: 'WETH', liquidity, lowerPrice: 20, upperPrice: 45, owed0: 0, owed1: 0 },
  })

export interface LoanParams {
  readonly collateral?: readonly (readonly [asset: string, quantity: number, threshold: number])[]
  readonly debt?: readonly (readonly [asset: string, quantity: number])[]
}
export const loan = ({ collateral = [['wstETH', 100, 0.8]], debt = [['USDC', 180_000]] }: LoanParams = {}) =>
  position('aave-v3', {
    kind: 'loan',
    terms: {
      collateral: collateral.map(([asset, quantity, liquidationThreshold]) => ({
        asset,
        quantity,
        liquidationThreshold,
      })),
      debt: debt.map(([asset, quantity]) => ({ asset, quantity })),
    },
  })

export function aBook(
  positions: StressTestParams['positions'],
  change: Partial<StressTestParams> = {},
): StressTestParams {
  const accounts = positions.flatMap(({ positionId, instrument }) =>
    instrument.kind === 'loan' ? [{ positionId, terms: instrument.terms, unexplainedDebtUsd: 0 }] : [],
  )
  return { positions, accounts, market: aMarket, lens: aMarket, ...change }
}

export const wideBook = () =>
  aBook([
    spot('WBTC', 1),
    spot('LINK', 4_000),
    spot('USDC', 50_000),
    option('put', 'ETH'),
    option('call', 'BTC', { type: 'call', strike: 95_000, quantity: -2, days: 10 }),
    pair(),
    loan(),
  ])
