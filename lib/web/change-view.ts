// Why the headline figures are not what they were at the report before, as people see it: each change with its parts.

import { describeSpan } from '../base/time.ts'
import type { FigureChange } from '../model/figure-change.ts'
import type { Report } from '../model/report.ts'
import { healthFactor, quantityChange, usd, usdChange } from './figures.ts'

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
  /** `60 s`: how long ago the report before was. */
  readonly span: string
  readonly rows: readonly ChangeRow[]
}

/** As many parts are shown; the rest is one. */
const shownParts = 4

/** Undefined where nothing was compared. */
export function changeView(report: Pick<Report, 'at' | 'changes'> | undefined): ChangeView | undefined {
  const { changes, at = 0 } = report ?? {}
  return changes && { span: describeSpan(at - changes.since), rows: changes.figures.flatMap(changeRow) }
}

interface Format {
  readonly name: string
  readonly level: (value: number) => string
  readonly change: (value: number) => string
  /** A change below this is none to a reader. */
  readonly least: number
}

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

function changeRow({ figure, from, to, parts }: FigureChange): readonly ChangeRow[] {
  const { name, level, change, least } = formatOf(figure)
  const told = parts.filter((part) => Math.abs(part.change) >= least)
  if (Math.abs(to - from) < least && told.length === 0) return []
  const bySize = told.toSorted((a, b) => Math.abs(b.change) - Math.abs(a.change))
  const rest = bySize.slice(shownParts).reduce((sum, part) => sum + part.change, 0)
  return [
    {
      figure: name,
      from: level(from),
      to: level(to),
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
