// Words for how the market as a whole behaves, as the market model of the report has it. Without a model they are missing, never "not breached".

import { own } from '../../instruments/market/market.ts'
import { regimes } from '../../model/regime.ts'
import type { Report } from '../../model/report.ts'
import { needsModel } from './model-missing.ts'
import { absent, defineTerm, type Found, found, type Missing, missing, unknownKey } from './term.ts'
import { incomplete } from './unknown-parts.ts'

export const marketWords = [
  defineTerm({
    name: 'regime',
    unit: 'calm, tense or crisis, in this order',
    meaning: 'how the market behaves as a whole, by votes of absorption, hidden states, turbulence and correlation',
    keys: 'none',
    levels: regimes,
    read: (report) => ofRegime(report, ({ regime }) => regimes.indexOf(regime)),
  }),
  defineTerm({
    name: 'regimeProbability',
    unit: 'fraction',
    meaning: 'how probable it is that the market is in a crisis',
    keys: 'none',
    read: (report) => ofRegime(report, ({ probability }) => probability),
  }),
  defineTerm({
    name: 'posture',
    unit: 'fraction',
    meaning:
      'what the regime advises: what is left of the risk budget (1 in calm), or the least share of risky holdings that puts should cover',
    keys: ['budgetMultiplier', 'putFloor'],
    read: (report, key) =>
      ofRegime(report, ({ posture }) => posture[key === 'putFloor' ? 'putFloor' : 'budgetMultiplier']),
  }),
  defineTerm({
    name: 'brokenPegs',
    unit: 'count',
    meaning: 'stablecoins that are further from their peg than their limit',
    keys: 'none',
    read: (report) => ofRegime(report, ({ pegs }) => pegs.filter(({ isBroken }) => isBroken).length),
  }),
  defineTerm({
    name: 'pegDeviation',
    unit: 'fraction',
    meaning: 'how far a stablecoin is from its peg: -0.02 is 2 % below',
    keys: 'asset',
    read: (report, key) => pegDeviation(report, key),
  }),
  defineTerm({
    name: 'correlation',
    unit: 'fraction',
    meaning: 'mean correlation of the assets that vote on the regime, of late',
    keys: 'none',
    read: (report) => meanCorrelation(report),
  }),
  defineTerm({
    name: 'volatility',
    unit: 'ratio',
    meaning: 'forecast volatility of an underlying over the day ahead, annual: 0.6 is 60 % a year',
    keys: 'underlying',
    read: (report, key) => volatility(report, key),
  }),
  defineTerm({
    name: 'beta',
    unit: 'ratio',
    meaning:
      'how the net asset value follows a macro series: the sum of delta in USD times the beta of each underlying, over net asset value; 1 moves like the series',
    keys: 'series',
    read: (report, key) => netBeta(report, key),
  }),
] as const

function ofRegime(report: Report, read: (regime: NonNullable<Report['regime']>) => number): Found {
  const { regime } = report
  const unknown = needsModel(report)
  if (unknown !== undefined) return unknown
  return regime === undefined
    ? missing('no-regime', 'the market model has no regime: its history is too short')
    : found(read(regime))
}

/** Of a token by its own name, or by that of what its price follows. */
function pegDeviation(report: Report, asset: string): Found {
  const unknown = needsModel(report)
  if (unknown !== undefined) return unknown
  const view = report.prices.find((one) => one.asset === asset || one.underlying === asset)
  const pegs = report.regime?.pegs ?? []
  const peg =
    pegs.find((one) => one.asset === asset) ??
    pegs.find((one) => one.asset === view?.asset) ??
    pegs.find((one) => one.asset === view?.underlying)
  if (peg !== undefined) return found(peg.deviation)
  return view === undefined
    ? unknownKey(asset, 'asset')
    : missing('no-peg', `nobody watches a peg of ${asset}: it is no stablecoin, or has no price`)
}

function meanCorrelation(report: Report): Found {
  const unknown = needsModel(report)
  if (unknown !== undefined) return unknown
  const [told] = (report.regime?.votes ?? []).flatMap(({ details = {} }) => own(details, 'meanCorrelation') ?? [])
  return told === undefined
    ? missing('no-correlation', 'the market model has no mean correlation: fewer than two assets vote')
    : found(told)
}

function volatility(report: Report, underlying: string): Found {
  const unknown = needsModel(report)
  if (unknown !== undefined) return unknown
  const forecast = report.volatility?.find((one) => one.asset === underlying)
  if (forecast !== undefined) return found(forecast.volatility)
  return isPriced(report, underlying)
    ? missing('no-forecast', `there is too little history to forecast the volatility of ${underlying}`)
    : unknownKey(underlying, 'underlying')
}

/** An exposure below this part of the largest is dust: it needs no beta. */
const dust = 1e-3

/** First order, as betas are. What has no beta is missing, but for dollars: a peg follows no series. */
function netBeta(report: Report, series: string): Found {
  const unknown = needsModel(report) ?? incomplete(report)
  if (unknown !== undefined) return unknown
  const betas = new Map((report.macro ?? []).filter((one) => one.series === series).map((one) => [one.asset, one.beta]))
  if (betas.size === 0) return noSeries(report, series)
  const exposures = Object.entries(report.netGreeks.delta).flatMap(([asset, delta]) => {
    const spot = own(report.price, asset)
    return delta === 0 || (spot !== undefined && isDollar(spot)) ? [] : [{ asset, usd: delta * (spot ?? Number.NaN) }]
  })
  if (exposures.length === 0) return absent('nothing risky is held')
  const largest = Math.max(...exposures.map(({ usd }) => Math.abs(usd)))
  const unexplained = exposures.filter(({ asset, usd }) => !betas.has(asset) && !(Math.abs(usd) < dust * largest))
  if (unexplained.length > 0)
    return missing('no-beta', `it would be a sum without ${unexplained.map(({ asset }) => asset).join(', ')}`)
  if (!(report.navUsd > 0))
    return missing('no-value', 'net asset value is not above 0: there is nothing to relate it to')
  return found(exposures.reduce((sum, { asset, usd }) => sum + usd * (betas.get(asset) ?? 0), 0) / report.navUsd)
}

function noSeries({ macro = [] }: Report, series: string): Missing {
  const told = [...new Set(macro.map((one) => one.series))].join(', ')
  return told === ''
    ? missing('no-macro', 'the market model knows no macro series')
    : missing('unknown-key', `the market model knows no series ${series}, only ${told}`)
}

/** Within 3 % of 1 USD, as in the stress of spot. */
const isDollar = (spot: number) => Math.abs(spot - 1) <= 0.03

function isPriced(report: Report, underlying: string): boolean {
  return report.prices.some((one) => one.underlying === underlying) || own(report.price, underlying) !== undefined
}
