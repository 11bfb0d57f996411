// The chain's own coin on a real chain, through the real Multicall3.

import { afterAll, beforeAll, expect, it } from 'vitest'
import { toDecimal } from '../../lib/base/amount.ts'
import { type ProtocolChain, startProtocolChain } from './fixtures/protocol-chain.ts'

let chain: ProtocolChain
beforeAll(async () => {
  chain = await startProtocolChain()
})
afterAll(() => chain?.stop())

it('the native balance is what eth_getBalance says', async () => {
  await chain.rpc.request('anvil_setBalance', [chain.account, `0x${(123_456789012345678901n).toString(16)}`])
  await chain.rpc.request('evm_mine')
  const balance = BigInt((await chain.rpc.request('eth_getBalance', [chain.account, 'latest'])) as string)
  const part = await chain.read('native', { settings: { underlying: 'ETH' }, assets: [] })
  expect(part.gaps).toEqual([])
  expect(part.roundTrips).toBe(1)
  const terms = { asset: 'ETH', quantity: toDecimal(balance, 18) }
  expect(part.positions.map(({ instrument }) => instrument)).toEqual([{ kind: 'spot', terms }])
})
