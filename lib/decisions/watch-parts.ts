// Sight of the parts: an asset or a position that cannot be trusted is told once an episode, also where no rule reads it; and so is holding nothing.

import type { UnixSeconds } from '../base/units.ts'
import type { PortfolioSettings, Severity } from '../model/configuration.ts'
import type { DataState } from '../model/data-state.ts'
import type { AccountHealth, PositionRisk, Report } from '../model/report.ts'
import type { PartMemory } from '../model/verdict.ts'
import { endOfProviderTrouble, providerTroubles } from './provider-trouble.ts'

export interface PartNews {
  /** `_sight:WETH`, `_sight:aave-v3`, `_price:WETH`, `_depth:aave-v3`, `_provider:alpha`, `_empty`; no configured id begins with an underscore. */
  readonly ruleId: string
  readonly edge: 'raised' | 'recovered'
  readonly episode: number
  readonly severity: Severity
  readonly title: string
  readonly why: string
  readonly todo: string
  readonly durationSeconds?: number
}

type Parts = Readonly<Record<string, PartMemory>>

/** A bad sample is told at once; as many good ones in a row end it. */
const goodSamplesToLeave = 3

/** The factors of model and protocol may differ by this before it is told: less is rounding or a block's interest. */
const toldDisagreement = 1e-3

/**
 * Only for a portfolio that can be seen: while it is BLIND nothing is told of its parts, and nothing is counted.
 * @param params.ruleSeverity what an empty portfolio is told with: it leaves every rule without anything to protect
 */
export function watchParts(params: {
  readonly report: Report
  readonly parts: Parts
  readonly ruleSeverity: Severity
  readonly settings: PortfolioSettings
}): { readonly news: readonly PartNews[]; readonly parts: Parts } {
  const { report } = params
  const bad = new Map([
    ...badAssets(report),
    ...strainedPrices(report),
    ...badPositions(report),
    ...thinCollateral(report),
    ...emptiness(params),
    ...badProviders(params),
  ])
  const ids = [...new Set([...Object.keys(params.parts), ...bad.keys()])]
  const steps = ids.map((id) => ({ id, ...step(id, { memory: params.parts[id], bad: bad.get(id), at: report.at }) }))
  return {
    news: steps.flatMap((one) => one.news ?? []),
    parts: Object.fromEntries(steps.map((one) => [one.id, one.memory])),
  }
}

interface Trouble {
  readonly severity: Severity
  readonly title: string
  readonly why: string
  readonly todo: string
}

function step(
  id: string,
  params: { readonly memory: PartMemory | undefined; readonly bad: Trouble | undefined; readonly at: UnixSeconds },
): { readonly memory: PartMemory; readonly news?: PartNews } {
  const { bad, at } = params
  const memory = params.memory ?? { isBad: false, episode: 0, since: at, goodSamples: 0, severity: 'warning' }
  if (bad !== undefined && memory.isBad) return { memory: { ...memory, goodSamples: 0 } }
  if (bad !== undefined) {
    const episode = memory.episode + 1
    return {
      memory: { isBad: true, episode, since: at, goodSamples: 0, severity: bad.severity },
      news: { ruleId: id, edge: 'raised', episode, ...bad },
    }
  }
  if (!memory.isBad) return { memory }
  const goodSamples = memory.goodSamples + 1
  if (goodSamples < goodSamplesToLeave) return { memory: { ...memory, goodSamples } }
  return {
    memory: { ...memory, isBad: false, since: at, goodSamples: 0 },
    news: { ruleId: id, edge: 'recovered', episode: memory.episode, ...recovered(id, memory, at) },
  }
}

function recovered(id: string, { severity, since }: PartMemory, at: UnixSeconds) {
  const title = endOf(id)
  return { severity, title, why: 'What was read is good again.', todo: 'Nothing to do.', durationSeconds: at - since }
}

function endOf(id: string): string {
  if (id === emptyId) return 'something is held again'
  const ended = endOfProviderTrouble(id)
  if (ended !== undefined) return ended
  const subject = id.slice(id.indexOf(':') + 1)
  if (id.startsWith(pricePrefix)) return `views of the price of ${subject} agree again`
  return id.startsWith(depthPrefix)
    ? `the collateral of ${subject} could be sold again`
    : `${subject} can be trusted again`
}

const sightPrefix = '_sight:'
const pricePrefix = '_price:'
const depthPrefix = '_depth:'
const emptyId = '_empty'

type Entry = readonly [string, Trouble]

/** Only of assets that a position reads: a price that nobody needs hides nothing. */
function badAssets(report: Report): readonly Entry[] {
  const read = new Set(report.positions.flatMap((one) => one.assets ?? []))
  const lent = new Set(report.positions.filter((one) => isLending(one, report)).flatMap((one) => one.assets ?? []))
  return report.prices.flatMap(({ asset, dataState, isRefused }): Entry[] => {
    if (dataState.kind === 'FRESH' || !read.has(asset)) return []
    // An answer that cannot be is as dear where nothing is borrowed against it.
    const isLending = lent.has(asset) || isRefused === true
    return [entry(asset, { name: `the price of ${asset}`, state: dataState, isLending })]
  })
}

/** Of prices that are trusted and about which somebody says something else; what is distrusted is told as such. */
function strainedPrices(report: Report): readonly Entry[] {
  const read = new Set(report.positions.flatMap((one) => one.assets ?? []))
  return report.prices.flatMap(({ asset, dataState, signals = [] }): Entry[] => {
    const [first] = signals
    if (first === undefined || dataState.kind !== 'FRESH' || !read.has(asset)) return []
    const why = signals.map(({ reason }) => reason).join('; ')
    const todo =
      'Look whether it is a market that is pushed, a feed that lags, or a depeg that begins. Nothing is stopped by it.'
    return [[`${pricePrefix}${asset}`, { severity: 'warning', title: first.reason, why, todo }]]
  })
}

/** A debt that selling its collateral could not repay, whatever an oracle says that it is worth. */
function thinCollateral({ accounts, positions }: Report): readonly Entry[] {
  return accounts.flatMap(({ positionId, safe, debtUsd }): Entry[] => {
    const { fetchesUsd, shortfallUsd, thin } = safe?.liquidation ?? { fetchesUsd: 0, shortfallUsd: 0, thin: [] }
    if (shortfallUsd <= 0) return []
    const label = positions.find((one) => one.positionId === positionId)?.label ?? positionId
    const usd = (sum: number) => `${Math.round(sum).toLocaleString('en-US')} USD`
    const title = `the collateral of ${label} could not be sold for its debt`
    const pools = thin.map(
      (one) => `${one.asset} is worth ${usd(one.collateralUsd)}, its pools pay ${usd(one.fetchesUsd)} within 2 %`,
    )
    const why = [`Selling it fetches ${usd(fetchesUsd)}, owed are ${usd(debtUsd)}`, ...pools].join('; ')
    const todo =
      'Repay a part, or add collateral with a deeper market: a liquidation would move the price against the rest.'
    return [[`${depthPrefix}${positionId}`, { severity: 'warning', title, why: `${why}.`, todo }]]
  })
}

/** For reasons of their own: what a position has from the prices that it reads is told of the assets. */
function badPositions(report: Report): readonly Entry[] {
  return report.positions.flatMap((position): Entry[] => {
    const state = ownState(position, report)
    if (state.kind === 'FRESH') return []
    return [entry(position.positionId, { name: position.label, state, isLending: isLending(position, report) })]
  })
}

function entry(
  subject: string,
  params: {
    readonly name: string
    readonly state: Exclude<DataState, { readonly kind: 'FRESH' }>
    readonly isLending: boolean
  },
): Entry {
  const { name, state, isLending } = params
  const title = `${name} is ${state.kind}: ${state.reasons[0] ?? 'no reason was recorded'}`
  const todo = 'Mend what is named. Until then numbers that read it are doubtful, and no order leans on it.'
  return [
    `${sightPrefix}${subject}`,
    { severity: isLending ? 'critical' : 'warning', title, why: state.reasons.join('; '), todo },
  ]
}

function isLending({ positionId, kind }: PositionRisk, { accounts }: Report): boolean {
  return (
    ['loan', 'unread-account', 'unread-chain'].includes(kind) || accounts.some((one) => one.positionId === positionId)
  )
}

function ownState({ positionId, label, assets = [], dataState }: PositionRisk, report: Report): DataState {
  if (dataState.kind === 'FRESH') return dataState
  const prices = report.prices.filter((one) => assets.includes(one.asset))
  const account = report.accounts.find((one) => one.positionId === positionId)
  const told = new Set([
    ...prices.flatMap(({ dataState: state }) => (state.kind === 'FRESH' ? [] : state.reasons)),
    ...(account === undefined ? [] : roundingOf(account)),
  ])
  const leftOut = `${label} is left out: `
  const isOthers = (reason: string): boolean => {
    if (told.has(reason)) return true
    if (!reason.startsWith(leftOut)) return false
    const because = reason.slice(leftOut.length)
    return because.startsWith('no price for ') || because.split('; ').every((one) => told.has(one))
  }
  const reasons = dataState.reasons.filter((reason) => !isOthers(reason))
  // Without a reason of its own it must at least have one of a price: a state without any reason is its own.
  return reasons.length === 0 && dataState.reasons.length > 0 ? { kind: 'FRESH' } : { kind: dataState.kind, reasons }
}

function roundingOf({ modelHealthFactor, protocolHealthFactor, disagreement = [] }: AccountHealth): readonly string[] {
  if (modelHealthFactor === undefined || protocolHealthFactor === undefined) return []
  const isSmall = Math.abs(protocolHealthFactor / modelHealthFactor - 1) <= toldDisagreement
  return isSmall ? disagreement.filter((reason) => reason.includes('states a health factor')) : []
}

/** Nothing at all where something is configured to be watched: an address with a slip, or an account that was emptied. */
function emptiness(params: { readonly report: Report; readonly ruleSeverity: Severity }): readonly Entry[] {
  const { positions, accounts } = params.report
  const isHeld = (one: PositionRisk) =>
    one.kind.startsWith('unread') || one.assets === undefined || one.assets.length > 0
  const owes = accounts.some((one) => one.healthFactor !== undefined)
  if (owes || positions.some(isHeld)) return []
  const trouble = {
    severity: params.ruleSeverity,
    title: 'the portfolio holds nothing',
    why: 'No balance, no lending account and no position was found; every rule is quiet because there is nothing to measure.',
    todo: 'Check the account’s address, the chain and the assets in the configuration; if the account was not emptied on purpose, find out who did.',
  }
  return [[emptyId, trouble]]
}

function badProviders(params: { readonly report: Report; readonly settings: PortfolioSettings }): readonly Entry[] {
  return providerTroubles(params.report, params.settings).map(
    ({ id, ...words }): Entry => [id, { severity: 'warning', ...words }],
  )
}
