// A treasury as a snapshot, every part of which a test can change.

import type { PositionTerms } from '../../lib/instruments/index.ts'
import { fresh } from '../../lib/model/data-state.ts'
import type { LendingReading } from '../../lib/model/reading.ts'
import type { AssetPrice, Position, Snapshot } from '../../lib/model/snapshot.ts'

const blockHash = `0x${'ab'.repeat(32)}` as const

/** A price with both lenses and a fresh age. */
export function aPrice(asset: string, usd: number | undefined, change: Partial<AssetPrice> = {}): AssetPrice {
  const underlying = ({ WETH: 'ETH', wstETH: 'ETH', WBTC: 'BTC' } as Record<string, string>)[asset] ?? asset
  return {
    asset,
    underlying,
    ...(usd === undefined ? {} : { usd, protocolUsd: usd, marketUsd: usd, lensGap: 0 }),
    updatedAt: 990,
    ageSeconds: 10,
    heartbeatSeconds: 3_600,
    dataState: fresh,
    ...change,
  }
}

export function aPosition(id: string, instrument: PositionTerms, change: Partial<Position> = {}): Position {
  return { id, label: `label of ${id}`, chainId: 1, instrument, dataState: fresh, ...change }
}

export interface LoanParams {
  readonly weth?: number
  readonly usdc?: number
  readonly threshold?: number
}

export function aLoan({ weth = 740, usdc = 1_186_000, threshold = 0.825 }: LoanParams = {}): Position {
  return aPosition('aave-v3', {
    kind: 'loan',
    terms: {
      collateral: [{ asset: 'WETH', quantity: weth, liquidationThreshold: threshold }],
      debt: [{ asset: 'USDC', quantity: usdc }],
    },
  })
}

export function aRange(liquidity = 10_000): Position {
  const terms = {
    asset0: 'WETH',
    asset1: 'USDC',
    liquidity,
    lowerPrice: 2_400,
    upperPrice: 3_500,
    owed0: 0.5,
    owed1: 800,
  }
  return aPosition('uniswap-v3:1', { kind: 'uniswap-v3-range', terms })
}

export function aHolding(asset: string, quantity: number): Position {
  return aPosition(`wallet:${asset}`, { kind: 'spot', terms: { asset, quantity } })
}

export function aLendingReading(healthFactor: number | undefined): LendingReading {
  return {
    protocol: 'aave-v3',
    account: `0x${'11'.repeat(20)}`,
    legs: [],
    reported: {
      collateralUsd: 0,
      debtUsd: 0,
      liquidationThreshold: 0.825,
      ...(healthFactor === undefined ? {} : { healthFactor }),
    },
  }
}

/** ETH at 2,914, BTC at 60,000: a looped loan, a range, 8 WBTC and 50,000 USDC. */
export function aSnapshot(change: Partial<Snapshot> = {}): Snapshot {
  const at = change.at ?? 1_000
  return {
    id: `treasury#${at}#d1`,
    portfolioId: 'treasury',
    configVersion: 'v1',
    at,
    blocks: [{ chainId: 1, number: 100, hash: blockHash, timestamp: at - 2, baseFeeGwei: 5 }],
    providers: [],
    chains: [{ chainId: 1, at, mode: 'NORMAL', reasons: [], causes: [], earlier: [] }],
    prices: [aPrice('WETH', 2_914), aPrice('WBTC', 60_000), aPrice('USDC', 1)],
    pools: [
      {
        venue: 'uniswap-v3',
        pool: `0x${'22'.repeat(20)}`,
        base: 'WETH',
        quote: 'USDC',
        feeTier: 500,
        price: 2_914,
        liquidity: '1',
      },
    ],
    positions: [aLoan(), aRange(), aHolding('WBTC', 8), aHolding('USDC', 50_000)],
    lending: [],
    gaps: [],
    dataState: fresh,
    ...change,
  }
}
