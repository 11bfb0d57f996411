// All reads of one chain in one run: at one pinned block, gathered into as few multicalls as there are rounds of questions.

import type { Abi, ContractFunctionName } from 'viem'
import { encodeFunctionData } from 'viem/utils'
import type { ChainConfig } from '../../model/configuration.ts'
import type { PinnedBlock } from '../../model/identity.ts'
import { faultIn } from './chain-fault.ts'
import { type Answer, type ContractCall, decodeAnswer, type RawAnswer, type ReturnOf, unread } from './contract-call.ts'
import type { OutcomeBook } from './outcome-book.ts'
import type { EncodedCall, Provider } from './provider.ts'
import { type Agreement, agreeOnAnswers, agreeOnBlock, areEnough, type QuorumParams, quorumLost } from './quorum.ts'

/** What a protocol reads through. */
export interface ChainReader {
  readonly block: PinnedBlock
  /**
   * Asks a contract at the pinned block. Questions of the same moment travel together; equal ones are asked once.
   * A failed call is a value (Unread).
   * @throws HomeostatError if the chain itself cannot be trusted; let it pass
   */
  ask<const abi extends Abi, name extends ContractFunctionName<abi, 'view' | 'pure'>>(
    call: ContractCall<abi, name>,
  ): Promise<Answer<ReturnOf<abi, name>>>
}

export interface ChainSession extends ChainReader {
  /** False if the pinned block is no longer part of the chain. Ask it last. */
  stillThere(): Promise<boolean>
  /** Those that agreed on the block and have not failed since. */
  trusted(): readonly Provider[]
  /** What a trusted provider takes for final; asked together with its head. */
  finalised(provider: Provider): Promise<PinnedBlock>
  /** Every call that somebody asked, in order. */
  asked(): readonly EncodedCall[]
}

interface SessionDeps {
  readonly providers: readonly Provider[]
  readonly book: OutcomeBook
}

/**
 * @param params.foreseen calls that will probably be asked: they travel with the first of them
 * @throws HomeostatError if no k providers are healthy and agree on a block
 */
export async function openSession(
  deps: SessionDeps,
  params: QuorumParams & { readonly foreseen?: readonly EncodedCall[] },
): Promise<ChainSession> {
  const { block, providers, finality } = await agreeOnBlock({ ...deps, providers: unconvicted(deps) }, params)
  const { chain, foreseen } = params
  return sessionAt(deps, { chain, block, alive: new Set(providers), finality, foreseen })
}

/** At a block on which the caller knows that k agree. Who fails or lies leaves `alive`. */
export function sessionAt(
  deps: Pick<SessionDeps, 'book'>,
  params: {
    readonly chain: ChainConfig
    readonly block: PinnedBlock
    readonly alive: Set<Provider>
    readonly finality?: Agreement['finality']
    readonly foreseen?: readonly EncodedCall[] | undefined
  },
): ChainSession {
  const { chain, block, alive, finality, foreseen = [] } = params
  const asked = new Map<string, EncodedCall>()
  const gather = gatherer(foreseen, async (calls) => {
    const attempts = [...alive].map((provider) => [provider, provider.multicall(calls, block)] as const)
    for (const [provider, attempt] of attempts) attempt.catch(() => alive.delete(provider))
    const distrust = (provider: Provider) => void alive.delete(provider)
    return await agreeOnAnswers(deps, { chain, attempts: new Map(attempts), distrust })
  })
  return {
    block,
    async ask({ to, abi, functionName, args }) {
      const data = encodeFunctionData({
        abi: abi as Abi,
        functionName: functionName as string,
        args: args as readonly unknown[],
      })
      asked.set(keyOf({ to, data }), { to, data })
      return decodeAnswer({ abi, functionName }, await gather({ to, data }))
    },
    trusted: () => [...alive],
    finalised: (provider) => finality?.get(provider) ?? provider.finalised(),
    asked: () => [...asked.values()],
    async stillThere() {
      const votes = [...alive].map((provider) => holds(deps.book, provider, block))
      const isSame = votes.map(async (vote) => (await vote) === 'same')
      if (await areEnough(isSame, chain.quorum)) return true
      if ((await Promise.all(votes)).includes('changed')) return false
      throw quorumLost(deps.book, chain)
    },
  }
}

/** Who was caught lying has no vote for the rest of the run, also if it starts again. */
function unconvicted({ providers, book }: SessionDeps): readonly Provider[] {
  const liars = book.faults().filter(({ fault }) => fault.code === 'provider-liar')
  return providers.filter(({ name }) => liars.every((liar) => liar.name !== name))
}

async function holds(
  book: OutcomeBook,
  provider: Provider,
  block: PinnedBlock,
): Promise<'same' | 'changed' | 'failed'> {
  try {
    const now = await provider.header(block.number)
    return now.hash === block.hash ? 'same' : 'changed'
  } catch (error) {
    const fault = faultIn(error)
    // The block vanished and none of its height has come yet.
    if (fault.code === 'block-missing') return 'changed'
    book.failed(provider.name, fault)
    return 'failed'
  }
}

interface Waiting {
  readonly call: EncodedCall
  readonly resolve: (answer: RawAnswer) => void
  readonly reject: (error: unknown) => void
}

function keyOf({ to, data }: EncodedCall): string {
  return `${to}${data}`
}

/** Collects what is asked before the event loop turns, and remembers answers: at one block they cannot change. */
function gatherer(
  foreseen: readonly EncodedCall[],
  multicall: (calls: readonly EncodedCall[]) => Promise<readonly RawAnswer[]>,
): (call: EncodedCall) => Promise<RawAnswer> {
  const known = new Map<string, Promise<RawAnswer>>()
  let waiting: Waiting[] = []
  let expected = foreseen

  async function flush(): Promise<void> {
    // With the first questions go those that are likely to follow from their answers.
    for (const call of expected) if (!known.has(keyOf(call))) enqueue(call).catch(() => undefined)
    expected = []
    const batch = waiting
    waiting = []
    try {
      const answers = await multicall(batch.map(({ call }) => call))
      batch.forEach(({ resolve }, index) => {
        resolve(answers[index] ?? unread('malformed-return', 'there is no answer to this call'))
      })
    } catch (error) {
      for (const { reject } of batch) reject(error)
    }
  }

  function enqueue(call: EncodedCall): Promise<RawAnswer> {
    const answer = new Promise<RawAnswer>((resolve, reject) => {
      waiting.push({ call, resolve, reject })
    })
    known.set(keyOf(call), answer)
    return answer
  }

  return (call) => {
    const answer = known.get(keyOf(call))
    if (answer !== undefined) return answer
    if (waiting.length === 0) setImmediate(() => void flush())
    return enqueue(call)
  }
}
