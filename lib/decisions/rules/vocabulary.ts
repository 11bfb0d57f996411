// The words of the rule language: what each means, in which unit, and how it is read from a report. One entry adds a word.

import { own } from '../../instruments/market/market.ts'
import type { ChainMode } from '../../model/chain-health.ts'
import type { Report } from '../../model/report.ts'
import { marketWords } from './market-words.ts'
import { tailWords } from './tail-words.ts'
import { telemetryWords } from './telemetry-words.ts'
import { absent, atMost, defineTerm, type Found, found, missing, type Term, unknownKey } from './term.ts'
import { incomplete, unknownAccounts } from './unknown-parts.ts'
import { venueWords } from './venue-words.ts'

/** In the order of their numbers. */
const modes: readonly ChainMode[] = ['NORMAL', 'CONGESTED', 'FROZEN']

export const vocabulary = [
  defineTerm({
    name: 'healthFactor',
    unit: 'ratio',
    meaning: 'the lowest health factor of all lending accounts; below 1 an account can be liquidated',
    keys: 'none',
    read: (report) => {
      const unknown = unknownAccounts(report)
      if (report.healthFactor === undefined) return unknown ?? absent('there is no debt')
      return atMost(report.healthFactor, unknown)
    },
  }),
  defineTerm({
    name: 'liquidationDistance',
    unit: 'fraction',
    meaning: 'the smallest move of one price, up or down, that makes an account liquidatable; 0 if one is already',
    keys: 'none',
    read: (report) => {
      const unknown = unknownAccounts(report)
      const distances = report.accounts.flatMap(({ healthFactor, liquidationPrices }) =>
        healthFactor !== undefined && healthFactor < 1
          ? [0]
          : liquidationPrices.map((price) => Math.abs(price.distance)),
      )
      return distances.length === 0
        ? (unknown ?? absent('no single price can liquidate an account'))
        : atMost(Math.min(...distances), unknown)
    },
  }),
  defineTerm({
    name: 'debt',
    unit: 'USD',
    meaning: 'what all lending accounts owe, at the protocols’ prices',
    keys: 'none',
    read: (report) =>
      unknownAccounts(report) ?? found(report.accounts.reduce((sum, account) => sum + account.debtUsd, 0)),
  }),
  defineTerm({
    name: 'collateral',
    unit: 'USD',
    meaning: 'what counts as collateral in all lending accounts, at the protocols’ prices',
    keys: 'none',
    read: (report) =>
      unknownAccounts(report) ?? found(report.accounts.reduce((sum, account) => sum + account.collateralUsd, 0)),
  }),
  defineTerm({
    name: 'safeHealthFactor',
    unit: 'ratio',
    meaning:
      'the lowest health factor if collateral counted at the market where that pays less, and not at all where it is marked far above it',
    keys: 'none',
    read: (report) => {
      const unknown = unknownAccounts(report)
      const factors = report.accounts.flatMap(({ safe, healthFactor }) => safe?.healthFactor ?? healthFactor ?? [])
      return factors.length === 0 ? (unknown ?? absent('there is no debt')) : atMost(Math.min(...factors), unknown)
    },
  }),
  defineTerm({
    name: 'liquidationShortfall',
    unit: 'USD',
    meaning: 'debt that selling the collateral into the pools that are known, down to 2 %, could not repay',
    keys: 'none',
    read: (report) => {
      const unsold = report.accounts.filter(
        ({ healthFactor, safe }) => healthFactor !== undefined && safe?.liquidation === undefined,
      )
      const names = unsold.map(({ positionId }) => positionId).join(', ')
      if (names !== '') return missing('market-unknown', `nobody knows what the collateral of ${names} would fetch`)
      return (
        unknownAccounts(report) ??
        found(report.accounts.reduce((sum, { safe }) => sum + (safe?.liquidation?.shortfallUsd ?? 0), 0))
      )
    },
  }),
  defineTerm({
    name: 'nav',
    unit: 'USD',
    meaning: 'net asset value: everything held less everything owed, at feed prices',
    keys: 'none',
    read: (report) => incomplete(report) ?? found(report.navUsd),
  }),
  defineTerm({
    name: 'netDelta',
    unit: 'units of the underlying',
    meaning: 'net exposure to an underlying over all positions',
    keys: 'underlying',
    read: (report, key) => netDelta(report, key),
  }),
  defineTerm({
    name: 'deltaUsd',
    unit: 'USD',
    meaning: 'net exposure to an underlying times its price',
    keys: 'underlying',
    read: (report, key) => {
      const delta = netDelta(report, key)
      const spot = price(report, key)
      if (delta.kind !== 'value') return delta
      return spot.kind === 'value' ? found(delta.value * spot.value) : spot
    },
  }),
  defineTerm({
    name: 'gammaUsd1pct',
    unit: 'USD per 1 % of spot',
    meaning: 'change of deltaUsd when the spot moves by 1 %, over all positions',
    keys: 'underlying',
    read: (report, key) =>
      perSpot(report, key, (spot) => ((own(report.netGreeks.gamma, key) ?? 0) * spot * spot) / 100),
  }),
  defineTerm({
    name: 'vegaPerPoint',
    unit: 'USD per point of volatility',
    meaning: 'change of value when every volatility of an underlying rises by one point (0.01)',
    keys: 'underlying',
    read: (report, key) => perSpot(report, key, () => sum(Object.values(own(report.netGreeks.vega, key) ?? {})) / 100),
  }),
  defineTerm({
    name: 'thetaPerDay',
    unit: 'USD per day',
    meaning:
      'what a day without moves brings: decay of options, funding, interest, fees of pools, or all of them (total)',
    keys: ['total', 'decay', 'funding', 'interest', 'fees'],
    read: (report, key) => {
      const { theta } = report.netGreeks
      const perYear = key === 'total' ? sum(Object.values(theta)) : theta[key as keyof typeof theta]
      return incomplete(report) ?? found(perYear / 365)
    },
  }),
  defineTerm({
    name: 'lvrPerDay',
    unit: 'USD per day',
    meaning:
      'what arbitrage is expected to take from the pool positions (loss-versus-rebalancing); not part of thetaPerDay',
    keys: 'none',
    read: (report) => incomplete(report) ?? found(report.netGreeks.pool.lossVersusRebalancing / 365),
  }),
  defineTerm({
    name: 'price',
    unit: 'USD',
    meaning: 'spot of an underlying by its feed',
    keys: 'underlying',
    read: (report, key) => price(report, key),
  }),
  defineTerm({
    name: 'lensGap',
    unit: 'fraction',
    meaning: 'what the market pays for an asset against what the lending protocol believes: market / protocol - 1',
    keys: 'asset',
    read: (report, key) => {
      const view = report.prices.find((one) => one.asset === key)
      if (view === undefined) return unknownKey(key, 'asset')
      if (view.lensGap !== undefined) return found(view.lensGap)
      return missing('no-lens-gap', `one of the two prices of ${key} is missing`)
    },
  }),
  defineTerm({
    name: 'stress',
    unit: 'USD, ratio (...HealthFactor)',
    meaning:
      'the worst of the ladder of prices, or of the crises that happened: change of net asset value (below 0), or health factor',
    keys: ['worst', 'worstHealthFactor', 'worstCrisis', 'worstCrisisHealthFactor'],
    read: (report, key) => {
      const rows = key.startsWith('worstCrisis') ? report.stressTest?.crises : report.stress
      if (rows === undefined) return missing('no-stress', 'no crises were computed')
      if (!key.endsWith('HealthFactor')) {
        const changes = rows.map((row) => row.changeUsd)
        return (
          incomplete(report) ?? (changes.length === 0 ? absent('nothing risky is held') : found(Math.min(...changes)))
        )
      }
      const factors = rows.flatMap((row) => row.healthFactor ?? [])
      const unknown = unknownAccounts(report)
      return factors.length === 0 ? (unknown ?? absent('there is no debt')) : atMost(Math.min(...factors), unknown)
    },
  }),
  defineTerm({
    name: 'dataAgeSeconds',
    unit: 'seconds',
    meaning: 'age of the oldest price in use',
    keys: 'none',
    read: (report) => found(report.dataAgeSeconds),
  }),
  defineTerm({
    name: 'chainMode',
    unit: '0 NORMAL, 1 CONGESTED, 2 FROZEN',
    meaning: 'how the chain does, the worst of several: fees, age of its head, finality, providers, sequencer',
    keys: 'none',
    read: ({ chains = [] }) =>
      chains.length === 0
        ? missing('chain-health-unknown', 'the vital signs of the chain were not read')
        : found(Math.max(...chains.map(({ mode }) => modes.indexOf(mode)))),
  }),
  ...telemetryWords,
  ...venueWords,
  ...marketWords,
  ...tailWords,
] as const satisfies readonly Term[]

const byName: ReadonlyMap<string, Term> = new Map(vocabulary.map((term) => [term.name, term]))

/** The word, if the language has it. */
export function termOf(name: string): Term | undefined {
  return byName.get(name)
}

function netDelta(report: Report, underlying: string): Found {
  if (!isPricedUnderlying(report, underlying)) return unknownKey(underlying, 'underlying')
  return incomplete(report) ?? found(own(report.netGreeks.delta, underlying) ?? 0)
}

/** A figure of one underlying's Greeks, where it is priced. */
function perSpot(report: Report, underlying: string, figure: (spot: number) => number): Found {
  const spot = price(report, underlying)
  return spot.kind === 'value' ? (incomplete(report) ?? found(figure(spot.value))) : spot
}

function sum(figures: readonly number[]): number {
  return figures.reduce((total, one) => total + one, 0)
}

function price(report: Report, underlying: string): Found {
  const usd = own(report.price, underlying)
  if (usd !== undefined) return found(usd)
  return isPricedUnderlying(report, underlying)
    ? missing('no-price', `there is no price of ${underlying}`)
    : unknownKey(underlying, 'underlying')
}

function isPricedUnderlying(report: Report, underlying: string): boolean {
  return Object.hasOwn(report.netGreeks.delta, underlying) || report.prices.some((one) => one.underlying === underlying)
}
