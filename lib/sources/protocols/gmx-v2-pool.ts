// Shares of a pool of GMX v2 (GM): its tokens, and the other side of what its traders hold.

import { toDecimal } from '../../base/amount.ts'
import type { ChainReader } from '../chain/chain-session.ts'
import type { ReadingPart } from './define-protocol.ts'
import { gmxReaderAbi, profitsAtWithdrawal } from './gmx-v2-abi.ts'
import { type GmxContracts, type GmxMarket, gmxDecimals, wholePrice } from './gmx-v2-market.ts'
import { positionPart, refusedPart } from './position-part.ts'

/** Of a share. */
const shareDecimals = 18

export interface PoolParams extends GmxContracts {
  readonly market: GmxMarket
  /** Shares, 18 decimals. */
  readonly balance: bigint
  readonly supply: bigint
  /** Index tokens that longs hold and shorts owe, net. */
  readonly netInterest: bigint
}

export const poolId = (market: string) => `gmx-v2:pool:${market}`

/**
 * Looked through to what moves it: its two tokens, and a contract of the size that its traders hold against it, at the price of the block. What else it is
 * worth (profits so far, fees to come, what is set aside for impact) is a sum in USD, so that the value is what a share is redeemed at.
 */
export async function readPool(reader: ChainReader, params: PoolParams): Promise<ReadingPart> {
  const { reader: to, dataStore, market, balance, supply, netInterest } = params
  const { setting, long, short, props, prices } = market
  const id = poolId(setting.address)
  const { indexTokenPrice, longTokenPrice, shortTokenPrice } = prices
  const found = await reader.ask({
    to,
    abi: gmxReaderAbi,
    functionName: 'getMarketTokenPrice',
    args: [dataStore, props, indexTokenPrice, longTokenPrice, shortTokenPrice, profitsAtWithdrawal, false],
  })
  if (!found.ok) return refusedPart(id, found)
  const [price, pool] = found.value
  const { longTokenAmount, shortTokenAmount, longTokenUsd, shortTokenUsd, impactPoolAmount, lentImpactPoolAmount } =
    pool
  const isEcho =
    longTokenUsd === longTokenAmount * longTokenPrice.min && shortTokenUsd === shortTokenAmount * shortTokenPrice.min
  if (!isEcho) {
    const reason = 'its Reader answers another structure than that of version 2.2'
    return refusedPart(id, { ok: false, code: 'unknown-reader', reason })
  }
  const part = (units: bigint) => (units * balance) / supply
  const held = [
    { asset: long.symbol, quantity: toDecimal(part(longTokenAmount), long.decimals) },
    { asset: short.symbol, quantity: toDecimal(part(shortTokenAmount), short.decimals) },
  ].filter(({ quantity }) => quantity !== 0)
  const against = part(lentImpactPoolAmount - netInterest - impactPoolAmount)
  const worth = (price * balance) / 10n ** BigInt(shareDecimals)
  const terms = {
    asset: setting.underlying,
    quantity: toDecimal(against, setting.indexDecimals),
    entryPrice: wholePrice(indexTokenPrice, setting.indexDecimals),
    accruedFunding: toDecimal(worth - part(longTokenUsd + shortTokenUsd), gmxDecimals),
    margin: held,
  }
  return positionPart({
    id,
    label: `GMX v2 ${setting.underlying} pool of ${long.symbol} and ${short.symbol}`,
    instrument: { kind: 'linear-perp', terms },
    needs: [...new Set([setting.underlying, ...held.map(({ asset }) => asset)])],
  })
}
