// Time, blocks, fees and ether of a local chain, and transactions from its unlocked accounts.

import { type Address, type Hex, hexToBigInt, numberToHex } from 'viem'
import { toUnits } from '../../base/amount.ts'
import { HomeostatError, isHomeostatError } from '../../base/homeostat-error.ts'
import type { UnixSeconds } from '../../base/units.ts'
import type { Rpc } from './rpc.ts'

export interface ChainLevers {
  /** Mines a block with this base fee; the miner of `startIntervalMining` keeps it from then on. */
  setBaseFee(wei: bigint): Promise<void>
  /** Lets time pass and mines one block at its end. */
  warp(seconds: number): Promise<void>
  mine(blocks: number): Promise<void>
  /** Replaces the newest blocks by as many empty ones; what they held is undone. Tells the first of them, and its hash before and after. */
  reorg(blocks: number): Promise<{ readonly from: number; readonly before: Hex; readonly after: Hex }>
  /** The time of the latest block. */
  blockTime(): Promise<UnixSeconds>
  /** Adds ether. */
  fund(address: Address, ether: number): Promise<void>
  snapshot(): Promise<Hex>
  /** Back to the snapshot, which is used up. @throws HomeostatError `world-snapshot-gone` */
  revert(snapshot: Hex): Promise<void>
}

/**
 * Sends from one of the chain's unlocked accounts and resolves with the hash when it is mined successfully.
 * @throws HomeostatError `world-transaction-reverted`, `world-not-mining`, `world-rpc-*`
 */
export type Send = (transaction: { readonly from: Address; readonly to: Address; readonly data: Hex }) => Promise<Hex>

/** What needs no contract: time, blocks, fees, ether. */
export function chainLevers(rpc: Rpc): ChainLevers {
  return {
    async setBaseFee(wei) {
      // In one request, so that no other block comes between and takes the fee.
      await rpc.batch([
        { method: 'anvil_setNextBlockBaseFeePerGas', params: [numberToHex(wei)] },
        { method: 'evm_mine', params: [] },
      ])
    },
    async warp(seconds) {
      await rpc.request('evm_increaseTime', [seconds])
      await rpc.request('evm_mine')
    },
    async mine(blocks) {
      await rpc.request('anvil_mine', [numberToHex(blocks)])
    },
    async reorg(blocks) {
      const blockAt = async (tag: string) =>
        (await rpc.request('eth_getBlockByNumber', [tag, false])) as { readonly number: Hex; readonly hash: Hex }
      const from = Math.max(1, Number((await blockAt('latest')).number) - blocks + 1)
      const before = await blockAt(numberToHex(from))
      // Counted from where the first of them is: a miner may have been faster than we.
      const depth = Number((await blockAt('latest')).number) - from + 1
      await rpc.request('anvil_reorg', [depth, []])
      return { from, before: before.hash, after: (await blockAt(numberToHex(from))).hash }
    },
    async blockTime() {
      const block = (await rpc.request('eth_getBlockByNumber', ['latest', false])) as { readonly timestamp: Hex }
      return Number(block.timestamp)
    },
    async fund(address, ether) {
      const balance = hexToBigInt((await rpc.request('eth_getBalance', [address, 'latest'])) as Hex)
      await rpc.request('anvil_setBalance', [address, numberToHex(balance + toUnits(ether, 18))])
    },
    async snapshot() {
      return (await rpc.request('evm_snapshot')) as Hex
    },
    async revert(snapshot) {
      if ((await rpc.request('evm_revert', [snapshot])) === true) return
      throw new HomeostatError('world-snapshot-gone', {
        message: 'The chain has no such snapshot: each can be used once.',
        retry: 'never',
        facts: { snapshot },
      })
    },
  }
}

const receiptTimeoutSeconds = 30

/** Sends are one after another, so that anvil gives each its own nonce; the waiting for blocks is side by side. */
export function makeSender(rpc: Rpc): Send {
  let last: Promise<unknown> = Promise.resolve()
  return async ({ from, to, data }) => {
    // The fee cap is beyond any base fee that a test sets; the unlocked accounts are rich.
    const fees = { maxFeePerGas: numberToHex(10n ** 14n), maxPriorityFeePerGas: numberToHex(10n ** 9n) }
    const transaction = { from, to, data, gas: numberToHex(3_000_000), ...fees }
    const sent = last.then(() => sendWithFreshNonce(rpc, transaction))
    last = sent.catch(() => undefined)
    const hash = (await sent) as Hex
    const receipt = await minedReceipt(rpc, hash)
    if (receipt.status === '0x1') return hash
    throw new HomeostatError('world-transaction-reverted', {
      message: `A transaction that drives the world reverted (to ${to}).`,
      retry: 'later',
      facts: { transaction: hash, to },
    })
  }
}

/** Anvil chooses the nonce; another process that drives the same account may take it first. */
async function sendWithFreshNonce(rpc: Rpc, transaction: object): Promise<unknown> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await rpc.request('eth_sendTransaction', [transaction])
    } catch (error) {
      const taken = isHomeostatError(error) && /nonce too low|replacement transaction/i.test(error.message)
      if (!taken || attempt === 10) throw error
    }
  }
}

async function minedReceipt(rpc: Rpc, hash: Hex): Promise<{ readonly status: string }> {
  const until = Date.now() + receiptTimeoutSeconds * 1_000
  for (let pause = 2; Date.now() < until; pause = Math.min(pause * 2, 50)) {
    const receipt = await rpc.request('eth_getTransactionReceipt', [hash])
    if (receipt !== null) return receipt as { readonly status: string }
    await new Promise((resolve) => setTimeout(resolve, pause))
  }
  throw new HomeostatError('world-not-mining', {
    message: `No block took a transaction within ${receiptTimeoutSeconds} s.`,
    retry: 'later',
    facts: { transaction: hash },
    hint: 'Is the process that mines this chain still running?',
  })
}
