// How a whole book follows a macro series: to first order, from the betas of what it holds.

import type { Underlying } from './identity.ts'
import type { Report } from './report.ts'

export type NetBeta =
  /** Change of net asset value over itself, per unit of the series' return. */
  | { readonly kind: 'known'; readonly beta: number }
  /** Exposures to these are not dust, and have no beta. */
  | { readonly kind: 'incomplete'; readonly without: readonly Underlying[] }
  | { readonly kind: 'nothing-risky' }
  | { readonly kind: 'no-value' }

/** An exposure below this part of the largest is dust: it needs no beta. */
const dust = 1e-3
/** Within 3 % of 1 USD, as in the stress of spot: a peg follows no series. */
const dollarBand = 0.03

/**
 * Sum over underlyings of delta in USD x beta, over net asset value. Dollars have a beta of 0.
 * It is that of the positions that are in the report's sums; whether some were left out is for the caller to say.
 */
export function netBeta(report: Pick<Report, 'netGreeks' | 'price' | 'navUsd' | 'macro'>, series: string): NetBeta {
  const betas = new Map((report.macro ?? []).filter((one) => one.series === series).map((one) => [one.asset, one.beta]))
  const exposures = Object.entries(report.netGreeks.delta).flatMap(([asset, delta]) => {
    const spot = Object.hasOwn(report.price, asset) ? report.price[asset] : undefined
    const isDollar = spot !== undefined && Math.abs(spot - 1) <= dollarBand
    return delta === 0 || isDollar ? [] : [{ asset, usd: delta * (spot ?? Number.NaN) }]
  })
  if (exposures.length === 0) return { kind: 'nothing-risky' }
  const largest = Math.max(...exposures.map(({ usd }) => Math.abs(usd)))
  const without = exposures.filter(({ asset, usd }) => !betas.has(asset) && !(Math.abs(usd) < dust * largest))
  if (without.length > 0) return { kind: 'incomplete', without: without.map(({ asset }) => asset) }
  if (!(report.navUsd > 0)) return { kind: 'no-value' }
  const followed = exposures.reduce((sum, { asset, usd }) => sum + usd * (betas.get(asset) ?? 0), 0)
  return { kind: 'known', beta: followed / report.navUsd }
}
