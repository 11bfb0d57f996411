// What `homeostat price` shows on a terminal: a row for each line, and the sum of all by underlying at the end.

import type { LineTable } from '../line-table.ts'
import type { PricedLine } from './priced-line.ts'

type Figures = Readonly<Record<string, number>>

/** The table, and `seen`, through which each result passes on its way to it. */
export function priceTable(): LineTable<PricedLine> & { readonly seen: (line: PricedLine) => PricedLine } {
  const book = {
    lines: 0,
    withGreeks: 0,
    value: 0,
    delta: {} as Figures,
    gamma: {} as Figures,
    vega: {} as Figures,
    theta: 0,
    lvr: 0,
  }
  return {
    columns: [
      { title: 'kind', align: 'left' },
      { title: 'value USD', align: 'right' },
      { title: 'delta USD', align: 'right' },
      { title: 'gamma USD 1%', align: 'right' },
      { title: 'vega a point', align: 'right' },
      { title: 'carry a day', align: 'right' },
    ],
    seen(line) {
      book.lines += 1
      book.value += line.value
      if (line.greeks === undefined) return line
      const { usd } = line.greeks
      book.withGreeks += 1
      book.delta = added(book.delta, usd.deltaUsd)
      book.gamma = added(book.gamma, usd.gammaUsd1pct)
      book.vega = added(book.vega, usd.vegaPerPoint)
      book.theta += usd.thetaPerDay.total
      book.lvr += usd.lossVersusRebalancingPerDay
      return line
    },
    row: ({ kind, value, greeks }) => [
      kind,
      money(value),
      ...(greeks === undefined
        ? ['', '', '', '']
        : [
            named(greeks.usd.deltaUsd),
            named(greeks.usd.gammaUsd1pct),
            named(greeks.usd.vegaPerPoint),
            money(greeks.usd.thetaPerDay.total),
          ]),
    ],
    note: ({ warnings }) => warnings.join('; '),
    summary: () => {
      const { lines, withGreeks, value, delta, gamma, vega, theta, lvr } = book
      if (lines < 2) return []
      const rows = [['all lines', `${money(value)} USD`] as const]
      const greeks =
        withGreeks < lines
          ? []
          : ([
              ['net delta', `${named(delta)} USD`],
              ['net gamma', `${named(gamma)} USD per 1 %`],
              ['net vega', `${named(vega)} USD a point`],
              ['carry', `${money(theta)} USD a day`],
              ['expected loss of pools to arbitrage (LVR)', `${money(lvr)} USD a day`],
            ] as const)
      return [...rows, ...greeks].map(([what, figure]) => `${what}: ${figure}`)
    },
  }
}

function added(one: Figures, other: Figures): Figures {
  const sum: Record<string, number> = { ...one }
  for (const [name, figure] of Object.entries(other)) sum[name] = (sum[name] ?? 0) + figure
  return sum
}

/** `ETH -450,000.00  USDC +120,000.00`: each underlying apart, for a sum of unlike things says nothing. */
function named(figures: Figures): string {
  const kept = Object.entries(figures).filter(([, figure]) => figure !== 0)
  return kept.length === 0 ? '0' : kept.map(([name, figure]) => `${name} ${money(figure)}`).join('  ')
}

function money(usd: number): string {
  const size = Math.abs(usd)
  if (size !== 0 && (size < 0.01 || size >= 1e12)) return usd.toExponential(4)
  return usd.toLocaleString('en', { minimumFractionDigits: 2, maximumFractionDigits: 2 })
}
