// What a person wants to know of a history's regimes: how it stands now, when it changed, and how much of each year was in which.

import type { BarInterval } from '../../lib/model/history.ts'
import type { MacroBeta } from '../../lib/model/market-model.ts'
import type { Regime, RegimeVote } from '../../lib/model/regime.ts'
import type { RegimeDate } from '../../lib/risk/market/regime/regime-history.ts'
import { columnsOf, fitted } from '../../lib/web/charts/plain-text.ts'
import { colours as pc } from '../colours.ts'
import { printTable } from '../print-table.ts'
import { dateText } from './regime-row.ts'

const paint: Readonly<Record<Regime, (text: string) => string>> = { calm: pc.green, tense: pc.yellow, crisis: pc.red }

export function printRegime(params: {
  readonly dates: readonly RegimeDate[]
  readonly interval: BarInterval
  readonly betas: readonly MacroBeta[]
}): void {
  const { dates, interval, betas } = params
  const last = dates.at(-1)
  if (last === undefined) return
  printNow(last, interval)
  if (betas.length > 0) printBetas(betas)
  printSpells(dates, interval)
  printYears(dates)
}

function printNow({ start, view }: RegimeDate, interval: BarInterval): void {
  const { budgetMultiplier, putFloor, cause } = view.posture
  console.log(
    `${dateText(start, interval)}  ${pc.bold(paint[view.regime](view.regime))}  probability of crisis ${view.probability.toFixed(2)}, budget x ${budgetMultiplier}, puts on ${(100 * putFloor).toFixed(0)} % at least`,
  )
  console.log(`${cause}\n`)
  printTable(
    [
      { title: 'vote', align: 'left' },
      { title: 'pace', align: 'left' },
      { title: 'value', align: 'right' },
      { title: 'threshold', align: 'right' },
      { title: 'says', align: 'left' },
      { title: 'more', align: 'left' },
    ],
    view.votes.map(voteCells),
  )
  console.log(`\nuniverse: ${view.universe.join(' ')}${view.isLowPower ? ' (low power: fewer than six)' : ''}`)
  for (const { asset, reason } of view.excluded) console.log(pc.dim(`  without ${asset}: ${reason}`))
  for (const { asset, usd, isBroken } of view.pegs)
    if (isBroken) console.log(pc.red(`  ${asset} stands at ${usd.toFixed(4)} USD: its peg is broken`))
}

function voteCells({ name, pace, value, threshold, says, details = {} }: RegimeVote): readonly string[] {
  const more = Object.entries(details).map(([what, figure]) => `${words(what)} ${figure.toFixed(2)}`)
  return [
    name,
    pace,
    value === undefined ? 'too little history' : value.toFixed(2),
    threshold.toFixed(2),
    says,
    more.join(', '),
  ]
}

/** `meanCorrelation` as `mean correlation`. */
const words = (name: string) => name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)

function printBetas(betas: readonly MacroBeta[]): void {
  console.log('')
  printTable(
    [
      { title: 'beta of', align: 'left' },
      { title: 'to', align: 'left' },
      { title: 'beta', align: 'right' },
      { title: 'error', align: 'right' },
      { title: 'R2', align: 'right' },
    ],
    betas.map(({ asset, series, beta, standardError, rSquared }) => [
      asset,
      series,
      beta.toFixed(2),
      standardError.toFixed(2),
      rSquared.toFixed(2),
    ]),
  )
}

/** What a row leaves for its cause; the whole of it stands in --json. */
const causeColumns = () => Math.max(40, (process.stdout.columns ?? 140) - 46)

/** What a fast vote says comes first: slow ones make no crisis. */
function spellCause({ view }: RegimeDate): string {
  const isSlow = (part: string) => /absorption|hidden Markov/.test(part)
  const parts = view.posture.cause.replace(/^crisis since \S+: /, '').split('; ')
  return [...parts.filter((part) => !isSlow(part)), ...parts.filter(isSlow)].join('; ')
}

/** Spells of crisis, the last twenty; those of tense are too many to read and stand in --all. */
function printSpells(dates: readonly RegimeDate[], interval: BarInterval): void {
  const spells: { readonly first: RegimeDate; last: RegimeDate; count: number }[] = []
  for (const [index, one] of dates.entries()) {
    if (one.view.regime !== 'crisis') continue
    const spell = spells.at(-1)
    if (spell !== undefined && dates[index - 1] === spell.last) {
      spell.last = one
      spell.count += 1
    } else spells.push({ first: one, last: one, count: 1 })
  }
  console.log(pc.bold(`\n${spells.length} ${spells.length === 1 ? 'spell' : 'spells'} of crisis`))
  if (spells.length === 0) return
  printTable(
    [
      { title: 'from', align: 'left' },
      { title: 'to', align: 'left' },
      { title: 'bars', align: 'right' },
      { title: 'cause', align: 'left' },
    ],
    spells
      .slice(-20)
      .map(({ first, last, count }) => [
        dateText(first.start, interval),
        dateText(last.start, interval),
        String(count),
        fitted(spellCause(first), causeColumns(), columnsOf),
      ]),
  )
  if (spells.length > 20) console.log(pc.dim(`and ${spells.length - 20} before; --all or --json has them`))
}

function printYears(dates: readonly RegimeDate[]): void {
  const years = new Map<string, RegimeDate[]>()
  for (const one of dates) {
    const year = dateText(one.start, '1d').slice(0, 4)
    years.set(year, [...(years.get(year) ?? []), one])
  }
  console.log('')
  printTable(
    [
      { title: 'year', align: 'left' },
      { title: 'bars', align: 'right' },
      { title: 'calm', align: 'right' },
      { title: 'tense', align: 'right' },
      { title: 'crisis', align: 'right' },
      { title: 'entries into crisis', align: 'right' },
    ],
    [...years].map(([year, ones]) => {
      const share = (regime: Regime) =>
        `${((100 * ones.filter(({ view }) => view.regime === regime).length) / ones.length).toFixed(1)} %`
      const entries = ones.filter(({ start, view }) => view.regime === 'crisis' && view.since === start).length
      return [year, String(ones.length), share('calm'), share('tense'), share('crisis'), String(entries)]
    }),
  )
}

/** A row per date. */
export function printDates(dates: readonly RegimeDate[], interval: BarInterval): void {
  const figure = (value: number | undefined) => (value === undefined ? '' : value.toFixed(2))
  printTable(
    [
      { title: 'date', align: 'left' },
      { title: 'regime', align: 'left' },
      { title: 'probability', align: 'right' },
      { title: 'budget x', align: 'right' },
      { title: 'puts', align: 'right' },
      { title: 'turbulence', align: 'right' },
      { title: 'cusum', align: 'right' },
      { title: 'correlation', align: 'right' },
      { title: 'rank', align: 'right' },
      { title: 'absorption', align: 'right' },
      { title: 'hidden Markov', align: 'right' },
    ],
    dates.map(({ start, view }) => {
      const vote = (name: RegimeVote['name']) => view.votes.find((one) => one.name === name)
      return [
        dateText(start, interval),
        view.regime,
        view.probability.toFixed(2),
        String(view.posture.budgetMultiplier),
        `${(100 * view.posture.putFloor).toFixed(0)} %`,
        figure(vote('turbulence')?.value),
        figure(vote('correlation-cusum')?.value),
        figure(vote('correlation-cusum')?.details?.meanCorrelation),
        figure(vote('correlation-cusum')?.details?.correlationRank),
        figure(vote('absorption')?.value),
        figure(vote('hidden-markov')?.value),
      ]
    }),
  )
}
