// Counts the holders of a chain's tokens a piece further, apart from every snapshot; while there is more to count it asks to be called again.

import type { UnixSeconds } from '../base/units.ts'
import type { AssetConfig } from '../model/configuration.ts'
import { countedTokens, type HolderCount } from '../model/holder-count.ts'
import type { MessageOf } from '../model/messages.ts'
import type { Bus, Clock, ConfigStore, HolderCounts, HolderStore, Log } from '../model/ports.ts'
import { holdersDue, holdersPauseSeconds } from './holders-due.ts'

export interface CountHoldersDeps {
  readonly config: ConfigStore
  readonly holders: HolderStore
  readonly counts: HolderCounts
  readonly bus: Bus
  readonly clock: Clock
  readonly log: Log
}

/** Who holds what changes slowly: a count that had caught up is left alone for so long. */
const goodForSeconds = 570
/** A count that is behind goes on by itself until the next tick takes over. */
const tickSeconds = 60

/** One token after the other, so that providers are asked for little at once. What could not be read is tried again with the next slot. */
export async function countHolders(deps: CountHoldersDeps, message: MessageOf<'holders-due'>): Promise<void> {
  const { chainId, slot, round } = message
  const pointer = await deps.config.pointer()
  const settings = pointer && (await deps.config.chain(pointer.version, chainId))
  if (settings === undefined) return
  const { chain } = settings
  let isBehind = false
  for (const { asset: symbol, fromBlock } of countedTokens(chain)) {
    const asset = chain.assets.find((one) => one.symbol === symbol)
    if (asset === undefined) {
      deps.log.line('count-holders.unknown-asset', { chainId, asset: symbol })
      continue
    }
    const before = await deps.holders.count(chainId, symbol)
    if (isFresh(before, { asset, fromBlock, at: deps.clock.now() })) continue
    const counted = await deps.counts.advance({ chain, asset, fromBlock, count: before, at: deps.clock.now() })
    if (counted.kind === 'unread') {
      const { code, reason } = counted
      deps.log.line('count-holders.unread', { chainId, asset: symbol, code, reason, toBlock: before?.toBlock })
      continue
    }
    const { count, isCaughtUp } = counted
    // Another run has counted meanwhile: what it stored is as good as this.
    if ((await deps.holders.saveCount(count)) === 'conflict') continue
    isBehind ||= !isCaughtUp
    const { toBlock, told } = count
    const known = told === undefined ? {} : { topShare: told.topShare, holders: told.holders, complete: told.complete }
    deps.log.line('count-holders', { chainId, asset: symbol, toBlock, isCaughtUp, ...known })
  }
  const goesOn = isBehind && deps.clock.now() + holdersPauseSeconds < slot + tickSeconds
  if (goesOn) await deps.bus.send([holdersDue({ chainId, slot, round: round + 1 })])
}

/** Of this very token, caught up, and not long ago. */
function isFresh(
  count: HolderCount | undefined,
  { asset, fromBlock, at }: { readonly asset: AssetConfig; readonly fromBlock: number; readonly at: UnixSeconds },
): boolean {
  if (count?.told === undefined || count.token !== asset.address || count.fromBlock !== fromBlock) return false
  return count.told.at === count.at && at - count.at < goodForSeconds
}
