// A position on GMX v2 as a perpetual with its own collateral: what has accrued to the block, and where it is liquidated.

import { toDecimal } from '../../base/amount.ts'
import type { AssetConfig } from '../../model/configuration.ts'
import type { Address } from '../../model/identity.ts'
import type { ChainReader } from '../chain/chain-session.ts'
import type { ReturnOf } from '../chain/contract-call.ts'
import { type Refusal, refusal } from './as-configured.ts'
import { joinParts, type ReadingPart } from './define-protocol.ts'
import { gmxReaderAbi, positionKey } from './gmx-v2-abi.ts'
import { type GmxContracts, type GmxMarket, gmxDecimals, wholePrice } from './gmx-v2-market.ts'
import { positionPart, refusedPart } from './position-part.ts'

export type GmxPosition = ReturnOf<typeof gmxReaderAbi, 'getAccountPositions'>[number]
type Info = ReturnOf<typeof gmxReaderAbi, 'getPositionInfo'>
type Verdict = ReturnOf<typeof gmxReaderAbi, 'isPositionLiquidatable'>

const zeroAddress = '0x0000000000000000000000000000000000000000'
const one = 10n ** BigInt(gmxDecimals)
/** One in so many of a position's size. The protocol rounds to units; what was misread is off by far more. */
const tolerance = 10n ** 6n
const usd = (amount: bigint) => toDecimal(amount, gmxDecimals)
const lesser = (a: bigint, b: bigint) => (a < b ? a : b)
const greater = (a: bigint, b: bigint) => (a > b ? a : b)

export interface PositionParams extends GmxContracts {
  readonly position: GmxPosition
  readonly market: GmxMarket
  /** Part of the size that price impact may cost at a liquidation, 30 decimals. */
  readonly impactFactor: bigint
}

interface Held extends PositionParams {
  readonly id: string
  readonly collateral: AssetConfig
  /** USD for a unit, 30 decimals. */
  readonly collateralPrice: bigint
}

/** Two questions with the market's prices: what is pending, and what the protocol makes of it. */
export async function readPosition(reader: ChainReader, params: PositionParams): Promise<ReadingPart> {
  const { reader: to, dataStore, referralStorage, position, market } = params
  const { account, market: marketToken, collateralToken } = position.addresses
  const { isLong } = position.flags
  const token = collateralToken.toLowerCase() as Address
  const isInLong = token === market.long.address
  const collateral = isInLong ? market.long : market.short
  const id = `gmx-v2:${market.setting.address}:${collateral.symbol}:${isLong ? 'long' : 'short'}`
  if (token !== collateral.address) {
    return refusedPart(id, refusal('not-as-configured', `its collateral ${token} is none of its market's tokens`))
  }
  const key = positionKey([account, marketToken, collateralToken, isLong])
  const at = { to, abi: gmxReaderAbi } as const
  const about = [dataStore, referralStorage, key] as const
  const [info, verdict] = await Promise.all([
    reader.ask({ ...at, functionName: 'getPositionInfo', args: [...about, market.prices, 0n, zeroAddress, true] }),
    reader.ask({
      ...at,
      functionName: 'isPositionLiquidatable',
      args: [...about, market.props, market.prices, true, true],
    }),
  ])
  if (!info.ok) return refusedPart(id, info)
  const { longTokenPrice, shortTokenPrice } = market.prices
  const held = { ...params, id, collateral, collateralPrice: (isInLong ? longTokenPrice : shortTokenPrice).min }
  const strange = echoDiffers(held, info.value)
  if (strange !== undefined) return refusedPart(id, strange)
  const sums = sumsOf(held, info.value)
  const part = contractPart(held, info.value, { sums, needed: verdict.ok ? neededOf(verdict.value) : undefined })
  const doubts = [verdict.ok ? doubtOf(held, sums, verdict.value) : verdict, cappedProfit(info.value)]
  return joinParts([part, ...doubts.flatMap((doubt) => (doubt === undefined ? [] : [refusedPart(id, doubt)]))])
}

/** A Reader of another version answers other structures, which may still decode: what is known beforehand must come back in its place. */
function echoDiffers({ position, market, collateralPrice }: Held, info: Info): Refusal | undefined {
  const { sizeInUsd, sizeInTokens, collateralAmount } = position.numbers
  const echoed = info.position.numbers
  const worth = sizeInTokens * market.prices.indexTokenPrice.min
  const profit = position.flags.isLong ? worth - sizeInUsd : sizeInUsd - worth
  const isSame =
    echoed.sizeInUsd === sizeInUsd &&
    echoed.sizeInTokens === sizeInTokens &&
    echoed.collateralAmount === collateralAmount &&
    info.fees.collateralTokenPrice.min === collateralPrice &&
    info.uncappedBasePnlUsd === profit
  if (isSame) return undefined
  return refusal('unknown-reader', 'its Reader answers another structure than that of version 2.2')
}

/** USD, 30 decimals. */
interface Sums {
  /** Fees and impact that are due already: below 0. Funding is apart, because it is owed in tokens. */
  readonly accrued: bigint
  /** What is left before anything is paid for closing it. */
  readonly equity: bigint
  /** What closing it in a liquidation costs beyond that. */
  readonly exitCost: bigint
  /** Of fees that the protocol books when somebody touches the market. */
  readonly unbooked: bigint
}

/** Impact that is pending from the opening counts where it costs; a rebate depends on what the pool has by then. */
function sumsOf({ position, collateralPrice, impactFactor }: Held, info: Info): Sums {
  const { sizeInUsd, collateralAmount } = position.numbers
  const { fees, executionPriceResult: execution, basePnlUsd, uncappedBasePnlUsd } = info
  const { fundingFeeAmount } = fees.funding
  const { borrowingFeeAmount, borrowingFeeUsd } = fees.borrowing
  const pending = lesser(0n, execution.proportionalPendingImpactUsd)
  const impact = greater(-(sizeInUsd * impactFactor) / one, lesser(0n, execution.totalImpactUsd))
  const closing = (fees.totalCostAmount - fundingFeeAmount - borrowingFeeAmount) * collateralPrice
  const accrued = basePnlUsd - uncappedBasePnlUsd - borrowingFeeUsd + pending
  const collateral = (collateralAmount - fundingFeeAmount) * collateralPrice
  return {
    accrued,
    equity: collateral + uncappedBasePnlUsd + accrued,
    exitCost: closing - impact + pending,
    unbooked: borrowingFeeUsd + fundingFeeAmount * collateralPrice,
  }
}

function neededOf([, , { minCollateralUsd, minCollateralUsdForLeverage }]: Verdict): bigint {
  return greater(0n, greater(minCollateralUsd, minCollateralUsdForLeverage))
}

/** The protocol's remaining collateral against that of the parts. It leaves out fees that are not yet booked, so that it may see more by as much. */
function doubtOf({ position }: Held, { equity, exitCost, unbooked }: Sums, verdict: Verdict): Refusal | undefined {
  const [, , { remainingCollateralUsd }] = verdict
  const slack = position.numbers.sizeInUsd / tolerance + one / tolerance
  const excess = remainingCollateralUsd - (equity - exitCost)
  if (excess >= -slack && excess <= unbooked + slack) return undefined
  const reason = `the protocol says that collateral of $${usd(remainingCollateralUsd)} remains, its parts say $${usd(equity - exitCost)}`
  return refusal('remaining-collateral-differs', reason)
}

function cappedProfit({ basePnlUsd, uncappedBasePnlUsd }: Info): Refusal | undefined {
  if (basePnlUsd === uncappedBasePnlUsd) return undefined
  const paid = `its profit of $${usd(uncappedBasePnlUsd)} is more than its pool pays, and counts as $${usd(basePnlUsd)}`
  return refusal('profit-capped', `${paid}: that it does not grow with the price any more is in no Greek and no stress`)
}

/** Funding that can be claimed is the account's, but secures nothing. */
function contractPart(
  held: Held,
  info: Info,
  { sums, needed }: { readonly sums: Sums; readonly needed: bigint | undefined },
): ReadingPart {
  const { id, position, market, collateral, collateralPrice } = held
  const { setting, long, short, prices } = market
  const { sizeInUsd, sizeInTokens, collateralAmount } = position.numbers
  const { fundingFeeAmount, claimableLongTokenAmount, claimableShortTokenAmount } = info.fees.funding
  const { isLong } = position.flags
  if (sizeInTokens === 0n) return refusedPart(id, refusal('impossible-terms', 'it has no size'))
  const tokens = (units: bigint, { symbol, decimals }: AssetConfig) => ({
    asset: symbol,
    quantity: toDecimal(units, decimals),
  })
  const size = toDecimal(sizeInTokens, setting.indexDecimals)
  const secured = tokens(collateralAmount - fundingFeeAmount, collateral)
  const claimable = [
    { ...tokens(claimableLongTokenAmount, long), haircut: 1 },
    { ...tokens(claimableShortTokenAmount, short), haircut: 1 },
  ]
  const contract = {
    quantity: isLong ? size : -size,
    entryPrice: usd((sizeInUsd * 10n ** BigInt(setting.indexDecimals)) / sizeInTokens),
    accruedFunding: usd(sums.accrued),
  }
  const price = wholePrice(prices.indexTokenPrice, setting.indexDecimals)
  const inIndex = secured.quantity * wholePrice({ min: collateralPrice, max: collateralPrice }, collateral.decimals)
  const rate =
    needed === undefined
      ? undefined
      : maintenanceRate({
          ...contract,
          needed: Math.max(0, usd(needed + sums.exitCost)),
          price,
          collateralUsd: inIndex,
          moves: collateral.underlying === setting.underlying,
        })
  const legs = [secured, ...claimable].filter(({ quantity }) => quantity !== 0)
  const maintenance = rate === undefined ? {} : { maintenance: [{ floor: 0, rate }] }
  return positionPart({
    id,
    label: `GMX v2 ${setting.underlying} ${isLong ? 'long' : 'short'} in ${collateral.symbol}`,
    instrument: {
      kind: 'linear-perp',
      terms: { asset: setting.underlying, ...contract, margin: legs, ...maintenance },
    },
    needs: [...new Set([setting.underlying, ...legs.map(({ asset }) => asset)])],
  })
}

/**
 * GMX asks a sum in USD, by the size at entry and whatever the price; a maintenance margin is a part of the notional. That part is taken at the price at
 * which the equity is that sum, so that the liquidation price is the protocol's. Where that is further away than half or twice the price it is taken there:
 * else a position without leverage would seem to need most of its margin already. Undefined for dust, which needs more than it is worth.
 */
export function maintenanceRate(of: {
  readonly quantity: number
  readonly entryPrice: number
  readonly accruedFunding: number
  readonly needed: number
  readonly price: number
  /** At that price. */
  readonly collateralUsd: number
  /** The collateral's price moves with that of the index. */
  readonly moves: boolean
}): number | undefined {
  const { quantity, entryPrice, accruedFunding, needed, price, collateralUsd, moves } = of
  const slope = quantity + (moves ? collateralUsd / price : 0)
  const fixed = accruedFunding - quantity * entryPrice + (moves ? 0 : collateralUsd)
  const liquidation = (needed - fixed) / slope
  const isAhead = Number.isFinite(liquidation) && liquidation > 0
  const at = isAhead ? Math.min(2 * price, Math.max(price / 2, liquidation)) : price
  const rate = needed / (Math.abs(quantity) * at)
  return rate < 1 ? rate : undefined
}
