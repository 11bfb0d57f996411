// Which asset's price stands for an underlying: one rule for what is read and for what is valued.

import type { AssetSymbol, Underlying } from './identity.ts'

/** The asset called like the underlying, or like it with a W in front, else the first of it; nothing if there is none. */
export function referenceAsset<Asset extends { readonly underlying: Underlying }>(
  underlying: Underlying,
  assets: readonly Asset[],
  symbolOf: (asset: Asset) => AssetSymbol,
): Asset | undefined {
  const group = assets.filter((one) => one.underlying === underlying)
  return (
    group.find((one) => symbolOf(one) === underlying) ??
    group.find((one) => symbolOf(one) === `W${underlying}`) ??
    group[0]
  )
}
