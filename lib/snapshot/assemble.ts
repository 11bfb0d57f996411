// Room 2: a reading as a snapshot - what is held, in which terms, at which prices, and how far each part can be trusted.

import type { PositionTerms } from '../instruments/index.ts'
import type { ChainHealth } from '../model/chain-health.ts'
import type { PortfolioSettings } from '../model/configuration.ts'
import { worse } from '../model/data-state.ts'
import { assetsOfPlaces, chainElsewhere } from '../model/place.ts'
import type { PriceMemory } from '../model/price-memory.ts'
import type { Reading } from '../model/reading.ts'
import type { AssetPrice, Position, Snapshot } from '../model/snapshot.ts'
import type { VenueReading } from '../model/venue-reading.ts'
import { blockDigest } from './block-digest.ts'
import { chainHealth } from './chain-health.ts'
import { declaredPositions, pricedAs } from './declared.ts'
import { indexGaps, indexPrices } from './index-prices.ts'
import { chainsOf, type JoinedReading, joinChains } from './join-chains.ts'
import { lastKnownGaps } from './last-known-gaps.ts'
import { marketOfVenues, standInGaps } from './market-of-venues.ts'
import { assetPrices } from './prices.ts'
import { providerRecords } from './provider-records.ts'
import { accountState, contextOf, portfolioState, positionState } from './quality.ts'

export interface AssembleParams {
  readonly reading: Reading
  readonly settings: PortfolioSettings
  /** How the chains did when last seen; absent: never. */
  readonly chains?: readonly ChainHealth[] | undefined
  /** What was believed of each price; absent: nothing was ever seen. */
  readonly priceMemory?: readonly PriceMemory[] | undefined
  /** What the portfolio's venues told, in the order of the settings. */
  readonly venues?: readonly VenueReading[]
  /** The snapshot before: names what is left out where a venue could not be read. */
  readonly previous?: Pick<Snapshot, 'positions' | 'gaps'> | undefined
}

/** The snapshot of one reading; equal readings after equal pasts give equal snapshots with equal ids. */
export function assemble({
  reading,
  settings,
  chains = [],
  priceMemory,
  venues = [],
  previous,
}: AssembleParams): Snapshot {
  const { portfolioId, configVersion, at } = reading
  const asked = chainsOf(reading, settings)
  const joined = joinChains(reading, settings)
  const { providers, poolPrices, lending } = joined
  const health = asked.flatMap(({ place, reading: own }) => {
    const previous = chains.find((one) => one.chainId === own.chainId)
    const found = chainHealth({ reading: { ...own, at }, chain: place.chain, previous })
    if (found === undefined) return []
    return [{ ...found, providers: providerRecords({ outcomes: own.providers, at, previous: previous?.providers }) }]
  })
  const { prices: priced, memories } = assetPrices({
    reading: joined,
    assets: assetsOfPlaces(settings),
    memories: priceMemory,
  })
  const prices: readonly AssetPrice[] = [...priced, ...indexPrices(venues, { settings, prices: priced, at })]
  const market = marketOfVenues(venues, { declared: settings.portfolio.marketData, at })
  const gaps = [
    ...joined.gaps,
    ...priced.flatMap(contextOf),
    ...venues.flatMap((one) => one.gaps),
    ...lastKnownGaps(venues, previous),
    ...indexGaps(venues, priced),
    ...standInGaps(market.marketSources ?? [], { settings, at }),
  ]
  const atHome = { chainId: settings.chain.chainId }
  const accounts = venues.flatMap((one) => one.accounts)
  const drafts: readonly Draft[] = [
    ...walletPositions(joined),
    ...lending.map((account) => lendingPosition(account, joined)),
    ...joined.ranges.map(rangePosition),
    ...joined.positions,
    ...venues.flatMap(({ positions }) => positions.map((one) => ({ ...one, ...atHome }))),
    ...declaredPositions(settings, { at, prices, sources: market.marketSources ?? [] }).map((one) => ({
      ...one,
      ...atHome,
    })),
  ].map((draft) => elsewhereInWords(draft, settings))
  const needs = new Map(drafts.map(({ id, needs: assets }) => [id, assets.map((name) => pricedAs(name, prices))]))
  const needsOf = ({ id }: Pick<Position, 'id'>) => needs.get(id) ?? []
  const positions = drafts.map(({ id, label, chainId, instrument, own }): Position => {
    const judged = positionState({ positionId: id, needs: needsOf({ id }), gaps, prices })
    return { id, label, chainId, instrument, dataState: own === undefined ? judged : worse(own, judged) }
  })
  return {
    id: `${portfolioId}#${at}#${blockDigest(asked.map((one) => one.reading))}`,
    portfolioId,
    configVersion,
    at,
    blocks: asked.flatMap((one) => one.reading.block ?? []),
    providers: [...providers, ...venues.map(({ outcome }) => outcome)],
    ...(health.length === 0 ? {} : { chains: health }),
    ...(memories.length === 0 ? {} : { priceMemory: memories }),
    prices,
    pools: poolPrices,
    ...market,
    ...(accounts.length === 0 ? {} : { venueAccounts: accounts }),
    positions,
    lending,
    telemetry: joined.telemetry,
    gaps,
    dataState: portfolioState({ positions, gaps, prices, needsOf }),
  }
}

/** Where a position is stands in its name, unless it is at home. Names of its assets say it already. */
function elsewhereInWords(draft: Draft, settings: PortfolioSettings): Draft {
  const chain = chainElsewhere(settings.portfolio, draft.id)
  return chain === undefined || draft.label.includes(chain) ? draft : { ...draft, label: `${draft.label} on ${chain}` }
}

interface Draft {
  readonly id: string
  readonly label: string
  readonly chainId: number
  readonly instrument: PositionTerms
  /** Assets, or underlyings, whose prices its value needs. */
  readonly needs: readonly string[]
  readonly own?: Position['dataState']
}

/** Tokens that are held; a balance of zero is known and holds nothing. */
function walletPositions({ balances }: JoinedReading): readonly Draft[] {
  return balances
    .filter(({ quantity }) => quantity !== 0)
    .map(({ asset, quantity, chainId, positionId }) => ({
      id: positionId,
      chainId,
      label: `${asset} in the account`,
      needs: [asset],
      instrument: { kind: 'spot', terms: { asset, quantity } },
    }))
}

/** What is supplied without being used as collateral has value but no weight against liquidation. */
function lendingPosition(
  account: JoinedReading['lending'][number],
  { protocolPrices }: Pick<JoinedReading, 'protocolPrices'>,
): Draft {
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
    id: account.positionId,
    chainId: account.chainId,
    label: 'Aave v3 loan',
    needs: [...new Set([...collateral, ...debt].map(({ asset }) => asset))],
    instrument: { kind: 'loan', terms: { collateral, debt } },
    own: accountState(account, protocolPrices),
  }
}

function rangePosition(range: JoinedReading['ranges'][number]): Draft {
  const { tokenId, asset0, asset1, feeTier, lowerPrice, upperPrice, owed0, owed1, poolPrice } = range
  const liquidity = range.liquidityPerWholeToken
  const terms = { asset0, asset1, liquidity, lowerPrice, upperPrice, owed0, owed1, poolPrice }
  return {
    id: range.positionId,
    chainId: range.chainId,
    label: `${asset0}/${asset1} ${feeTier / 10_000} % range #${tokenId}`,
    needs: [asset0, asset1],
    instrument: { kind: 'uniswap-v3-range', terms },
  }
}
