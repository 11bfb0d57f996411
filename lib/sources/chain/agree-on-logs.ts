// Agreement of k providers on what happened: the logs of a range and the hashes of blocks, so that one that leaves logs out is named.

import { setTimeout as pause } from 'node:timers/promises'
import { keccak256, toBytes } from 'viem/utils'
import type { ChainConfig } from '../../model/configuration.ts'
import type { Address, Hash, Hex, PinnedBlock } from '../../model/identity.ts'
import { chainFault } from './chain-fault.ts'
import type { ChainLog, LogFilter } from './log-query.ts'
import type { OutcomeBook } from './outcome-book.ts'
import type { Provider } from './provider.ts'
import { agreeOnAnswers } from './quorum.ts'

/** Once k agree, the others get this long to be judged. */
const graceMs = 200

export interface Jury {
  readonly chain: ChainConfig
  readonly book: OutcomeBook
  /** Those that have not failed yet; whoever fails or lies leaves it. */
  readonly alive: Set<Provider>
}

export interface AgreedLogs {
  readonly logs: readonly ChainLog[]
  /** The longest range that k providers took at once. */
  readonly span: number
}

/**
 * The logs of a range, all filters together, as k providers have them alike.
 * @throws HomeostatError `logs-disagree` if no k of them have the same; `quorum-lost` or the only provider's own fault
 */
export async function agreedLogs(
  jury: Jury,
  params: { readonly from: number; readonly to: number; readonly filters: readonly LogFilter[] },
): Promise<AgreedLogs> {
  const { from, to, filters } = params
  const spans: number[] = []
  const counts = new Map<string, number>()
  const answers = await agreed(jury, async (provider) => {
    const found = await Promise.all(filters.map((filter) => provider.logs({ from, to, filter })))
    spans.push(Math.min(...found.map(({ span }) => span)))
    const logs = inOrder(found.flatMap((one) => one.logs))
    counts.set(provider.name, logs.length)
    return [logs]
  })
  const [logs] = answers
  if (logs === undefined) {
    const list = [...counts].map(([name, count]) => `${name} has ${count}`).join(', ')
    throw chainFault('logs-disagree', `No ${jury.chain.quorum} providers have the same logs: ${list}.`, { from, to })
  }
  return { logs, span: spans.sort((a, b) => b - a)[jury.chain.quorum - 1] ?? to - from + 1 }
}

/** The headers of blocks, in the order of the numbers; undefined where no k providers have the same. */
export function agreedHeaders(jury: Jury, numbers: readonly number[]): Promise<readonly (PinnedBlock | undefined)[]> {
  return agreed(jury, (provider) => Promise.all(numbers.map((number) => provider.header(number))))
}

/** The hash of the code at each address, as k providers tell it alike; undefined where no k do. */
export async function agreedCodeHashes(
  jury: Jury,
  { addresses, block }: { readonly addresses: readonly Address[]; readonly block: PinnedBlock },
): Promise<readonly Hash[] | undefined> {
  const [hashes] = await agreed(jury, async (provider) => [await provider.codeHashes(addresses, block)])
  return hashes
}

/** Each log once, in the order of the chain: filters may overlap. */
function inOrder(logs: readonly ChainLog[]): readonly ChainLog[] {
  const byId = new Map(logs.map((log) => [`${log.blockHash}:${log.index}`, log]))
  return [...byId.values()].sort((a, b) => a.block - b.block || a.index - b.index)
}

async function agreed<T>(
  { chain, book, alive }: Jury,
  ask: (provider: Provider) => Promise<readonly T[]>,
): Promise<readonly (T | undefined)[]> {
  const values = new Map<Hex, T>()
  const asked = async (provider: Provider) => {
    const answers = await ask(provider)
    return answers.map((value) => {
      const data = keccak256(toBytes(JSON.stringify(value)))
      values.set(data, value)
      return { ok: true, data } as const
    })
  }
  const attempts = new Map([...alive].map((provider) => [provider, asked(provider)]))
  for (const [provider, attempt] of attempts) attempt.catch(() => alive.delete(provider))
  const distrust = (provider: Provider) => void alive.delete(provider)
  const answers = await agreeOnAnswers({ book }, { chain, attempts, distrust })
  // Whoever left something out is to be named, also if it is a little slower than those that did not.
  await Promise.race([Promise.allSettled(attempts.values()), pause(graceMs)])
  return answers.map((answer) => (answer.ok ? values.get(answer.data) : undefined))
}
