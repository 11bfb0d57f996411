// A block every so many seconds that keeps the base fee of the block before, which anvil's own interval would let fall to 7 wei.

import type { Rpc } from './rpc.ts'

export interface IntervalMiner {
  /** No block is mined while `work` is under way; those that fell due meanwhile are left out. */
  hold(work: () => Promise<void>): Promise<void>
  /** Resolves when no block of this miner is under way any more. */
  stop(): Promise<void>
}

/**
 * Mines until stopped; transactions wait for the next block meanwhile. A block that fails is reported and the next one is tried.
 * @param onFailure hears of a block that could not be mined
 */
export async function startIntervalMiner(
  { rpc, onFailure }: { readonly rpc: Rpc; readonly onFailure: (error: unknown) => void },
  seconds: number,
): Promise<IntervalMiner> {
  await rpc.request('evm_setAutomine', [false])
  let stopped = false
  let underWay: Promise<void> = Promise.resolve()
  const mine = async () => {
    const latest = (await rpc.request('eth_getBlockByNumber', ['latest', false])) as { readonly baseFeePerGas: string }
    await rpc.batch([
      { method: 'anvil_setNextBlockBaseFeePerGas', params: [latest.baseFeePerGas] },
      { method: 'evm_mine', params: [] },
    ])
  }
  let busy = false
  let holders = 0
  const timer = setInterval(() => {
    if (busy || holders > 0) return
    busy = true
    underWay = mine()
      .catch((error: unknown) => {
        if (!stopped) onFailure(error)
      })
      .finally(() => {
        busy = false
      })
  }, seconds * 1_000)
  timer.unref()
  return {
    async hold(work) {
      holders += 1
      try {
        await underWay
        await work()
      } finally {
        holders -= 1
      }
    },
    async stop() {
      stopped = true
      clearInterval(timer)
      await underWay
      await rpc.request('evm_setAutomine', [true]).catch(() => undefined)
    },
  }
}
