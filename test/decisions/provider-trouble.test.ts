// A provider that lies, or fails most of the time, is told once an episode while the others carry the quorum, and comes back after calm.

import { expect, it } from 'vitest'
import { decide } from '../../lib/decisions/decide.ts'
import type { ChainHealth, ProviderRecord } from '../../lib/model/chain-health.ts'
import { emptyMemory } from '../../lib/model/verdict.ts'
import { aReport, aRule, theSettings } from './a-report.ts'

const settings = theSettings([aRule()])
const { chainId } = settings.chain
const record = (runs: string, change: Partial<ProviderRecord> = {}): ProviderRecord => {
  const host = 'https://a.example'
  return { name: 'alpha', host, runs, milliseconds: [40], isFailing: false, ...change }
}

function tell(minutes: readonly ProviderRecord[]) {
  let memory = emptyMemory('treasury')
  return minutes.flatMap((own, index) => {
    const at = 1_000 + 60 * index
    const health: ChainHealth = { chainId, at, mode: 'NORMAL', reasons: [], causes: [], earlier: [], providers: [own] }
    const verdict = decide({ report: aReport({ at, change: { chains: [health] } }), memory, settings, at })
    memory = verdict.memory
    return verdict.alerts.map(({ id, title, severity, durationSeconds }) => ({ id, title, severity, durationSeconds }))
  })
}

it('a liar is told once, and recovers when no lie is among its last runs for three snapshots', () => {
  const calm = [1, 2, 3].map((more) => record(`${'.'.repeat(17)}${'.'.repeat(more)}`))
  expect(tell([record('..l'), record('..ll'), record('.ll.'), ...calm])).toEqual([
    {
      id: 'treasury~_provider-liar:alpha~1~raised',
      title: 'provider alpha contradicts the others',
      severity: 'warning',
      durationSeconds: undefined,
    },
    {
      id: 'treasury~_provider-liar:alpha~1~recovered',
      title: 'provider alpha agrees with the others again',
      severity: 'warning',
      durationSeconds: 300,
    },
  ])
})

it('a liar is told also while it is told as failing', () => {
  const failing = { isFailing: true, lastFault: { code: 'rpc-timeout', at: 940 } }
  const told = tell([record('xxx', failing), record('xxxl', failing)])
  expect(told.map(({ title }) => title)).toEqual([
    'provider alpha fails most of the time',
    'provider alpha contradicts the others',
  ])
})

it('another state of the chain is told only twice in a row', () => {
  expect(tell([record('w.w.w')])).toEqual([])
  expect(tell([record('.ww.')])).toHaveLength(1)
})
