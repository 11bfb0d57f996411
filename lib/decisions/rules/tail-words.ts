// Words for what can be lost with small probability, and for how likely accounts are liquidated: a family over horizons and levels.

import type { Report } from '../../model/report.ts'
import {
  type LiquidationChance,
  type TailFigure,
  type TailHorizon,
  type TailLevel,
  type TailRisk,
  tailFigure,
  tailHorizons,
  tailLevels,
} from '../../model/tail-risk.ts'
import { accountsNamed } from './accounts-named.ts'
import { needsModel } from './model-missing.ts'
import { absent, atLeast, defineTerm, type Found, found, type Missing, missing, type Term } from './term.ts'
import { incomplete } from './unknown-parts.ts'

const measures = [
  { name: 'var', title: 'value at risk', read: (figure: TailFigure) => figure.valueAtRiskUsd },
  { name: 'es', title: 'expected shortfall', read: (figure: TailFigure) => figure.expectedShortfallUsd },
] as const

const spans: Readonly<Record<TailHorizon, string>> = { '1h': 'an hour', '1d': 'a day', '10d': 'ten days' }

/** The horizon that is meant where a word names none. */
const usualHorizon: TailHorizon = '1d'

/** `es99d1`: 99 %, days, one of them. */
function figureName(measure: string, level: TailLevel, horizon: TailHorizon): string {
  const [, count, unit] = /^(\d+)([a-z]+)$/.exec(horizon) ?? []
  return `${measure}${Math.round(level * 100)}${unit}${count}`
}

const figureWords: readonly Term[] = measures.flatMap((measure) =>
  tailHorizons.flatMap((horizon) =>
    tailLevels.map((level) =>
      defineTerm({
        name: figureName(measure.name, level, horizon),
        unit: 'USD of loss',
        meaning: `${measure.title} at ${Math.round(level * 100)} % over ${spans[horizon]}, above 0`,
        keys: 'none',
        read: (report) => lossOf(report, { horizon, level, read: measure.read }),
      }),
    ),
  ),
)

const probabilityWords: readonly Term[] = tailHorizons.map((horizon) =>
  defineTerm({
    name: `liquidationProbability${horizon === usualHorizon ? '' : horizon}`,
    unit: 'fraction',
    meaning: `how probable it is that an account is liquidated within ${spans[horizon]}; without a key the highest of all accounts`,
    keys: 'account',
    read: (report, key) =>
      ofAccounts(report, { key, horizon, read: ({ probability }) => probability, join: (all) => Math.max(...all) }),
  }),
)

export const tailWords: readonly Term[] = [
  ...figureWords,
  ...probabilityWords,
  defineTerm({
    name: 'liquidationLossUsd',
    unit: 'USD of loss',
    meaning: 'what liquidations within a day are expected to cost: penalties and gas times their probability',
    keys: 'account',
    read: (report, key) =>
      ofAccounts(report, { key, horizon: usualHorizon, read: (chance) => chance.expectedLossUsd, join: sum }),
  }),
  defineTerm({
    name: 'loanToValue',
    unit: 'fraction',
    meaning: 'debt over collateral of an account, through its protocol’s prices; without a key the highest',
    keys: 'account',
    read: (report, key) =>
      ofAccounts(report, {
        key,
        horizon: usualHorizon,
        read: ({ loanToValue }) => loanToValue,
        join: (all) => Math.max(...all),
      }),
  }),
  defineTerm({
    name: 'loanToValueForTarget',
    unit: 'fraction',
    meaning:
      'the loan-to-value at which an account is liquidated within a day with the target probability; beyond it, repay: loanToValue.aave > loanToValueForTarget.aave',
    keys: 'account',
    read: (report, key) => loanToValueForTarget(report, key),
  }),
]

function noTail(report: Report): Missing {
  return (
    needsModel(report) ??
    missing('no-tail-risk', report.tailMissing ?? 'the market model could not simulate this portfolio')
  )
}

/** A position that is left out may lose, or hedge: without it neither bound is known. */
function lossOf(
  report: Report,
  figure: {
    readonly horizon: TailHorizon
    readonly level: TailLevel
    readonly read: (figure: TailFigure) => number
  },
): Found {
  const { tail } = report
  const unknown = needsModel(report) ?? incomplete(report)
  if (unknown !== undefined) return unknown
  if (tail === undefined) return noTail(report)
  const without = tail.leftOut.map(({ positionId }) => positionId).join(', ')
  if (without !== '') return missing('left-out', `it would be of a book without ${without}`)
  const told = tailFigure(tail, figure.horizon, figure.level)
  if (told !== undefined) return found(figure.read(told))
  return missing('no-horizon', `there is too little history for ${spans[figure.horizon]}`)
}

interface AccountWord {
  /** A position, a protocol or the beginning of its name; '' asks for all accounts. */
  readonly key: string
  readonly horizon: TailHorizon
  /** Nothing where nothing counts as collateral. */
  readonly read: (chance: LiquidationChance) => number | undefined
  /** Of several accounts; never less than any of them. */
  readonly join: (figures: readonly number[]) => number
}

function ofAccounts(report: Report, { key, horizon, read, join }: AccountWord): Found {
  const { tail } = report
  if (tail === undefined || needsModel(report) !== undefined) return noTail(report)
  const named = accountsNamed(report, key)
  if (named.kind !== 'accounts') return named
  const { told, unsimulated } = chancesOf(tail, { named: named.accounts, horizon })
  const unknown = unsimulated ?? named.unknown
  if (told.length === 0) return unknown ?? absent('there is no debt')
  const figures = told.flatMap((chance) => read(chance) ?? [])
  if (figures.length < told.length)
    return missing('no-collateral', 'nothing counts as collateral of an account with debt')
  return atLeast(join(figures), unknown)
}

function loanToValueForTarget(report: Report, key: string): Found {
  const { tail } = report
  if (tail === undefined || needsModel(report) !== undefined) return noTail(report)
  const named = accountsNamed(report, key)
  if (named.kind !== 'accounts') return named
  const { told, unsimulated } = chancesOf(tail, { named: named.accounts, horizon: usualHorizon })
  const unknown = unsimulated ?? named.unknown
  if (unknown !== undefined) return unknown
  if (told.length === 0) return absent('there is no debt')
  const targets = told.flatMap(({ loanToValueForTarget: target }) => target ?? [])
  if (targets.length < told.length) return missing('no-target', 'nothing counts as collateral of an account with debt')
  return found(Math.min(...targets))
}

/** Accounts with debt that were not simulated have a chance that nobody knows. */
function chancesOf(
  tail: TailRisk,
  { named, horizon }: { readonly named: Report['accounts']; readonly horizon: TailHorizon },
): { readonly told: readonly LiquidationChance[]; readonly unsimulated: Missing | undefined } {
  const chances = new Map(
    tail.liquidations.filter((one) => one.horizon === horizon).map((one) => [one.positionId, one]),
  )
  const names = named
    .filter(({ positionId, healthFactor }) => healthFactor !== undefined && !chances.has(positionId))
    .map(({ positionId }) => positionId)
    .join(', ')
  return {
    told: named.flatMap(({ positionId }) => chances.get(positionId) ?? []),
    unsimulated: names === '' ? undefined : missing('not-simulated', `${names} could not be simulated`),
  }
}

function sum(figures: readonly number[]): number {
  return figures.reduce((total, one) => total + one, 0)
}
