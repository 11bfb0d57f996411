// The rules of trust: which gap, lateness or disagreement makes what FRESH, DEGRADED or BLIND. The README has them as a table.

import { describeSpan } from '../base/time.ts'
import type { Ratio, UnixSeconds, Usd } from '../base/units.ts'
import { type DataState, fresh, type Gap, worse } from '../model/data-state.ts'
import type { AssetSymbol } from '../model/identity.ts'
import type { PriceSignal } from '../model/price-memory.ts'
import type { LendingReading, ProtocolPriceReading } from '../model/reading.ts'
import type { AssetPrice, Position } from '../model/snapshot.ts'
import type { LensLimits } from './lens-limits.ts'
import type { Judged } from './lenses.ts'
import { apart, type DatedOpinion } from './opinions.ts'

/** Feed and protocol further apart than this: one of them is wrong. */
const protocolDisagreement: Ratio = 0.02
/** The account's legs must explain the protocol's own summary this well. */
const summaryDisagreement: Ratio = 0.005

const degraded = (reasons: readonly string[]): DataState =>
  reasons.length === 0 ? fresh : { kind: 'DEGRADED', reasons }
const blind = (reasons: readonly string[]): DataState => ({ kind: 'BLIND', reasons })
const percent = (ratio: Ratio) => `${+(ratio * 100).toFixed(2)} %`

/** How far one asset's price can be trusted: BLIND without one. */
export function assetState(params: {
  readonly symbol: AssetSymbol
  /** Those that touch the asset. */
  readonly gaps: readonly Gap[]
  /** What the first configured source says. */
  readonly first: DatedOpinion | undefined
  readonly verdict: Judged
  /** The price of what the believed one is told in. */
  readonly per: Pick<AssetPrice, 'asset' | 'dataState'> | undefined
  /** Markets that were not heard. */
  readonly thin: readonly PriceSignal[]
  readonly protocolUsd: Usd | undefined
  /** What is paid where it is deep enough. */
  readonly markets: readonly DatedOpinion[]
  readonly limits: LensLimits
  readonly at: UnixSeconds
}): DataState {
  const { symbol, gaps, first, verdict, per, thin, protocolUsd, at } = params
  const read = [...overmarked(params), ...gaps.map(({ reason }) => reason)]
  if (first?.isLate === true && !gaps.some(({ code }) => /-stale$/.test(code))) {
    read.push(`${first.name} ${symbol}: its answer is ${describeSpan(at - first.updatedAt)} old.`.replace(/^the /, ''))
  }
  if (first !== undefined && protocolUsd !== undefined && apart(protocolUsd, first.usd) > protocolDisagreement) {
    read.push(`${symbol}: the lending protocol believes ${protocolUsd} USD, ${first.name} says ${first.usd} USD.`)
  }
  const reasons = [...new Set([...verdict.doubts, ...read])]
  if (verdict.usd === undefined) {
    const unheard = [...reasons, ...thin.map(({ reason }) => reason)]
    return blind(unheard.length > 0 ? unheard : [`feed ${symbol}: there is no answer.`])
  }
  const inherited = per === undefined || per.dataState.kind === 'FRESH' ? [] : per.dataState.reasons
  return degraded([...reasons, ...inherited])
}

/** What a protocol lends against and no market pays (xUSD, November 2025). */
function overmarked({
  symbol,
  protocolUsd,
  markets,
  limits,
}: {
  readonly symbol: AssetSymbol
  readonly protocolUsd: Usd | undefined
  readonly markets: readonly DatedOpinion[]
  readonly limits: LensLimits
}): readonly string[] {
  const best = Math.max(...markets.map(({ usd }) => usd))
  if (protocolUsd === undefined || markets.length === 0 || best >= protocolUsd * (1 - limits.halt)) return []
  const under = `${percent(1 - best / protocolUsd)} less`
  return [
    `${symbol}: collateral is marked above market: the lending protocol believes ${protocolUsd} USD, the market pays ${best} USD, ${under}.`,
  ]
}

/** How far a position can be trusted: its own gaps, and the prices that it needs. A missing price degrades it. */
export function positionState(params: {
  readonly positionId: string
  readonly needs: readonly AssetSymbol[]
  readonly gaps: readonly Gap[]
  readonly prices: readonly AssetPrice[]
}): DataState {
  const { positionId, needs, gaps, prices } = params
  const own = degraded(gaps.filter((gap) => isAbout(gap, positionId)).map(({ reason }) => reason))
  return needs.reduce((state, symbol) => {
    const price = prices.find(({ asset }) => asset === symbol)
    if (price === undefined) return worse(state, degraded([`${symbol}: it is not configured.`]))
    return price.dataState.kind === 'FRESH' ? state : worse(state, degraded(price.dataState.reasons))
  }, own)
}

function isAbout({ touches }: Gap, positionId: string): boolean {
  return touches.kind === 'position' && touches.positionId === positionId
}

/**
 * Does what was read of an account explain what the protocol reports? It does not if a collateral is not configured here, or
 * if thresholds are not those that we read.
 */
export function accountState(
  { reported, legs }: LendingReading,
  prices: readonly Pick<ProtocolPriceReading, 'asset' | 'usd'>[],
): DataState {
  const sums = { collateral: 0, power: 0, debt: 0 }
  for (const leg of legs) {
    const usd = prices.find(({ asset }) => asset === leg.asset)?.usd
    // Then the missing price is a gap of its own.
    if (usd === undefined) return fresh
    const counted = leg.usedAsCollateral && leg.liquidationThreshold > 0 ? leg.supplied * usd : 0
    sums.collateral += counted
    sums.power += counted * leg.liquidationThreshold
    sums.debt += (leg.variableDebt + leg.stableDebt) * usd
  }
  const complaint = (what: string, ours: number, theirs: number) =>
    Math.abs(ours - theirs) > summaryDisagreement * Math.max(Math.abs(theirs), 1)
      ? [
          `aave-v3: the protocol reports ${what} of ${theirs.toFixed(2)} USD, its legs add up to ${ours.toFixed(2)} USD.`,
        ]
      : []
  return degraded([
    ...complaint('collateral', sums.collateral, reported.collateralUsd),
    ...complaint('debt', sums.debt, reported.debtUsd),
    ...complaint('borrowing power', sums.power, reported.collateralUsd * reported.liquidationThreshold),
  ])
}

/** Where the market has left the protocol's price: worth telling, no reason to distrust either. */
export function strainOf(params: {
  readonly symbol: AssetSymbol
  readonly lensGap: Ratio
  readonly limits: LensLimits
}): readonly PriceSignal[] {
  const { symbol, lensGap, limits } = params
  if (Math.abs(lensGap) <= limits.warn) return []
  return [
    { code: 'lens-gap', reason: `${symbol}: the market pays ${percent(lensGap)} against what the protocol believes.` },
  ]
}

/** What is told of prices, as context of the snapshot. A market that is too thin to be heard still shows. */
export function contextOf({ asset: symbol, lensGap, maxLensGap: warn = 0, signals = [] }: AssetPrice): readonly Gap[] {
  const isTold = signals.some(({ code }) => code === 'lens-gap')
  const thin = isTold || lensGap === undefined ? [] : strainOf({ symbol, lensGap, limits: { warn, halt: warn } })
  return [...thin, ...signals].map((one) => ({ subject: `market ${symbol}`, ...one, touches: { kind: 'context' } }))
}

/**
 * The portfolio: BLIND if every chain is, if the account at home that can be liquidated was not read, or if nothing can be valued;
 * DEGRADED if any position is, or if one could not be read, or a whole chain of several.
 */
export function portfolioState(params: {
  readonly positions: readonly Position[]
  readonly gaps: readonly Gap[]
  readonly prices: readonly AssetPrice[]
  readonly needsOf: (position: Position) => readonly AssetSymbol[]
}): DataState {
  const { positions, gaps, prices, needsOf } = params
  const everything = gaps.filter(({ touches }) => touches.kind === 'everything')
  if (everything.length > 0) return blind(everything.map(({ reason }) => reason))
  const isHeld = (id: string) => positions.some((position) => position.id === id)
  const account = gaps.filter((gap) => isAbout(gap, 'aave-v3'))
  if (account.length > 0 && !isHeld('aave-v3')) return blind(account.map(({ reason }) => reason))
  const missing = gaps.filter(
    ({ touches }) => touches.kind === 'chain' || (touches.kind === 'position' && !isHeld(touches.positionId)),
  )
  const state = positions.reduce(
    (sum, { dataState }) => worse(sum, dataState),
    degraded(missing.map(({ reason }) => reason)),
  )
  const hasPrice = (symbol: AssetSymbol) => prices.some(({ asset, usd }) => asset === symbol && usd !== undefined)
  const canValueAny = positions.some((position) => needsOf(position).every(hasPrice))
  const isEmpty = positions.length === 0 && missing.length === 0
  if (canValueAny || isEmpty || state.kind === 'FRESH') return state
  return blind(state.reasons)
}
