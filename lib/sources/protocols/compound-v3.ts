// The account on markets of Compound v3 (Comet): what it supplies or owes of the base asset, and its collateral.

import { parseAbi } from 'viem/utils'
import { toDecimal } from '../../base/amount.ts'
import * as z from '../../base/schema.ts'
import { assetTerm, listTerm } from '../../instruments/term-schemas.ts'
import type { AssetConfig, ChainConfig } from '../../model/configuration.ts'
import type { Address } from '../../model/identity.ts'
import type { ChainReader } from '../chain/chain-session.ts'
import type { Answer } from '../chain/contract-call.ts'
import { addressSetting } from './address-setting.ts'
import { assetsBySymbol, firstRefusal, pinned, type Refusal, refusal } from './as-configured.ts'
import { discoverCompoundV3 } from './compound-v3-discovery.ts'
import { askCometTelemetry, cometTelemetry } from './compound-v3-telemetry.ts'
import { defineProtocol, joinParts, type ReadingPart } from './define-protocol.ts'
import { continuousRate } from './per-second-rate.ts'
import { positionPart, refusedPart } from './position-part.ts'

/** What Comet returns as structs of plain words is written as the words, so that their number is checked. */
export const cometAbi = parseAbi([
  'function baseToken() view returns (address)',
  'function baseScale() view returns (uint256)',
  'function baseTokenPriceFeed() view returns (address)',
  'function userBasic(address account) view returns (int104 principal, uint64 baseTrackingIndex, uint64 baseTrackingAccrued, uint16 assetsIn, uint8 reserved)',
  'function userCollateral(address account, address asset) view returns (uint128 balance, uint128 reserved)',
  'function balanceOf(address account) view returns (uint256)',
  'function borrowBalanceOf(address account) view returns (uint256)',
  'function isLiquidatable(address account) view returns (bool)',
  'function getUtilization() view returns (uint256)',
  'function getSupplyRate(uint256 utilization) view returns (uint64)',
  'function getBorrowRate(uint256 utilization) view returns (uint64)',
  'function getPrice(address priceFeed) view returns (uint256)',
  'function getAssetInfo(uint8 offset) view returns (uint8 offset, address asset, address priceFeed, uint64 scale, uint64 borrowCollateralFactor, uint64 liquidateCollateralFactor, uint64 liquidationFactor, uint128 supplyCap)',
  'function getAssetInfoByAddress(address asset) view returns (uint8 offset, address asset, address priceFeed, uint64 scale, uint64 borrowCollateralFactor, uint64 liquidateCollateralFactor, uint64 liquidationFactor, uint128 supplyCap)',
])

const factorDecimals = 18
const factorScale = 10n ** BigInt(factorDecimals)

const cometSetting = z.strictObject({
  address: addressSetting('the market'),
  base: assetTerm("the asset that is lent there, one of the chain's assets"),
})

export const compoundV3 = defineProtocol({
  name: 'compound-v3',
  title: 'Compound v3 accounts',
  lends: true,
  evidence: 'fixture',
  discover: discoverCompoundV3,
  settings: z.strictObject({
    comets: listTerm(cometSetting, 'markets to look in').check(
      z.minLength(1, 'must name a market, or be left out with its protocol'),
      z.refine((comets) => new Set(comets.map(({ address }) => address)).size === comets.length, 'must name each once'),
    ),
  }),
  read: async (reader, { chain, account, settings }) =>
    joinParts(
      await Promise.all(
        settings.comets.map(({ address, base }) => readComet(reader, { chain, account, comet: address, base })),
      ),
    ),
})

interface CometParams {
  readonly chain: ChainConfig
  readonly account: Address
  readonly comet: Address
  readonly base: string
}

interface Collateral {
  readonly asset: AssetConfig
  readonly units: bigint
  readonly offset: number
  readonly priceFeed: Address
  readonly scale: bigint
  /** Liquidation threshold, 18 decimals. */
  readonly factor: bigint
  readonly supplyCap: bigint
}

/** If any leg cannot be read, there is no account at all: without one of its legs it would be a wrong number. */
async function readComet(reader: ChainReader, params: CometParams): Promise<ReadingPart> {
  const { chain, account, comet } = params
  const id = `compound-v3:${comet}`
  const found = assetsBySymbol(chain, [params.base])
  const [base] = found.ok ? found.value : []
  const others = chain.assets.filter((asset) => asset !== base)
  const [market, of, collateral] = await Promise.all([
    askMarket(reader, comet),
    askAccount(reader, { account, comet }),
    Promise.all(others.map((asset) => readCollateral(reader, { account, comet, asset }))),
  ])
  if (!of.basics.ok) return refusedPart(id, of.basics)
  const { principal, offsets } = basicsOf(of.basics.value)
  const isEmpty = principal === 0n && offsets.length === 0
  const wrong = firstRefusal(
    found,
    pinned('base token', base?.address ?? '', market.baseToken),
    pinned('base scale', 10n ** BigInt(base?.decimals ?? 0), market.baseScale),
  )
  if (wrong !== undefined) return refusedPart(id, wrong)
  if (isEmpty || base === undefined) return {}
  const unread = firstRefusal(of.supplied, of.owed, ...collateral)
  if (unread !== undefined) return refusedPart(id, unread)
  if (!of.supplied.ok || !of.owed.ok) return {}
  const held = collateral.flatMap((one) => (one.ok && one.value !== undefined ? [one.value] : []))
  const strange = offsets.filter((offset) => !held.some((one) => one.offset === offset))
  const owed = of.owed.value
  const isComplete = strange.length === 0
  const [rates, condition, unknown, doubt] = await Promise.all([
    readRates(reader, { comet, utilization: market.utilization }),
    askCometTelemetry(reader, { comet, base, utilization: market.utilization, held }),
    Promise.all(strange.map((offset) => describeStrange(reader, { comet, id, offset }))),
    owed === 0n
      ? undefined
      : doubtOfSafety(reader, {
          comet,
          base,
          priceFeed: market.priceFeed,
          verdict: of.verdict,
          owed,
          held,
          isComplete,
        }),
  ])
  const doubts = [rates.doubt, doubt].flatMap((one) => (one === undefined ? [] : [refusedPart(id, one)]))
  const position = accountPart(id, { base, supplied: of.supplied.value, owed, held, rates })
  return joinParts([position, cometTelemetry(condition, rates), ...unknown, ...doubts])
}

async function askMarket(reader: ChainReader, comet: Address) {
  const at = { to: comet, abi: cometAbi, args: [] } as const
  const [baseToken, baseScale, priceFeed, utilization] = await Promise.all([
    reader.ask({ ...at, functionName: 'baseToken' }),
    reader.ask({ ...at, functionName: 'baseScale' }),
    reader.ask({ ...at, functionName: 'baseTokenPriceFeed' }),
    reader.ask({ ...at, functionName: 'getUtilization' }),
  ])
  return { baseToken, baseScale, priceFeed, utilization }
}

/** Balances with interest up to the block. */
async function askAccount(reader: ChainReader, { account, comet }: AskParams) {
  const at = { to: comet, abi: cometAbi, args: [account] } as const
  const [basics, supplied, owed, verdict] = await Promise.all([
    reader.ask({ ...at, functionName: 'userBasic' }),
    reader.ask({ ...at, functionName: 'balanceOf' }),
    reader.ask({ ...at, functionName: 'borrowBalanceOf' }),
    reader.ask({ ...at, functionName: 'isLiquidatable' }),
  ])
  return { basics, supplied, owed, verdict }
}

/** Bits 0 to 15 of the collateral that an account has are `assetsIn`; markets of up to 24 keep the others in what was reserved. */
function basicsOf([principal, , , assetsIn, reserved]: readonly [bigint, bigint, bigint, number, number]) {
  const bits = assetsIn + reserved * 2 ** 16
  const offsets = Array.from({ length: 24 }, (_, offset) => offset).filter((offset) => (bits >> offset) % 2 === 1)
  return { principal, offsets }
}

interface AskParams {
  readonly account: Address
  readonly comet: Address
}

type CollateralResult = { readonly ok: true; readonly value: Collateral | undefined } | Refusal

/** Undefined where none is held: most assets are not listed in most markets. */
async function readCollateral(
  reader: ChainReader,
  { account, comet, asset }: AskParams & { readonly asset: AssetConfig },
): Promise<CollateralResult> {
  const at = { to: comet, abi: cometAbi } as const
  const [balance, info] = await Promise.all([
    reader.ask({ ...at, functionName: 'userCollateral', args: [account, asset.address] }),
    reader.ask({ ...at, functionName: 'getAssetInfoByAddress', args: [asset.address] }),
  ])
  if (!balance.ok) return balance
  const [units] = balance.value
  if (units === 0n) return { ok: true, value: undefined }
  if (!info.ok) return info
  const [offset, address, feed, scale, , factor, , supplyCap] = info.value
  const wrong = firstRefusal(
    pinned(`address of ${asset.symbol}`, asset.address, { ok: true, value: address }),
    pinned(`scale of ${asset.symbol}`, 10n ** BigInt(asset.decimals), { ok: true, value: scale }),
  )
  if (wrong !== undefined) return wrong
  const priceFeed = feed.toLowerCase() as Address
  return { ok: true, value: { asset, units, offset, priceFeed, scale, factor, supplyCap } }
}

interface Rates {
  readonly supply?: number
  readonly borrow?: number
  readonly doubt?: Refusal
}

async function readRates(
  reader: ChainReader,
  { comet, utilization }: { readonly comet: Address; readonly utilization: Answer<bigint> },
): Promise<Rates> {
  if (!utilization.ok) return { doubt: utilization }
  const at = { to: comet, abi: cometAbi, args: [utilization.value] } as const
  const [supply, borrow] = await Promise.all([
    reader.ask({ ...at, functionName: 'getSupplyRate' }),
    reader.ask({ ...at, functionName: 'getBorrowRate' }),
  ])
  const doubt = firstRefusal(supply, borrow)
  return {
    ...(supply.ok ? { supply: continuousRate(supply.value) } : {}),
    ...(borrow.ok ? { borrow: continuousRate(borrow.value) } : {}),
    ...(doubt === undefined ? {} : { doubt }),
  }
}

/** Collateral in a token that is not configured. Anybody can supply it for anybody: it degrades nothing. */
async function describeStrange(
  reader: ChainReader,
  { comet, id, offset }: { readonly comet: Address; readonly id: string; readonly offset: number },
): Promise<ReadingPart> {
  const info = await reader.ask({ to: comet, abi: cometAbi, functionName: 'getAssetInfo', args: [offset] })
  const token = info.ok ? info.value[1] : `number ${offset} of the market`
  const reason = `it has collateral in a token that is not configured (${token}), which is not counted`
  return refusedPart(id, refusal('unknown-asset', reason), { kind: 'context' })
}

interface SafetyParams {
  readonly comet: Address
  readonly base: AssetConfig
  readonly priceFeed: Answer<Address>
  readonly verdict: Answer<boolean>
  readonly owed: bigint
  readonly held: readonly Collateral[]
  /** `held` is all of the account's collateral. */
  readonly isComplete: boolean
}

/** The protocol's own verdict against that of the legs at the protocol's prices, in its arithmetic; undefined if they agree. */
async function doubtOfSafety(reader: ChainReader, params: SafetyParams): Promise<Refusal | undefined> {
  const { comet, base, priceFeed, verdict, owed, held, isComplete } = params
  if (!priceFeed.ok) return priceFeed
  const [basePrice, ...prices] = await Promise.all(
    [priceFeed.value, ...held.map((one) => one.priceFeed)].map((feed) =>
      reader.ask({ to: comet, abi: cometAbi, functionName: 'getPrice', args: [feed] }),
    ),
  )
  if (!verdict.ok) return verdict
  const unread = firstRefusal(basePrice, ...prices)
  if (unread !== undefined || basePrice?.ok !== true) return unread
  const counted = held.map(({ units, scale, factor }, index) => {
    const price = prices[index]
    return price?.ok === true ? (((units * price.value) / scale) * factor) / factorScale : 0n
  })
  const debt = (owed * basePrice.value) / 10n ** BigInt(base.decimals)
  const isLiquidatable = counted.reduce((sum, value) => sum + value, 0n) < debt
  if (isLiquidatable === verdict.value || (isLiquidatable && !isComplete)) return undefined
  const words = (liquidatable: boolean) => (liquidatable ? 'can be liquidated' : 'is safe')
  const reason = `the protocol says that it ${words(verdict.value)}, its legs say that it ${words(isLiquidatable)}`
  return refusal('liquidatable-differs', reason)
}

interface Account {
  readonly base: AssetConfig
  readonly supplied: bigint
  readonly owed: bigint
  readonly held: readonly Collateral[]
  readonly rates: Rates
}

/** What is supplied of the base asset earns and secures nothing; collateral secures and earns nothing. */
function accountPart(id: string, { base, supplied, owed, held, rates }: Account): ReadingPart {
  const earning = rates.supply === undefined ? {} : { rate: rates.supply }
  const owing = rates.borrow === undefined ? {} : { rate: rates.borrow }
  const baseLeg = (units: bigint) => ({ asset: base.symbol, quantity: toDecimal(units, base.decimals) })
  const collateral = [
    ...(supplied === 0n ? [] : [{ ...baseLeg(supplied), liquidationThreshold: 0, ...earning }]),
    ...held.map(({ asset, units, factor }) => ({
      asset: asset.symbol,
      quantity: toDecimal(units, asset.decimals),
      liquidationThreshold: toDecimal(factor, factorDecimals),
      rate: 0,
    })),
  ]
  const debt = owed === 0n ? [] : [{ ...baseLeg(owed), ...owing }]
  if (collateral.length === 0 && debt.length === 0) return {}
  return positionPart({
    id,
    label: `Compound v3 ${base.symbol} account`,
    instrument: { kind: 'loan', terms: { collateral, debt } },
    needs: [...new Set([...collateral, ...debt].map(({ asset }) => asset))],
  })
}
