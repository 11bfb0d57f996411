// What large moves would do, as people see it: the ladder of spot, a grid of spot and volatility, crises that happened, and the smallest move that breaks something.

import type { Report, StressRow } from '../model/report.ts'
import type { StressGrid, StressGroup, StressTest } from '../model/stress.ts'
import { healthFactor, percentChange, usd, usdChange } from './figures.ts'
import { healthTone } from './health-tone.ts'

type Tone = 'good' | 'warn' | 'bad' | 'plain'

export interface StressView {
  readonly scenario: string
  readonly nav: string
  readonly change: string
  readonly healthFactor: string
  readonly tone: Tone
  /** Change over the largest change of the table, -1..1: the length of a bar. */
  readonly bar: number
}

export interface HeatCell {
  readonly text: string
  /** -4 (loses half of the value or more) .. 4. */
  readonly heat: number
}

/** One group of underlyings: rows are moves of price, columns of volatility. */
export interface HeatTable {
  readonly name: string
  /** `vol x0.5`, `vol x1`, then one column for each account. */
  readonly columns: readonly string[]
  readonly rows: readonly {
    readonly spot: string
    readonly cells: readonly HeatCell[]
    readonly healthFactors: readonly { readonly text: string; readonly tone: Tone }[]
  }[]
  readonly notes: readonly string[]
}

export interface CrisisView {
  readonly name: string
  /** `2020-03-12, ETH -43%, BTC -35%`; empty where the report does not know. */
  readonly move: string
  readonly change: string
  readonly share: string
  readonly healthFactor: string
  readonly tone: Tone
  readonly bar: number
  readonly notes: readonly string[]
}

/** One change split among causes. */
export interface SplitView {
  readonly title: string
  readonly parts: readonly { readonly cause: string; readonly change: string; readonly bar: number }[]
}

export interface StressTestView {
  readonly groups: readonly HeatTable[]
  readonly crises: readonly CrisisView[]
  /** The likeliest ways to a breach, nearest first, in words. */
  readonly reverse: readonly string[]
  readonly worst: readonly SplitView[]
}

export function stressRows(rows: readonly StressRow[]): readonly StressView[] {
  const largest = Math.max(1e-9, ...rows.map((row) => Math.abs(row.changeUsd)))
  return rows.map((row) => ({
    scenario: row.scenario,
    nav: usd(row.navUsd),
    change: usdChange(row.changeUsd),
    healthFactor: healthFactor(row.healthFactor),
    tone: healthTone(row.healthFactor),
    bar: row.changeUsd / largest,
  }))
}

/** Undefined for reports from before there was one. */
export function stressTestView(report: Report | undefined): StressTestView | undefined {
  const test = report?.stressTest
  if (report === undefined || test === undefined) return undefined
  const { navUsd } = report
  return {
    groups: test.grid.groups.map((group) => heatTable(test.grid, group, navUsd)),
    crises: crisisRows(test, navUsd),
    reverse: reverseInWords(test),
    worst: worstSplits(test),
  }
}

function heatTable({ spots, volatilities, accounts }: StressGrid, group: StressGroup, navUsd: number): HeatTable {
  return {
    name: group.name,
    columns: [
      ...volatilities.map((one) => `vol x${Number(one.toFixed(2))}`),
      ...accounts.map((id) => (accounts.length === 1 ? 'Health factor' : `HF ${id}`)),
    ],
    rows: spots.map((spot, row) => ({
      spot: spot === 1 ? 'as it is' : percentChange(spot - 1, 0),
      cells: volatilities.map((_, column) => heatCell(group.changeUsd[row * volatilities.length + column], navUsd)),
      healthFactors: accounts.map((_, account) => {
        const factor = group.healthFactor[account * spots.length + row]
        return { text: healthFactor(factor), tone: healthTone(factor) }
      }),
    })),
    notes: (group.leftOut ?? []).map((label) => `${label} cannot be valued everywhere in this table, and is left out.`),
  }
}

/** Upper ends of the first three steps of heat, as parts of the value. */
const heatSteps = [0.05, 0.15, 0.35] as const

function heatCell(change: number | undefined, navUsd: number): HeatCell {
  if (change === undefined || !Number.isFinite(change)) return { text: 'n/a', heat: 0 }
  if (navUsd <= 0) return { text: usdChange(change), heat: Math.sign(change) }
  const share = change / navUsd
  const size = Math.abs(share)
  const step = size < 0.005 ? 0 : 1 + heatSteps.filter((end) => size >= end).length
  return { text: percentChange(share, size < 0.1 ? 1 : 0), heat: share < 0 ? -step : step }
}

function crisisRows({ crises }: StressTest, navUsd: number): readonly CrisisView[] {
  const largest = Math.max(1e-9, ...crises.map((one) => Math.abs(one.changeUsd)))
  return crises
    .toSorted((a, b) => a.changeUsd - b.changeUsd)
    .map(({ name, changeUsd, healthFactor: factor, assumed, leftOut = [], date, moves }) => ({
      name,
      move: moveInWords(date, moves),
      change: usdChange(changeUsd),
      share: navUsd > 0 ? percentChange(changeUsd / navUsd) : 'n/a',
      healthFactor: healthFactor(factor),
      tone: healthTone(factor),
      bar: changeUsd / largest,
      notes: [...leftOut.map((label) => `without ${label}`), ...assumed],
    }))
}

/** Majors first, then what moved most. */
function moveInWords(date: string | undefined, moves: Readonly<Record<string, number>> = {}): string {
  const rank = (name: string) => (name === 'ETH' ? 2 : name === 'BTC' ? 1 : 0)
  const shown = Object.entries(moves)
    .filter(([, move]) => move !== 0)
    .sort(([a, one], [b, other]) => rank(b) - rank(a) || Math.abs(other) - Math.abs(one))
    .slice(0, 3)
    .map(([name, move]) => `${name} ${percentChange(move, Math.abs(move) < 0.1 ? 1 : 0)}`)
  return [...(date === undefined ? [] : [date]), ...shown].join(', ')
}

function reverseInWords({ reverse }: StressTest): readonly string[] {
  if (reverse.breaches.length > 0) return reverse.breaches.map(({ inWords }) => inWords)
  const days = reverse.horizonDays === 1 ? 'one day' : `${reverse.horizonDays} days`
  return [`Nothing within ${reverse.maxSigmas} sigma of ${days} breaks an account or the floor of the value.`]
}

function worstSplits({ worst, worstHealth }: StressTest): readonly SplitView[] {
  const splits: SplitView[] = []
  if (worst !== undefined) {
    const title = `Largest loss, ${worst.scenario}: ${usdChange(worst.changeUsd)}`
    splits.push(split(`${title}, by position`, worst.byPosition, usdChange))
    splits.push(split(`${title}, by factor`, worst.byFactor, usdChange))
  }
  if (worstHealth !== undefined) {
    const { scenario, positionId, from, to, byFactor } = worstHealth
    const parts = byFactor.map(({ cause, change }) => ({ cause, changeUsd: change }))
    const title = `Lowest health factor, ${positionId}, ${scenario}: ${healthFactor(from)} to ${healthFactor(to)}, by factor`
    splits.push(split(title, parts, (change) => `${change > 0 ? '+' : ''}${change.toFixed(3)}`))
  }
  return splits
}

/** As many parts are shown. */
const shownParts = 8

function split(
  title: string,
  parts: readonly { readonly cause: string; readonly changeUsd: number }[],
  format: (change: number) => string,
): SplitView {
  const bySize = parts.toSorted((a, b) => Math.abs(b.changeUsd) - Math.abs(a.changeUsd))
  const shown = bySize.slice(0, shownParts)
  const rest = bySize.slice(shownParts).reduce((sum, one) => sum + one.changeUsd, 0)
  const all = bySize.length > shownParts ? [...shown, { cause: 'all others', changeUsd: rest }] : shown
  const largest = Math.max(1e-9, ...all.map((one) => Math.abs(one.changeUsd)))
  return {
    title,
    parts: all.map(({ cause, changeUsd }) => ({ cause, change: format(changeUsd), bar: changeUsd / largest })),
  }
}
