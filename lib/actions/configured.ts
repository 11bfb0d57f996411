// Finds in the configuration what an order names; what is not there cannot be touched.

import { formatUnits } from 'viem/utils'
import { HomeostatError } from '../base/homeostat-error.ts'
import type { TokenUnits } from '../base/units.ts'
import type {
  AaveV3Config,
  AssetConfig,
  PortfolioSettings,
  SafeConfig,
  UniswapV3Config,
} from '../model/configuration.ts'
import type { AssetSymbol } from '../model/identity.ts'

/** @throws HomeostatError `unknown-asset` */
export function assetOf(settings: PortfolioSettings, symbol: AssetSymbol): AssetConfig {
  const asset = settings.chain.assets.find((one) => one.symbol === symbol)
  if (asset !== undefined) return asset
  throw new HomeostatError('unknown-asset', {
    message: `${symbol} is no configured asset of the chain ${settings.chain.id}.`,
    retry: 'never',
    facts: { asset: symbol, chain: settings.chain.id },
    hint: 'Add the asset to the chain in the configuration.',
  })
}

interface VenueConfigs {
  readonly aaveV3: AaveV3Config
  readonly uniswapV3: UniswapV3Config
  readonly safe: SafeConfig
}

/** @throws HomeostatError `venue-not-configured` */
export function venueOf<K extends keyof VenueConfigs>(settings: PortfolioSettings, key: K): VenueConfigs[K] {
  const configs: Partial<VenueConfigs> = settings.chain
  const config = configs[key]
  if (config !== undefined) return config
  throw new HomeostatError('venue-not-configured', {
    message: `The chain ${settings.chain.id} has no ${key} in the configuration.`,
    retry: 'never',
    facts: { chain: settings.chain.id, venue: key },
    hint: `Add ${key} with its addresses to the chain.`,
  })
}

/** `12.5 WETH`, exact: what is signed is not rounded. */
export function amountText(asset: AssetConfig, units: TokenUnits | bigint): string {
  return `${formatUnits(BigInt(units), asset.decimals)} ${asset.symbol}`
}
