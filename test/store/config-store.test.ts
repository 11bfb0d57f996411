import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Configuration } from '../../lib/model/configuration.ts'
import { configStore } from '../../lib/store/config-store.ts'
import { dynamoTable } from '../../lib/store/dynamo-table.ts'
import { memoryTable } from '../../lib/store/memory-table.ts'
import { type RunningDynalite, startDynalite } from './dynalite-table.ts'

const address = (digit: string): `0x${string}` => `0x${digit.repeat(40)}`

/** @param portfolios how many */
function configuration(portfolios: number): Configuration {
  return {
    chains: [
      {
        id: 'ethereum',
        chainId: 1,
        rpc: [{ name: 'one', url: 'https://rpc.example' }],
        quorum: 1,
        multicall3: address('c'),
        maxBlockAgeSeconds: 120,
        confirmations: 3,
        assets: [],
      },
    ],
    portfolios: Array.from({ length: portfolios }, (_, index) => ({
      id: `p${index}`,
      name: `Portfolio ${index}`,
      chain: 'ethereum',
      account: address('5'),
      everySeconds: 60,
      rules: [],
      approvers: ['alice'],
      notifiers: ['desk'],
      limits: { maxSlippageBps: 100, maxGasUsd: 50, maxPriceMoveBps: 100, validitySeconds: 900, maxOrderUsd: 1e5 },
    })),
    approvers: [
      { id: 'alice', address: address('a') },
      { id: 'bob', address: address('b') },
    ],
    viewers: [address('d'), address('a')],
    notifiers: [{ id: 'desk', kind: 'console', minSeverity: 'info' }],
  }
}

let dynalite: RunningDynalite
beforeAll(async () => {
  dynalite = await startDynalite()
})
afterAll(() => dynalite.stop())

describe.each([
  { name: 'memory', makeTable: async () => memoryTable() },
  {
    name: 'DynamoDB',
    makeTable: async () => dynamoTable({ client: dynalite.client, tableName: await dynalite.makeTable() }),
  },
])('the configuration on $name', ({ makeTable }) => {
  it('gives a portfolio all its settings at one version, and who may look', async () => {
    const store = configStore(await makeTable())
    await store.putVersion('v1', configuration(45))
    expect(await store.portfolios('v1')).toHaveLength(45)
    expect((await store.portfolios('v1'))[44]).toEqual({ id: 'p44', everySeconds: 60 })
    const { chains, approvers, notifiers, portfolios } = configuration(45)
    expect(await store.settings('v1', 'p44')).toEqual({
      version: 'v1',
      portfolio: portfolios[44],
      chain: chains[0],
      approvers: [approvers[0]],
      notifiers,
    })
    expect(await store.viewers('v1')).toEqual([address('a'), address('b'), address('d')])
    expect(await store.settings('v1', 'p45')).toBeUndefined()
    expect(await store.settings('v2', 'p44')).toBeUndefined()
  })

  it('gives the sources of past prices, and none where none are configured', async () => {
    const store = configStore(await makeTable())
    const history = { sources: [{ source: 'coinbase', products: { BTC: 'BTC-USD' } }] }
    await store.putVersion('v1', { ...configuration(1), history })
    await store.putVersion('v2', configuration(1))
    expect([await store.history('v1'), await store.history('v2')]).toEqual([history, { sources: [] }])
  })

  it('gives the macro series, and none where none are configured', async () => {
    const store = configStore(await makeTable())
    const macro = [{ series: 'SPX', source: 'fred', id: 'SP500', kind: 'log' }] as const
    await store.putVersion('v1', { ...configuration(1), macro })
    await store.putVersion('v2', configuration(1))
    expect([await store.macro('v1'), await store.macro('v2')]).toEqual([macro, []])
  })

  it('gives each chain with whoever has an account on it, at home or elsewhere, and the webhooks with their chains', async () => {
    const store = configStore(await makeTable())
    const whole = configuration(2)
    const [ethereum] = whole.chains
    if (ethereum === undefined) throw new Error('there is a chain')
    const arbitrum = { ...ethereum, id: 'arbitrum', chainId: 42_161 }
    const idle = { ...ethereum, id: 'idle', chainId: 7 }
    const elsewhere = [{ chain: 'arbitrum', account: address('6') }]
    const portfolios = whole.portfolios.map((one, index) => (index === 1 ? { ...one, elsewhere } : one))
    const webhook = { id: 'w', kind: 'alchemy', chain: 'arbitrum', secret: 'homeostat/webhook/w' } as const
    await store.putVersion('v1', { ...whole, chains: [ethereum, arbitrum, idle], portfolios, webhooks: [webhook] })
    expect(await store.chains('v1')).toEqual([
      { id: 'ethereum', chainId: 1 },
      { id: 'arbitrum', chainId: 42_161 },
    ])
    const onEthereum = ['p0', 'p1'].map((id) => ({ id, account: address('5') }))
    expect(await store.chain('v1', 1)).toEqual({ version: 'v1', chain: ethereum, portfolios: onEthereum })
    const onArbitrum = [{ id: 'p1', account: address('6') }]
    expect(await store.chain('v1', 42_161)).toEqual({ version: 'v1', chain: arbitrum, portfolios: onArbitrum })
    expect(await store.chain('v1', 7)).toBeUndefined()
    expect(await store.chain('v2', 1)).toBeUndefined()
    const { chain: _, ...rest } = webhook
    expect(await store.webhooks('v1')).toEqual([{ ...rest, chainId: 42_161 }])
  })

  it('may be written again, and keeps versions apart', async () => {
    const store = configStore(await makeTable())
    await store.putVersion('v1', configuration(1))
    await store.putVersion('v1', configuration(1))
    await store.putVersion('v2', configuration(2))
    expect(await store.portfolios('v1')).toHaveLength(1)
    expect(await store.portfolios('v2')).toHaveLength(2)
  })

  it('moves its pointer for exactly one of two, and only from where it was read', async () => {
    const store = configStore(await makeTable())
    await store.putVersion('v1', configuration(1))
    const next = { version: 'v1', movedAt: 5, movedBy: 'deploy', deployedFileHash: 'ff' }
    expect(await store.pointer()).toBeUndefined()
    const outcomes = await Promise.all([store.movePointer(next, 0), store.movePointer(next, 0)])
    expect(outcomes.sort()).toEqual(['conflict', 'moved'])
    expect(await store.pointer()).toEqual({ ...next, itemVersion: 1 })
    expect(await store.movePointer({ ...next, movedBy: 'cli' }, 1)).toBe('moved')
    expect(await store.movePointer({ ...next, movedBy: 'late' }, 1)).toBe('conflict')
    expect(await store.pointer()).toMatchObject({ movedBy: 'cli', itemVersion: 2 })
  })

  it('is never pointed at, or read, before it is complete', async () => {
    const store = configStore(await makeTable())
    const next = { version: 'v9', movedAt: 5, movedBy: 'deploy' }
    await expect(store.movePointer(next, 0)).rejects.toMatchObject({ code: 'unknown-version' })
    await expect(store.portfolios('v9')).rejects.toMatchObject({ code: 'unknown-version' })
    expect(await store.pointer()).toBeUndefined()
  })

  it('is not written at all if a portfolio refers to what is not there', async () => {
    const store = configStore(await makeTable())
    const broken = { ...configuration(1), approvers: [] }
    await expect(store.putVersion('v1', broken)).rejects.toMatchObject({ code: 'unknown-reference' })
    await expect(store.viewers('v1')).rejects.toMatchObject({ code: 'unknown-version' })
    const webhooks = [{ id: 'w', kind: 'alchemy', chain: 'gone', secret: 'homeostat/webhook/w' }] as const
    const lost = store.putVersion('v1', { ...configuration(1), webhooks })
    await expect(lost).rejects.toMatchObject({ code: 'unknown-reference' })
  })
})
