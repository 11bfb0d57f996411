// What is wrong with a provider, over runs: a liar, or one that fails most of the time. Nobody would notice otherwise, while the others carry the quorum.

import { describeSpan } from '../base/time.ts'
import type { ProviderRecord } from '../model/chain-health.ts'
import type { PortfolioSettings } from '../model/configuration.ts'
import { placesOf } from '../model/place.ts'
import type { Report } from '../model/report.ts'

/** As watchParts tells it: always a warning, because the quorum still stands. */
export interface ProviderTrouble {
  /** `_provider:alpha`, `_provider-liar:alpha`; with `@arbitrum` behind it on a further chain. */
  readonly id: string
  readonly title: string
  readonly why: string
  readonly todo: string
}

const liarPrefix = '_provider-liar:'
const failingPrefix = '_provider:'

export function providerTroubles(report: Report, settings: PortfolioSettings): readonly ProviderTrouble[] {
  return placesOf(settings).flatMap(({ chain, isHome }) => {
    const records = report.chains?.find(({ chainId }) => chainId === chain.chainId)?.providers ?? []
    return records.flatMap((record) => {
      const subject = isHome ? record.name : `${record.name}@${chain.id}`
      const known = { record, subject, chain: chain.id, quorum: chain.quorum, at: report.at }
      return [...lying(known), ...failing(known)]
    })
  })
}

/** What ends an episode, in words; undefined if the id is not of a provider. */
export function endOfProviderTrouble(id: string): string | undefined {
  if (id.startsWith(liarPrefix)) return `provider ${id.slice(liarPrefix.length)} agrees with the others again`
  return id.startsWith(failingPrefix) ? `provider ${id.slice(failingPrefix.length)} answers again` : undefined
}

interface Known {
  readonly record: ProviderRecord
  readonly subject: string
  readonly chain: string
  readonly quorum: number
  readonly at: number
}

/** One lie is enough. Another state may be a block that was replaced under its hands: twice in a row it is not. Remembered as long as it counts in the score. */
function lying({ record, subject, chain, quorum }: Known): readonly ProviderTrouble[] {
  const { host, runs } = record
  const lies = countOf(runs, 'l')
  const others = countOf(runs, 'w')
  if (lies === 0 && !runs.includes('ww')) return []
  const did = [
    ...(lies === 0 ? [] : [`answered calls otherwise than the ${quorum} that agree in ${lies}`]),
    ...(others === 0 ? [] : [`told another state of the chain at the agreed block in ${others}`]),
  ]
  const why = `At ${host} it ${did.join(' and ')} of its last ${runs.length} ${runs.length === 1 ? 'run' : 'runs'} on ${chain}. Its answers were left out; the other providers carried the quorum.`
  const todo = 'Exchange this provider: with one more that tells the same lie, the lie would have the quorum.'
  return [{ id: `${liarPrefix}${subject}`, title: `provider ${subject} contradicts the others`, why, todo }]
}

function failing({ record, subject, chain, at }: Known): readonly ProviderTrouble[] {
  const { host, runs, lastFault, isFailing } = record
  if (!isFailing) return []
  const last = lastFault === undefined ? '' : `, last ${describeSpan(at - lastFault.at)} ago with ${lastFault.code}`
  const failed = runs.length - countOf(runs, '.')
  const why = `At ${host} it failed in ${failed} of its last ${runs.length} runs on ${chain}${last}. The quorum stays what it is: the others have to carry it.`
  const todo = 'Look at its plan and its status page, or exchange it: one more that fails may make the portfolio BLIND.'
  return [{ id: `${failingPrefix}${subject}`, title: `provider ${subject} fails most of the time`, why, todo }]
}

function countOf(runs: string, letter: string): number {
  return [...runs].filter((run) => run === letter).length
}
