// A reading in which all is well, for tests that bend one thing.

import type { ChainConfig, PortfolioSettings } from '../../lib/model/configuration.ts'
import type { Gap, GapReach } from '../../lib/model/data-state.ts'
import type { Reading } from '../../lib/model/reading.ts'

export const at = 1_722_816_000
const address = (digit: string) => `0x${digit.repeat(40)}` as const

const asset = (symbol: string, underlying: string, decimals: number, digit: string) => ({
  symbol,
  underlying,
  decimals,
  address: address(digit),
  feed: { address: address(digit), heartbeatSeconds: 3_600, graceSeconds: 60, decimals: 8 },
})

const chain: ChainConfig = {
  id: 'ethereum',
  chainId: 1,
  rpc: [{ name: 'alpha', url: 'https://example.org' }],
  quorum: 1,
  multicall3: address('0'),
  maxBlockAgeSeconds: 60,
  confirmations: 2,
  assets: [asset('WETH', 'ETH', 18, '1'), asset('WBTC', 'BTC', 8, '2'), asset('USDC', 'USDC', 6, '3')],
}

export const settings: PortfolioSettings = {
  version: 'v7',
  portfolio: {
    id: 'treasury',
    name: 'Treasury',
    chain: 'ethereum',
    account: address('5'),
    everySeconds: 60,
    rules: [],
    approvers: [],
    notifiers: [],
    limits: { maxSlippageBps: 50, maxGasUsd: 50, maxPriceMoveBps: 200, validitySeconds: 900, maxOrderUsd: 1_000_000 },
  },
  chain,
  approvers: [],
  notifiers: [],
}

const terms = { stableDebt: 0, loanToValue: 0.75, liquidationBonus: 0.05, supplyRate: 0.01, borrowRate: 0.05 }
const open = { availableLiquidity: 1e6, frozen: false, paused: false }

/** 10 WETH against 10,000 USDC, 1.5 WBTC and 2,000 USDC held, one WETH/USDC range. */
export const healthy: Reading = {
  portfolioId: 'treasury',
  configVersion: 'v7',
  at,
  chainId: 1,
  block: { chainId: 1, number: 1_000, hash: `0x${'ab'.repeat(32)}`, timestamp: at - 5, baseFeeGwei: 2 },
  providers: [{ name: 'alpha', host: 'https://example.org', ok: true, milliseconds: 10 }],
  feeds: [
    { asset: 'WETH', usd: 3_000, updatedAt: at - 100, roundId: '9' },
    { asset: 'WBTC', usd: 60_000, updatedAt: at - 100, roundId: '9' },
    { asset: 'USDC', usd: 1, updatedAt: at - 100, roundId: '9' },
  ],
  protocolPrices: [
    { protocol: 'aave-v3', asset: 'WETH', usd: 3_000 },
    { protocol: 'aave-v3', asset: 'USDC', usd: 1 },
  ],
  poolPrices: [
    {
      venue: 'uniswap-v3',
      pool: address('e'),
      base: 'WETH',
      quote: 'USDC',
      feeTier: 500,
      price: 3_003,
      liquidity: '1000000000000000000',
    },
  ],
  balances: [
    { asset: 'WETH', quantity: 0, units: '0' },
    { asset: 'WBTC', quantity: 1.5, units: '150000000' },
    { asset: 'USDC', quantity: 2_000, units: '2000000000' },
  ],
  lending: [
    {
      protocol: 'aave-v3',
      account: address('5'),
      legs: [
        {
          asset: 'WETH',
          supplied: 10,
          usedAsCollateral: true,
          variableDebt: 0,
          liquidationThreshold: 0.8,
          ...terms,
          ...open,
        },
        {
          asset: 'USDC',
          supplied: 0,
          usedAsCollateral: false,
          variableDebt: 10_000,
          liquidationThreshold: 0.8,
          ...terms,
          ...open,
        },
      ],
      reported: { collateralUsd: 30_000, debtUsd: 10_000, liquidationThreshold: 0.8, healthFactor: 2.4 },
    },
  ],
  positions: [],
  ranges: [
    {
      protocol: 'uniswap-v3',
      tokenId: '12',
      pool: address('e'),
      asset0: 'WETH',
      asset1: 'USDC',
      feeTier: 500,
      tickLower: -200_000,
      tickUpper: -190_000,
      liquidity: '1000000000000000',
      liquidityPerWholeToken: 1_000,
      lowerPrice: 2_061,
      upperPrice: 5_603,
      poolPrice: 3_003,
      owed0: 0.001,
      owed1: 3,
    },
  ],
  gaps: [],
}

export const gap = (touches: GapReach, code = 'reverted'): Gap => ({
  subject: 'it',
  code,
  reason: 'it was not read',
  touches,
})
