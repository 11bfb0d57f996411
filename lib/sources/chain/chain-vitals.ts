// The vital signs of a chain: asked beside the first round of questions, never a reason to wait for it or to distrust a provider.

import { isHomeostatError } from '../../base/homeostat-error.ts'
import type { UnixSeconds } from '../../base/units.ts'
import type { ChainVitals, ProviderVitals } from '../../model/chain-health.ts'
import type { ChainConfig } from '../../model/configuration.ts'
import type { Gap } from '../../model/data-state.ts'
import type { PinnedBlock } from '../../model/identity.ts'
import type { ProviderOutcome } from '../../model/reading.ts'
import { feedAbi } from '../prices/chainlink-feed.ts'
import { gapOf } from '../protocols/define-protocol.ts'
import { chainFault, faultIn } from './chain-fault.ts'
import type { ChainReader, ChainSession } from './chain-session.ts'
import type { FeeHistory } from './fee-history.ts'
import type { Provider } from './provider.ts'

/** How many blocks the base fee is compared with: an hour of 12-second blocks. */
const feeBlocks = 300
/** Vital signs are context: what has not come by then is a gap. */
const patienceMs = 2_000
/** Once k have answered, the others get this long to join. */
const graceMs = 300

export interface VitalsRead {
  readonly vitals: Omit<ChainVitals, 'providers'>
  /** Each with the reach `context`. */
  readonly gaps: readonly Gap[]
}

/** @throws HomeostatError only as ChainReader.ask does */
export async function readVitals(
  session: ChainSession,
  { chain, at }: { readonly chain: ChainConfig; readonly at: UnixSeconds },
): Promise<VitalsRead> {
  const { block } = session
  const [fees, finalised, sequencer] = await Promise.all([
    sign('fee history', () => agreedFees(session.trusted(), { chain, block })),
    sign('finalised block', () => agreedFinality(session, { chain, block })),
    readSequencer(session, { chain, at }),
  ])
  return {
    vitals: {
      headAgeSeconds: Math.max(0, at - block.timestamp),
      baseFeeGwei: block.baseFeeGwei,
      ...fees.found,
      ...finalised.found,
      ...sequencer.found,
    },
    gaps: [...fees.gaps, ...finalised.gaps, ...sequencer.gaps],
  }
}

type Signs = Partial<Pick<ChainVitals, 'feeHistory' | 'gasUsedShare' | 'finalised' | 'sequencer'>>

interface Sign {
  readonly found: Signs
  readonly gaps: readonly Gap[]
}

/** A sign that fails, or does not come in time, is a gap of its own. */
async function sign(name: string, read: () => Promise<Signs>): Promise<Sign> {
  let timer: NodeJS.Timeout | undefined
  try {
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () => reject(chainFault('rpc-timeout', `It did not come within ${patienceMs} ms.`)),
        patienceMs,
      )
    })
    return { found: await Promise.race([read(), late]), gaps: [] }
  } catch (error) {
    const { code, message: reason } = isHomeostatError(error) ? error : faultIn(error)
    return { found: {}, gaps: [contextGap(name, { code, reason })] }
  } finally {
    clearTimeout(timer)
  }
}

function contextGap(name: string, unread: { readonly code: string; readonly reason: string }): Gap {
  return gapOf(unread, { subject: `chain ${name}`, touches: { kind: 'context' } })
}

interface AgreeParams {
  readonly chain: ChainConfig
  readonly block: PinnedBlock
}

/** The history that k providers give alike. */
async function agreedFees(providers: readonly Provider[], { chain, block }: AgreeParams): Promise<Signs> {
  const asked = providers.map((provider) => provider.feeHistory(feeBlocks, block))
  const histories = await answersOf(asked, {
    quorum: chain.quorum,
    isEnough: (all) => alike(all, chain.quorum) !== undefined,
  })
  const agreed = alike(histories, chain.quorum)
  if (agreed === undefined) throw chainFault('quorum-lost', `No ${chain.quorum} providers gave the same one.`)
  return { feeHistory: standing(agreed.baseFeesGwei), ...gasUsed(agreed) }
}

function gasUsed({ gasUsedShares }: FeeHistory): Signs {
  const gasUsedShare = gasUsedShares.at(-1)
  return gasUsedShare === undefined ? {} : { gasUsedShare }
}

function alike<T>(answers: readonly T[], quorum: number): T | undefined {
  const groups = Map.groupBy(answers, (one) => JSON.stringify(one))
  return [...groups.values()].find(({ length }) => length >= quorum)?.[0]
}

/** Where the last one stands among all of them. */
function standing(fees: readonly number[]): NonNullable<ChainVitals['feeHistory']> {
  const last = fees.at(-1) ?? 0
  const lower = fees.filter((fee) => fee < last).length
  const equal = fees.filter((fee) => fee === last).length
  const sorted = fees.toSorted((a, b) => a - b)
  const middle = (sorted.length - 1) / 2
  const medianGwei = ((sorted[Math.floor(middle)] ?? 0) + (sorted[Math.ceil(middle)] ?? 0)) / 2
  return { blocks: fees.length, percentile: (lower + equal / 2) / fees.length, medianGwei }
}

/** Providers hear of finality at different moments: the k-th newest, which fewer than k liars cannot push forward. */
async function agreedFinality(session: ChainSession, { chain, block }: AgreeParams): Promise<Signs> {
  const { quorum } = chain
  const asked = session.trusted().map((provider) => session.finalised(provider))
  const found = await answersOf(asked, { quorum, isEnough: () => false })
  const kth = (values: readonly number[]) => values.toSorted((a, b) => b - a)[quorum - 1]
  const number = kth(found.map((one) => one.number))
  const timestamp = kth(found.map((one) => one.timestamp))
  if (number === undefined || timestamp === undefined)
    throw chainFault('quorum-lost', `Fewer than ${quorum} providers told it.`)
  if (number === 0) throw chainFault('block-missing', 'Nothing but the first block is final.')
  if (number > block.number || timestamp > block.timestamp)
    throw chainFault('rpc-malformed', `It is said to be block ${number}, ahead of the pinned block ${block.number}.`)
  return {
    finalised: { number, lagBlocks: block.number - number, lagSeconds: block.timestamp - timestamp },
  }
}

/**
 * What has come when all have settled, when it is enough, or a moment after k have come.
 * @throws the first fault if fewer than k answered
 */
function answersOf<T>(
  asked: readonly Promise<T>[],
  { quorum, isEnough }: { readonly quorum: number; readonly isEnough: (answers: readonly T[]) => boolean },
): Promise<readonly T[]> {
  return new Promise((resolve, reject) => {
    const answers: T[] = []
    let fault: unknown
    let open = asked.length
    let timer: NodeJS.Timeout | undefined
    const end = () => {
      clearTimeout(timer)
      if (answers.length >= quorum || fault === undefined) resolve([...answers])
      else reject(fault)
    }
    if (open === 0) end()
    const settled = () => {
      open -= 1
      if (open === 0 || isEnough(answers)) end()
      else if (answers.length >= quorum && timer === undefined) timer = setTimeout(end, graceMs)
    }
    for (const one of asked) {
      one.then(
        (answer) => {
          answers.push(answer)
          settled()
        },
        (error) => {
          fault ??= error
          settled()
        },
      )
    }
  })
}

/** An AggregatorV3 whose answer is 0 while the sequencer is up and 1 while it is down, `startedAt` being the last change. */
async function readSequencer(
  reader: ChainReader,
  { chain, at }: { readonly chain: ChainConfig; readonly at: UnixSeconds },
): Promise<Sign> {
  if (chain.sequencer === undefined) return { found: {}, gaps: [] }
  const name = 'sequencer'
  const gap = (code: string, reason: string): Sign => ({ found: {}, gaps: [contextGap(name, { code, reason })] })
  const { address: to } = chain.sequencer
  const round = await reader.ask({ to, abi: feedAbi, functionName: 'latestRoundData', args: [] })
  if (!round.ok) return gap(round.code, round.reason)
  const [, answer, startedAt] = round.value
  if (answer !== 0n && answer !== 1n) return gap('malformed-return', `its answer is ${answer}, neither 0 nor 1.`)
  if (startedAt === 0n) return gap('round-incomplete', 'its round has not begun.')
  const now = Math.max(at, reader.block.timestamp)
  if (startedAt > BigInt(now)) return gap('feed-in-future', 'its last change is dated in the future.')
  return { found: { sequencer: { status: answer === 0n ? 'up' : 'down', since: Number(startedAt) } }, gaps: [] }
}

/** Who agreed, who was late, and who told something else. */
export function providerVitals(outcomes: readonly ProviderOutcome[], { quorum }: ChainConfig): ProviderVitals {
  const named = (codes: readonly string[]) =>
    outcomes.filter(({ code }) => code !== undefined && codes.includes(code)).map(({ name }) => name)
  return {
    configured: outcomes.length,
    quorum,
    agreed: outcomes.filter(({ ok }) => ok).length,
    behind: named(['head-behind', 'head-too-old', 'block-missing']),
    contradicting: named(['wrong-state', 'provider-liar']),
  }
}
