// Where a portfolio is: an account on each of its chains, and what things on the further chains are called.

import type { AssetConfig, ChainConfig, PortfolioConfig, PortfolioSettings } from './configuration.ts'
import type { Address, AssetSymbol } from './identity.ts'

export interface Place {
  readonly chain: ChainConfig
  readonly account: Address
  /** The chain that the portfolio names first: the only one on which it makes orders. */
  readonly isHome: boolean
}

/** As much of a place as names depend on. */
interface NamedPlace {
  readonly chain: { readonly id: string }
  readonly isHome: boolean
}

/** All of them, home first. */
export function placesOf({ chain, portfolio, elsewhere = [] }: PortfolioSettings): readonly Place[] {
  return [{ chain, account: portfolio.account, isHome: true }, ...elsewhere.map((one) => ({ ...one, isHome: false }))]
}

/**
 * An asset's name in snapshots and rules: `USDC` at home, `USDC@arbitrum` on a further chain. A token on two chains is two assets: a bridge
 * stands between them, and each has its own feed and its own market.
 */
export function assetAt({ chain, isHome }: NamedPlace, symbol: AssetSymbol): AssetSymbol {
  return isHome ? symbol : `${symbol}@${chain.id}`
}

/** A position's id: `aave-v3` at home, `arbitrum/aave-v3` on a further chain. */
export function positionAt({ chain, isHome }: NamedPlace, id: string): string {
  return isHome ? id : `${chain.id}/${id}`
}

/** The further chain on which a position is; undefined for one at home. */
export function chainElsewhere({ elsewhere = [] }: Pick<PortfolioConfig, 'elsewhere'>, positionId: string) {
  return elsewhere.find(({ chain }) => positionId.startsWith(`${chain}/`))?.chain
}

/** Every configured asset of every place, by its name in the snapshot. */
export function assetsOfPlaces(settings: PortfolioSettings): readonly AssetConfig[] {
  return placesOf(settings).flatMap((place) =>
    place.chain.assets.map((asset) => ({ ...asset, symbol: assetAt(place, asset.symbol) })),
  )
}
