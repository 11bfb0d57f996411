// Is it the chain that we mean? A fork, or a test network, may have its id: a block that everybody knows tells them apart.

import type { UnixSeconds } from '../../base/units.ts'
import type { ChainConfig } from '../../model/configuration.ts'
import { chainFault } from './chain-fault.ts'
import type { Provider } from './provider.ts'

/** A chain does not change under a provider from one minute to the next. */
const goodForSeconds = 3_600

/** When each provider was last seen to have the known block; kept as long as the process. */
export type Recognised = Map<string, UnixSeconds>

/**
 * Asked beside the head, once an hour. A provider that cannot show the block, because it prunes or is out of breath, is not accused.
 * @throws HomeostatError `wrong-chain` if it shows another block at that height
 */
export async function recognise(
  provider: Provider,
  params: {
    readonly chain: Pick<ChainConfig, 'id' | 'chainId' | 'checkpoint'>
    readonly at: UnixSeconds
    readonly recognised?: Recognised | undefined
  },
): Promise<void> {
  const { chain, at, recognised } = params
  const { id, chainId, checkpoint } = chain
  if (checkpoint === undefined) return
  const key = `${chainId} ${checkpoint.hash} ${provider.name}`
  const last = recognised?.get(key)
  if (last !== undefined && at - last < goodForSeconds) return
  const found = await provider.header(checkpoint.number).catch(() => undefined)
  if (found === undefined) return
  if (!found.hash.startsWith(checkpoint.hash)) {
    const reason = `The provider serves another chain with the id ${chainId}: its block ${checkpoint.number} is not that of ${id}.`
    throw chainFault('wrong-chain', reason, { block: checkpoint.number })
  }
  recognised?.set(key, at)
}
