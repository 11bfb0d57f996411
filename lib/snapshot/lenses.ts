// Which of several views of a price is believed: the feed until something speaks against it, then the next that is configured, then a deep market.

import { describeSpan } from '../base/time.ts'
import type { Ratio, UnixSeconds, Usd } from '../base/units.ts'
import type { Gap } from '../model/data-state.ts'
import type { PriceMemory, PriceSignal } from '../model/price-memory.ts'
import type { LensLimits } from './lens-limits.ts'
import { apart, type DatedOpinion, independentOf, type Opinion, outlierOf } from './opinions.ts'
import { courseOf, frozenFor, remembered, wrongUnit } from './price-course.ts'

/** What a market must pay out within 2 % to stand in for a feed by its word alone. */
const depthThatValues: Usd = 100_000
/** A feed that a market left gets this long to follow. */
const patienceSeconds = 180
/** Gaps of a feed that answers what cannot be; one that is silent is another matter. */
const wrongAnswers: readonly string[] = ['price-out-of-bounds']

export interface JudgeParams {
  readonly symbol: string
  readonly at: UnixSeconds
  readonly limits: LensLimits
  /** Its source, as it is remembered. */
  readonly from: string
  /** Of the first source: how often it promises another answer, undefined where the same one for long is nothing; and from which move on. */
  readonly heartbeatSeconds: number | undefined
  readonly deviationBps?: number | undefined
  /** The first configured source: its answer, or why it has none. */
  readonly first: DatedOpinion | undefined
  /** Gaps that touch the asset. */
  readonly gaps: readonly Gap[]
  /** Further sources in the configuration's order; thin markets are left out already. */
  readonly quotes: readonly DatedOpinion[]
  readonly protocolUsd?: Usd | undefined
  /** The deepest known pool, if it is deep enough to be heard. */
  readonly market?: DatedOpinion | undefined
  readonly memory?: PriceMemory | undefined
  /** Of other assets, to find what an answer is told in. */
  readonly prices: readonly { readonly asset: string; readonly usd: Usd }[]
}

export interface Judged {
  readonly usd?: Usd
  readonly updatedAt?: UnixSeconds
  /** Who is believed; absent: the first configured source. */
  readonly source?: string
  /** Reasons not to trust it as it is, in words. */
  readonly doubts: readonly string[]
  readonly signals: readonly PriceSignal[]
  /** The first source says what cannot be. */
  readonly isRefused: boolean
  readonly memory?: PriceMemory
}

/** Never a number that nobody said: without a source that can be believed there is no price. */
export function judgePrice(params: JudgeParams): Judged {
  const { first, memory, gaps, symbol: asset, from, at } = params
  const others = othersOf(params)
  if (first === undefined) {
    const isRefused = gaps.some(({ code }) => wrongAnswers.includes(code))
    return { ...standIn(params, { others, isRefused }), signals: [], isRefused, ...kept(memory) }
  }
  const heard = hear(first, params, others)
  if (heard.refused !== undefined) {
    const stand = standIn(params, { others, isRefused: true })
    const doubts = [heard.refused, ...heard.doubts, ...stand.doubts]
    return { ...stand, doubts, signals: heard.signals, isRefused: true, ...kept(memory) }
  }
  const { answer, doubts, signals } = heard
  const value = valueFrom(answer, params, heard.market)
  const now = remembered(answer, { asset, from, at, memory })
  const span = frozenFor(now, params.heartbeatSeconds)
  const frozen = `${asset}: ${answer.name} has said ${answer.usd} USD for ${describeSpan(span ?? 0)}, in new rounds.`
  return {
    ...value,
    doubts: [...doubts, ...value.doubts],
    signals: span === undefined ? signals : [...signals, { code: 'feed-frozen', reason: frozen }],
    isRefused: false,
    memory: now,
  }
}

function kept(memory: PriceMemory | undefined): Pick<Judged, 'memory'> {
  return memory === undefined ? {} : { memory }
}

function othersOf({ protocolUsd, quotes, market }: JudgeParams): readonly Opinion[] {
  const protocol: readonly Opinion[] =
    protocolUsd === undefined ? [] : [{ name: 'the lending protocol', kind: 'protocol', usd: protocolUsd }]
  return [...protocol, ...quotes.filter(({ isLate }) => !isLate), ...(market === undefined ? [] : [market])]
}

interface Heard {
  readonly answer: DatedOpinion
  readonly doubts: readonly string[]
  readonly signals: readonly PriceSignal[]
  readonly refused?: string
  /** A market that is further below the answer than both could be right. */
  readonly market?: Opinion
}

/** The first source's answer against its past and against everybody who can contradict it. */
function hear(first: DatedOpinion, params: JudgeParams, others: readonly Opinion[]): Heard {
  const { symbol, limits, memory, at } = params
  const course = courseOf({ answer: first, memory, others: independentOf(first, others), at })
  const word = (reason: string) => `${symbol}: ${reason}`
  if (course.kind === 'refused') return { answer: first, doubts: [], signals: [], refused: word(course.reason) }
  const answer = course.kind === 'went-back' && memory !== undefined ? newer(first, memory) : first
  const past = course.kind === 'went-back' || course.kind === 'doubtful' ? [word(course.reason)] : []
  const jumped: readonly PriceSignal[] =
    course.kind === 'jumped' ? [{ code: 'price-jumped', reason: word(course.reason) }] : []
  const witnesses = independentOf(answer, others)
  const outlier = outlierOf([answer, ...witnesses], limits.halt)
  const far = witnesses.filter((one) => one !== outlier && apart(one.usd, answer.usd) > limits.halt)
  const believed = median(witnesses.map(({ usd }) => usd))
  const unit = far.length === 0 ? undefined : wrongUnit(answer, { believed, prices: params.prices })
  if (outlier === answer || unit !== undefined) {
    const said = witnesses.map(({ name, usd }) => `${name} says ${usd} USD`).join(', ')
    const alone = `${answer.name} alone says ${answer.usd} USD: ${said}.`
    return { answer, doubts: past, signals: jumped, refused: word(unit ?? alone) }
  }
  const market = far.find((one) => one.kind === 'market')
  const deviating = deviation(answer, params)
  return {
    answer,
    doubts: [...past, ...far.flatMap((one) => contradiction(one, answer, symbol)), ...deviating.map(word)],
    signals: [...jumped, ...witnesses.flatMap((one) => strained(one, answer, { outlier, symbol, limits }))],
    ...(market === undefined || market.usd >= answer.usd ? {} : { market }),
  }
}

/** The protocol's disagreement is told of by its own rule. */
function contradiction({ name, kind, usd }: Opinion, answer: Opinion, symbol: string): readonly string[] {
  if (kind === 'protocol') return []
  const says = kind === 'market' ? `the market pays ${usd} USD` : `${name} says ${usd} USD`
  return [`${symbol}: ${says}, ${answer.name} says ${answer.usd} USD: one of both is wrong.`]
}

/** What is told without distrusting anybody. How far the market is from the protocol is told as the lens gap. */
function strained(
  one: Opinion,
  answer: Opinion,
  params: { readonly outlier: Opinion | undefined; readonly symbol: string; readonly limits: LensLimits },
): readonly PriceSignal[] {
  const { outlier, symbol, limits } = params
  const gap = apart(one.usd, answer.usd)
  if (one === outlier) {
    const reason = `${symbol}: ${one.name} alone says ${one.usd} USD, against ${answer.usd} USD of ${answer.name} and others.`
    return [{ code: 'lone-opinion', reason }]
  }
  if (one.kind !== 'oracle' || gap <= limits.warn || gap > limits.halt) return []
  const reason = `${symbol}: ${one.name} says ${one.usd} USD, ${answer.name} says ${answer.usd} USD.`
  return [{ code: 'second-opinion', reason }]
}

/** What was read last time is newer than what is read now. */
function newer(first: DatedOpinion, { usd, updatedAt, roundId }: PriceMemory): DatedOpinion {
  return { ...first, usd, updatedAt, ...(roundId === undefined ? {} : { roundId }) }
}

/** A feed that promises to follow every move of so many basis points and has not, with every market on the same side of it. */
function deviation(answer: DatedOpinion, { deviationBps, quotes, market, at }: JudgeParams): readonly string[] {
  if (deviationBps === undefined || at - answer.updatedAt <= patienceSeconds) return []
  const limit: Ratio = deviationBps / 10_000
  const moves = [...quotes, ...(market === undefined ? [] : [market])]
    .filter(({ kind, isLate }) => kind === 'market' && !isLate)
    .map(({ usd }) => usd / answer.usd - 1)
  const isUp = moves.every((move) => move > limit)
  const isDown = moves.every((move) => move < -limit)
  const furthest = Math.max(0, ...moves.map(Math.abs))
  if (!(isUp || isDown) || furthest <= 2 * limit) return []
  const moved = `the market has moved ${+(furthest * 100).toFixed(2)} % away from ${answer.name}`
  const stands = `which stands still for ${describeSpan(at - answer.updatedAt)} and follows every ${+(limit * 100).toFixed(2)} %`
  return [`${moved}, ${stands}: it is deviating.`]
}

type Value = Pick<Judged, 'usd' | 'updatedAt' | 'source' | 'doubts'>

/** The answer, unless a deep market pays far less, or somebody has a newer one. */
function valueFrom(answer: DatedOpinion, params: JudgeParams, lower: Opinion | undefined): Value {
  if (lower !== undefined && isDeep(lower)) return valuedBy(lower, params)
  const second = answer.isLate ? params.quotes.find(({ isLate }) => !isLate) : undefined
  if (second !== undefined) return valuedBy(second, params)
  return { usd: answer.usd, updatedAt: answer.updatedAt, doubts: [] }
}

/** Where the first source has no answer, or none to be believed: the next that is configured; a market only against a wrong answer, never for silence. */
function standIn(
  params: JudgeParams,
  { others, isRefused }: { readonly others: readonly Opinion[]; readonly isRefused: boolean },
): Value {
  const { quotes, market, limits } = params
  const second = quotes.find(({ isLate }) => !isLate) ?? quotes[0]
  if (second !== undefined) return valuedBy(second, params)
  if (!isRefused || market === undefined) return { doubts: [] }
  const agrees = others.some((one) => one !== market && apart(one.usd, market.usd) <= limits.halt)
  return isDeep(market) || agrees ? valuedBy(market, params) : { doubts: [] }
}

function valuedBy(
  one: Opinion & Partial<Pick<DatedOpinion, 'updatedAt' | 'isLate'>>,
  { symbol, at }: JudgeParams,
): Value {
  const { name: source, usd, updatedAt = at, isLate } = one
  const late = isLate === true ? `, whose answer is ${describeSpan(at - updatedAt)} old` : ''
  return { usd, updatedAt, source, doubts: [`${symbol}: it is valued by ${source}${late}, at ${usd} USD.`] }
}

function isDeep(one: Opinion & { readonly depthUsd?: Usd }): boolean {
  return one.kind === 'market' && (one.depthUsd ?? 0) >= depthThatValues
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = (sorted.length - 1) / 2
  return ((sorted[Math.floor(middle)] ?? 0) + (sorted[Math.ceil(middle)] ?? 0)) / 2
}
