// What the chains said of what a portfolio stands on - an upgrade, a pause, a new owner, a liquidation - told once each, whether or not the portfolio can be seen.

import type { UnixSeconds } from '../base/units.ts'
import type { ChainEvent } from '../model/chain-cursor.ts'
import { type Severity, severities } from '../model/configuration.ts'

export interface EventNews {
  /** `_event:upgrade`; no configured id begins with an underscore. */
  readonly ruleId: string
  /** Of the event that came first: no other alert has it. */
  readonly key: string
  readonly severity: Severity
  readonly title: string
  readonly why: string
  readonly todo: string
}

/** At the first look, what is older than this is history. */
const freshSeconds = 3_600
const shown = 5

/**
 * One piece of news a kind of event, however many of it come at once, so that a storm of one kind hides no other. What the chain said stays said: an
 * event that a reorganisation takes back is not taken back here.
 * @param params.told ids that were told before; undefined: nobody has looked yet
 * @returns `told` for the next time: as many as the chains still remember
 */
export function tellEvents(params: {
  readonly events: readonly ChainEvent[]
  readonly told: readonly string[] | undefined
  readonly at: UnixSeconds
}): { readonly news: readonly EventNews[]; readonly told: readonly string[] } {
  const { events, told, at } = params
  const worth = events.filter(({ severity }) => severity !== 'info')
  const known = new Set(told)
  const isNew = (event: ChainEvent) => (told === undefined ? at - event.at <= freshSeconds : !known.has(event.id))
  const groups = Map.groupBy(worth.filter(isNew), ({ kind }) => kind)
  return { news: [...groups.values()].flatMap(newsOf), told: worth.map(({ id }) => id) }
}

function newsOf(events: readonly ChainEvent[]): readonly EventNews[] {
  const [first] = events.toSorted((a, b) => rank(b.severity) - rank(a.severity) || a.at - b.at)
  if (first === undefined) return []
  const more = events.length === 1 ? '' : `, and ${events.length - 1} more of this kind`
  const places = events.slice(0, shown).map(({ says, chainId, block, transactionHash }) => {
    const transaction = transactionHash === undefined ? '' : `, transaction ${transactionHash}`
    return `${says} (block ${block} of chain ${chainId}${transaction})`
  })
  const left = events.length > shown ? `; ${events.length - shown} more stand on the page` : ''
  return [
    {
      ruleId: `_event:${first.kind}`,
      key: shortened(first.id),
      severity: first.severity,
      title: `${first.says}${more}`,
      why: `${places.join('; ')}${left}.`,
      todo: 'Look at the transaction, and at whether the portfolio should still stand on this contract. The next snapshot counts what it changed.',
    },
  ]
}

/** Of a block's hash ten digits tell it from any other that this chain has had. */
function shortened(id: string): string {
  return id.replaceAll(/0x([0-9a-f]{10})[0-9a-f]{54}/g, '$1')
}

function rank(severity: Severity): number {
  return severities.indexOf(severity)
}
