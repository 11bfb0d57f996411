// Two real chains side by side: what a portfolio on both shows, and what is left of it when providers or a whole chain fail.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Redacted } from '../../lib/base/redacted.ts'
import { type Outpost, startOutpost } from '../../lib/local/world/outpost.ts'
import {
  type ProviderMode,
  type ProviderProxy,
  setProviderMode,
  startProviderProxy,
} from '../../lib/local/world/provider-proxy.ts'
import type { ChainConfig, PortfolioSettings } from '../../lib/model/configuration.ts'
import { assess } from '../../lib/risk/assess.ts'
import { assemble } from '../../lib/snapshot/assemble.ts'
import { chainSources } from '../../lib/sources/chain-sources.ts'
import { settingsOf } from '../sources/fixture/treasury.ts'

const account = `0x${'42'.repeat(20)}` as const
const chains: Outpost[] = []
const proxies: ProviderProxy[] = []
let settings: PortfolioSettings

beforeAll(async () => {
  chains.push(await startOutpost({ chainId: 31_338, holder: account, usdc: 1_000 }))
  chains.push(await startOutpost({ chainId: 31_339, holder: account, usdc: 250 }))
  for (const name of ['one', 'two', 'three'])
    proxies.push(await startProviderProxy({ name, upstream: chains[0]?.rpcUrl ?? '' }))
  const [home, away] = chains.map((chain, index): ChainConfig => {
    const { symbol, token, decimals, feed, feedDecimals } = chain.usdc
    const promised = { heartbeatSeconds: 86_400, graceSeconds: 60, decimals: feedDecimals }
    return {
      id: index === 0 ? 'home' : 'away',
      chainId: chain.chainId,
      rpc: index === 0 ? proxies.map(({ name, url }) => ({ name, url })) : [{ name: 'anvil', url: chain.rpcUrl }],
      quorum: index === 0 ? 2 : 1,
      multicall3: chain.multicall3,
      maxBlockAgeSeconds: 600,
      confirmations: 1,
      assets: [{ symbol, address: token, decimals, underlying: 'USDC', feed: { address: feed, ...promised } }],
    }
  })
  if (home === undefined || away === undefined) throw new Error('two chains were started')
  const alone = settingsOf(home)
  settings = { ...alone, portfolio: { ...alone.portfolio, account }, elsewhere: [{ chain: away, account }] }
})

afterAll(async () => {
  for (const one of [...proxies, ...chains]) await one.stop()
})

const sources = chainSources({ secret: async (name) => new Redacted(name), requestMs: 400, deadlineMs: 2_000 })

async function report() {
  const reading = await sources.read({ settings, at: Math.floor(Date.now() / 1_000) })
  return { reading, ...assess({ snapshot: assemble({ reading, settings }) }) }
}

async function withProviders<T>(modes: readonly ProviderMode[], work: () => Promise<T>): Promise<T> {
  const turn = (wanted: readonly ProviderMode[]) =>
    Promise.all(proxies.map(({ url }, index) => setProviderMode(url, wanted[index] ?? 'normal')))
  await turn(modes)
  return await work().finally(() => turn([]))
}

describe('a portfolio on two chains', () => {
  it('is the sum of what both hold, each at its own block', async () => {
    const { navUsd, blocks, dataState } = await report()
    expect(navUsd).toBeCloseTo(1_250, 9)
    expect(blocks.map(({ chainId }) => chainId)).toEqual([31_338, 31_339])
    expect(dataState.kind).toBe('FRESH')
  })

  it.each(['down', 'hanging', 'failing', 'lying'] as const)(
    'a provider that is %s is out-voted by two',
    async (mode) => {
      const { navUsd, reading, dataState } = await withProviders(['normal', mode], report)
      expect(navUsd).toBeCloseTo(1_250, 9)
      expect(dataState.kind).toBe('FRESH')
      expect(reading.providers.find(({ name }) => name === 'two')?.ok).toBe(false)
    },
  )

  it('loses the chain whose quorum is lost, and says which part is missing', async () => {
    const { navUsd, positions, dataState } = await withProviders(['normal', 'down', 'failing'], report)
    expect(navUsd).toBeCloseTo(250, 9)
    expect(dataState.kind).toBe('DEGRADED')
    expect(positions.find(({ kind }) => kind === 'unread-chain')?.label).toBe('everything on home')
  })

  it('goes on with the one chain when the other is killed', async () => {
    await chains[1]?.stop()
    const { navUsd, positions, dataState, blocks } = await report()
    expect(navUsd).toBeCloseTo(1_000, 9)
    expect(blocks.map(({ chainId }) => chainId)).toEqual([31_338])
    expect(dataState.kind).toBe('DEGRADED')
    expect(positions.find(({ kind }) => kind === 'unread-chain')).toMatchObject({
      label: 'everything on away',
      dataState: { kind: 'BLIND' },
    })
  })
})
