// How the market as a whole behaves, as people see it: the regime with its votes and posture, pegs, and how the book follows macro series.

import type { UnixSeconds } from '../base/units.ts'
import type { MacroBeta } from '../model/market-model.ts'
import { netBeta } from '../model/net-beta.ts'
import type { Regime, RegimeView, RegimeVote } from '../model/regime.ts'
import type { Report } from '../model/report.ts'
import { percent, percentChange, usd } from './figures.ts'

type Tone = 'good' | 'warn' | 'bad' | 'plain'

export interface VoteRow {
  /** `Turbulence`. */
  readonly name: string
  readonly pace: RegimeVote['pace']
  readonly value: string
  readonly threshold: string
  readonly says: Regime
  readonly tone: Tone
  /** Value over threshold, 0..2: the length of a bar whose middle is the threshold. Absent: not known. */
  readonly reach?: number
  /** `mean correlation 0.86`. */
  readonly details: readonly string[]
}

export interface RegimeSection {
  readonly word: Regime
  readonly tone: Tone
  /** Begin of the bar in which it was entered: bars are days. */
  readonly since: UnixSeconds
  /** `crisis score 70 of 100`: the model's probability, which is a scale of its votes and no frequency. */
  readonly score: string
  /** `risk budget x 0.5, puts on at least 30% of risky holdings`. */
  readonly posture: string
  readonly cause: string
  readonly votes: readonly VoteRow[]
  /** What a reader has to know: few votes, a day that is not over, who was left out. */
  readonly notes: readonly string[]
}

export interface MarketView {
  /** Why there is less than there could be; absent: nothing is missing. */
  readonly missing?: string
  /** End of the last price that the model knows. */
  readonly modelAt?: UnixSeconds
  /** `synthetic, seed 1`: the prices are made up, and no figure says anything of a real market. */
  readonly madeUp?: string
  /** `coinbase, my.csv`: whose prices the model stands on; empty where nobody knows. */
  readonly sources: string
  readonly modelNotes: readonly string[]
  readonly regime?: RegimeSection
  readonly pegs: readonly {
    readonly asset: string
    readonly price: string
    readonly deviation: string
    readonly limit: string
    readonly tone: Tone
  }[]
  readonly betas: readonly {
    readonly series: string
    readonly book: string
    /** `ETH 1.20 ± 0.15`. */
    readonly assets: readonly string[]
  }[]
  readonly volatility: readonly { readonly asset: string; readonly annual: string; readonly day: string }[]
}

export function marketView(report: Report | undefined): MarketView {
  const { marketModel, marketModelMissing, regime } = report ?? {}
  const missing =
    report === undefined || report.marketModelId !== undefined
      ? undefined
      : (marketModelMissing ?? 'no market model has been made yet')
  const reasons = marketModel?.dataState.kind === 'DEGRADED' ? marketModel.dataState.reasons : []
  return {
    ...(missing === undefined ? {} : { missing }),
    ...(marketModel === undefined ? {} : { modelAt: marketModel.at }),
    ...(marketModel?.madeUp === undefined ? {} : { madeUp: marketModel.madeUp }),
    sources: (marketModel?.sources ?? []).join(', '),
    modelNotes: [...reasons, ...(marketModel?.notes ?? [])],
    ...(regime === undefined ? {} : { regime: regimeSection(regime) }),
    pegs: (regime?.pegs ?? []).map(({ asset, usd: price, deviation, limit, isBroken }) => ({
      asset,
      price: usd(price),
      deviation: percentChange(deviation, 2),
      limit: percent(limit),
      tone: isBroken ? ('bad' as const) : Math.abs(deviation) > limit / 2 ? ('warn' as const) : ('good' as const),
    })),
    betas: report === undefined ? [] : betaRows(report),
    volatility: (report?.volatility ?? []).map(({ asset, volatility }) => ({
      asset,
      annual: percent(volatility, 0),
      day: percent(volatility / Math.sqrt(365), 1),
    })),
  }
}

const regimeTones: Readonly<Record<Regime, Tone>> = { calm: 'good', tense: 'warn', crisis: 'bad' }

function regimeSection(view: RegimeView): RegimeSection {
  const { regime, since, probability, posture, votes, isLowPower, universe, excluded, isProvisional } = view
  return {
    word: regime,
    tone: regimeTones[regime],
    since,
    score: `crisis score ${Math.round(probability * 100)} of 100`,
    posture: postureText(posture),
    cause: posture.cause,
    votes: votes.map(voteRow),
    notes: [
      ...(isProvisional === true ? ['The day is not over: its moves so far count as a whole day’s.'] : []),
      ...(isLowPower ? [`Only ${universe.length} assets vote: switches are found late.`] : []),
      ...(universe.length === 0 ? [] : [`Votes are of ${universe.join(', ')}.`]),
      ...excluded.map(({ asset, reason }) => `${asset} does not vote: ${reason}.`),
    ],
  }
}

function postureText({ budgetMultiplier, putFloor }: RegimeView['posture']): string {
  const budget =
    budgetMultiplier === 1 ? 'whole risk budget' : `risk budget ${percent(budgetMultiplier, 0)} of the usual`
  return `${budget}, ${putFloor === 0 ? 'no puts asked for' : `puts on at least ${percent(putFloor, 0)} of risky holdings`}`
}

const voteNames: Readonly<Record<RegimeVote['name'], string>> = {
  absorption: 'Absorption shift',
  'hidden-markov': 'Hidden states',
  turbulence: 'Turbulence',
  'correlation-cusum': 'Evidence of correlation',
}

const detailNames: Readonly<Record<string, string>> = {
  absorptionRatio: 'absorption ratio',
  meanCorrelation: 'mean correlation',
  jointFallShare: 'share of joint falls',
  referenceCorrelation: 'usual correlation',
  turbulence: 'of the day alone',
  varianceFactor: 'variance against the usual',
}

function voteRow({ name, pace, value, threshold, says, details = {} }: RegimeVote): VoteRow {
  return {
    name: voteNames[name],
    pace,
    value: value === undefined ? 'too little history' : inUnit(name, value),
    threshold: inUnit(name, threshold),
    says,
    tone: regimeTones[says],
    ...(value === undefined || threshold <= 0 ? {} : { reach: Math.min(2, Math.max(0, value / threshold)) }),
    details: Object.entries(details).map(([key, figure]) => detailText(key, figure)),
  }
}

/** `0.78` of a probability is `78%`; shifts are in standard deviations, turbulence in times the usual, evidence is a log of odds. */
function inUnit(name: RegimeVote['name'], value: number): string {
  switch (name) {
    case 'hidden-markov':
      return percent(value, 0)
    case 'turbulence':
      return `${digits(value)} x usual`
    case 'absorption':
      return `${digits(value)} sd`
    case 'correlation-cusum':
      return digits(value)
  }
}

function detailText(key: string, figure: number): string {
  if (key === 'correlationRank') return `higher than on ${percent(Math.min(0.99, figure), 0)} of the days of a year`
  const isFactor = key === 'varianceFactor' || key === 'turbulence'
  const shown = key === 'jointFallShare' ? percent(figure, 0) : `${digits(figure)}${isFactor ? ' x' : ''}`
  return `${detailNames[key] ?? key} ${shown}`
}

function betaRows(report: Report): MarketView['betas'] {
  const macro = report.macro ?? []
  return [...new Set(macro.map(({ series }) => series))].map((series) => {
    const net = netBeta(report, series)
    const book =
      net.kind === 'known'
        ? digits(net.beta)
        : net.kind === 'incomplete'
          ? `not known without ${net.without.join(', ')}`
          : net.kind === 'nothing-risky'
            ? '0'
            : 'n/a'
    return { series, book, assets: macro.filter((one) => one.series === series).map(betaText) }
  })
}

function betaText({ asset, beta, standardError }: MacroBeta): string {
  return `${asset} ${digits(beta)} ± ${digits(standardError)}`
}

/** Two decimals; more where they would be zeros. */
function digits(value: number): string {
  const text = Math.abs(value) < 0.1 && value !== 0 ? value.toPrecision(2) : value.toFixed(2)
  return String(Number(text))
}
