// A treasury as a snapshot, every part of which a test can change.

import type { PositionTerms } from '../../lib/instruments/index.ts'
import { fresh } from '../../lib/model/data-state.ts'
import type { LendingReading } from '../../lib/model/reading.ts'
import type { AssetPrice, Position, Snapshot } from '../../lib/model/snapshot.ts'
import type { Telemetry } from '../../lib/model/telemetry.ts'

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
/** Four fifths of an asset are lent out, half of each cap is used, ten holders have a third. */
function aMarketAndHolders(asset: string): readonly Telemetry[] {
  const names = { id: `aave-v3:${asset}`, protocol: 'aave-v3', label: 'Aave v3', asset } as const
  const totals = { supplied: 1_000_000, borrowed: 800_000, available: 200_000, utilisation: 0.8 }
  const caps = { supplyCap: 2_000_000, borrowCap: 1_600_000, accruedToTreasury: 0, reserveFactor: 0.1 }
  const count = { holders: 1_000, fromBlock: 1, toBlock: 100, complete: true, at: 990 }
  return [
    { kind: 'market', ...names, ...totals, ...caps, frozen: false, paused: false, revenuePerYear: 4_000 },
    { kind: 'holders', id: `holders:${asset}`, asset, topShare: 1 / 3, herfindahl: 0.02, ...count },
  ]
}

const aPool: Telemetry = {
  kind: 'pool',
  id: `uniswap-v3:0x${'22'.repeat(20)}`,
  venue: 'uniswap-v3',
  label: 'Uniswap v3 0.05 %',
  base: 'WETH',
  quote: 'USDC',
  price: 2_914,
  depth: { down: { base: 800, quote: 2_307_000 }, up: { base: 790, quote: 2_325_000 } },
}

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
    telemetry: ['WETH', 'USDC'].flatMap(aMarketAndHolders).concat(aPool),
    gaps: [],
    dataState: fresh,
    ...change,
  }
}
