// Plays one run-book against the real rooms: sources, snapshot, risk and rules, with the fault servers as their only providers.

import { Redacted } from '../../lib/base/redacted.ts'
import { decide } from '../../lib/decisions/decide.ts'
import { parsePosition } from '../../lib/instruments/parse-position.ts'
import type { ChainConfig, PortfolioConfig, PortfolioSettings, RuleConfig } from '../../lib/model/configuration.ts'
import type { Hash } from '../../lib/model/identity.ts'
import type { Reading } from '../../lib/model/reading.ts'
import type { Report } from '../../lib/model/report.ts'
import type { Snapshot } from '../../lib/model/snapshot.ts'
import { type Alert, emptyMemory, type PortfolioMemory, type Verdict } from '../../lib/model/verdict.ts'
import { assess } from '../../lib/risk/assess.ts'
import { assemble } from '../../lib/snapshot/assemble.ts'
import { chainSources } from '../../lib/sources/chain-sources.ts'
import type { RpcCall } from '../sources/fixture/scripted-chain.ts'
import { at, chainConfig, seedTreasury, settingsOf } from '../sources/fixture/treasury.ts'
import { bendContract, sequencerFeed } from './contract-bends.ts'
import { type FaultServer, startFaultServer } from './fault-server.ts'
import { seedPriceContracts, withAssets } from './price-contracts.ts'
import { type Bend, providerNames, type RunBook } from './run-book.ts'

export interface Played {
  readonly quorum: number
  readonly reading: Reading
  readonly snapshot: Snapshot
  readonly report: Report
  readonly verdict: Verdict
  /** Of all snapshots, in order. */
  readonly told: readonly Alert[]
  readonly milliseconds: number
  /** What each provider was asked, by its name. */
  readonly asked: ReadonlyMap<string, readonly RpcCall[]>
}

const rule = (id: string, when: string): RuleConfig => ({ id, when, severity: 'warning', deadBand: 0, calmSamples: 1 })
const rules = [
  rule('depeg', 'price.USDC < 0.985'),
  rule('low-health', 'healthFactor < 1.3'),
  rule('strain', 'abs(lensGap.WETH) > 0.03'),
]

type Script = Omit<RunBook, 'id' | 'title' | 'expectation'>

export async function play(script: Script): Promise<Played> {
  const { of = 3, quorum = 2, faults = [], bends = [], earlier = [], requestMs = 1_000, deadlineMs = 8_000 } = script
  const names = providerNames.slice(0, of)
  const concerns = (name: string) => (one: { readonly target: 'all' | readonly string[] }) =>
    one.target === 'all' || one.target.includes(name)
  const servers: (readonly [string, FaultServer])[] = await Promise.all(
    names.map(async (name) => [name, await startFaultServer({ at, faults: faults.filter(concerns(name)) })] as const),
  )
  try {
    const settings = settingsFor(servers, { ...script, quorum })
    const sources = chainSources({ secret: async (name) => new Redacted(name), requestMs, deadlineMs })
    const step = async (memory: PortfolioMemory, when: number, bent: readonly Bend[]) => {
      for (const [name, { chain }] of servers) {
        chain.head = { ...chain.head, timestamp: when - 5 }
        seedTreasury(chain)
        seedPriceContracts(chain)
        if (when !== at)
          for (const of of ['round WETH', 'round USDC']) bendContract(chain, { target: 'all', of, round: {} }, when)
        for (const bend of bent.filter(concerns(name))) bendContract(chain, bend, when)
      }
      const started = performance.now()
      const reading = await sources.read({ settings, at: when })
      const milliseconds = performance.now() - started
      const { chains, prices } = memory
      const snapshot = assemble({ reading, settings, chains, priceMemory: prices })
      const report = assess({ snapshot })
      const verdict = decide({ report, memory, settings, at: when })
      return { reading, milliseconds, snapshot, report, verdict }
    }
    let memory = emptyMemory(settings.portfolio.id)
    const told: Alert[] = []
    const moments = earlier.flatMap(({ secondsAgo, times = 1, bends: bent = [] }) =>
      Array.from({ length: times }, (_, index) => ({ when: at - secondsAgo + 60 * index, bent })),
    )
    for (const { when, bent } of moments) {
      const { verdict } = await step(memory, when, bent)
      memory = verdict.memory
      told.push(...verdict.alerts)
    }
    const { reading, milliseconds, snapshot, report, verdict } = await step(memory, at, bends)
    told.push(...verdict.alerts)
    const asked = new Map(servers.map(([name, { requests }]) => [name, [...requests]]))
    return { quorum, reading, snapshot, report, verdict, told, milliseconds, asked }
  } finally {
    await Promise.all(servers.map(([, server]) => server.stop()))
  }
}

function settingsFor(
  servers: readonly (readonly [string, FaultServer])[],
  script: Script & { readonly quorum: number },
): PortfolioSettings {
  const { quorum, withoutBounds, sequencer, checkpoint, rule: own, assets = {} } = script
  const rpc = servers.map(([name, { url }]) => ({ name, url }))
  const plain = chainConfig(rpc, quorum)
  const priced = withoutBounds === true ? unbounded(plain) : plain
  const chain: ChainConfig = {
    ...priced,
    assets: withAssets(priced, assets).assets,
    ...(checkpoint === undefined ? {} : { checkpoint: { ...checkpoint, hash: checkpoint.hash as Hash } }),
    ...(sequencer === true ? { sequencer: { address: sequencerFeed, graceSeconds: 3_600 } } : {}),
  }
  const settings = settingsOf(chain)
  const all = own === undefined ? rules : [...rules, rule('own', own)]
  return { ...settings, portfolio: { ...settings.portfolio, rules: all, ...declaredIn(script) } }
}

function declaredIn({ declared = [], volatility }: Script): Pick<PortfolioConfig, 'positions' | 'marketData'> {
  const good = { confirmedAt: at, goodForSeconds: 3_600 }
  const positions = declared.map((one, index) => ({
    id: `${index}`,
    label: `declared position ${index}`,
    instrument: parsePosition(one),
    assets: ['ETH'],
    ...good,
  }))
  if (volatility === undefined) return { positions }
  return { positions, marketData: { volatility: { ETH: volatility }, asOf: at, goodForSeconds: 3_600 } }
}

function unbounded(chain: ChainConfig): ChainConfig {
  const assets = chain.assets.map((asset) => {
    if (asset.feed === undefined) return asset
    const { minUsd: _, maxUsd: __, ...feed } = asset.feed
    return { ...asset, feed }
  })
  return { ...chain, assets }
}
