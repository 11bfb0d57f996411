// The rules of trust: which gap, lateness or disagreement makes what FRESH, DEGRADED or BLIND. The README has them as a table.

import { describeSpan } from '../base/time.ts'
import type { Ratio, Usd } from '../base/units.ts'
import type { AssetConfig } from '../model/configuration.ts'
import { type DataState, fresh, type Gap, worse } from '../model/data-state.ts'
import type { AssetSymbol } from '../model/identity.ts'
import type { LendingReading, ProtocolPriceReading } from '../model/reading.ts'
import type { AssetPrice, Position } from '../model/snapshot.ts'

/** Feed and protocol further apart than this: one of them is wrong. */
const protocolDisagreement: Ratio = 0.02
/** The market may stray from the protocol; beyond this the strain is worth telling. */
const lensStrain: Ratio = 0.03
/** Feed and market further apart than this: a wrong unit, a clamped feed, a price that is set by hand, or a market that is pushed. */
const marketDisagreement: Ratio = 0.2
/** What a pool must hold to speak against a feed: anybody can open a small one at any price. */
const depthThatCounts: Usd = 100_000
/** The account's legs must explain the protocol's own summary this well. */
const summaryDisagreement: Ratio = 0.005

const degraded = (reasons: readonly string[]): DataState =>
  reasons.length === 0 ? fresh : { kind: 'DEGRADED', reasons }
const blind = (reasons: readonly string[]): DataState => ({ kind: 'BLIND', reasons })
const percent = (ratio: Ratio) => `${+(ratio * 100).toFixed(2)} %`

/** How far one asset's price can be trusted: BLIND without one. */
export function assetState(params: {
  readonly asset: AssetConfig
  readonly gaps: readonly Gap[]
  readonly usd: Usd | undefined
  readonly ageSeconds: number | undefined
  readonly protocolUsd: Usd | undefined
  /** What the deepest pool pays. */
  readonly market: { readonly usd: Usd; readonly depthUsd: Usd } | undefined
}): DataState {
  const { asset, gaps, usd, ageSeconds, protocolUsd, market } = params
  const { symbol, feed } = asset
  const own = gaps.filter(({ touches }) => touches.kind === 'asset' && touches.asset === symbol)
  const reasons = own.map(({ reason }) => reason)
  if (usd === undefined || ageSeconds === undefined) {
    return blind(reasons.length > 0 ? reasons : [`feed ${symbol}: there is no answer.`])
  }
  const isLate = ageSeconds > feed.heartbeatSeconds + feed.graceSeconds
  if (isLate && !own.some(({ code }) => code === 'feed-stale')) {
    reasons.push(`feed ${symbol}: its answer is ${describeSpan(ageSeconds)} old.`)
  }
  if (protocolUsd !== undefined && Math.abs(protocolUsd / usd - 1) > protocolDisagreement) {
    reasons.push(`${symbol}: the lending protocol believes ${protocolUsd} USD, the feed says ${usd} USD.`)
  }
  const canSpeak = market !== undefined && market.depthUsd >= depthThatCounts
  if (canSpeak && Math.abs(market.usd / usd - 1) > marketDisagreement) {
    reasons.push(`${symbol}: the market pays ${market.usd} USD, the feed says ${usd} USD: one of both is wrong.`)
  }
  return degraded(reasons)
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
export function strainOf({ asset, lensGap }: AssetPrice): readonly Gap[] {
  if (lensGap === undefined || Math.abs(lensGap) <= lensStrain) return []
  const reason = `${asset}: the market pays ${percent(lensGap)} against what the protocol believes.`
  return [{ subject: `market ${asset}`, code: 'lens-gap', reason, touches: { kind: 'context' } }]
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
