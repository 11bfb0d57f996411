// Which asset's price stands for an underlying: one rule for what is read and for what is valued.

import type { AssetSymbol, Underlying } from './identity.ts'

/**
 * The asset called like the underlying, or like it with a W in front, else the first of it; nothing if there is none. Of the same token on several
 * chains, the first that has a price: WETH elsewhere may stand for WETH at home, wstETH may not.
 */
export function referenceAsset<Asset extends { readonly underlying: Underlying }>(
  underlying: Underlying,
  assets: readonly Asset[],
  {
    symbolOf,
    isPriced,
  }: { readonly symbolOf: (asset: Asset) => AssetSymbol; readonly isPriced: (asset: Asset) => boolean },
): Asset | undefined {
  const group = assets.filter((one) => one.underlying === underlying)
  const tokenOf = (one: Asset) => symbolOf(one).split('@')[0]
  const first =
    group.find((one) => tokenOf(one) === underlying) ??
    group.find((one) => tokenOf(one) === `W${underlying}`) ??
    group[0]
  if (first === undefined) return undefined
  return group.find((one) => tokenOf(one) === tokenOf(first) && isPriced(one)) ?? first
}
