// An account on Perp v2 as positions: held against the protocol's own sums, and a contract a market.

import { toDecimal } from '../../base/amount.ts'
import type { AssetConfig } from '../../model/configuration.ts'
import type { Answer } from '../chain/contract-call.ts'
import { type Refusal, refusal } from './as-configured.ts'
import type { ReadingPart } from './define-protocol.ts'
import {
  magnitude,
  type OpenMarket,
  perpDecimals,
  profitOf,
  type SecuredMarket,
  securedMarkets,
} from './perp-v2-margin.ts'
import { positionPart } from './position-part.ts'

const ratioDecimals = 6
/** From a ratio's decimals to an amount's. */
const ratioScale = 10n ** BigInt(perpDecimals - ratioDecimals)
/** One in so many. What the protocol sums up is off by units; a market or a balance that was missed, by far more. */
const tolerance = 10n ** 9n

export interface PerpCollateral {
  readonly asset: AssetConfig
  readonly units: bigint
  /** Part of its value that counts, 6 decimals. */
  readonly ratio: number
}

export interface PerpContract extends OpenMarket {
  readonly baseToken: string
  readonly underlying: string
}

export interface PerpAccount {
  readonly settlement: AssetConfig
  /** Settlement tokens without the profits of `open`, 18 decimals. */
  readonly cash: bigint
  /** With a size and a value. */
  readonly open: readonly PerpContract[]
  readonly posted: readonly PerpCollateral[]
  /** By the protocol's prices, of all contracts: also of those in markets that are not open any more, which cannot change but still need their margin. */
  readonly notional: bigint
  /** Maintenance margin by the notional, 6 decimals. */
  readonly mmRatio: number
}

export const perpContractId = (baseToken: string) => `perp-v2:${baseToken}`

const inTokens = (amount: bigint) => toDecimal(amount, perpDecimals)

/** What the protocol sums up against what was read; undefined if they agree. */
export function doubtOf(
  { settlement, cash, open, notional, mmRatio }: PerpAccount,
  own: { readonly value: Answer<bigint>; readonly requirement: Answer<bigint>; readonly hasCollateral: boolean },
): Refusal | undefined {
  const { value, requirement, hasCollateral } = own
  if (!value.ok) return value
  if (!requirement.ok) return requirement
  // The protocol cuts sums to the decimals of its settlement token.
  const unit = 10n ** BigInt(perpDecimals - settlement.decimals)
  const slack = (sum: bigint) => magnitude(sum) / tolerance + unit
  const equity = open.reduce((sum, market) => sum + profitOf(market), cash)
  const excess = value.value - equity
  // Further collateral is in the protocol's sum, by prices of its own.
  if (excess < -slack(equity) || (!hasCollateral && excess > slack(equity))) {
    const reason = `the protocol says that it is worth ${inTokens(value.value)}, its parts say ${inTokens(equity)}`
    return refusal('account-value-differs', reason)
  }
  const needed = (notional * BigInt(mmRatio)) / 10n ** BigInt(ratioDecimals)
  if (magnitude(requirement.value - needed) <= slack(needed)) return undefined
  const reason = `the protocol asks a margin of ${inTokens(requirement.value)}, its contracts ${inTokens(needed)}`
  return refusal('margin-differs', reason)
}

export function accountParts(account: PerpAccount): readonly ReadingPart[] {
  const { cash, open } = account
  if (open.length === 0) return marginParts(account)
  const secured = securedMarkets(cash, open)
  return open.flatMap((contract, index) => {
    const security = secured[index]
    return security === undefined ? [] : [contractPart(account, contract, security)]
  })
}

/** What is posted without a contract to secure, token by token. */
function marginParts({ settlement, cash, posted }: PerpAccount): readonly ReadingPart[] {
  const held = [
    { symbol: settlement.symbol, quantity: inTokens(cash) },
    ...posted.map(({ asset, units }) => ({ symbol: asset.symbol, quantity: toDecimal(units, asset.decimals) })),
  ]
  return held
    .filter(({ quantity }) => quantity !== 0)
    .map(({ symbol, quantity }) =>
      positionPart({
        id: `perp-v2:margin:${symbol}`,
        label: `Perp v2 margin in ${symbol}`,
        instrument: { kind: 'spot', terms: { asset: symbol, quantity } },
        needs: [symbol],
      }),
    )
}

/**
 * Without an asset of settlement: the index counts dollars, and each is paid as one token. To tell its prices in that token would make every contract
 * short of it by its whole notional.
 */
function contractPart(
  { settlement, posted, notional, mmRatio }: PerpAccount,
  { baseToken, underlying, size, pendingFunding }: PerpContract,
  { entryPrice, margin, share: [part, whole] }: SecuredMarket,
): ReadingPart {
  const legs = [
    { asset: settlement.symbol, quantity: inTokens(margin) },
    ...posted.map(({ asset, units, ratio }) => ({
      asset: asset.symbol,
      quantity: toDecimal((units * part) / whole, asset.decimals),
      haircut: 1 - toDecimal(BigInt(ratio), ratioDecimals),
    })),
  ].filter(({ quantity }) => quantity !== 0)
  const terms = {
    asset: underlying,
    quantity: inTokens(size),
    entryPrice: inTokens(entryPrice),
    accruedFunding: inTokens(-pendingFunding),
    margin: legs,
    maintenance: [{ floor: 0, rate: inTokens((notional * BigInt(mmRatio) * ratioScale) / whole) }],
  }
  return positionPart({
    id: perpContractId(baseToken),
    label: `Perp v2 ${underlying} ${size > 0n ? 'long' : 'short'}`,
    instrument: { kind: 'linear-perp', terms },
    needs: [...new Set([underlying, ...legs.map(({ asset }) => asset)])],
  })
}
