// Room 2: a reading as a snapshot - what is held, in which terms, at which prices, and how far each part can be trusted.

import type { PositionTerms } from '../instruments/index.ts'
import type { ChainHealth } from '../model/chain-health.ts'
import type { PortfolioSettings } from '../model/configuration.ts'
import { worse } from '../model/data-state.ts'
import type { PinnedBlock } from '../model/identity.ts'
import type { LendingReading, RangeReading, Reading } from '../model/reading.ts'
import type { Position, Snapshot } from '../model/snapshot.ts'
import { blockDigest } from './block-digest.ts'
import { chainHealth } from './chain-health.ts'
import { configuredAs, declaredPositions, marketDataOf } from './declared.ts'
import { assetPrices } from './prices.ts'
import { accountState, portfolioState, positionState, strainOf } from './quality.ts'

export interface AssembleParams {
  readonly reading: Reading
  readonly settings: PortfolioSettings
  /** How the chains did when last seen; absent: never. */
  readonly chains?: readonly ChainHealth[] | undefined
}

/** The snapshot of one reading; equal readings after equal pasts give equal snapshots with equal ids. */
export function assemble({ reading, settings, chains = [] }: AssembleParams): Snapshot {
  const { portfolioId, configVersion, at, block, providers, poolPrices, lending, chainId } = reading
  const blocks: readonly PinnedBlock[] = block === undefined ? [] : [block]
  const previous = chains.find((one) => one.chainId === chainId)
  const health = chainHealth({ reading, chain: settings.chain, previous })
  const prices = assetPrices({ reading, settings })
  const gaps = [...reading.gaps, ...prices.flatMap(strainOf)]
  const drafts: readonly Draft[] = [
    ...walletPositions(reading),
    ...lending.map((account) => lendingPosition(account, reading)),
    ...reading.ranges.map(rangePosition),
    ...reading.positions,
    ...declaredPositions(settings, at),
  ]
  const needs = new Map(drafts.map(({ id, needs: assets }) => [id, assets.map((name) => configuredAs(name, settings))]))
  const needsOf = ({ id }: Pick<Position, 'id'>) => needs.get(id) ?? []
  const positions = drafts.map(({ id, label, instrument, own }): Position => {
    const judged = positionState({ positionId: id, needs: needsOf({ id }), gaps, prices })
    return { id, label, chainId, instrument, dataState: own === undefined ? judged : worse(own, judged) }
  })
  return {
    id: `${portfolioId}#${at}#${blockDigest({ chainId, blocks })}`,
    portfolioId,
    configVersion,
    at,
    blocks,
    providers,
    ...(health === undefined ? {} : { chains: [health] }),
    prices,
    pools: poolPrices,
    ...marketDataOf(settings),
    positions,
    lending,
    gaps,
    dataState: portfolioState({ positions, gaps, prices, needsOf }),
  }
}

interface Draft {
  readonly id: string
  readonly label: string
  readonly instrument: PositionTerms
  /** Assets, or underlyings, whose prices its value needs. */
  readonly needs: readonly string[]
  readonly own?: Position['dataState']
}

/** Tokens that are held; a balance of zero is known and holds nothing. */
function walletPositions({ balances }: Reading): readonly Draft[] {
  return balances
    .filter(({ quantity }) => quantity !== 0)
    .map(({ asset, quantity }) => ({
      id: `wallet:${asset}`,
      label: `${asset} in the account`,
      needs: [asset],
      instrument: { kind: 'spot', terms: { asset, quantity } },
    }))
}

/** What is supplied without being used as collateral has value but no weight against liquidation. */
function lendingPosition(account: LendingReading, { protocolPrices }: Reading): Draft {
  const collateral = account.legs
    .filter(({ supplied }) => supplied !== 0)
    .map(({ asset, supplied, usedAsCollateral, liquidationThreshold, supplyRate }) => ({
      asset,
      quantity: supplied,
      liquidationThreshold: usedAsCollateral ? liquidationThreshold : 0,
      rate: supplyRate,
    }))
  const debt = account.legs
    .map(({ asset, variableDebt, stableDebt, borrowRate }) => ({
      asset,
      quantity: variableDebt + stableDebt,
      rate: borrowRate,
    }))
    .filter(({ quantity }) => quantity !== 0)
  return {
    id: account.protocol,
    label: 'Aave v3 loan',
    needs: [...new Set([...collateral, ...debt].map(({ asset }) => asset))],
    instrument: { kind: 'loan', terms: { collateral, debt } },
    own: accountState(account, protocolPrices),
  }
}

function rangePosition(range: RangeReading): Draft {
  const { protocol, tokenId, asset0, asset1, feeTier, lowerPrice, upperPrice, owed0, owed1, poolPrice } = range
  const liquidity = range.liquidityPerWholeToken
  const terms = { asset0, asset1, liquidity, lowerPrice, upperPrice, owed0, owed1, poolPrice }
  return {
    id: `${protocol}:${tokenId}`,
    label: `${asset0}/${asset1} ${feeTier / 10_000} % range #${tokenId}`,
    needs: [asset0, asset1],
    instrument: { kind: 'uniswap-v3-range', terms },
  }
}
