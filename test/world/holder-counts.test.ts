// Holders of a real token, counted from its logs on anvil, against what the token itself says of everybody.

import { erc20Abi } from 'viem'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Redacted } from '../../lib/base/redacted.ts'
import { compileOwnContracts } from '../../lib/local/world/compile.ts'
import { multicall3Address } from '../../lib/local/world/deploy-multicall.ts'
import type { AssetConfig, ChainConfig } from '../../lib/model/configuration.ts'
import type { HolderCount } from '../../lib/model/holder-count.ts'
import type { Address } from '../../lib/model/identity.ts'
import { type HolderCountsDeps, holderCounts } from '../../lib/sources/holder-counts.ts'
import { type ProtocolChain, startProtocolChain } from './fixtures/protocol-chain.ts'

const { mintableToken } = compileOwnContracts()
const holder = (n: number): Address => `0x${(0xa000 + n).toString(16).padStart(40, '0')}`

let chain: ProtocolChain
let config: ChainConfig
let token: AssetConfig
beforeAll(async () => {
  chain = await startProtocolChain()
  token = await chain.token('GOV', 18)
  config = {
    id: 'local',
    chainId: 31_337,
    rpc: [{ name: 'anvil', url: chain.rpcUrl }],
    quorum: 1,
    multicall3: multicall3Address.toLowerCase() as Address,
    maxBlockAgeSeconds: 60,
    confirmations: 2,
    assets: [token],
  }
  // 30 holders with 1 to 30 units; then the account sends 5 of its 1,000 to the largest.
  for (let n = 1; n <= 30; n++) await send('mint', [holder(n), BigInt(n)])
  await send('mint', [chain.account, 1_000n])
  await send('transfer', [holder(30), 5n])
  await mine(2)
}, 30_000)
afterAll(() => chain?.stop())

const send = (name: string, args: readonly unknown[]) => chain.send(token.address, mintableToken.abi, name, args)
const mine = (blocks: number) => chain.rpc.request('anvil_mine', [`0x${blocks.toString(16)}`])
const advance = async (
  count?: HolderCount,
  { deps = {}, fromBlock = 0 }: { deps?: Partial<HolderCountsDeps>; fromBlock?: number } = {},
) => {
  const counts = holderCounts({ secret: async (name) => new Redacted(name), ...deps })
  const counted = await counts.advance({ chain: config, asset: token, fromBlock, count, at: await chain.blockTime() })
  if (counted.kind !== 'counted') throw new Error(counted.reason)
  return counted
}

describe('a count of holders', () => {
  it('is what the token says of each, and complete when it adds up to the supply', async () => {
    const { count, isCaughtUp } = await advance()
    expect(isCaughtUp).toBe(true)
    for (const [one, units] of Object.entries(count.balances)) {
      const balance = await chain.view(token.address, erc20Abi, 'balanceOf', [one])
      expect(units).toBe(String(balance))
    }
    const supply = 465 + 1_000
    const top = [995, 35, 29, 28, 27, 26, 25, 24, 23, 22].reduce((sum, one) => sum + one, 0)
    expect(count.told).toMatchObject({
      asset: 'GOV',
      holders: 31,
      complete: true,
      topShare: expect.closeTo(top / supply, 12),
      fromBlock: 0,
      toBlock: count.toBlock,
    })
  })

  it('goes on from where it stopped, and waits for the confirmations of a block', async () => {
    const { count } = await advance()
    await send('transfer', [holder(1), 100n])
    expect((await advance(count)).count.told).toMatchObject({ holders: 31, topShare: count.told?.topShare })
    await mine(2)
    const { count: later } = await advance(count)
    expect(later.balances[holder(1)]).toBe('101')
    expect(later.told).toMatchObject({ complete: true, toBlock: later.toBlock })
    expect(later.toBlock).toBeGreaterThan(count.toBlock)
  })

  it('that has no room for all is not complete, and its share is no more than the true one', async () => {
    const { count: whole } = await advance()
    const { count } = await advance(undefined, { deps: { mostHolders: 12 } })
    expect(Object.keys(count.balances)).toHaveLength(12)
    expect(count.told).toMatchObject({ complete: false, topShare: whole.told?.topShare })
  })

  it('that begins after the first transfer is not complete', async () => {
    const { count } = await advance()
    const late = await advance(undefined, { fromBlock: count.toBlock - 4 })
    expect(late.count.told).toMatchObject({ complete: false })
  })

  it('begins anew when it is another one that is wanted, and over the version that is stored', async () => {
    const { count } = await advance()
    const moved = await advance({ ...count, version: 7, token: holder(9) })
    expect(moved.count).toMatchObject({ version: 7, token: token.address, told: { complete: true } })
  })

  it('of what is no token is unread', async () => {
    const counts = holderCounts({ secret: async (name) => new Redacted(name) })
    const asset = { ...token, address: holder(1) }
    const params = { chain: config, asset, fromBlock: 0, count: undefined, at: await chain.blockTime() }
    expect(await counts.advance(params)).toMatchObject({ kind: 'unread', code: 'unexpected' })
  })
})

it('five thousand holders fit into an item', async () => {
  const { gzipSync } = await import('node:zlib')
  const { randomBytes } = await import('node:crypto')
  const balances = Object.fromEntries(
    Array.from({ length: 5_000 }, () => [
      `0x${randomBytes(20).toString('hex')}`,
      BigInt(`0x${randomBytes(10).toString('hex')}`).toString(),
    ]),
  )
  expect(gzipSync(JSON.stringify(balances)).length).toBeLessThan(350 * 1_024)
})
