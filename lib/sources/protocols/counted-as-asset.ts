// A token that is configured as an asset is counted by its balance already: what a protocol makes of it would count it twice.

import type { ChainConfig } from '../../model/configuration.ts'
import type { Address } from '../../model/identity.ts'
import type { ReadingPart } from './define-protocol.ts'
import { refusedPart } from './position-part.ts'

/** Nothing but a note that touches no number, if one of the chain's assets is at this address. */
export function countedAsAsset({ assets }: ChainConfig, address: Address, id: string): ReadingPart | undefined {
  const asset = assets.find((one) => one.address === address)
  if (asset === undefined) return undefined
  const reason = `it is left out because it is configured as the asset ${asset.symbol}, too, and counted as that`
  return refusedPart(id, { ok: false, code: 'counted-as-asset', reason }, { kind: 'context' })
}
