// What a provider's webhook is in the cloud: as soon as a chain has a block, the door that follows it is told.

import { setTimeout as pause } from 'node:timers/promises'
import { identityOf } from '../model/messages.ts'
import type { Bus } from '../model/ports.ts'
import { makeRpc } from './world/rpc.ts'

export interface SignalledChain {
  readonly chainId: number
  readonly rpcUrl: string
}

const everyMilliseconds = 100

/** Asks the chains themselves, not their providers, so that one that is made to fail does not silence it. @returns what ends it */
export function startBlockSignal(
  deps: { readonly bus: Bus; readonly onProblem: (error: unknown) => void },
  chains: readonly SignalledChain[],
): () => Promise<void> {
  const abort = new AbortController()
  const loops = chains.map(async ({ chainId, rpcUrl }) => {
    const rpc = makeRpc(rpcUrl)
    let seen: unknown
    while (!abort.signal.aborted) {
      try {
        const head = (await rpc.request('eth_getBlockByNumber', ['latest', false])) as Head
        // By the hash: a replaced block is told as well.
        if (head.hash !== seen)
          await tell(deps.bus, { chainId, block: Number(head.number), slot: Number(head.timestamp) })
        seen = head.hash
      } catch (error) {
        if (!abort.signal.aborted) deps.onProblem(error)
      }
      await pause(everyMilliseconds, undefined, { signal: abort.signal }).catch(() => undefined)
    }
  })
  return async () => {
    abort.abort()
    await Promise.all(loops)
  }
}

interface Head {
  readonly number: string
  readonly hash: string
  readonly timestamp: string
}

async function tell(
  bus: Bus,
  { chainId, block, slot }: { readonly chainId: number; readonly block: number; readonly slot: number },
): Promise<void> {
  const message = { kind: 'chain-due', chainId, slot, cause: 'block', block } as const
  await bus.send([{ message, deduplicationId: identityOf(message), group: String(chainId) }])
}
