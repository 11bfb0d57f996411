// How each provider did over the last runs: the score that people see, and by which one that lies or fails too often is named.

import type { UnixSeconds } from '../base/units.ts'
import type { ProviderRecord } from '../model/chain-health.ts'
import type { ProviderOutcome } from '../model/reading.ts'

/** So many runs make a score. */
const keptRuns = 20
/** Fewer than for the score: they are stored with every snapshot. */
const keptLatencies = 5
/** More failed runs than this, of the kept ones, and it is failing ... */
const mostRuns = keptRuns / 2
/** ... until there are no more than these. */
const fewRuns = keptRuns / 4

/** The records with one more run. Those of providers that are not configured any more are dropped. A run without a single good answer says more of us than of any of them, and is not counted. */
export function providerRecords(params: {
  readonly outcomes: readonly ProviderOutcome[]
  readonly at: UnixSeconds
  readonly previous?: readonly ProviderRecord[] | undefined
}): readonly ProviderRecord[] {
  const { outcomes, at, previous = [] } = params
  const isOurs = !outcomes.some(({ ok }) => ok)
  return outcomes.map((outcome) => {
    const { name, host } = outcome
    const before = previous.find((one) => one.name === name) ?? {
      name,
      host,
      runs: '',
      milliseconds: [],
      isFailing: false,
    }
    return isOurs ? before : withRun(before, { outcome, at })
  })
}

function withRun(
  before: ProviderRecord,
  { outcome, at }: { readonly outcome: ProviderOutcome; readonly at: UnixSeconds },
): ProviderRecord {
  const { name, host, code, milliseconds } = outcome
  const runs = `${before.runs}${letterOf(code)}`.slice(-keptRuns)
  const failed = [...runs].filter((run) => run !== '.').length
  const lastFault = code === undefined ? before.lastFault : { code, at }
  return {
    name,
    host,
    runs,
    milliseconds:
      code === undefined ? [...before.milliseconds, milliseconds].slice(-keptLatencies) : before.milliseconds,
    ...(lastFault === undefined ? {} : { lastFault }),
    isFailing: failed > (before.isFailing ? fewRuns : mostRuns),
  }
}

function letterOf(code: string | undefined): string {
  if (code === undefined) return '.'
  if (code === 'provider-liar') return 'l'
  return code === 'wrong-state' ? 'w' : 'x'
}
