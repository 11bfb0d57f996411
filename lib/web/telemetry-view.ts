// How the markets do that the portfolio depends on, as people see it: lending markets, the depth of pools, who holds the tokens.

import { describeSpan } from '../base/time.ts'
import type { UnixSeconds } from '../base/units.ts'
import { poolRevenue } from '../model/pool-revenue.ts'
import type { Report } from '../model/report.ts'
import {
  borrowCapUsed,
  type DepthSide,
  type HolderTelemetry,
  type MarketTelemetry,
  type PoolTelemetry,
  supplyCapUsed,
} from '../model/telemetry.ts'
import { percent, quantity, quantityShort, usdShort } from './figures.ts'

type Tone = 'good' | 'warn' | 'bad' | 'plain'

export interface MarketRow {
  /** `Aave v3 USDC`. */
  readonly market: string
  /** `paused`, `frozen`; absent: open, or it cannot stop. */
  readonly halted?: 'paused' | 'frozen'
  readonly lentOut: string
  readonly tone: Tone
  /** `$1.235M`, and in units: `1.235M USDC`. */
  readonly available: string
  readonly units: string
  /** `61.20% of 2,000,000`; `no cap`. */
  readonly supplyCap: string
  readonly borrowCap: string
  /** What the protocol earns in a year at the present rates. */
  readonly earns: string
}

/** What can be traded until the price has moved by 2 %. */
export interface PoolRow {
  /** `WETH/USDC Uniswap v3 0.05 %`. */
  readonly pool: string
  readonly sells: string
  readonly sellsUnits: string
  readonly buys: string
  readonly buysUnits: string
  /** `$12.34 in 60 s`, since the report before. */
  readonly fees: string
}

export interface HolderRow {
  readonly asset: string
  readonly topShare: string
  /** `12.5 equal ones`, one over the sum of squared shares: as concentrated as so many equal holders. */
  readonly asFew: string
  readonly holders: string
  readonly countedAt: UnixSeconds
  readonly complete: boolean
}

export interface TelemetryView {
  readonly markets: readonly MarketRow[]
  readonly pools: readonly PoolRow[]
  readonly holders: readonly HolderRow[]
}

/** A figure that does not exist has a dash, one that could not be read says so; neither is a zero. */
export function telemetryView(report: Report | undefined, previous: Report | undefined): TelemetryView {
  const all = report?.telemetry ?? []
  const isOf = <K extends (typeof all)[number]['kind']>(kind: K) =>
    all.filter((one): one is Extract<(typeof all)[number], { readonly kind: K }> => one.kind === kind)
  const pools = isOf('pool')
  return {
    markets: report === undefined ? [] : isOf('market').map((market) => marketRow(market, report)),
    pools: report === undefined ? [] : pools.map((pool) => poolRow(pool, report, previous)),
    holders: isOf('holders').map(holderRow),
  }
}

const none = '-'
const notRead = 'not read'

function marketRow(market: MarketTelemetry, report: Report): MarketRow {
  const { label, asset, available, utilisation, supplyCap, borrowCap, revenuePerYear, frozen, paused } = market
  const { unread = [] } = market
  const isUnread = (...figures: readonly (typeof unread)[number][]) => figures.some((one) => unread.includes(one))
  const or = (isMissing: boolean) => (isMissing ? notRead : none)
  const cap = (used: number | undefined, units: number | undefined, isMissing: boolean) =>
    units === undefined || used === undefined
      ? isMissing
        ? notRead
        : 'no cap'
      : `${percent(used)} of ${quantityShort(units)}`
  const halted = paused === true ? 'paused' : frozen === true ? 'frozen' : undefined
  return {
    market: `${label.endsWith(` ${asset}`) ? label : `${label} ${asset}`}${isolationOf(market)}`,
    ...(halted === undefined ? {} : { halted }),
    lentOut: utilisation === undefined ? or(isUnread('utilisation', 'borrowed', 'available')) : percent(utilisation),
    // Colour only: what is a breach is decided by the desk's rules.
    tone: utilisation === undefined ? 'plain' : utilisation >= 0.98 ? 'bad' : utilisation >= 0.95 ? 'warn' : 'plain',
    available: available === undefined ? or(isUnread('available')) : dollars(report, [[asset, available]]),
    units: available === undefined ? '' : `${quantityShort(available)} ${asset}`,
    supplyCap: cap(supplyCapUsed(market), supplyCap, isUnread('supplyCap', 'supplied')),
    borrowCap:
      market.borrowed === undefined && !isUnread('borrowed')
        ? none
        : cap(borrowCapUsed(market), borrowCap, isUnread('borrowCap', 'borrowed')),
    earns: revenuePerYear === undefined ? none : `${dollars(report, [[asset, revenuePerYear]])} a year`,
  }
}

/** Isolated collateral stands for nothing else, and all that is owed against it shares one ceiling. */
function isolationOf({ debtCeilingUsd, isolatedDebtUsd = 0 }: MarketTelemetry): string {
  if (debtCeilingUsd === undefined) return ''
  return `, isolated: ${percent(isolatedDebtUsd / debtCeilingUsd)} of ${usdShort(debtCeilingUsd)} owed`
}

function poolRow(pool: PoolTelemetry, report: Report, previous: Report | undefined): PoolRow {
  const { base, quote, label, depth } = pool
  const names = { pool: `${base}/${quote} ${label}`, fees: feesOf(pool, report, previous) }
  if (depth === undefined) return { ...names, sells: notRead, sellsUnits: '', buys: notRead, buysUnits: '' }
  return {
    ...names,
    sells: dollars(report, [[base, depth.down.base]]),
    sellsUnits: `${quantityShort(depth.down.base)} ${base}`,
    buys: dollars(report, [[quote, depth.up.quote]]),
    buysUnits: `${quantityShort(depth.up.base)} ${base}`,
  }
}

function feesOf(pool: PoolTelemetry, report: Report, previous: Report | undefined): string {
  if (pool.unread?.includes('fees') === true) return notRead
  const before = (previous?.telemetry ?? []).filter((one) => one.kind === 'pool')
  const [revenue] = poolRevenue(before, [pool])
  if (revenue === undefined || previous === undefined) return none
  const all = [revenue.earned, ...(revenue.protocol === undefined ? [] : [revenue.protocol])]
  const sum = (side: keyof DepthSide) => all.reduce((total, one) => total + one[side], 0)
  const total = dollars(report, [
    [pool.base, sum('base')],
    [pool.quote, sum('quote')],
  ])
  return `${total} in ${describeSpan(report.at - previous.at)}`
}

function holderRow({ asset, topShare, herfindahl, holders, complete, at }: HolderTelemetry): HolderRow {
  const asFew = herfindahl > 0 ? `${quantity(Math.round(10 / herfindahl) / 10)} equal ones` : none
  return { asset, topShare: percent(topShare), asFew, holders: quantity(holders), countedAt: at, complete }
}

/** By the report's own prices; without one of them there is no sum. */
function dollars({ prices }: Report, amounts: readonly (readonly [asset: string, units: number])[]): string {
  const worth = amounts.map(([asset, units]) => (prices.find((one) => one.asset === asset)?.usd ?? Number.NaN) * units)
  return usdShort(worth.reduce((sum, one) => sum + one, 0))
}
