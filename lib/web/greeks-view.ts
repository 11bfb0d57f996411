// The Greeks in the units that people trade in: dollars, per 1 % of spot, per point of volatility, per day.

import type { PositionRisk, Report } from '../model/report.ts'
import { quantityChange, usd, usdChange } from './figures.ts'

/** One underlying over all positions. */
export interface NetGreeksRow {
  readonly underlying: string
  readonly delta: string
  readonly usd: string
  /** Change of the dollar delta per 1 % of spot. */
  readonly gamma: string
  /** Dollars per point (0.01) of volatility. */
  readonly vega: string
  /** The same by expiry: `2027-03-26 +$1,204`; none if there is one expiry only. */
  readonly vegaByExpiry: readonly string[]
  readonly price: string
}

/** What a day brings if nothing moves, kind by kind, and what is reported beside it. */
export interface CarryRow {
  readonly what: string
  readonly usd: string
  readonly unit: 'a day' | 'so far'
}

export interface PositionGreeks {
  readonly delta: readonly string[]
  readonly gamma: readonly string[]
  readonly vega: readonly string[]
  readonly carry: string
}

/** Largest exposure first. */
export function netGreeksRows({ netGreeks, price }: Report): readonly NetGreeksRow[] {
  const sizeUsd = (underlying: string) => Math.abs((netGreeks.delta[underlying] ?? 0) * (price[underlying] ?? 0))
  return [...new Set([...Object.keys(netGreeks.delta), ...Object.keys(netGreeks.vega)])]
    .sort((a, b) => sizeUsd(b) - sizeUsd(a))
    .map((underlying) => {
      const delta = netGreeks.delta[underlying] ?? 0
      const spot = price[underlying]
      const buckets = Object.entries(netGreeks.vega[underlying] ?? {}).toSorted(([a], [b]) => (a < b ? -1 : 1))
      return {
        underlying,
        delta: quantityChange(delta),
        usd: spot === undefined ? usd(undefined) : usdChange(delta * spot),
        gamma: onePercent(netGreeks.gamma[underlying], spot),
        vega: usdOrNone(sum(buckets.map(([, vega]) => vega)) / 100),
        vegaByExpiry: buckets.length < 2 ? [] : buckets.map(([expiry, vega]) => `${expiry} ${usdChange(vega / 100)}`),
        price: usd(spot),
      }
    })
}

/** Kinds that are 0 are left out; the last two of pools are not part of the sum. */
export function carryRows({ netGreeks: { theta, pool } }: Report): readonly CarryRow[] {
  const kinds = [
    ['Decay of options', theta.decay],
    ['Funding of perpetuals', theta.funding],
    ['Interest, lent less owed', theta.interest],
    ['Fees of pools', theta.fees],
  ] as const
  const rows = kinds.filter(([, perYear]) => perYear !== 0).map(([what, perYear]) => carryRow(what, perYear / 365))
  const total = rows.length > 1 ? [carryRow('All together', sum(kinds.map(([, perYear]) => perYear)) / 365)] : []
  const lvr = pool.lossVersusRebalancing
  return [
    ...rows,
    ...total,
    ...(lvr === 0 ? [] : [carryRow('Loss-versus-rebalancing of pools', -lvr / 365)]),
    ...(pool.impermanentLoss === 0
      ? []
      : [{ what: 'Impermanent loss of pools', usd: usdChange(pool.impermanentLoss), unit: 'so far' as const }]),
  ]
}

function carryRow(what: string, perDay: number): CarryRow {
  return { what, usd: usdChange(perDay), unit: 'a day' }
}

export function positionGreeks({ greeks }: PositionRisk, { price }: Report): PositionGreeks {
  if (greeks === undefined) return { delta: [], gamma: [], vega: [], carry: '' }
  const kept = (record: Readonly<Record<string, number>>) => Object.entries(record).filter(([, value]) => value !== 0)
  const vega = Object.entries(greeks.vega).map(([name, buckets]) => [name, sum(Object.values(buckets))] as const)
  const carry = sum(Object.values(greeks.theta))
  return {
    delta: kept(greeks.delta).map(([name, delta]) => `${quantityChange(delta)} ${name}`),
    gamma: kept(greeks.gamma).map(([name, gamma]) => `${onePercent(gamma, price[name])} by ${name}`),
    vega: vega.filter(([, one]) => one !== 0).map(([name, one]) => `${usdChange(one / 100)} by ${name}`),
    carry: carry === 0 ? '' : usdChange(carry / 365),
  }
}

function onePercent(gamma: number | undefined, spot: number | undefined): string {
  if (gamma === undefined || gamma === 0) return '0'
  return spot === undefined ? usd(undefined) : usdChange((gamma * spot * spot) / 100)
}

function usdOrNone(value: number): string {
  return value === 0 ? '0' : usdChange(value)
}

function sum(figures: readonly number[]): number {
  return figures.reduce((total, one) => total + one, 0)
}
