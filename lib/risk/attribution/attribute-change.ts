// Why the value, the deltas and the health factors of a portfolio are not what they were at the last snapshot: each change split without a rest.

import { isHomeostatError } from '../../base/homeostat-error.ts'
import { greeksOf } from '../../instruments/greeks/greeks-of.ts'
import type { PositionTerms } from '../../instruments/index.ts'
import { instrumentOf } from '../../instruments/instrument-of.ts'
import { type Market, own } from '../../instruments/market/market.ts'
import { assetsOf, value } from '../../instruments/value.ts'
import type { FigureChange, FigureChanges } from '../../model/figure-change.ts'
import type { PositionRisk } from '../../model/report.ts'
import type { Position } from '../../model/snapshot.ts'
import { marketThrough } from '../price-lens.ts'
import type { Assessed } from './assessed.ts'
import { type ChangeSum, changeSum } from './change-sum.ts'
import { healthChange } from './health-change.ts'
import { type MarketCause, marketCauses, mixedMarket } from './mixed-market.ts'
import { causesOfTerms, mixedTerms, type TermCause, termCauseNames } from './mixed-terms.ts'
import { type ActiveSplit, splitActive } from './split-active.ts'
import { splitChange } from './split-change.ts'
import { type TailDraw, valueAtRiskChange } from './tail-change.ts'

/**
 * Position by position, each by the causes that it reads: Shapley averages up to six of them, beyond that the stated order (prices, exchange rates,
 * volatilities, correlation, interest and forwards, funding, time, then terms). What was opened or closed is `quantity`; what could be valued at one of the
 * two ends only is `coverage`, for it need not have changed at all. The parts of each figure sum to its change; what rounding and the protocol's own
 * statements add is told as `not explained` where it is more than 1e-9 of gross. Deltas take the stated order beyond three causes, and always where a
 * position is no sum of holdings, European options and ranges.
 */
export function attributeChange(params: {
  readonly before: Assessed
  readonly after: Assessed
  /** Of the later book under any model; absent: its change is not split. */
  readonly valueAtRisk?: (given: TailDraw) => number | undefined
}): FigureChanges {
  const { before, after, valueAtRisk } = params
  const worlds = worldsOf(params)
  const sum = changeSum()
  for (const pair of pairsOf(params)) addPosition(pair, worlds, sum)
  const gross = (report: Assessed['report']) =>
    report.positions.reduce((total, one) => total + Math.abs(one.valueUsd), 0)
  const nav = { from: before.report.navUsd, to: after.report.navUsd, gross: gross(before.report) + gross(after.report) }
  const [deltas, late] = [before.report.netGreeks.delta, after.report.netGreeks.delta]
  const underlyings = [...new Set([...Object.keys(deltas), ...Object.keys(late)])].toSorted()
  return {
    sinceSnapshotId: before.snapshot.id,
    since: before.snapshot.at,
    figures: [
      ...sum.close('nav', nav),
      ...underlyings.flatMap((one): readonly FigureChange[] => {
        const ends = { from: own(deltas, one) ?? 0, to: own(late, one) ?? 0 }
        return sum.close(`delta.${one}`, { ...ends, gross: grossDelta(params, one) })
      }),
      ...after.report.accounts.flatMap(({ positionId }) => healthChange({ ...params, positionId })),
      ...(valueAtRisk === undefined ? [] : tailChange({ before, after, valueAtRisk })),
    ],
  }
}

function tailChange(params: {
  readonly before: Assessed
  readonly after: Assessed
  readonly valueAtRisk: (given: TailDraw) => number | undefined
}): readonly FigureChange[] {
  const endOf = ({ report: { tail }, model }: Assessed) =>
    tail === undefined ? undefined : { tail, ...(model === undefined ? {} : { model }) }
  const [before, after] = [endOf(params.before), endOf(params.after)]
  return before === undefined || after === undefined ? [] : valueAtRiskChange({ ...params, before, after })
}

function grossDelta(
  { before, after }: { readonly before: Assessed; readonly after: Assessed },
  underlying: string,
): number {
  return [...before.report.positions, ...after.report.positions].reduce(
    (total, { greeks }) => total + Math.abs(own(greeks?.delta, underlying) ?? 0),
    0,
  )
}

interface Worlds {
  readonly before: Market
  readonly after: Market
  readonly seconds: number
  readonly causes: readonly MarketCause[]
  /** The same mixture of markets serves all positions. */
  readonly mixed: (taken: readonly MarketCause[]) => Market
}

function worldsOf(ends: { readonly before: Assessed; readonly after: Assessed }): Worlds {
  const [before, after] = [marketThrough('feed', ends.before.snapshot), marketThrough('feed', ends.after.snapshot)]
  const made = new Map<string, Market>()
  const mixed = (taken: readonly MarketCause[]) => {
    const name = taken.map((one) => one.name).join('|')
    const known = made.get(name) ?? mixedMarket(before, after, taken)
    made.set(name, known)
    return known
  }
  return { before, after, seconds: after.at - before.at, causes: marketCauses(before, after), mixed }
}

interface End {
  readonly position: Position
  readonly risk: PositionRisk
}

interface Pair {
  readonly before: End | undefined
  readonly after: End | undefined
  /** Where one end is missing: it is known to be there, but could not be valued. */
  readonly isUnseen: boolean
}

function pairsOf({ before, after }: { readonly before: Assessed; readonly after: Assessed }): readonly Pair[] {
  const [old, late] = [endsOf(before), endsOf(after)]
  return [...new Set([...old.valued.keys(), ...late.valued.keys()])].map((id) => {
    const [one, other] = [old.valued.get(id), late.valued.get(id)]
    const chain = (one ?? other)?.position.chainId
    const isUnseen = [old, late].some(({ unvalued }) => unvalued.has(id) || unvalued.has(`chain:${chain}`))
    return { before: one, after: other, isUnseen }
  })
}

function endsOf({ snapshot, report }: Assessed) {
  const risks = new Map(report.positions.map((risk) => [risk.positionId, risk]))
  const valued = new Map(
    snapshot.positions.flatMap((position): [string, End][] => {
      const risk = risks.get(position.id)
      return risk?.greeks === undefined ? [] : [[position.id, { position, risk }]]
    }),
  )
  const unvalued = new Set(
    report.positions.flatMap(({ positionId, greeks }) => (greeks === undefined ? [positionId] : [])),
  )
  return { valued, unvalued }
}

function addPosition({ before, after, isUnseen }: Pair, worlds: Worlds, sum: ChangeSum): void {
  const [old, late] = [before?.position.instrument, after?.position.instrument]
  if (old === undefined || late === undefined || old.kind !== late.kind) {
    const cause = isUnseen && (old === undefined || late === undefined) ? 'coverage' : 'quantity'
    addWhole({ before: before?.risk, after: after?.risk }, cause, sum)
    return
  }
  const ends = { before: before?.risk, after: after?.risk }
  const causes = [
    ...worlds.causes
      .filter((cause) => reads(old, late, cause, worlds))
      .map((market) => ({ name: market.name, market })),
    ...causesOfTerms(old, late).map((term) => ({ name: termCauseNames[term], term })),
  ]
  const termsMade = new Map<string, PositionTerms>()
  const termsOf = (taken: readonly TermCause[]): PositionTerms => {
    const made = termsMade.get(taken.join()) ?? mixedTerms(old, late, { taken, seconds: worlds.seconds })
    termsMade.set(taken.join(), made)
    return made
  }
  const mixtureOf = (isAfter: readonly boolean[]) => {
    const taken = causes.filter((_, i) => isAfter[i])
    return {
      market: worlds.mixed(taken.flatMap((one) => ('market' in one ? [one.market] : []))),
      terms: termsOf(taken.flatMap((one): TermCause[] => ('term' in one ? [one.term] : []))),
    }
  }
  const names = causes.map(({ name }) => name)
  if (ends.before?.valueUsd !== ends.after?.valueUsd)
    addSplit({
      figures: ['nav'],
      names,
      at: (isAfter) =>
        orNothing(() => {
          const { terms, market } = mixtureOf(isAfter)
          return [value(terms, market)]
        }),
      sum,
      ends,
    })
  const held = [
    ...new Set([...Object.keys(ends.before?.greeks?.delta ?? {}), ...Object.keys(ends.after?.greeks?.delta ?? {})]),
  ]
  const moved = held.filter((one) => own(ends.before?.greeks?.delta, one) !== own(ends.after?.greeks?.delta, one))
  if (moved.length > 0)
    addSplit({
      figures: moved.map((one) => `delta.${one}`),
      names,
      at: (isAfter) =>
        orNothing(() => {
          const { terms, market } = mixtureOf(isAfter)
          const { delta } = greeksOf(terms, market)
          return moved.map((one) => own(delta, one) ?? 0)
        }),
      exactUpTo: instrumentOf(old.kind).legs === undefined ? 0 : exactDeltaCauses,
      sum,
      ends,
    })
}

interface Ends {
  readonly before: PositionRisk | undefined
  readonly after: PositionRisk | undefined
}

/** Greeks are dearer than values. */
const exactDeltaCauses = 3

/** One cause for all of it. */
function addWhole({ before, after }: Ends, cause: string, sum: ChangeSum): void {
  for (const [risk, sign] of [
    [before, -1],
    [after, 1],
  ] as const) {
    if (risk === undefined) continue
    sum.add('nav', cause, sign * risk.valueUsd)
    for (const [underlying, delta] of Object.entries(risk.greeks?.delta ?? {}))
      sum.add(`delta.${underlying}`, cause, sign * delta)
  }
}

function addSplit(params: {
  readonly figures: readonly string[]
  readonly names: readonly string[]
  readonly at: (isAfter: readonly boolean[]) => readonly number[] | undefined
  readonly exactUpTo?: number
  readonly sum: ChangeSum
  readonly ends: Ends
}): void {
  const { figures, names, at, exactUpTo, sum } = params
  const split =
    exactUpTo === 0
      ? inOrder(names.length, at)
      : splitActive({ causes: names.length, figures: at, ...(exactUpTo === undefined ? {} : { exactUpTo }) })
  // A mixture of old and new that nobody can value leaves the whole change unexplained, by `close`.
  if (split === undefined) return
  for (const [i, name] of names.entries())
    for (const [f, figure] of figures.entries()) sum.add(figure, name, split.parts[i]?.[f] ?? 0, split.method)
}

/** Without a look at who does nothing: in an order that is free. */
function inOrder(
  causes: number,
  figures: (isAfter: readonly boolean[]) => readonly number[] | undefined,
): ActiveSplit | undefined {
  const split = splitChange({ causes, figures, exactUpTo: 1 })
  if (split === undefined) return undefined
  const n = split.change.length
  const parts = Array.from({ length: causes }, (_, i) => [...split.parts.subarray(i * n, (i + 1) * n)])
  return { parts, method: split.method }
}

function orNothing(figures: () => readonly number[]): readonly number[] | undefined {
  try {
    return figures()
  } catch (error) {
    if (!isHomeostatError(error)) throw error
    return undefined
  }
}

/** True unless the value of either state of the position cannot depend on it. */
function reads(
  old: PositionTerms,
  late: PositionTerms,
  { kind, key }: MarketCause,
  { before, after }: Worlds,
): boolean {
  const assets = [old, late].flatMap((one) => [
    ...assetsOf(one),
    ...(instrumentOf(one.kind).optionality?.(one.terms as never) ?? []).map(({ asset }) => asset),
  ])
  if (kind === 'rate') return assets.includes(key)
  const underlyings = assets.flatMap(
    (asset) => (own(after.exchangeRates, asset) ?? own(before.exchangeRates, asset))?.underlying ?? [],
  )
  if (kind === 'price' || kind === 'volatility') return underlyings.includes(key)
  return old.kind !== 'spot' && old.kind !== 'loan'
}
