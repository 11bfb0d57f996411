// Makers' orders on Perp v2: what an account's contract takes to be fixed for the moment buys while the price falls and sells while it rises.

import { toDecimal } from '../../base/amount.ts'
import type { AssetConfig } from '../../model/configuration.ts'
import type { Address, Hex } from '../../model/identity.ts'
import type { ChainReader } from '../chain/chain-session.ts'
import { firstRefusal, refusal } from './as-configured.ts'
import { joinParts, type ReadingPart } from './define-protocol.ts'
import { perpOrderBookAbi } from './perp-v2-abi.ts'
import { perpContractId } from './perp-v2-account.ts'
import { perpDecimals } from './perp-v2-margin.ts'
import { positionPart, refusedPart } from './position-part.ts'
import { tickToPrice } from './uniswap-v3-fees.ts'

export interface OrdersParams {
  readonly account: Address
  readonly orderBook: Address
  readonly settlement: AssetConfig
  readonly baseToken: Address
  readonly underlying: string
  readonly orderIds: readonly Hex[]
}

/**
 * Ranges of the market's pool, against what they hold at the block, which the contract counts: together they are worth nothing now, and what the orders gain
 * or lose as the price moves. Their fees are in the margin. If any cannot be read there is none: half of them would be a holding.
 */
export async function readOrders(reader: ChainReader, params: OrdersParams): Promise<ReadingPart> {
  const { account, orderBook: to, settlement, baseToken, underlying, orderIds } = params
  if (orderIds.length === 0) return {}
  const at = { to, abi: perpOrderBookAbi } as const
  const inPool = { ...at, functionName: 'getTotalTokenAmountInPoolAndPendingFee' } as const
  const [base, quote, orders] = await Promise.all([
    reader.ask({ ...inPool, args: [account, baseToken, true] }),
    reader.ask({ ...inPool, args: [account, baseToken, false] }),
    Promise.all(orderIds.map((id) => reader.ask({ ...at, functionName: 'getOpenOrderById', args: [id] }))),
  ])
  const unread = firstRefusal(base, quote, ...orders)
  const setOffId = `perp-v2:orders:${baseToken}`
  if (unread !== undefined) return refusedPart(setOffId, unread)
  if (!base.ok || !quote.ok) return {}
  const ranges = orders.flatMap((order) => (order.ok ? [rangePart(params, order.value)] : []))
  const counted = [
    { asset: underlying, units: base.value[0] },
    { asset: settlement.symbol, units: quote.value[0] },
  ].map(({ asset, units }) => setOffPart(`${setOffId}:${asset}`, { asset, units, underlying }))
  const parts = joinParts([...ranges, ...counted])
  const [broken] = parts.gaps
  if (broken !== undefined) return refusedPart(setOffId, { ok: false, code: broken.code, reason: broken.reason })
  const reason = 'its liquidation price takes its maker orders to hold what they hold at the block'
  return joinParts([
    parts,
    refusedPart(perpContractId(baseToken), refusal('maker-orders', reason), { kind: 'context' }),
  ])
}

type Order = readonly [liquidity: bigint, lowerTick: number, upperTick: number, ...rest: unknown[]]

function rangePart({ settlement, baseToken, underlying }: OrdersParams, [liquidity, from, to]: Order): ReadingPart {
  if (liquidity === 0n) return {}
  const terms = {
    asset0: underlying,
    asset1: settlement.symbol,
    liquidity: toDecimal(liquidity, perpDecimals),
    lowerPrice: tickToPrice(from, perpDecimals, perpDecimals),
    upperPrice: tickToPrice(to, perpDecimals, perpDecimals),
    owed0: 0,
    owed1: 0,
  }
  return positionPart({
    id: `perp-v2:order:${baseToken}:${from}:${to}`,
    label: `Perp v2 ${underlying} maker order`,
    instrument: { kind: 'uniswap-v3-range', terms },
    needs: [underlying, settlement.symbol],
  })
}

function setOffPart(
  id: string,
  { asset, units, underlying }: { readonly asset: string; readonly units: bigint; readonly underlying: string },
): ReadingPart {
  if (units === 0n) return {}
  return positionPart({
    id,
    label: `${asset} of Perp v2 ${underlying} maker orders that its contract counts`,
    instrument: { kind: 'spot', terms: { asset, quantity: -toDecimal(units, perpDecimals) } },
    needs: [asset],
  })
}
