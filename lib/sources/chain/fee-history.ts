// What `eth_feeHistory` answers, believed only if it leads up to the pinned block and has one fee for each block.

import * as z from '../../base/schema.ts'
import type { PinnedBlock } from '../../model/identity.ts'
import { chainFault } from './chain-fault.ts'

/** Oldest first; the last one is the pinned block. */
export interface FeeHistory {
  readonly baseFeesGwei: readonly number[]
  /** Gas used over the limit, rounded to 1e-6: clients print the same ratio with different digits. */
  readonly gasUsedShares: readonly number[]
}

const quantity = z.string().check(z.regex(/^0x[0-9a-fA-F]{1,64}$/))
const answer = z.object({
  oldestBlock: quantity,
  baseFeePerGas: z.array(quantity),
  gasUsedRatio: z.array(z.number().check(z.minimum(0), z.maximum(1))),
})

/** @throws HomeostatError `rpc-malformed` */
export function feeHistoryIn(
  result: unknown,
  params: { readonly blocks: number; readonly block: PinnedBlock },
): FeeHistory {
  const { blocks, block } = params
  const parsed = z.safeParse(answer, result)
  if (!parsed.success) throw malformed('it does not have the form of one')
  const { oldestBlock, baseFeePerGas, gasUsedRatio } = parsed.data
  const count = gasUsedRatio.length
  // One more fee than blocks: the last one is that of the block to come.
  if (count === 0 || count > blocks || baseFeePerGas.length !== count + 1) throw malformed('its lengths do not fit')
  if (Number(oldestBlock) + count - 1 !== block.number) throw malformed(`it does not end at block ${block.number}`)
  const baseFeesGwei = baseFeePerGas.slice(0, -1).map((wei) => Number(BigInt(wei)) / 1e9)
  if (baseFeesGwei.at(-1) !== block.baseFeeGwei) throw malformed(`it has another base fee for block ${block.number}`)
  return { baseFeesGwei, gasUsedShares: gasUsedRatio.map((ratio) => Math.round(ratio * 1e6) / 1e6) }
}

function malformed(why: string) {
  return chainFault('rpc-malformed', `The fee history cannot be believed: ${why}.`)
}
