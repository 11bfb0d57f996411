// NORMAL, CONGESTED or FROZEN: what the vital signs of a chain mean, entered at once and left only after calm. The README has the table.

import { describeSpan } from '../base/time.ts'
import type { Ratio, UnixSeconds } from '../base/units.ts'
import type { ChainCause, ChainHealth, ChainMode, ChainVitals } from '../model/chain-health.ts'
import type { ChainConfig } from '../model/configuration.ts'
import type { Reading } from '../model/reading.ts'

/** A mode is left with this many snapshots in a row that are better than it. */
export const calmSamples = 3

/** Below this a transaction costs next to nothing, however far the fee rose. */
const cheapGwei = 1
/** Among the highest fees of the last hour, and that far above the usual one ... */
const highPercentile: Ratio = 0.95
const surge = 3
/** ... or half as far and still rising, because blocks are full. */
const risingSurge = 1.5
const fullBlock: Ratio = 0.95
/** With fewer blocks nobody knows what is usual. */
const enoughBlocks = 20
/** The part of the oldest head that is believed, from which on the chain counts as slow. */
const slowHead: Ratio = 0.5
const defaultFinalityLagSeconds = 1_800
/** So many times the expected lag: blocks that count as settled may be replaced. */
const lostFinality = 4

const rank: Readonly<Record<ChainMode, number>> = { NORMAL: 0, CONGESTED: 1, FROZEN: 2 }

/** The worse of two. */
function worseMode(a: ChainMode, b: ChainMode): ChainMode {
  return rank[a] >= rank[b] ? a : b
}

export interface ChainHealthParams {
  readonly reading: Pick<Reading, 'at' | 'chainId' | 'block' | 'vitals'>
  readonly chain: Pick<ChainConfig, 'maxBlockAgeSeconds' | 'maxFinalityLagSeconds' | 'sequencer'>
  /** The same chain at an earlier snapshot; absent: it was never seen. */
  readonly previous?: ChainHealth | undefined
}

/**
 * How the chain does. Undefined if it was read without its vital signs, by a source that knows none.
 * What was wrong and cannot be read now is still wrong. A chain that could not be read at all is FROZEN until it is read again.
 */
export function chainHealth({ reading, chain, previous }: ChainHealthParams): ChainHealth | undefined {
  const { at, chainId, block, vitals } = reading
  if (block !== undefined && vitals === undefined) return undefined
  const own = vitals === undefined ? [unseen] : causesIn(vitals, { chain, at })
  const isKnown = signsIn(vitals, chain)
  const lasting = (previous?.causes ?? [])
    .filter((cause) => isOfTheChain(cause) && !isKnown(cause.code))
    .map(notReadSince)
  const causes = worstOfEach([...own, ...lasting])
  const earlier = previous === undefined ? [] : [previous.causes.filter(isOfTheChain), ...previous.earlier]
  const counted = earlier.slice(0, calmSamples - 1)
  const mode = [causes, ...counted].flat().reduce<ChainMode>((worst, cause) => worseMode(worst, cause.mode), 'NORMAL')
  return {
    chainId,
    at,
    mode,
    reasons: [...causes.map(({ reason }) => reason), ...heldBy(counted, { mode, causes })],
    ...(vitals === undefined ? {} : { vitals }),
    causes,
    earlier: counted,
  }
}

/** That we did not see it says nothing of the chain once we do: BLIND guards that by itself. */
function isOfTheChain({ code }: ChainCause): boolean {
  return code !== 'unseen'
}

function notReadSince({ reason, ...cause }: ChainCause): ChainCause {
  const note = ' (not read since)'
  return { ...cause, reason: reason.endsWith(note) ? reason : `${reason}${note}` }
}

/** One cause a code; of two that are alike, the first. */
function worstOfEach(causes: readonly ChainCause[]): readonly ChainCause[] {
  const groups = Map.groupBy(causes, ({ code }) => code)
  return [...groups.values()].flatMap((group) => group.find(({ mode }) => mode === 'FROZEN') ?? group[0] ?? [])
}

/** Why a mode lasts that the present no longer explains. */
function heldBy(
  earlier: readonly (readonly ChainCause[])[],
  { mode, causes }: { readonly mode: ChainMode; readonly causes: readonly ChainCause[] },
): readonly string[] {
  if (mode === 'NORMAL' || causes.some((cause) => cause.mode === mode)) return []
  const newest = earlier.findIndex((sample) => sample.some((cause) => cause.mode === mode))
  const cause = earlier[newest]?.find((one) => one.mode === mode)
  if (cause === undefined) return []
  const left = calmSamples - 1 - newest
  return [`${mode} for ${left} more calm ${left === 1 ? 'snapshot' : 'snapshots'}: ${cause.reason}`]
}

/** Why stands in the gap that touches everything, and is told with BLIND. */
const unseen: ChainCause = { code: 'unseen', mode: 'FROZEN', reason: 'the chain could not be read' }

/** Which signs were read, so that they can be trusted to be calm. */
function signsIn(
  vitals: ChainVitals | undefined,
  { sequencer }: Pick<ChainConfig, 'sequencer'>,
): (code: ChainCause['code']) => boolean {
  return (code) => {
    if (vitals === undefined) return false
    switch (code) {
      case 'base-fee':
        return vitals.feeHistory !== undefined
      case 'finality':
        return vitals.finalised !== undefined
      case 'sequencer':
        return sequencer === undefined || vitals.sequencer !== undefined
      default:
        return true
    }
  }
}

function causesIn(
  vitals: ChainVitals,
  { chain, at }: { readonly chain: ChainHealthParams['chain']; readonly at: UnixSeconds },
): readonly ChainCause[] {
  return [
    baseFeeCause(vitals),
    headCause(vitals, chain),
    finalityCause(vitals, chain),
    providerCause(vitals),
    sequencerCause(vitals, chain, at),
  ].flatMap((cause) => cause ?? [])
}

function baseFeeCause({ baseFeeGwei, feeHistory, gasUsedShare = 0 }: ChainVitals): ChainCause | undefined {
  if (feeHistory === undefined || feeHistory.blocks < enoughBlocks || baseFeeGwei < cheapGwei) return undefined
  const { percentile, medianGwei, blocks } = feeHistory
  const needed = gasUsedShare >= fullBlock ? risingSurge : surge
  if (percentile < highPercentile || baseFeeGwei < needed * medianGwei) return undefined
  const full = needed === surge ? '' : ', and blocks are full'
  return {
    code: 'base-fee',
    mode: 'CONGESTED',
    reason: `the base fee is ${figure(baseFeeGwei)} gwei, ${figure(medianGwei)} is usual over the last ${blocks} blocks${full}`,
  }
}

function headCause(
  { headAgeSeconds }: ChainVitals,
  { maxBlockAgeSeconds }: Pick<ChainConfig, 'maxBlockAgeSeconds'>,
): ChainCause | undefined {
  if (headAgeSeconds <= slowHead * maxBlockAgeSeconds) return undefined
  const mode = headAgeSeconds > maxBlockAgeSeconds ? 'FROZEN' : 'CONGESTED'
  const reason = `the latest block is ${describeSpan(headAgeSeconds)} old, ${describeSpan(maxBlockAgeSeconds)} is the limit`
  return { code: 'head-age', mode, reason }
}

function finalityCause(
  { finalised }: ChainVitals,
  { maxFinalityLagSeconds = defaultFinalityLagSeconds }: Pick<ChainConfig, 'maxFinalityLagSeconds'>,
): ChainCause | undefined {
  if (finalised === undefined || finalised.lagSeconds <= maxFinalityLagSeconds) return undefined
  const { lagBlocks, lagSeconds } = finalised
  const lag = `${describeSpan(lagSeconds)} (${lagBlocks} ${lagBlocks === 1 ? 'block' : 'blocks'})`
  return {
    code: 'finality',
    mode: lagSeconds > lostFinality * maxFinalityLagSeconds ? 'FROZEN' : 'CONGESTED',
    reason: `the newest final block is ${lag} behind, ${describeSpan(maxFinalityLagSeconds)} is expected`,
  }
}

/** A contradiction among providers that leaves no more than the quorum: the chain may be splitting, and one more makes us blind. */
function providerCause({ providers }: ChainVitals): ChainCause | undefined {
  const { configured, quorum, agreed, contradicting } = providers
  if (contradicting.length === 0 || agreed > quorum) return undefined
  const told = `${contradicting.join(', ')} ${contradicting.length === 1 ? 'tells' : 'tell'} another state of the chain`
  return { code: 'providers', mode: 'CONGESTED', reason: `${told}, ${agreed} of ${configured} providers agree` }
}

/**
 * A sequencer that nobody could ask is not known to be up. During the grace nothing is done at all, not even what reduces risk: prices on the
 * chain are those of before, while everybody's transactions of the meantime come in at once, and a protocol may liquidate on them.
 */
function sequencerCause(
  { sequencer }: ChainVitals,
  chain: Pick<ChainConfig, 'sequencer'>,
  at: UnixSeconds,
): ChainCause | undefined {
  if (chain.sequencer === undefined) return undefined
  const frozen = (reason: string): ChainCause => ({ code: 'sequencer', mode: 'FROZEN', reason })
  if (sequencer === undefined) return frozen('nobody knows whether the sequencer is up: its feed could not be read')
  const { status, since } = sequencer
  const age = Math.max(0, at - since)
  if (status === 'down') return frozen(`the sequencer has been down for ${describeSpan(age)}`)
  const { graceSeconds } = chain.sequencer
  if (age >= graceSeconds) return undefined
  return frozen(`the sequencer came back ${describeSpan(age)} ago, ${describeSpan(graceSeconds)} of grace have to pass`)
}

function figure(gwei: number): string {
  return `${+gwei.toPrecision(3)}`
}
