// What can be lost with small probability, and how likely each account is liquidated, as people see it.

import type { UnixSeconds } from '../base/units.ts'
import type { Report } from '../model/report.ts'
import { type TailBasis, type TailHorizon, type TailRisk, tailFigure, tailHorizons } from '../model/tail-risk.ts'
import { percent, usd, usdChange } from './figures.ts'

type Tone = 'good' | 'warn' | 'bad' | 'plain'

/** A figure in USD, and its share of net asset value. */
export interface LossFigure {
  readonly usd: string
  readonly share: string
}

export interface TailRow {
  /** `1 day`. */
  readonly horizon: string
  readonly valueAtRisk95: LossFigure
  readonly valueAtRisk99: LossFigure
  readonly expectedShortfall95: LossFigure
  readonly expectedShortfall99: LossFigure
  /** Where the horizon's own history is missing. */
  readonly note?: string
}

export interface ContributionRow {
  readonly label: string
  readonly part: string
  readonly incremental: string
  /** Part over the largest, -1..1; losses are below 0. */
  readonly bar: number
}

export interface LiquidationRow {
  readonly account: string
  readonly hour: string
  readonly day: string
  readonly tenDays: string
  readonly tone: Tone
  readonly loanToValue: string
  readonly loanToValueForTarget: string
  /** `for 5% a day`; empty where there is none. */
  readonly target: string
  readonly expectedLoss: string
}

export interface TailView {
  /** Why there is none; absent: there is, or there is no report. */
  readonly missing?: string
  /** Expected shortfall at 99 % over a day. */
  readonly headline?: LossFigure
  readonly rows: readonly TailRow[]
  readonly contributions: readonly ContributionRow[]
  readonly liquidations: readonly LiquidationRow[]
  readonly notes: readonly string[]
  readonly modelAt?: UnixSeconds
}

const horizonNames: Readonly<Record<TailHorizon, string>> = { '1h': '1 hour', '1d': '1 day', '10d': '10 days' }

/** As many positions are shown. */
const shownContributions = 8

export function tailView(report: Report | undefined): TailView {
  const tail = report?.tail
  if (report === undefined || tail === undefined) {
    const missing =
      report?.tailMissing ??
      (report?.marketModelId === undefined ? report?.marketModelMissing : undefined) ??
      'it was not computed'
    return { ...(report === undefined ? {} : { missing }), rows: [], contributions: [], liquidations: [], notes: [] }
  }
  const { navUsd } = report
  const day = tailFigure(tail, '1d', 0.99)
  const lossOf = (loss: number | undefined) => lossFigure(loss, navUsd)
  return {
    ...(day === undefined ? {} : { headline: lossOf(day.expectedShortfallUsd) }),
    rows: tailHorizons.flatMap((horizon) => {
      const [at95, at99] = [tailFigure(tail, horizon, 0.95), tailFigure(tail, horizon, 0.99)]
      if (at95 === undefined && at99 === undefined) return []
      const note = basisNote((at99 ?? at95)?.basis, horizon)
      return [
        {
          horizon: horizonNames[horizon],
          valueAtRisk95: lossOf(at95?.valueAtRiskUsd),
          valueAtRisk99: lossOf(at99?.valueAtRiskUsd),
          expectedShortfall95: lossOf(at95?.expectedShortfallUsd),
          expectedShortfall99: lossOf(at99?.expectedShortfallUsd),
          ...(note === undefined ? {} : { note }),
        },
      ]
    }),
    contributions: contributionRows(tail),
    liquidations: liquidationRows(tail),
    notes: [...tail.leftOut.map(({ reason }) => reason), ...tail.notes],
    modelAt: tail.modelAt,
  }
}

function lossFigure(loss: number | undefined, navUsd: number): LossFigure {
  return { usd: usd(loss), share: loss === undefined || navUsd <= 0 ? 'n/a' : percent(loss / navUsd, 1) }
}

function basisNote(basis: TailBasis | undefined, horizon: TailHorizon): string | undefined {
  if (basis === 'scaled') return 'scaled from days, for want of hourly history'
  return horizon !== '1h' && basis === 'hourly' ? 'from hourly history' : undefined
}

function contributionRows({ contributions }: TailRisk): readonly ContributionRow[] {
  const bySize = contributions.toSorted((a, b) => Math.abs(b.expectedShortfallUsd) - Math.abs(a.expectedShortfallUsd))
  const shown = bySize.slice(0, shownContributions).filter((one) => one.expectedShortfallUsd !== 0)
  const largest = Math.max(1e-9, ...shown.map((one) => Math.abs(one.expectedShortfallUsd)))
  return shown.map(({ label, expectedShortfallUsd, incrementalUsd }) => ({
    label,
    part: usdChange(-expectedShortfallUsd),
    incremental: incrementalUsd === undefined ? '-' : usdChange(-incrementalUsd),
    bar: -expectedShortfallUsd / largest,
  }))
}

function liquidationRows({ liquidations }: TailRisk): readonly LiquidationRow[] {
  return [...new Set(liquidations.map(({ positionId }) => positionId))].map((account) => {
    const at = (horizon: TailHorizon) =>
      liquidations.find((one) => one.positionId === account && one.horizon === horizon)
    const day = at('1d')
    const probability = day?.probability ?? 0
    return {
      account,
      hour: odds(at('1h')?.probability),
      day: odds(day?.probability),
      tenDays: odds(at('10d')?.probability),
      // Colour only: what is a breach is decided by the desk's rules.
      tone: day === undefined ? 'plain' : probability >= 0.05 ? 'bad' : probability >= 0.01 ? 'warn' : 'good',
      loanToValue: percent(day?.loanToValue, 1),
      loanToValueForTarget: percent(day?.loanToValueForTarget, 1),
      target: day?.loanToValueForTarget === undefined ? '' : `for ${percent(day.targetProbability, 0)} a day`,
      expectedLoss: smallUsd(day?.expectedLossUsd),
    }
  })
}

/** An average over scenarios: less than a cent is none to a reader, and no zero. */
function smallUsd(value: number | undefined): string {
  return value !== undefined && value < 0.01 ? '<$0.01' : usd(value)
}

/** A share of scenarios; none of ten thousand is not never. */
function odds(probability: number | undefined): string {
  if (probability === undefined) return 'n/a'
  return probability < 1e-4 ? '<0.01%' : percent(probability, probability < 0.001 ? 2 : 1)
}
