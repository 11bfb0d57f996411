// Logs from providers that limit them in their own ways.

import { describe, expect, it } from 'vitest'
import type { Address } from '../../../lib/model/identity.ts'
import { chainFault } from '../../../lib/sources/chain/chain-fault.ts'
import { type LogProvider, mostContracts, readTransferLogs } from '../../../lib/sources/discovery/transfer-logs.ts'
import { type MetLog, namingLog, servedLogs, transferLog } from '../fixture/met-tokens.ts'

const account: Address = `0x${'5'.repeat(40)}`
const token = (digit: string): Address => `0x${digit.repeat(40)}`
const vault: Address = `0x${'7'.repeat(40)}`
const params = { account, fromBlock: 0, toBlock: 10_000, witnesses: [] }
type Filter = Parameters<typeof servedLogs>[1]

function provider(
  logs: readonly MetLog[],
  refuses: (filter: Filter) => { readonly code: number; readonly said: string } | undefined = () => undefined,
): LogProvider & { readonly spans: number[] } {
  const spans: number[] = []
  return {
    name: 'alpha',
    spans,
    request: async ({ params: [given] }) => {
      const filter = given as Filter
      spans.push(Number(filter.toBlock) - Number(filter.fromBlock) + 1)
      const refused = refuses(filter)
      if (refused === undefined) return servedLogs(logs, filter)
      throw chainFault('rpc-error', `The provider refused eth_getLogs: ${refused.said}.`, { rpcCode: refused.code })
    },
  }
}

const spread = [
  transferLog({ token: token('a'), to: account, block: 3 }),
  transferLog({ token: token('b'), from: account, to: vault, value: 5n, block: 9_000 }),
  transferLog({ token: token('c'), to: account, id: 77n, block: 5_000 }),
]

describe('logs of transfers', () => {
  it('tell what came and went, to whom, and which NFTs', async () => {
    const { contracts, nfts, sent, used, unseen } = await readTransferLogs([provider(spread)], params)
    expect([...contracts].sort()).toEqual([token('a'), token('b'), token('c')])
    expect(contracts[0]).toBe(token('b'))
    expect([...nfts]).toEqual([[token('c'), [77n]]])
    expect([...sent].map(([of, to]) => [of, [...to]])).toEqual([[token('b'), [vault]]])
    expect([...used]).toEqual([token('b')])
    expect(unseen).toEqual([])
  })

  it('of nothing prove nothing: anybody can move zero of an account', async () => {
    const poison = transferLog({ token: token('a'), from: account, to: vault, value: 0n })
    expect((await readTransferLogs([provider([poison])], params)).sent.size).toBe(0)
  })

  it('come in smaller ranges where the provider limits them, however it says so', async () => {
    const limited = provider(spread, ({ fromBlock, toBlock }) =>
      Number(toBlock) - Number(fromBlock) >= 1_000 ? { code: -32_000, said: 'whatever it likes' } : undefined,
    )
    const { contracts, unseen } = await readTransferLogs([limited], params)
    expect(contracts).toHaveLength(3)
    expect(unseen).toEqual([])
    // 10,001 blocks of at most 1,000, two filters each, and the refusals on the way there.
    expect(limited.spans.length).toBeLessThan(60)
  })

  it('come from the next provider if the first serves none, which is told only if nobody does', async () => {
    const mute = () => provider([], () => ({ code: -32_601, said: 'no such method' }))
    const first = mute()
    expect((await readTransferLogs([first, provider(spread)], params)).unseen).toEqual([])
    expect(first.spans).toHaveLength(2)
    const { contracts, unseen } = await readTransferLogs([mute()], params)
    expect(contracts).toEqual([])
    expect(unseen).toEqual([expect.stringMatching(/^logs of blocks 0 to 10000: alpha refuses them .*no such method/)])
  })

  it('that are refused down to a few blocks are given up, with what was reached', async () => {
    const pruned = provider(spread, ({ fromBlock }) =>
      Number(fromBlock) < 4_000 ? { code: -32_000, said: 'history is pruned' } : undefined,
    )
    const { contracts, unseen } = await readTransferLogs([pruned], params)
    expect(contracts).toEqual([token('b'), token('c')])
    expect(unseen[0]).toMatch(/^logs of blocks 0 to 40\d\d: alpha refuses them .*history is pruned/)
  })

  it('that cannot be logs are no logs', async () => {
    const garbage: readonly unknown[] = [
      'no list',
      [{ address: '0x12', topics: [], data: '0x' }],
      [{ address: token('a'), topics: [spread[0]?.topics[0], 'x', 'y'], data: '0x' }],
      [{ address: token('a'), topics: spread[0]?.topics.slice(0, 1), data: '0x' }],
    ]
    for (const answer of garbage) {
      const liar: LogProvider = { name: 'liar', request: async () => answer }
      expect((await readTransferLogs([liar], params)).contracts).toEqual([])
    }
  })

  it('of more contracts than can be asked keep those that the account used, and say what is left', async () => {
    const spam = Array.from({ length: mostContracts + 5 }, (_, index) =>
      transferLog({ token: `0x${(index + 1).toString(16).padStart(40, '0')}`, to: account, block: 100 }),
    )
    const { contracts, unseen } = await readTransferLogs([provider([...spam, ...spread])], params)
    expect(contracts).toHaveLength(mostContracts)
    expect(contracts[0]).toBe(token('b'))
    expect(unseen).toEqual([expect.stringMatching(/^8 contracts of 2008 /)])
  })

  it('of a witness tell its topics wherever they name the account', async () => {
    const witness = token('d')
    const market = `0x${'12'.repeat(32)}` as const
    const other = `0x${'34'.repeat(32)}` as const
    const logs = [namingLog(witness, [market], account), namingLog(witness, [market, other], account), ...spread]
    const { testimony } = await readTransferLogs([provider(logs)], { ...params, witnesses: [witness] })
    expect(testimony.get(witness)?.map((topics) => topics[1])).toEqual([market, market])
    expect(testimony.size).toBe(1)
  })
})
