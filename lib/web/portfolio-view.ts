// One portfolio as people see it: every number formatted with its unit, every part with its data state; for the page and the terminal.

import { describeSpan } from '../base/time.ts'
import type { UnixSeconds } from '../base/units.ts'
import type { ChainCursor, ChainEvent } from '../model/chain-cursor.ts'
import type { PortfolioSettings } from '../model/configuration.ts'
import type { DataState } from '../model/data-state.ts'
import type { Order } from '../model/order.ts'
import type { DeliveryReceipt } from '../model/receipt.ts'
import type { AccountHealth, PositionRisk, PriceView, Report } from '../model/report.ts'
import type { Snapshot } from '../model/snapshot.ts'
import type { Alert } from '../model/verdict.ts'
import { type AlertView, alertView, type DeliveryView, deliveryView } from './alert-view.ts'
import { type ChainView, chainName, chainView } from './chain-view.ts'
import { type ChangeView, changeView } from './change-view.ts'
import { type EventView, eventView, type HeardView, heardView } from './event-view.ts'
import { healthFactor, percentChange, quantity, usd, usdChange } from './figures.ts'
import {
  type CarryRow,
  carryRows,
  type NetGreeksRow,
  netGreeksRows,
  type PositionGreeks,
  positionGreeks,
} from './greeks-view.ts'
import { healthTone } from './health-tone.ts'
import { type MarketView, marketView } from './market-view.ts'
import { type OrderView, orderView } from './order-view.ts'
import { type StressTestView, type StressView, stressRows, stressTestView } from './stress-view.ts'
import { type TailView, tailView } from './tail-view.ts'
import { type TelemetryView, telemetryView } from './telemetry-view.ts'

export interface PortfolioFacts {
  readonly portfolioId: string
  readonly settings?: PortfolioSettings | undefined
  /** Newest first; the second one gives the changes. */
  readonly reports: readonly Report[]
  readonly snapshots: readonly Snapshot[]
  readonly alerts: readonly Alert[]
  readonly orders: readonly Order[]
  readonly receipts: readonly DeliveryReceipt[]
  /** What was heard of its chains; absent: nobody listened. */
  readonly cursors?: readonly ChainCursor[]
  readonly at: UnixSeconds
}

export type Tone = 'good' | 'warn' | 'bad' | 'plain'

/** How far to trust what is shown: the report's own state, or worse if no report has come for too long. */
export interface StateView {
  readonly kind: DataState['kind']
  readonly reasons: readonly string[]
  /** True if the newest report is older than three periods. */
  readonly overdue: boolean
  /** When the oldest price behind the numbers was current. */
  readonly dataAt?: UnixSeconds
  /** Age of that price now: `12 s`. */
  readonly age: string
}

export interface HealthView {
  readonly factor: string
  readonly protocolFactor?: string
  readonly label: string
  readonly collateral: string
  readonly debt: string
  readonly tone: Tone
  /** `ETH below $1,890 (-24.3%)`, nearest first. */
  readonly liquidations: readonly {
    readonly underlying: string
    readonly price: string
    readonly side: string
    readonly distance: string
  }[]
}

export interface PositionRow extends PositionGreeks {
  readonly label: string
  readonly kind: string
  readonly value: string
  readonly state: DataState['kind']
  readonly reasons: readonly string[]
  /** What a reader of the value has to know: expired, extrapolated, stale. */
  readonly notes: readonly string[]
}

export interface PortfolioView {
  readonly portfolioId: string
  readonly name: string
  readonly at: UnixSeconds
  readonly account?: string
  readonly chain?: string
  /** `block 20,412,345 of arbitrum (42161)`. */
  readonly blocks: readonly string[]
  readonly reportAt?: UnixSeconds
  readonly state: StateView
  /** How the chains did at the newest report; empty if nobody knows. */
  readonly chains: readonly ChainView[]
  readonly nav: string
  readonly navChange?: string
  /** What the value is without, because it could not be read or valued. */
  readonly navWithout?: string
  readonly health: readonly HealthView[]
  readonly netGreeks: readonly NetGreeksRow[]
  readonly carry: readonly CarryRow[]
  readonly positions: readonly PositionRow[]
  readonly prices: readonly {
    readonly asset: string
    readonly usd: string
    readonly protocol: string
    readonly market: string
    readonly gap: string
    readonly updatedAt?: UnixSeconds
    readonly age: string
    readonly state: DataState['kind']
    readonly reasons: readonly string[]
  }[]
  readonly stress: readonly StressView[]
  /** How the market as a whole behaves. */
  readonly market: MarketView
  /** What can be lost with small probability. */
  readonly tail: TailView
  /** Absent: the report is from before there was one. */
  readonly stressTest?: StressTestView
  /** Why the headline figures moved since the report before; absent: nothing was compared. */
  readonly changes?: ChangeView
  /** How the markets do that the portfolio depends on. */
  readonly telemetry: TelemetryView
  readonly gaps: readonly { readonly subject: string; readonly code: string; readonly reason: string }[]
  readonly alerts: readonly AlertView[]
  readonly orders: readonly OrderView[]
  readonly deliveries: readonly DeliveryView[]
  /** What the contracts said, newest first. */
  readonly events: readonly EventView[]
  /** How far each chain has been heard. */
  readonly heard: readonly HeardView[]
}

/** Pure: the same facts give the same view. Without a report the view says so instead of showing zeros. */
export function portfolioView(facts: PortfolioFacts): PortfolioView {
  const [report, previous] = facts.reports
  const snapshot = facts.snapshots.find((one) => one.id === report?.snapshotId) ?? facts.snapshots[0]
  const { settings } = facts
  const stressTest = stressTestView(report)
  const changes = changeView(report)
  return {
    portfolioId: facts.portfolioId,
    name: settings?.portfolio.name ?? facts.portfolioId,
    at: facts.at,
    ...(settings ? { account: settings.portfolio.account, chain: settings.chain.id } : {}),
    blocks: (report?.blocks ?? []).map(
      (block) => `block ${quantity(block.number)} of ${chainName(block.chainId, settings)}`,
    ),
    ...(report ? { reportAt: report.at } : {}),
    state: stateView(facts, report),
    chains: (report?.chains ?? []).map((health) => chainView(health, settings)),
    nav: isValued(report) ? usd(report.navUsd) : 'not known',
    ...navChangeOf(report, previous),
    ...navWithout(report),
    health: (report?.accounts ?? []).map(healthView),
    netGreeks: report ? netGreeksRows(report) : [],
    carry: report ? carryRows(report) : [],
    positions: report ? report.positions.map((position) => positionRow(position, report)) : [],
    prices: (report?.prices ?? []).map((price) => priceRow(price, facts.at, report?.at ?? facts.at)),
    stress: stressRows(report?.stress ?? []),
    market: marketView(report),
    tail: tailView(report),
    ...(stressTest === undefined ? {} : { stressTest }),
    ...(changes === undefined ? {} : { changes }),
    telemetry: telemetryView(report, previous),
    gaps: (snapshot?.gaps ?? []).map(({ subject, code, reason }) => ({ subject, code, reason })),
    alerts: facts.alerts.map(alertView),
    orders: facts.orders.map((order) => orderView(order, facts.at)),
    deliveries: facts.receipts.map(deliveryView),
    events: eventsOf(facts).map((event) => eventView(event, settings)),
    heard: (facts.cursors ?? []).map((cursor) => heardView(cursor, settings)),
  }
}

/** As many events are shown. */
const shownEvents = 20

/** Of the day that the cursors keep, those that touch the portfolio, newest first. */
function eventsOf({ cursors = [], portfolioId }: PortfolioFacts): readonly ChainEvent[] {
  const own = cursors.flatMap(({ events }) => events).filter(({ portfolios }) => portfolios.includes(portfolioId))
  return own.sort((a, b) => b.at - a.at).slice(0, shownEvents)
}

/** A sum over nothing that could be valued is no value. An account that is empty, and was seen to be, is worth zero. */
function isValued(report: Report | undefined): report is Report {
  if (report === undefined || report.dataState.kind === 'BLIND') return false
  const { positions } = report
  return positions.length === 0 || positions.some((position) => position.dataState.kind !== 'BLIND')
}

function navWithout(report: Report | undefined): { readonly navWithout?: string } {
  if (!isValued(report)) return {}
  const labels = report.positions.flatMap(({ label, dataState }) => (dataState.kind === 'BLIND' ? [label] : []))
  return labels.length === 0 ? {} : { navWithout: labels.join(', ') }
}

/** Between two values that are known, and only where it is a cent or more: less is the interest between two blocks. */
function navChangeOf(report: Report | undefined, previous: Report | undefined): { readonly navChange?: string } {
  if (!isValued(report) || !isValued(previous)) return {}
  // What comes into sight, or goes out of it, is no gain or loss.
  if (navWithout(report).navWithout !== navWithout(previous).navWithout) return {}
  const change = report.navUsd - previous.navUsd
  return Math.abs(change) < 0.01 ? {} : { navChange: usdChange(change) }
}

function stateView(facts: PortfolioFacts, report: Report | undefined): StateView {
  if (report === undefined) {
    const reasons = ['no report yet: the first snapshot has not been assessed']
    return { kind: 'BLIND', reasons, overdue: false, age: 'n/a' }
  }
  const periods = facts.settings?.portfolio.everySeconds ?? 60
  const since = facts.at - report.at
  const overdue = since > 3 * periods
  const dataAt = report.at - report.dataAgeSeconds
  const own = reasonsOf(report.dataState)
  return {
    kind: overdue ? 'BLIND' : report.dataState.kind,
    reasons: overdue
      ? [`no report for ${describeSpan(since)}, one is due every ${describeSpan(periods)}`, ...own]
      : own,
    overdue,
    dataAt,
    age: describeSpan(Math.max(0, facts.at - dataAt)),
  }
}

function healthView(account: AccountHealth): HealthView {
  const nearest = [...account.liquidationPrices].sort((a, b) => Math.abs(a.distance) - Math.abs(b.distance))
  const distance = nearest[0] === undefined ? undefined : Math.abs(nearest[0].distance)
  return {
    factor: healthFactor(account.healthFactor),
    ...(account.protocolHealthFactor === undefined
      ? {}
      : { protocolFactor: healthFactor(account.protocolHealthFactor) }),
    label: account.protocol,
    collateral: usd(account.collateralUsd),
    debt: usd(account.debtUsd),
    tone: healthTone(account.healthFactor, distance),
    liquidations: nearest.map((price) => ({
      underlying: price.underlying,
      price: usd(price.usd),
      side: price.side,
      distance: percentChange(price.distance),
    })),
  }
}

function positionRow(position: PositionRisk, report: Report): PositionRow {
  return {
    label: position.label,
    kind: position.kind,
    value: usd(position.valueUsd),
    ...positionGreeks(position, report),
    state: position.dataState.kind,
    reasons: reasonsOf(position.dataState),
    notes: position.warnings ?? [],
  }
}

function priceRow(price: PriceView, at: UnixSeconds, reportAt: UnixSeconds): PortfolioView['prices'][number] {
  const updatedAt = price.ageSeconds === undefined ? undefined : reportAt - price.ageSeconds
  return {
    asset: price.asset,
    usd: usd(price.usd),
    protocol: usd(price.protocolUsd),
    market: usd(price.marketUsd),
    gap: percentChange(price.lensGap, 2),
    ...(updatedAt === undefined ? {} : { updatedAt }),
    age: updatedAt === undefined ? 'n/a' : describeSpan(Math.max(0, at - updatedAt)),
    state: price.dataState.kind,
    reasons: reasonsOf(price.dataState),
  }
}

/** Reasons of a state; none when it is fresh. */
export function reasonsOf(state: DataState): readonly string[] {
  return state.kind === 'FRESH' ? [] : state.reasons
}
