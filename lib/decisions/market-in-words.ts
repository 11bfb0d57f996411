// Regime, tail risk and liquidation odds as the words of an alert: what it is, since when, why, and what follows.

import { isoDate } from '../base/calendar.ts'
import { describeSpan } from '../base/time.ts'
import type { UnixSeconds } from '../base/units.ts'
import type { RegimeView, RegimeVote } from '../model/regime.ts'
import type { Report } from '../model/report.ts'
import { type LiquidationChance, tailFigure } from '../model/tail-risk.ts'
import { inWords, percentInWords, signedInWords } from './number-in-words.ts'
import { accountsNamed } from './rules/accounts-named.ts'
import type { Reference } from './rules/expression.ts'

interface Told {
  readonly reads: readonly Reference[]
  readonly report: Report
  readonly previousReport: Report | undefined
}

/** Why a rule of the market is told; undefined where it reads nothing of it. */
export function marketWhy(told: Told): string | undefined {
  const terms = told.reads.map(({ term }) => term)
  const sentences = [
    terms.some((term) => /^(regime|posture|correlation)/.test(term)) ? regimeWhy(told) : undefined,
    terms.some((term) => /^(pegDeviation|brokenPegs)$/.test(term)) ? pegsWhy(told) : undefined,
    terms.some((term) => /^(var|es)\d/.test(term)) ? tailWhy(told) : undefined,
    liquidationWhy(told),
  ].filter((one) => one !== undefined)
  return sentences.length === 0 ? undefined : sentences.join(' ')
}

/** What the regime asks of the desk; undefined where the rule reads nothing of the market's behaviour. */
export function postureTodo(reads: readonly Reference[], { regime }: Report): string | undefined {
  if (regime === undefined || !reads.some(({ term }) => /^(regime|posture|correlation)/.test(term))) return undefined
  return `${postureInWords(regime)} Nothing was traded: decide by hand.`
}

/** What to do, in sentences: `Take new risk up to 50 % of the usual budget only. Have puts on at least 30 % of risky holdings.` */
function postureInWords({ posture: { budgetMultiplier, putFloor } }: RegimeView): string {
  const budget =
    budgetMultiplier === 1
      ? 'The whole risk budget may be used.'
      : `Take new risk up to ${wholePercent(budgetMultiplier)} of the usual budget only.`
  return putFloor === 0 ? budget : `${budget} Have puts on at least ${wholePercent(putFloor)} of risky holdings.`
}

function regimeWhy({ report: { regime }, previousReport }: Told): string | undefined {
  if (regime === undefined) return undefined
  const was = previousReport?.regime?.regime
  const before = was === undefined || was === regime.regime ? '' : ` (was ${was})`
  const speaking = regime.votes.filter(({ says }) => says !== 'calm').map(voteInWords)
  const cause =
    speaking.length > 0 ? speaking.join(', ') : regime.regime === 'calm' ? 'no vote speaks up' : 'not yet relaxed'
  const power = regime.isLowPower ? ` Only ${regime.universe.length} assets vote: switches are found late.` : ''
  const today = regime.isProvisional === true ? ' The day is not over.' : ''
  return `Regime is ${regime.regime} since ${dayAndHour(regime.since)}${before}: ${cause}.${power}${today}`
}

const voteNames: Readonly<Record<RegimeVote['name'], string>> = {
  absorption: 'assets move as one more than before by',
  'hidden-markov': 'probability of a violent state',
  turbulence: 'moves of the day against the usual',
  'correlation-cusum': 'evidence that correlations rose',
}

/** `moves of the day against the usual 7.1 x (limit 3 x), mean correlation 0.86, higher than on 97 % of the days of a year`. */
function voteInWords({ name, value, threshold, details = {} }: RegimeVote): string {
  const { meanCorrelation, correlationRank } = details
  const inUnit = (figure: number) => {
    if (name === 'hidden-markov') return percentInWords(rounded(figure))
    return `${digits(figure)}${name === 'turbulence' ? ' x' : name === 'absorption' ? ' sd' : ''}`
  }
  const shown = value === undefined ? 'unknown' : inUnit(value)
  const days = Math.min(99, Math.floor((correlationRank ?? 0) * 100))
  const rank = correlationRank === undefined ? '' : `, higher than on ${days} % of the days of a year`
  const correlation = meanCorrelation === undefined ? '' : `, mean correlation ${meanCorrelation.toFixed(2)}${rank}`
  return `${voteNames[name]} ${shown} (limit ${inUnit(threshold)})${name === 'turbulence' ? correlation : ''}`
}

function pegsWhy({ reads, report }: Told): string | undefined {
  const asked = new Set(reads.filter(({ term }) => term === 'pegDeviation').map(({ key }) => key))
  const pegs = (report.regime?.pegs ?? []).filter(({ asset, isBroken }) => isBroken || asked.has(asset))
  if (pegs.length === 0) return undefined
  const shown = pegs.map(({ asset, usd, deviation, limit }) => {
    const side = deviation < 0 ? 'below' : 'above'
    return `${asset} at ${usd.toFixed(4)} USD, ${percentInWords(rounded(Math.abs(deviation)))} ${side} its peg (limit ${percentInWords(limit)})`
  })
  return `${shown.join('; ')}.`
}

/** As many parts are a reason; the rest is detail. */
const shownParts = 3

function tailWhy({ report, previousReport }: Told): string | undefined {
  const { tail, navUsd } = report
  const figure = tail && tailFigure(tail, '1d', 0.99)
  if (tail === undefined || figure === undefined) return undefined
  const now = figure.expectedShortfallUsd
  const share = navUsd > 0 ? ` (${percentInWords(rounded(now / navUsd))} of net asset value)` : ''
  const old = previousReport?.tail && tailFigure(previousReport.tail, '1d', 0.99)?.expectedShortfallUsd
  const since = previousReport === undefined ? '' : describeSpan(report.at - previousReport.at)
  const was = old === undefined || inWords(old) === inWords(now) ? '' : `, ${inWords(old)} ${since} before`
  const parts = tail.contributions
    .toSorted((a, b) => Math.abs(b.expectedShortfallUsd) - Math.abs(a.expectedShortfallUsd))
    .slice(0, shownParts)
    .map(
      ({ label, expectedShortfallUsd: usd }) => `${label} ${usd < 0 ? 'takes off' : 'adds'} ${inWords(Math.abs(usd))}`,
    )
  const made = parts.length === 0 ? '' : `: ${parts.join(', ')}`
  return `The worst day in a hundred costs ${inWords(now)} USD on average${share}${was}${made}.${changeInWords(report)}`
}

/** ` Value at risk 100,000 -> 112,000 USD since the report before: volatility of ETH +9,000, quantity +3,000.`; nothing where it was not split. */
function changeInWords({ changes }: Report): string {
  const change = changes?.figures.find(({ figure }) => figure === 'valueAtRisk')
  if (change === undefined || inWords(change.from) === inWords(change.to)) return ''
  const least = Math.abs(change.to - change.from) / 100
  const parts = change.parts
    .toSorted((a, b) => Math.abs(b.change) - Math.abs(a.change))
    .filter((part) => Math.abs(part.change) > least)
    .slice(0, shownParts)
    .map((part) => `${part.cause} ${signedInWords(part.change)}`)
  const split = parts.length === 0 ? '' : `: ${parts.join(', ')}`
  return ` Value at risk ${inWords(change.from)} -> ${inWords(change.to)} USD since the report before${split}.`
}

function liquidationWhy({ reads, report, previousReport }: Told): string | undefined {
  const { tail } = report
  const asked = reads.filter(({ term }) => /^(liquidation(Probability|LossUsd)|loanToValue)/.test(term))
  if (tail === undefined || asked.length === 0) return undefined
  const named = new Set(
    asked.flatMap(({ key = '' }) => {
      const found = accountsNamed(report, key)
      return found.kind === 'accounts' ? found.accounts.map(({ positionId }) => positionId) : []
    }),
  )
  const [worst] = tail.liquidations
    .filter(({ horizon, positionId }) => horizon === '1d' && named.has(positionId))
    .toSorted((a, b) => b.probability - a.probability)
  if (worst === undefined) return undefined
  const of = (tailOf: Report['tail'], horizon: LiquidationChance['horizon']) =>
    tailOf?.liquidations.find((one) => one.positionId === worst.positionId && one.horizon === horizon)
  const was = of(previousReport?.tail, '1d')?.probability
  const changed = was === undefined || odds(was) === odds(worst.probability) ? '' : ` (was ${odds(was)})`
  const tenDays = of(tail, '10d')
  const further = tenDays === undefined ? '' : `, ${odds(tenDays.probability)} within ten`
  return `${worst.positionId} is liquidated with ${odds(worst.probability)} within a day${changed}${further}; expected cost ${inWords(worst.expectedLossUsd)} USD.${targetInWords(worst)}`
}

function targetInWords({ loanToValue, loanToValueForTarget, targetProbability }: LiquidationChance): string {
  if (loanToValue === undefined || loanToValueForTarget === undefined) return ''
  const target = `${wholePercent(targetProbability)} a day at ${percentInWords(rounded(loanToValueForTarget))}`
  return ` Loan-to-value ${percentInWords(rounded(loanToValue))}; it would be ${target}.`
}

/** Below what ten thousand paths can tell apart. */
function odds(probability: number): string {
  return probability > 0 && probability < 1e-4 ? 'less than 0.01 %' : percentInWords(rounded(probability))
}

function rounded(fraction: number): number {
  return Number(fraction.toPrecision(3))
}

function wholePercent(fraction: number): string {
  return `${Math.round(fraction * 100)} %`
}

/** Three digits at most, never an exponent: `7.1`, `0.93`. */
function digits(value: number): string {
  return inWords(Number(value.toPrecision(3)))
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const

/** `12 Mar 08:00` in UTC; at midnight the day alone, for then it is a bar of a day that is meant. */
function dayAndHour(at: UnixSeconds): string {
  const [, month, day] = isoDate(at).split('-').map(Number)
  const minutes = Math.floor((((at % 86_400) + 86_400) % 86_400) / 60)
  const two = (part: number) => String(part).padStart(2, '0')
  const date = `${day} ${months[(month ?? 1) - 1]}`
  return minutes === 0 ? date : `${date} ${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`
}
