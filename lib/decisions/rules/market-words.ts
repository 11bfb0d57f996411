// Words for how the market as a whole behaves, as the market model of the report has it. Without a model they are missing, never "not breached".

import { unreachable } from '../../base/unreachable.ts'
import { own } from '../../instruments/market/market.ts'
import { netBeta } from '../../model/net-beta.ts'
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
    read: (report, key) => betaOf(report, key),
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

/** Of a book from which something is left out nobody knows how it follows. */
function betaOf(report: Report, series: string): Found {
  const unknown = needsModel(report) ?? incomplete(report)
  if (unknown !== undefined) return unknown
  if (report.macro?.some((one) => one.series === series) !== true) return noSeries(report, series)
  const net = netBeta(report, series)
  switch (net.kind) {
    case 'known':
      return found(net.beta)
    case 'nothing-risky':
      return absent('nothing risky is held')
    case 'incomplete':
      return missing('no-beta', `it would be a sum without ${net.without.join(', ')}`)
    case 'no-value':
      return missing('no-value', 'net asset value is not above 0: there is nothing to relate it to')
    default:
      return unreachable(net)
  }
}

function noSeries({ macro = [] }: Report, series: string): Missing {
  const told = [...new Set(macro.map((one) => one.series))].join(', ')
  return told === ''
    ? missing('no-macro', 'the market model knows no macro series')
    : missing('unknown-key', `the market model knows no series ${series}, only ${told}`)
}

function isPriced(report: Report, underlying: string): boolean {
  return report.prices.some((one) => one.underlying === underlying) || own(report.price, underlying) !== undefined
}
