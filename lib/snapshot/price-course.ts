// A price against its own past: rounds that go back, jumps that no market saw, answers that stand still.

import { describeSpan } from '../base/time.ts'
import type { Ratio, UnixSeconds, Usd } from '../base/units.ts'
import type { PriceMemory } from '../model/price-memory.ts'
import { apart, type DatedOpinion, type Opinion } from './opinions.ts'

/** What the past makes of an answer. */
export type Course =
  | { readonly kind: 'good' }
  /** The remembered answer is the newer one. */
  | { readonly kind: 'went-back'; readonly reason: string }
  | { readonly kind: 'doubtful'; readonly reason: string }
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'jumped'; readonly reason: string }

const phaseBits = 64n
/** A price that is half as high again, or has halved, between two snapshots. */
const jumpUp = 1.5
const jumpDown = 0.5
/** What was believed longer ago says nothing of a jump. */
const memorySeconds = 86_400
/** So near is another view that confirms a jump. */
const confirmation: Ratio = 0.2

export function courseOf(params: {
  readonly answer: DatedOpinion
  readonly memory: PriceMemory | undefined
  readonly others: readonly Opinion[]
  readonly at: UnixSeconds
}): Course {
  const { answer, memory, others, at } = params
  if (memory === undefined) return { kind: 'good' }
  const rounds = roundsOf(answer, memory)
  if (rounds?.kind === 'went-back') return rounds
  // An aggregator that has been replaced may count in another unit than its predecessor: it must pass the same test.
  const jump = jumpOf({ answer, memory, others, at })
  return jump?.kind === 'refused' ? jump : (rounds ?? jump ?? { kind: 'good' })
}

function jumpOf({
  answer,
  memory,
  others,
  at,
}: {
  readonly answer: DatedOpinion
  readonly memory: PriceMemory
  readonly others: readonly Opinion[]
  readonly at: UnixSeconds
}): Course | undefined {
  const ratio = answer.usd / memory.usd
  if (at - memory.at > memorySeconds || (ratio <= jumpUp && ratio >= jumpDown)) return undefined
  const told = `${answer.name} went from ${memory.usd} USD to ${answer.usd} USD within ${describeSpan(at - memory.at)}`
  const witness = others.find(({ usd }) => apart(usd, answer.usd) <= confirmation)
  if (witness !== undefined) return { kind: 'jumped', reason: `${told}, and so did ${witness.name}.` }
  const denied = others.map(({ name, usd }) => `${name} says ${usd} USD`).join(', ')
  const why = denied === '' ? 'nobody else confirms it' : denied
  return { kind: 'refused', reason: `oracle unit suspect: ${told}${powerOf(ratio)}, and ${why}.` }
}

/** Behind a proxy the upper bits count its aggregators, the lower ones their rounds. */
function roundsOf({ name, roundId, updatedAt }: DatedOpinion, memory: PriceMemory): Course | undefined {
  if (roundId === undefined || memory.roundId === undefined) return undefined
  const [now, before] = [BigInt(roundId), BigInt(memory.roundId)]
  const [phase, earlier] = [now >> phaseBits, before >> phaseBits]
  if (now < before && updatedAt <= memory.updatedAt) {
    const reason = `${name} went back from round ${before} to ${now}: the newer answer of ${memory.usd} USD still counts.`
    return { kind: 'went-back', reason }
  }
  if (phase !== earlier) {
    const reason = `${name} is in phase ${phase}, it was in phase ${earlier}: its aggregator has been replaced.`
    return { kind: 'doubtful', reason }
  }
  return now < before
    ? { kind: 'doubtful', reason: `${name} counts its rounds anew: ${now} after ${before}.` }
    : undefined
}

function powerOf(ratio: number): string {
  const power = powerOfTen(ratio)
  return power === undefined ? '' : `, 10^${power} times as much`
}

/** n where a ratio is 10^n within 5 %, n not 0. */
function powerOfTen(ratio: number): number | undefined {
  const power = Math.round(Math.log10(ratio))
  return power !== 0 && apart(ratio, 10 ** power) <= 0.05 ? power : undefined
}

/** In what an answer is told, if not in dollars: another power of ten, or units of another asset. */
export function wrongUnit(
  { name, usd }: Opinion,
  params: { readonly believed: Usd; readonly prices: readonly { readonly asset: string; readonly usd: Usd }[] },
): string | undefined {
  const { believed, prices } = params
  const ratio = usd / believed
  if (ratio <= 2 && ratio >= 0.5) return undefined
  const power = powerOfTen(ratio)
  const told = `oracle unit suspect: ${name} says ${usd} USD, others ${believed} USD`
  // A tenth is what a market that collapses pays; decimals go wrong by more.
  if (power !== undefined && Math.abs(power) > 1) return `${told}, which is 10^${power} times as much.`
  const unit = prices.find((one) => apart(one.usd, 1) > 0.5 && apart(usd * one.usd, believed) <= 0.05)
  return unit === undefined ? undefined : `${told}, which it would be if it were told in ${unit.asset}.`
}

/** The same number for so many heartbeats, in rounds that were written anew. */
const frozenHeartbeats = 3

export function frozenFor(
  { sameSince, updatedAt }: Pick<PriceMemory, 'sameSince' | 'updatedAt'>,
  heartbeatSeconds: number | undefined,
): number | undefined {
  if (heartbeatSeconds === undefined) return undefined
  const span = updatedAt - sameSince
  return span >= frozenHeartbeats * heartbeatSeconds ? span : undefined
}

/** What is remembered after an answer that is believed. */
export function remembered(
  answer: DatedOpinion,
  params: Pick<PriceMemory, 'asset' | 'from' | 'at'> & { readonly memory: PriceMemory | undefined },
): PriceMemory {
  const { asset, from, at, memory } = params
  const { usd, updatedAt, roundId } = answer
  const sameSince = memory !== undefined && memory.usd === usd ? memory.sameSince : updatedAt
  return { asset, from, at, usd, updatedAt, ...(roundId === undefined ? {} : { roundId }), sameSince }
}
