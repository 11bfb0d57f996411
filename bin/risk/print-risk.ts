// What `homeostat risk` prints: tables for people, and everything as JSON.

import { isoDate } from '../../lib/base/calendar.ts'
import type { Report } from '../../lib/model/report.ts'
import type { LiquidationChance, TailRisk } from '../../lib/model/tail-risk.ts'
import { colours as pc } from '../colours.ts'
import { printTable } from '../print-table.ts'

interface Told {
  readonly notes: readonly string[]
  /** What the figures must not be read without; they are among the notes of JSON. */
  readonly warnings: readonly string[]
  /** Of the market model. */
  readonly modelNotes: readonly string[]
}

/** JSON: every figure that is printed, and those behind them. */
export function riskJson(report: Report, { notes, warnings, modelNotes }: Told) {
  const { at, navUsd, healthFactor, positions, accounts, stress, stressTest, tail, tailMissing, regime, price } = report
  return {
    at,
    date: isoDate(at),
    navUsd,
    ...(healthFactor === undefined ? {} : { healthFactor }),
    price,
    positions: positions.map(({ positionId, label, kind, valueUsd }) => ({ positionId, label, kind, valueUsd })),
    accounts,
    ...(tail === undefined ? { tailMissing: tailMissing ?? 'there is no market model' } : { tail }),
    stress,
    ...(stressTest === undefined ? {} : { stressTest }),
    ...(regime === undefined ? {} : { regime }),
    notes: [...warnings, ...notes],
    modelNotes,
  }
}

const text = (title: string) => ({ title, align: 'left' }) as const
const figure = (title: string) => ({ title, align: 'right' }) as const

/** Whole dollars; cents below ten. */
function usd(value: number): string {
  const digits = Math.abs(value) < 10 && value !== 0 ? 2 : 0
  const told = value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits })
  return told === '-0' ? '0' : told
}

function share(value: number, digits = 1): string {
  return `${(100 * value).toFixed(digits)} %`
}

/** A tail fitted to ten thousand paths knows nothing of chances far below theirs. */
const leastChance = 1e-4

function chance({ probability, isExtrapolated }: LiquidationChance): string {
  if (probability < leastChance) return '<0.01 %'
  return `${isExtrapolated === undefined ? '' : '~'}${share(probability, 2)}`
}

/** Losses below a cent are none that anybody knows to a digit. */
const lossUsd = (value: number) => (value > 0 && value < 0.01 ? '<0.01' : usd(value))

export function printRisk(report: Report, { notes, warnings, modelNotes }: Told): void {
  const { at, navUsd, tail, tailMissing } = report
  console.log(`${pc.bold(`${usd(navUsd)} USD`)} at ${isoDate(at)}`)
  for (const one of warnings) console.log(pc.yellow(`! ${one}`))
  console.log('')
  if (tail === undefined) console.log(pc.yellow(`no tail risk: ${tailMissing ?? 'there is no market model'}\n`))
  else {
    printFigures(tail, navUsd)
    printContributions(tail)
    printLiquidations(tail)
  }
  printStress(report)
  const told = [...notes, ...(tail?.leftOut ?? []).map(({ reason }) => reason), ...(tail?.notes ?? [])]
  if (told.length > 0) console.log(`${pc.bold('notes')}\n${told.map((one) => `  ${one}`).join('\n')}`)
  if (modelNotes.length > 0)
    console.log(pc.dim(`  ${modelNotes.length} more notes of the history and the market model are in --json`))
}

function printFigures(tail: TailRisk, navUsd: number): void {
  const ofNav = (value: number) => (navUsd > 0 ? share(value / navUsd) : '-')
  printTable(
    [
      text('within'),
      text('level'),
      figure('VaR USD'),
      figure('of NAV'),
      figure('ES USD'),
      figure('of NAV'),
      text('drawn from'),
    ],
    tail.figures.map(({ horizon, level, valueAtRiskUsd, expectedShortfallUsd, basis }) => [
      horizon,
      share(level, 0),
      usd(valueAtRiskUsd),
      ofNav(valueAtRiskUsd),
      usd(expectedShortfallUsd),
      ofNav(expectedShortfallUsd),
      basis === 'scaled' ? 'days, scaled' : basis === 'daily' ? 'days' : 'hours',
    ]),
  )
  if (!(navUsd > 0)) console.log(pc.dim('of NAV: - because more is owed than held'))
  console.log(pc.dim(`${usd(tail.scenarios)} scenarios, seed ${tail.seed}, model ${tail.marketModelId}\n`))
}

const mostRows = 15

function printContributions({ contributions }: TailRisk): void {
  if (contributions.length < 2) return
  const total = contributions.reduce((sum, { expectedShortfallUsd }) => sum + expectedShortfallUsd, 0)
  const shown = contributions.length <= mostRows ? contributions : contributions.slice(0, mostRows)
  const rest = contributions.slice(shown.length)
  const named = new Set(contributions.map(({ label }) => label)).size === contributions.length
  printTable(
    [text('parts of the ES of a day at 99 %'), figure('USD'), figure('share'), figure('without it, USD less')],
    [
      ...shown.map(({ positionId, label, expectedShortfallUsd, incrementalUsd }) => [
        named ? label : `${label} (${positionId})`,
        usd(expectedShortfallUsd),
        total === 0 ? '' : share(expectedShortfallUsd / total),
        incrementalUsd === undefined ? '' : usd(incrementalUsd),
      ]),
      ...(rest.length === 0
        ? []
        : [[`${rest.length} others`, usd(rest.reduce((sum, one) => sum + one.expectedShortfallUsd, 0)), '', '']]),
      ['sum', usd(total), '', ''],
    ],
  )
  console.log('')
}

function printLiquidations({ liquidations }: TailRisk): void {
  if (liquidations.length === 0) return
  const [first] = liquidations
  printTable(
    [
      text('account'),
      figure('health'),
      figure('LTV'),
      text('within'),
      figure('liquidated'),
      figure('expected loss USD'),
      figure(`LTV for ${share(first?.targetProbability ?? 0, 1)}`),
    ],
    liquidations.map((one) => [
      one.positionId,
      one.healthFactor === undefined ? '' : one.healthFactor.toFixed(3),
      one.loanToValue === undefined ? '' : share(one.loanToValue),
      one.horizon,
      chance(one),
      lossUsd(one.expectedLossUsd),
      one.loanToValueForTarget === undefined ? '' : share(one.loanToValueForTarget),
    ]),
  )
  if (liquidations.some(({ isExtrapolated, probability }) => isExtrapolated && probability >= leastChance))
    console.log(pc.dim('~ fewer than 20 paths went there: of a tail fitted to those that came near'))
  console.log('')
}

function printStress({ stress, stressTest, healthFactor }: Report): void {
  const withHealth = healthFactor !== undefined
  const factorOf = (value: number | undefined) => (withHealth ? [value === undefined ? '' : value.toFixed(3)] : [])
  const columns = (title: string) => [text(title), figure('change USD'), ...(withHealth ? [figure('health')] : [])]
  const all = stress.filter(({ scenario }) => scenario.startsWith('all '))
  const rows = all.length > 0 ? all : stress.slice(0, 9)
  if (rows.length > 0) {
    printTable(
      columns('stress'),
      rows.map((row) => [row.scenario, usd(row.changeUsd), ...factorOf(row.healthFactor)]),
    )
    console.log('')
  }
  if (stressTest === undefined) return
  if (stressTest.crises.length > 0) {
    printTable(
      columns('crises that happened'),
      stressTest.crises.map((row) => [row.name, usd(row.changeUsd), ...factorOf(row.healthFactor)]),
    )
    console.log('')
  }
  const { breaches, maxSigmas } = stressTest.reverse
  console.log(pc.bold('nearest breaches'))
  if (breaches.length === 0) console.log(`  nothing within ${maxSigmas} sigma of a day breaks it`)
  for (const { inWords } of breaches.slice(0, 5)) console.log(`  ${inWords}`)
  const { worst } = stressTest
  if (worst !== undefined) {
    const parts = worst.byPosition.slice(0, 4).map(({ cause, changeUsd }) => `${cause} ${usd(changeUsd)}`)
    console.log(`${pc.bold('worst')}  ${worst.scenario}: ${usd(worst.changeUsd)} USD (${parts.join(', ')})`)
  }
  console.log('')
}
