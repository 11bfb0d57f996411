// From the registry to filters that providers understand, and from logs back to what they mean and whom they touch.

import { toEventHash } from 'viem/utils'
import type { ChainEvent } from '../../model/chain-cursor.ts'
import type { Address, Hash } from '../../model/identity.ts'
import type { ChainReader } from '../chain/chain-session.ts'
import { type ChainLog, isLetThrough, type LogFilter, type TopicChoice } from '../chain/log-query.ts'
import type { EventKind, Meaning, Scope, Speaker } from './define-event.ts'
import { eventKinds } from './index.ts'
import { logWords } from './log-words.ts'

interface Listening {
  readonly kind: EventKind
  readonly speaker: Speaker
}

/** Who is listened to, for a while: contracts change more slowly than blocks come. */
export interface Hearing {
  readonly filters: readonly LogFilter[]
  /** What a log means; undefined if it means nothing. */
  readonly understand: (log: ChainLog, at: number) => Understood | undefined
}

export interface Understood {
  readonly event: ChainEvent
  readonly tick?: NonNullable<Meaning['tick']>
}

/** Asks who the speakers are: two round trips at most, all kinds together. */
export async function openHearing(
  reader: ChainReader,
  scope: Scope,
  kinds: readonly EventKind[] = eventKinds,
): Promise<Hearing> {
  const listenings = (
    await Promise.all(
      kinds.map(async (kind) => (await kind.speakers(reader, scope)).map((speaker) => ({ kind, speaker }))),
    )
  ).flat()
  const signatures = new Map(
    kinds.flatMap(({ signatures: own }) => own.map((text) => [toEventHash(text) as Hash, text] as const)),
  )
  const byAddress = Map.groupBy(listenings, ({ speaker }) => speaker.address)
  return {
    filters: filtersOf(listenings),
    understand(log, at) {
      const [topic] = log.topics
      const signature = topic === undefined ? undefined : signatures.get(topic)
      if (signature === undefined) return undefined
      const heard = (byAddress.get(log.address) ?? []).filter(
        ({ kind, speaker }) =>
          kind.signatures.includes(signature) && isLetThrough(log.topics, [null, ...(speaker.topics ?? [])]),
      )
      const meant = heard.flatMap(({ kind, speaker }) => {
        const { transactionHash } = log
        const meaning = kind.meaning({ signature, words: logWords(log), speaker, scope, transactionHash })
        return meaning === undefined ? [] : [{ kind, speaker, meaning }]
      })
      return understood(meant, { log, scope, at })
    },
  }
}

interface Meant extends Listening {
  readonly meaning: Meaning
}

/** Of several speakers at one address (a transfer between two accounts of ours) the first names it, and all are touched. */
function understood(
  meant: readonly Meant[],
  { log, scope, at }: { readonly log: ChainLog; readonly scope: Scope; readonly at: number },
): Understood | undefined {
  const [first] = meant
  if (first === undefined) return undefined
  const { kind, speaker, meaning } = first
  const { chainId } = scope.chain
  const portfolios = meant.flatMap((one) => one.meaning.portfolios ?? one.speaker.portfolios)
  const event: ChainEvent = {
    id: `${chainId}:${log.blockHash}:${log.index}`,
    kind: kind.name,
    chainId,
    block: log.block,
    blockHash: log.blockHash,
    transactionHash: log.transactionHash,
    at,
    address: log.address,
    subject: speaker.subject,
    severity: meaning.severity,
    says: `${speaker.subject} ${meaning.says}`,
    portfolios: [...new Set(portfolios)],
  }
  return meaning.tick === undefined ? { event } : { event, tick: meaning.tick }
}

/**
 * One filter for all that need no further topics, and one for each place at which others narrow them: what leaves any account, what comes
 * to any. They let through more than is meant; `understand` knows what is.
 */
function filtersOf(listenings: readonly Listening[]): readonly LogFilter[] {
  const shapeOf = ({ speaker }: Listening) => (speaker.topics ?? []).map((choice) => choice === null)
  const groups = Map.groupBy(listenings, (listening) => JSON.stringify(shapeOf(listening)))
  return [...groups.values()].map((group) => {
    const addresses = [...new Set<Address>(group.map(({ speaker }) => speaker.address))].sort()
    const names = new Set(group.flatMap(({ kind }) => kind.signatures.map((text) => toEventHash(text) as Hash)))
    const places = group[0] === undefined ? [] : shapeOf(group[0])
    const further = places.map((isAny, place): TopicChoice => (isAny ? null : choicesAt(group, place)))
    return { addresses, topics: [[...names].sort(), ...further] }
  })
}

function choicesAt(group: readonly Listening[], place: number): readonly Hash[] {
  return [...new Set(group.flatMap(({ speaker }) => speaker.topics?.[place] ?? []))].sort()
}
