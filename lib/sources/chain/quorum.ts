// Agreement of k providers out of n: on one block, and then on every answer. Fail-over never lowers k.

import { type HomeostatError, isHomeostatError } from '../../base/homeostat-error.ts'
import type { UnixSeconds } from '../../base/units.ts'
import type { ChainConfig } from '../../model/configuration.ts'
import type { PinnedBlock } from '../../model/identity.ts'
import { chainFault, faultIn } from './chain-fault.ts'
import { type RawAnswer, unread } from './contract-call.ts'
import { type Recognised, recognise } from './known-block.ts'
import type { OutcomeBook } from './outcome-book.ts'
import type { Provider } from './provider.ts'

/** Once k heads are known, slower providers get this long to join. */
const graceMs = 300
/** How far a chain's clock may run ahead of ours. */
const skewSeconds = 60

export interface QuorumParams {
  readonly chain: ChainConfig
  readonly at: UnixSeconds
  /** Who need not show the chain's known block again; absent: everybody has to. */
  readonly recognised?: Recognised
}

export interface Agreement {
  readonly block: PinnedBlock
  readonly providers: readonly Provider[]
  /** What each takes for final: asked beside its head, not waited for. */
  readonly finality: ReadonlyMap<Provider, Promise<PinnedBlock>>
}

interface Head {
  readonly provider: Provider
  readonly block: PinnedBlock
}

/**
 * The newest block that at least k healthy providers have with the same hash, and those providers.
 * @throws HomeostatError: the provider's own fault if only one is configured, else `quorum-lost`
 */
export async function agreeOnBlock(
  deps: { readonly providers: readonly Provider[]; readonly book: OutcomeBook },
  params: QuorumParams,
): Promise<Agreement> {
  const { chain } = params
  const { quorum } = chain
  const finality = new Map(deps.providers.map((provider) => [provider, provider.finalised()] as const))
  for (const one of finality.values()) one.catch(() => undefined)
  const read = deps.providers.map(async (provider) => {
    try {
      const head = { provider, block: await healthyHead(provider, params) }
      deps.book.healthy(provider.name)
      return head
    } catch (error) {
      deps.book.failed(provider.name, faultIn(error))
      return undefined
    }
  })
  const heads = await firstEnough(read, quorum)
  // The k-th highest: at least k have it, and fewer than k liars cannot raise it.
  const number = heads.map(({ block }) => block.number).sort((a, b) => b - a)[quorum - 1]
  if (number === undefined) throw quorumLost(deps.book, chain)
  const groups = await byHash(deps.book, heads, number)
  const largest = groups.sort((a, b) => b.length - a.length)[0] ?? []
  const first = largest[0]
  if (first === undefined || largest.length < quorum) throw quorumLost(deps.book, chain)
  for (const { provider, block } of heads.filter(
    (head) => !largest.some(({ provider: one }) => one === head.provider),
  )) {
    const fault =
      block.number < number
        ? chainFault('head-behind', `Its head is ${number - block.number} behind the agreed block ${number}.`)
        : chainFault('wrong-state', `It does not hold the agreed block ${number}.`)
    deps.book.failed(provider.name, fault)
  }
  return { block: first.block, providers: largest.map(({ provider }) => provider), finality }
}

async function healthyHead(provider: Provider, params: QuorumParams): Promise<PinnedBlock> {
  const { chain, at } = params
  const [chainId, block] = await Promise.all([provider.chainId(), provider.header(), recognise(provider, params)])
  if (chainId !== chain.chainId) {
    const facts = { expected: chain.chainId, answered: chainId }
    throw chainFault('wrong-chain', `The provider serves chain ${chainId}, not ${chain.chainId}.`, facts)
  }
  const age = at - block.timestamp
  if (age > chain.maxBlockAgeSeconds) {
    throw chainFault('head-too-old', `The latest block is ${age} s old: the provider lags or the chain has stopped.`, {
      age,
    })
  }
  if (-age > Math.max(skewSeconds, chain.maxBlockAgeSeconds)) {
    throw chainFault('head-in-future', `The latest block is ${-age} s ahead of our clock.`, { age })
  }
  return block
}

/** What has come once all have settled, or a moment after `enough` have come. */
function firstEnough(read: readonly Promise<Head | undefined>[], enough: number): Promise<readonly Head[]> {
  return new Promise((resolve) => {
    const heads: Head[] = []
    let open = read.length
    let timer: NodeJS.Timeout | undefined
    const finish = () => {
      clearTimeout(timer)
      resolve([...heads])
    }
    if (open === 0) finish()
    for (const one of read) {
      void one.then((head) => {
        open -= 1
        if (head !== undefined) heads.push(head)
        if (open === 0) finish()
        else if (heads.length >= enough && timer === undefined) timer = setTimeout(finish, graceMs)
      })
    }
  })
}

/** Everybody's header of one number, by hash. Providers that do not have it yet are left out. */
async function byHash(book: OutcomeBook, heads: readonly Head[], number: number): Promise<Head[][]> {
  const at = await Promise.all(
    heads.map(async ({ provider, block }) => {
      if (block.number < number) return []
      if (block.number === number) return [{ provider, block }]
      try {
        return [{ provider, block: await provider.header(number) }]
      } catch (error) {
        book.failed(provider.name, faultIn(error))
        return []
      }
    }),
  )
  return [...Map.groupBy(at.flat(), ({ block }) => `${block.hash} ${block.timestamp}`).values()]
}

/**
 * The answers that k providers give alike: as soon as k agree on all of them, otherwise call by call when all have settled.
 * A call on which no k agree is an Unread of that call. A provider that answers otherwise than the k is named in the book and `distrust`ed.
 * @throws HomeostatError `quorum-lost`, or the only provider's own fault, if fewer than k answered
 */
export async function agreeOnAnswers(
  deps: { readonly book: OutcomeBook },
  params: {
    readonly chain: ChainConfig
    readonly attempts: ReadonlyMap<Provider, Promise<readonly RawAnswer[]>>
    readonly distrust: (provider: Provider) => void
  },
): Promise<readonly RawAnswer[]> {
  const { book } = deps
  const { chain, attempts, distrust } = params
  const { quorum } = chain
  const votes = new Map<string, number>()
  const answered = new Map<Provider, readonly RawAnswer[]>()
  let agreed: readonly RawAnswer[] | undefined
  return await new Promise((resolve, reject) => {
    let open = attempts.size
    const judge = (provider: Provider, own: readonly RawAnswer[], truth: readonly RawAnswer[]) => {
      const lie = lieIn(own, { truth, quorum })
      if (lie === undefined) return
      book.failed(provider.name, lie)
      distrust(provider)
    }
    const agreeOn = (answers: readonly RawAnswer[]) => {
      agreed = answers
      for (const [provider, own] of answered) judge(provider, own, answers)
      resolve(answers)
    }
    const settle = () => {
      open -= 1
      if (open > 0 || agreed !== undefined) return
      if (answered.size < quorum) reject(quorumLost(book, chain))
      else agreeOn(callByCall([...answered.values()], quorum))
    }
    if (open === 0) reject(quorumLost(book, chain))
    for (const [provider, attempt] of attempts) {
      book.asked(provider.name)
      attempt.then(
        (own) => {
          book.answered(provider.name)
          answered.set(provider, own)
          const key = JSON.stringify(own)
          votes.set(key, (votes.get(key) ?? 0) + 1)
          if (agreed !== undefined) judge(provider, own, agreed)
          else if (votes.get(key) === quorum) agreeOn(own)
          settle()
        },
        (error) => {
          book.answered(provider.name)
          book.failed(provider.name, faultIn(error))
          settle()
        },
      )
    }
  })
}

function lieIn(
  own: readonly RawAnswer[],
  { truth, quorum }: { readonly truth: readonly RawAnswer[]; readonly quorum: number },
): HomeostatError | undefined {
  // Where one is enough, two that differ do not show who lies.
  if (quorum < 2) return undefined
  const isOtherwise = (answer: RawAnswer, index: number) =>
    (answer.ok || answer.code !== 'providers-disagree') && JSON.stringify(answer) !== JSON.stringify(own[index])
  const lies = truth.filter(isOtherwise).length
  if (lies === 0) return undefined
  const message = `It answered ${lies} of ${truth.length} calls otherwise than the ${quorum} that agree.`
  return chainFault('provider-liar', message, { lies, calls: truth.length })
}

function callByCall(answered: readonly (readonly RawAnswer[])[], quorum: number): readonly RawAnswer[] {
  const count = answered[0]?.length ?? 0
  return Array.from({ length: count }, (_, index) => {
    const alternatives = Map.groupBy(answered, (answers) => JSON.stringify(answers[index]))
    for (const group of alternatives.values()) {
      const agreed = group[0]?.[index]
      if (group.length >= quorum && agreed !== undefined) return agreed
    }
    return unread('providers-disagree', `no ${quorum} providers gave the same answer`)
  })
}

/** True as soon as `quorum` of the votes are; false when all are in and they are not. */
export function areEnough(votes: readonly Promise<boolean>[], quorum: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    let yes = 0
    let open = votes.length
    if (open === 0) resolve(false)
    for (const vote of votes) {
      vote.then((isYes) => {
        open -= 1
        if (isYes) yes += 1
        if (yes >= quorum) resolve(true)
        else if (open === 0) resolve(false)
      }, reject)
    }
  })
}

/** With a single provider its own fault says more. */
export function quorumLost(book: OutcomeBook, chain: ChainConfig): HomeostatError {
  const faults = book.faults()
  const only = faults[0]
  if (chain.rpc.length === 1 && chain.quorum === 1 && only !== undefined) return only.fault
  const list = faults.map(({ name, fault }) => `${name} ${isHomeostatError(fault) ? fault.code : 'unexpected'}`)
  const detail = list.length > 0 ? list.join(', ') : 'they disagree'
  return chainFault(
    'quorum-lost',
    `Fewer than ${chain.quorum} of ${chain.rpc.length} providers can be trusted: ${detail}.`,
    { quorum: chain.quorum, providers: chain.rpc.length },
  )
}
