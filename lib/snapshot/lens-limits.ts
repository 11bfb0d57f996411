// How far two views of one price may be apart: half a per cent is much for a dollar, and nothing for a small token.

import type { Ratio } from '../base/units.ts'
import type { AssetConfig } from '../model/configuration.ts'
import type { AssetClass } from '../model/price-quote.ts'

export interface LensLimits {
  /** Beyond, it is told. */
  readonly warn: Ratio
  /** Beyond, one of both is wrong: no order leans on it. */
  readonly halt: Ratio
}

const warnOf: Readonly<Record<AssetClass, Ratio>> = { stablecoin: 0.005, major: 0.02, other: 0.05 }
/** The same for every class, so that one number says both. */
const haltOverWarn = 4

/** The class as configured, else by what the asset stands for. */
export function classOf(asset: Pick<AssetConfig, 'underlying' | 'class'>): AssetClass {
  if (asset.class !== undefined) return asset.class
  if (/USD|DAI/.test(asset.underlying)) return 'stablecoin'
  return /^(ETH|BTC)$/.test(asset.underlying) ? 'major' : 'other'
}

export function lensLimits(asset: Pick<AssetConfig, 'underlying' | 'class' | 'maxLensGap'>): LensLimits {
  const warn = asset.maxLensGap ?? warnOf[classOf(asset)]
  return { warn, halt: haltOverWarn * warn }
}
