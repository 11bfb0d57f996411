// Why the headline figures are not what they were when the day began, as people see it: each change with its parts.

import { describeSpan } from '../base/time.ts'
import type { UnixSeconds } from '../base/units.ts'
import type { DayFigureChange, FigureChange } from '../model/figure-change.ts'
import type { Report } from '../model/report.ts'
import { healthFactor, isoInstant, quantityChange, usd, usdChange } from './figures.ts'

export interface ChangeRow {
  /** `Net asset value`. */
  readonly figure: string
  readonly from: string
  readonly to: string
  readonly change: string
  /** `price of ETH -$12,340`, largest first. */
  readonly parts: readonly string[]
}

export interface ChangeView {
  /** `Since 00:00 UTC`, or `Since 14:05 UTC` where nothing is known of before; `In 60 s` where only the report before is. */
  readonly span: string
  readonly rows: readonly ChangeRow[]
  /** `tense at first, crisis now`; absent: it is what it was. */
  readonly regime?: string
}

/** As many parts are shown; the rest is one. */
const shownParts = 4

type Told = Pick<Report, 'at' | 'navUsd' | 'changes' | 'dayChanges'>

/** Of the day; of the report before only where nobody kept the day. Undefined where nothing was compared. */
export function changeView(report: Told | undefined): ChangeView | undefined {
  if (report === undefined) return undefined
  const { dayChanges, changes, at, navUsd } = report
  const told = dayChanges ?? changes
  if (told === undefined) return undefined
  const figures = told.figures.toSorted((a, b) => rankOf(a) - rankOf(b))
  const { regime } = dayChanges ?? {}
  return {
    span: dayChanges === undefined ? `In ${describeSpan(at - told.since)}` : sinceWords(dayChanges.since, at),
    rows: figures.flatMap((one) => changeRow(one, navUsd)),
    ...(regime === undefined ? {} : { regime: `${regime.from} at first, ${regime.to} now` }),
  }
}

/** The last report of the day before stands for midnight. */
function sinceWords(since: UnixSeconds, at: UnixSeconds): string {
  const midnight = Math.floor(at / 86_400) * 86_400
  return since <= midnight ? 'Since 00:00 UTC' : `Since ${isoInstant(since).slice(11, 16)} UTC`
}

const order = ['nav', 'healthFactor', 'valueAtRisk']

/** What a desk is asked for first stands first. */
function rankOf({ figure }: FigureChange): number {
  const rank = order.indexOf(figure.split('.')[0] ?? '')
  return rank < 0 ? order.length : rank
}

interface Format {
  readonly name: string
  readonly level: (value: number) => string
  readonly change: (value: number) => string
  /** A change below this is none to a reader, whatever the figure's size. */
  readonly least: number
}

/** Of net asset value, or of the figure itself: a smaller change is no news. */
const leastShare = 1e-4

const losses = { level: usd, change: usdChange, least: 0.01 } as const

function formatOf(figure: string): Format {
  const [kind, ...rest] = figure.split('.')
  const key = rest.join('.')
  switch (kind) {
    case 'nav':
      return { name: 'Net asset value', ...losses }
    case 'valueAtRisk':
      return { name: 'Value at risk, 99% of a day', ...losses }
    case 'healthFactor':
      return { name: `Health factor, ${key}`, level: healthFactor, change: (value) => signed(value, 4), least: 5e-5 }
    case 'delta':
      return { name: `Delta, ${key}`, level: quantityChange, change: quantityChange, least: 1e-9 }
    default:
      return { name: figure, level: (value) => signed(value, 4), change: (value) => signed(value, 4), least: 0 }
  }
}

function changeRow({ figure, from, to, parts, ...bounds }: DayFigureChange, navUsd: number): readonly ChangeRow[] {
  const { name, level, change, least: visible } = formatOf(figure)
  const isMoney = figure === 'nav' || figure === 'valueAtRisk'
  const size = isMoney ? Math.abs(navUsd) : Math.max(Math.abs(from), Math.abs(to))
  const least = Math.max(visible, leastShare * size)
  const told = parts.filter((part) => Math.abs(part.change) >= least)
  const { appearedAt, vanishedAt } = bounds
  const isNew = appearedAt !== undefined || vanishedAt !== undefined
  if (Math.abs(to - from) < least && told.length === 0 && !isNew) return []
  const bySize = told.toSorted((a, b) => Math.abs(b.change) - Math.abs(a.change))
  const rest = bySize.slice(shownParts).reduce((sum, part) => sum + part.change, 0)
  return [
    {
      figure: name,
      from:
        appearedAt === undefined
          ? level(from)
          : `${level(from)} at ${isoInstant(appearedAt).slice(11, 16)}, none before`,
      to:
        vanishedAt === undefined ? level(to) : `none since ${isoInstant(vanishedAt).slice(11, 16)}, ${level(to)} then`,
      change: change(to - from),
      parts: [
        ...bySize.slice(0, shownParts).map((part) => `${part.cause} ${change(part.change)}`),
        ...(Math.abs(rest) < least || bySize.length <= shownParts ? [] : [`all else ${change(rest)}`]),
      ],
    },
  ]
}

function signed(value: number, decimals: number): string {
  return `${value > 0 ? '+' : ''}${Number(value.toFixed(decimals))}`
}
