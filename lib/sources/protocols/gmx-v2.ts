// Positions on markets of GMX v2 that the settings name, shares of their pools, and funding that waits to be claimed.

import { toDecimal } from '../../base/amount.ts'
import * as z from '../../base/schema.ts'
import type { AssetConfig, ChainConfig } from '../../model/configuration.ts'
import type { Address, Hex } from '../../model/identity.ts'
import type { ChainReader } from '../chain/chain-session.ts'
import type { Answer } from '../chain/contract-call.ts'
import { addressSetting } from './address-setting.ts'
import { decimalsDiffer, firstRefusal, refusal } from './as-configured.ts'
import { countedAsAsset } from './counted-as-asset.ts'
import { defineProtocol, joinParts, type ReadingPart } from './define-protocol.ts'
import { claimableFundingKey, gmxReaderAbi, gmxStoreAbi, liquidationImpactKey, openInterestKey } from './gmx-v2-abi.ts'
import {
  type GmxContracts,
  type GmxMarket,
  gmxMarketSetting,
  marketDiffers,
  type NamedMarket,
  namedMarket,
  readPrices,
} from './gmx-v2-market.ts'
import { poolId, readPool } from './gmx-v2-pool.ts'
import { type GmxPosition, readPosition } from './gmx-v2-position.ts'
import { lpDecimals, poolTokensAbi } from './pool-tokens.ts'
import { poolsSetting } from './pools-setting.ts'
import { positionPart, refusedPart } from './position-part.ts'

/** What one answer holds, and how many are asked for. An account of more than a thousand positions is not read to its end. */
const pageSize = 100
const mostPages = 10

export const gmxV2 = defineProtocol({
  name: 'gmx-v2',
  title: 'GMX v2 positions, shares of its pools, funding to claim',
  evidence: 'fixture',
  settings: z.strictObject({
    reader: addressSetting('the Reader, of version 2.2'),
    dataStore: addressSetting('its data store'),
    referralStorage: addressSetting('its referral storage'),
    markets: poolsSetting(gmxMarketSetting, 'markets to look in', ({ address }) => address),
  }),
  read: async (reader, { chain, account, settings }) => {
    const named = settings.markets.map((setting) => ({ setting, market: namedMarket(chain, setting) }))
    const of = { chain, account, contracts: settings }
    const [positions, ...states] = await Promise.all([
      askPositions(reader, settings, account),
      ...named.flatMap(({ market }) => (market.ok ? [askMarket(reader, { ...of, market: market.value })] : [])),
    ])
    const markets = states.map((state) => {
      const { address } = state.market.setting
      const held = positions.held.filter(({ addresses }) => lower(addresses.market) === address)
      return marketParts(reader, { ...of, state, positions: held })
    })
    const unnamed = named.map(({ setting, market }) =>
      market.ok ? {} : refusedPart(marketId(setting.address), market),
    )
    const strange = positions.held.filter(
      ({ addresses }) => !settings.markets.some(({ address }) => address === lower(addresses.market)),
    )
    return joinParts([positions.part, ...unnamed, ...(await Promise.all(markets)), ...strange.map(strangePart)])
  },
})

const lower = (address: string) => address.toLowerCase() as Address
const marketId = (market: string) => `gmx-v2:${market}`

interface Positions {
  readonly held: readonly GmxPosition[]
  readonly part: ReadingPart
}

/** Page by page; nearly every account has one. */
async function askPositions(reader: ChainReader, contracts: GmxContracts, account: Address): Promise<Positions> {
  const held: GmxPosition[] = []
  const refused = (code: string, reason: string): Positions => {
    return { held, part: refusedPart('gmx-v2:positions', refusal(code, reason)) }
  }
  for (let page = 0; page < mostPages; page++) {
    const [from, to] = [BigInt(page * pageSize), BigInt((page + 1) * pageSize)]
    const call = { to: contracts.reader, abi: gmxReaderAbi, functionName: 'getAccountPositions' } as const
    const found = await reader.ask({ ...call, args: [contracts.dataStore, account, from, to] })
    if (!found.ok) return refused(found.code, found.reason)
    // Positions of an older version are shorter: read as these, the words of one run into those of the next.
    if (found.value.some(({ addresses }) => lower(addresses.account) !== account)) {
      return refused('unknown-reader', 'its Reader answers another structure than that of version 2.2')
    }
    held.push(...found.value)
    if (found.value.length < pageSize) return { held, part: {} }
  }
  return refused('too-many-positions', `the account has more than ${held.length} positions, which are not read`)
}

function strangePart({ addresses: { market } }: GmxPosition): ReadingPart {
  const reason = `it has a position in a market that is not configured (${market})`
  return refusedPart(marketId(lower(market)), refusal('unknown-market', reason))
}

interface MarketParams {
  readonly chain: ChainConfig
  readonly account: Address
  readonly contracts: GmxContracts
}

/** All that needs no other answer, in one round. */
async function askMarket(
  reader: ChainReader,
  { account, contracts, market }: MarketParams & { readonly market: NamedMarket },
) {
  const { setting, long, short } = market
  const { address } = setting
  const token = { to: address, abi: poolTokensAbi } as const
  const marketCall = { to: contracts.reader, abi: gmxReaderAbi, functionName: 'getMarket' } as const
  const store = (key: Hex) =>
    reader.ask({ to: contracts.dataStore, abi: gmxStoreAbi, functionName: 'getUint', args: [key] })
  const pool = { symbol: 'its pool token', address, decimals: lpDecimals }
  const interest = [true, false].flatMap((isLong) =>
    [long, short].map((collateral) => store(openInterestKey(address, collateral.address, isLong))),
  )
  const claims = [...new Set([long, short])].map(async (asset) => {
    return { asset, units: await store(claimableFundingKey(address, asset.address, account)) }
  })
  const [prices, props, balance, supply, misfit, impactFactor] = await Promise.all([
    readPrices(reader, market),
    reader.ask({ ...marketCall, args: [contracts.dataStore, address] }),
    reader.ask({ ...token, functionName: 'balanceOf', args: [account] }),
    reader.ask({ ...token, functionName: 'totalSupply', args: [] }),
    decimalsDiffer(reader, [pool, long, short]),
    store(liquidationImpactKey(address)),
  ])
  const wrong = firstRefusal(misfit, marketDiffers(market, props))
  return {
    market,
    prices,
    balance,
    supply,
    wrong,
    impactFactor,
    interest: await Promise.all(interest),
    claims: await Promise.all(claims),
  }
}

type MarketState = Awaited<ReturnType<typeof askMarket>>

interface HeldParams extends MarketParams {
  readonly state: MarketState
  readonly positions: readonly GmxPosition[]
}

async function marketParts(reader: ChainReader, params: HeldParams): Promise<ReadingPart> {
  const { contracts, state, positions } = params
  const { market, prices, balance, wrong, impactFactor } = state
  const id = marketId(market.setting.address)
  // Also where nothing is held: what is meant may be elsewhere.
  if (wrong !== undefined) return refusedPart(id, wrong)
  const claims = state.claims.map((claim) => claimPart(market, claim))
  if (positions.length === 0 && balance.ok && balance.value === 0n) return joinParts(claims)
  if (!prices.ok) return joinParts([...claims, refusedPart(id, prices)])
  const priced: GmxMarket = { ...market, prices: prices.value }
  const own = impactFactor.ok
    ? positions.map((position) =>
        readPosition(reader, { ...contracts, position, market: priced, impactFactor: impactFactor.value }),
      )
    : positions.map(() => refusedPart(id, impactFactor))
  return joinParts([...claims, ...(await Promise.all([...own, sharePart(reader, { ...params, market: priced })]))])
}

/** Funding that was booked and not yet paid out. */
function claimPart(
  { setting }: NamedMarket,
  { asset, units }: { readonly asset: AssetConfig; readonly units: Answer<bigint> },
): ReadingPart {
  const { symbol } = asset
  const id = `gmx-v2:claim:${setting.address}:${symbol}`
  if (!units.ok) return refusedPart(id, units)
  if (units.value === 0n) return {}
  return positionPart({
    id,
    label: `GMX v2 ${setting.underlying} funding to claim in ${symbol}`,
    instrument: { kind: 'spot', terms: { asset: symbol, quantity: toDecimal(units.value, asset.decimals) } },
    needs: [symbol],
  })
}

async function sharePart(
  reader: ChainReader,
  { chain, contracts, state, market }: HeldParams & { readonly market: GmxMarket },
): Promise<ReadingPart> {
  const { balance, supply, interest } = state
  const { address } = market.setting
  const id = poolId(address)
  if (!balance.ok) return refusedPart(id, balance)
  if (balance.value === 0n) return {}
  const counted = countedAsAsset(chain, address, id)
  if (counted !== undefined) return counted
  const wrong = firstRefusal(supply, ...interest)
  if (wrong !== undefined || !supply.ok) return wrong === undefined ? {} : refusedPart(id, wrong)
  if (supply.value < balance.value) {
    return refusedPart(
      id,
      refusal('impossible-terms', `there are ${supply.value} shares, of which it has ${balance.value}`),
    )
  }
  const [longs = 0n, longsInShort = 0n, shorts = 0n, shortsInShort = 0n] = interest.map((one) =>
    one.ok ? one.value : 0n,
  )
  // Pools of one token keep their interest once for both, each time the whole.
  const divisor = market.long === market.short ? 2n : 1n
  const netInterest = (longs + longsInShort - shorts - shortsInShort) / divisor
  return await readPool(reader, { ...contracts, market, balance: balance.value, supply: supply.value, netInterest })
}
