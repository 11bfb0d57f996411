// Which books are tested: those asked for, else each asset and all of them in equal parts.

import { HomeostatError } from '../../lib/base/homeostat-error.ts'
import type { ReturnPanel } from '../../lib/risk/market/return-panel.ts'
import type { BacktestBook } from '../../lib/risk/tail/rolling-forecasts.ts'

export interface ChosenBooks {
  readonly books: readonly BacktestBook[]
  /** Assets that are in no book, and why, in sentences. */
  readonly notes: readonly string[]
}

/** An asset with a return on fewer of the dates tested is not in the equal-weight book, which would miss those dates as a whole. */
const completeShare = 0.95

/** @throws HomeostatError `invalid-input` where a weight names no asset of the panel, or no asset has a return in the window */
export function backtestBooks(params: {
  readonly panel: ReturnPanel
  readonly from: number
  readonly to: number
  readonly weights: 'equal' | Readonly<Record<string, number>> | undefined
}): ChosenBooks {
  const { panel, from, to, weights } = params
  if (weights !== undefined && weights !== 'equal') return { books: [bookOf(panel, weights)], notes: [] }
  const days = panel.rows.filter((_, t) => (panel.starts[t] ?? 0) >= from && (panel.starts[t] ?? 0) <= to)
  const counted = panel.assets.map((asset, i) => ({
    asset,
    returns: days.filter((row) => row[i] !== undefined).length,
  }))
  const present = counted.filter(({ returns }) => returns > 0)
  const complete = present.filter(({ returns }) => returns >= completeShare * days.length)
  const absent = counted.filter(({ returns }) => returns === 0)
  const gapped = present.filter(({ returns }) => returns < completeShare * days.length)
  const equal = equalOf(
    complete.map(({ asset }) => asset),
    weights === 'equal' ? 1 : 2,
  )
  const books = [
    ...(weights === 'equal' ? [] : present.map(({ asset }) => ({ name: asset, weights: { [asset]: 1 } }))),
    ...equal,
  ]
  if (books.length === 0)
    throw new HomeostatError('invalid-input', {
      message: `No asset has a return on ${completeShare * 100} % of the ${days.length} dates tested: there is no equal-weight book.`,
      retry: 'never',
      hint: 'Name assets without gaps with --only, or another window with --from and --to.',
    })
  return {
    books,
    notes: [
      ...(absent.length === 0 ? [] : [`no return of ${names(absent)} in the window: not tested`]),
      ...(gapped.length === 0 || equal.length === 0
        ? []
        : [
            `not in the equal-weight book, for they miss more than ${100 - completeShare * 100} % of the dates: ${names(gapped)}`,
          ]),
    ],
  }
}

function names(assets: readonly { readonly asset: string }[]): string {
  const few = assets.slice(0, 12).map(({ asset }) => asset)
  return assets.length > few.length ? `${few.join(', ')} and ${assets.length - few.length} more` : few.join(', ')
}

/** None for fewer than so many: of a single asset it is that asset. */
function equalOf(assets: readonly string[], fewest: number): readonly BacktestBook[] {
  if (assets.length < fewest) return []
  return [
    {
      name: `equal weight of ${assets.length}`,
      weights: Object.fromEntries(assets.map((asset) => [asset, 1 / assets.length])),
    },
  ]
}

function bookOf(panel: ReturnPanel, weights: Readonly<Record<string, number>>): BacktestBook {
  const unknown = Object.keys(weights).filter((asset) => !panel.assets.includes(asset))
  if (unknown.length > 0)
    throw new HomeostatError('invalid-input', {
      message: `There are no prices of ${unknown.join(', ')} among those chosen.`,
      retry: 'never',
      hint: `They are of ${panel.assets.slice(0, 40).join(', ')}.`,
    })
  const name = Object.entries(weights)
    .map(([asset, share]) => `${asset} ${Number((100 * share).toFixed(2))}%`)
    .join(' ')
  return { name, weights }
}
