// Runs `homeostat risk`: the model from history up to an instant, the report of the portfolio then, and what is printed of it.

import { writeFile } from 'node:fs/promises'
import { isoDate } from '../../lib/base/calendar.ts'
import { HomeostatError } from '../../lib/base/homeostat-error.ts'
import type { BarInterval } from '../../lib/model/history.ts'
import type { Report } from '../../lib/model/report.ts'
import type { Snapshot } from '../../lib/model/snapshot.ts'
import { progress } from '../progress.ts'
import { tooFewDates } from '../too-few-dates.ts'
import { bookSnapshot, statedInstant } from './book-snapshot.ts'
import { type HistoryModel, modelUntil } from './history-model.ts'
import { type Portfolio, readPortfolio } from './portfolio-file.ts'

export interface RiskFlags {
  readonly portfolio: string
  readonly history: string
  readonly at?: number
  readonly only?: readonly string[]
  readonly interval?: BarInterval
  readonly count: number
  readonly seed: number
  readonly targetProbability: number
  readonly gasUsd: number
  readonly liquidationBonus: number
  readonly json?: true
  readonly svg?: string
}

/** @throws HomeostatError of what it reads */
export async function showRisk(flags: RiskFlags): Promise<void> {
  const portfolio = await readPortfolio(flags.portfolio)
  const at = flags.at ?? instantOfPortfolio(portfolio, flags.portfolio)
  const shown = process.stderr.isTTY === true ? progress() : undefined
  shown?.begin('a market model of the history')
  const learned = await modelUntil({
    history: flags.history,
    seed: flags.seed,
    ...(flags.only === undefined ? {} : { only: flags.only }),
    ...(flags.interval === undefined ? {} : { interval: flags.interval }),
    ...(at === undefined ? {} : { at }),
  })
  shown?.begin(`${flags.count} scenarios`)
  const [{ assess }, { snapshot, notes }] = await Promise.all([
    import('../../lib/risk/assess.ts'),
    snapshotAt(portfolio, learned, flags),
  ])
  const began = performance.now()
  const report = assess({
    snapshot,
    model: learned.model,
    tail: {
      count: flags.count,
      seed: flags.seed,
      targetProbability: flags.targetProbability,
      gasUsd: flags.gasUsd,
      assumedBonus: flags.liquidationBonus,
    },
  })
  shown?.done(`${flags.count} scenarios`, performance.now() - began)
  const priced = new Set(snapshot.prices.map(({ underlying }) => underlying))
  const remarks = learned.model.assets.map(({ asset, interval, remarks: own }) => ({
    asset,
    lines: own.map((one) => `history of ${asset} (${interval}): ${one}`),
  }))
  const told = {
    warnings: [...staleness(learned), ...shortness(learned, report)],
    notes: [...notes, ...remarks.flatMap(({ asset, lines }) => (priced.has(asset) ? lines : []))],
    modelNotes: [...learned.model.notes, ...remarks.flatMap(({ asset, lines }) => (priced.has(asset) ? [] : lines))],
  }
  if (flags.svg !== undefined) {
    const { riskChart } = await import('./risk-chart.ts')
    const picture = riskChart(report)
    if (flags.svg === '-') {
      console.log(picture)
      return
    }
    await writeFile(flags.svg, picture)
    if (flags.json !== true) console.log(`written  ${flags.svg}\n`)
  }
  const { printRisk, riskJson } = await import('./print-risk.ts')
  if (flags.json === true) console.log(JSON.stringify(riskJson(report, told), null, 2))
  else printRisk(report, told)
}

function instantOfPortfolio(portfolio: Portfolio, path: string): number | undefined {
  return portfolio.kind === 'snapshot' ? portfolio.snapshot.at : statedInstant(portfolio, path)
}

async function snapshotAt(
  portfolio: Portfolio,
  { at, closes }: HistoryModel,
  flags: RiskFlags,
): Promise<{ readonly snapshot: Snapshot; readonly notes: readonly string[] }> {
  if (portfolio.kind === 'book') return bookSnapshot({ book: portfolio, path: flags.portfolio, at, closes })
  if (flags.at !== undefined && flags.at !== portfolio.snapshot.at)
    throw new HomeostatError('invalid-input', {
      message: `The snapshot in ${flags.portfolio} is of ${isoDate(portfolio.snapshot.at)}: it cannot be valued at another instant.`,
      retry: 'never',
      hint: 'Leave --at out, or give a book without prices.',
    })
  return { snapshot: portfolio.snapshot, notes: [] }
}

/** A model that knows nothing of the last days is told. */
function staleness({ lastAt, at }: HistoryModel): readonly string[] {
  const days = Math.floor((at - lastAt) / 86_400)
  return days < 2
    ? []
    : [
        `the history ends on ${isoDate(lastAt)}, ${days} days before ${isoDate(at)}: volatilities and prices from it are those of then`,
      ]
}

/** Horizons and levels that rest on too few dates: one sentence for those that share them. */
function shortness({ dates }: HistoryModel, { tail }: Report): readonly string[] {
  const figures = tail?.figures ?? []
  return (['1d', '1h'] as const).flatMap((bar) => {
    const own = figures.filter(({ basis }) => (basis === 'hourly') === (bar === '1h'))
    return [...new Set(own.map(({ level }) => level))].flatMap((level) => {
      const horizons = own.filter((one) => one.level === level).map(({ horizon }) => horizon)
      const bars = bar === '1d' ? 'days' : 'hours'
      return tooFewDates({ dates: dates[bar], level, what: `VaR within ${horizons.join(', ')}`, bars }) ?? []
    })
  })
}
