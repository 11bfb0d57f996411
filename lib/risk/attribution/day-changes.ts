// Why the headline figures are not what they were when the day began: the splits of every report since, added up cause by cause.

import type { UnixSeconds } from '../../base/units.ts'
import type { DayChanges, DayFigureChange, FigureChange, FigureChanges } from '../../model/figure-change.ts'
import { barStartOf } from '../../model/history.ts'
import type { Assessed } from './assessed.ts'
import { valueAtRiskOf } from './tail-change.ts'

/** Of the figure: less is rounding of the sums, and goes to the largest part. */
const rounding = 1e-9
const untold = 'not explained'

/**
 * Exact splits of consecutive steps telescope: their parts, added by cause, sum to the figure now less the figure at `since`. A figure that appears within the
 * day starts at its first value, one that vanishes stops at its last; what it moved by while nobody knew it is `not explained` once it is back.
 * @param params.changes of `after` against `before`
 */
export function dayChanges(params: {
  readonly before: Assessed
  readonly after: Assessed
  readonly changes: FigureChanges
}): DayChanges {
  const { before, after, changes } = params
  const isSameDay = barStartOf(before.snapshot.at, '1d') === barStartOf(after.snapshot.at, '1d')
  const day = isSameDay ? before.report.dayChanges : undefined
  const [was, now] = [figuresOf(before), figuresOf(after)]
  const known = new Map((day?.figures ?? []).map((one) => [one.figure, one]))
  const steps = new Map(changes.figures.map((one) => [one.figure, one]))
  const names = [...new Set([...now.keys(), ...was.keys(), ...known.keys()])]
  const atBegin = day === undefined ? before.report.regime?.regime : day.regimeAtBegin
  const [from, to] = [atBegin ?? after.report.regime?.regime, after.report.regime?.regime]
  return {
    sinceSnapshotId: day?.sinceSnapshotId ?? before.snapshot.id,
    since: day?.since ?? before.snapshot.at,
    figures: names.flatMap((name) => {
      const isDelta = name.startsWith('delta.')
      // An asset that is not held has a delta of 0, and is not unknown.
      const ends = { was: was.get(name) ?? (isDelta ? 0 : undefined), now: now.get(name) ?? (isDelta ? 0 : undefined) }
      return figureOf({ name, day: known.get(name), step: steps.get(name), ...ends, at: after.snapshot.at })
    }),
    ...(from === undefined ? {} : { regimeAtBegin: from }),
    ...(from === undefined || to === undefined || from === to ? {} : { regime: { from, to } }),
  }
}

/** The figures that `attributeChange` splits, by its names. */
function figuresOf({ report }: Assessed): ReadonlyMap<string, number> {
  const valueAtRisk = valueAtRiskOf(report.tail)
  return new Map([
    ['nav', report.navUsd],
    ...Object.entries(report.netGreeks.delta).map(([underlying, delta]) => [`delta.${underlying}`, delta] as const),
    ...report.accounts.flatMap(({ positionId, healthFactor }) =>
      healthFactor === undefined ? [] : [[`healthFactor.${positionId}`, healthFactor] as const],
    ),
    ...(valueAtRisk === undefined ? [] : [['valueAtRisk', valueAtRisk] as const]),
  ])
}

function figureOf(params: {
  readonly name: string
  readonly day: DayFigureChange | undefined
  readonly step: FigureChange | undefined
  readonly was: number | undefined
  readonly now: number | undefined
  readonly at: UnixSeconds
}): readonly DayFigureChange[] {
  const { name, day, step, was, now, at } = params
  const first = day?.from ?? was ?? now
  if (first === undefined) return []
  const appearedAt = day === undefined && was === undefined ? at : day?.appearedAt
  const vanishedAt = now === undefined ? (day?.vanishedAt ?? at) : undefined
  const to = now ?? day?.to ?? first
  const parts = closed({ parts: added(day?.parts ?? [], step?.parts ?? []), change: to - first, scale: [first, to] })
  if (parts.length === 0 && appearedAt === undefined && vanishedAt === undefined) return []
  return [
    {
      figure: name,
      from: first,
      to,
      parts,
      method: methodOf(day, step),
      ...(appearedAt === undefined ? {} : { appearedAt }),
      ...(vanishedAt === undefined ? {} : { vanishedAt }),
    },
  ]
}

function methodOf(day: DayFigureChange | undefined, step: FigureChange | undefined): FigureChange['method'] {
  const told = [day, step].flatMap((one) => (one === undefined || one.parts.length === 0 ? [] : [one.method]))
  const [method = 'shapley'] = told
  return told.every((one) => one === method) ? method : 'mixed'
}

function added(day: FigureChange['parts'], step: FigureChange['parts']): readonly (readonly [string, number])[] {
  const sums = new Map<string, number>()
  for (const { cause, change } of [...day, ...step]) sums.set(cause, (sums.get(cause) ?? 0) + change)
  return [...sums]
}

/** Largest first, and their sum is the change. */
function closed(params: {
  readonly parts: readonly (readonly [string, number])[]
  readonly change: number
  readonly scale: readonly number[]
}): FigureChange['parts'] {
  const parts = new Map(params.parts)
  const rest = params.change - params.parts.reduce((sum, [, part]) => sum + part, 0)
  const sizes = [...params.parts.map(([, part]) => part), ...params.scale].map(Math.abs)
  const [largest] = params.parts.toSorted(([, one], [, other]) => Math.abs(other) - Math.abs(one))
  const isRounding = Math.abs(rest) <= rounding * sizes.reduce((most, size) => Math.max(most, size), 0)
  const taker = isRounding && largest !== undefined ? largest[0] : untold
  if (rest !== 0) parts.set(taker, (parts.get(taker) ?? 0) + rest)
  return [...parts]
    .filter(([, change]) => change !== 0)
    .map(([cause, change]) => ({ cause, change }))
    .toSorted((one, other) => Math.abs(other.change) - Math.abs(one.change))
}
