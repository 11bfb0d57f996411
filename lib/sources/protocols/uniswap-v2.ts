// Shares of Uniswap v2 pairs that the settings name, with the part of them that the protocol will take as its fee.

import { parseAbi } from 'viem/utils'
import { toDecimal } from '../../base/amount.ts'
import * as z from '../../base/schema.ts'
import { noted } from '../../instruments/term-schemas.ts'
import type { AssetConfig, ChainConfig } from '../../model/configuration.ts'
import type { Address } from '../../model/identity.ts'
import type { ChainReader } from '../chain/chain-session.ts'
import { addressSetting } from './address-setting.ts'
import { assetsBySymbol, decimalsDiffer, firstRefusal, pinned } from './as-configured.ts'
import { countedAsAsset } from './counted-as-asset.ts'
import { defineProtocol, joinParts, type ReadingPart } from './define-protocol.ts'
import { poolsSetting, symbolSetting } from './pools-setting.ts'
import { positionPart, refusedPart } from './position-part.ts'
import { discoverUniswapV2 } from './uniswap-v2-discovery.ts'
import { pairTelemetry } from './uniswap-v2-telemetry.ts'

export const uniswapV2PairAbi = parseAbi([
  'function balanceOf(address owner) view returns (uint256)',
  'function totalSupply() view returns (uint256)',
  'function getReserves() view returns (uint112 reserve0, uint112 reserve1, uint32 blockTimestampLast)',
  'function token0() view returns (address)',
  'function token1() view returns (address)',
  'function kLast() view returns (uint256)',
  'function factory() view returns (address)',
])
export const uniswapV2FactoryAbi = parseAbi(['function feeTo() view returns (address)'])

/** Of every pair's own token. */
const lpDecimals = 18
const zeroAddress = '0x0000000000000000000000000000000000000000'

const pairSetting = z.strictObject({
  address: addressSetting('the pair, which is its own LP token'),
  assets: noted(
    z.tuple([symbolSetting('one token of the pair'), symbolSetting('the other')], 'must be the two tokens of the pair'),
    'list',
    'the two tokens of the pair, in any order',
  ).check(z.refine(([one, other]) => one !== other, 'must be two different tokens')),
})
type PairSetting = z.output<typeof pairSetting>

export const uniswapV2 = defineProtocol({
  name: 'uniswap-v2',
  title: 'Shares of Uniswap v2 pairs',
  evidence: 'real contracts',
  discover: discoverUniswapV2,
  settings: z.strictObject({ pairs: poolsSetting(pairSetting, 'pairs to look in', ({ address }) => address) }),
  read: async (reader, { chain, account, settings }) =>
    joinParts(await Promise.all(settings.pairs.map((pair) => readPair(reader, { chain, account, pair })))),
})

interface PairParams {
  readonly chain: ChainConfig
  readonly account: Address
  readonly pair: PairSetting
}

async function readPair(reader: ChainReader, { chain, account, pair }: PairParams): Promise<ReadingPart> {
  const id = `uniswap-v2:${pair.address}`
  const at = { to: pair.address, abi: uniswapV2PairAbi } as const
  const tokens = assetsBySymbol(chain, pair.assets)
  const [asset0, asset1] = tokens.ok ? inOrder(tokens.value) : []
  const ownToken = { symbol: 'its LP token', address: pair.address, decimals: lpDecimals }
  const [balance, supply, reserves, token0, token1, misfit] = await Promise.all([
    reader.ask({ ...at, functionName: 'balanceOf', args: [account] }),
    readSupply(reader, pair.address),
    reader.ask({ ...at, functionName: 'getReserves', args: [] }),
    reader.ask({ ...at, functionName: 'token0', args: [] }),
    reader.ask({ ...at, functionName: 'token1', args: [] }),
    decimalsDiffer(reader, [ownToken, ...(tokens.ok ? tokens.value : [])]),
  ])
  if (!balance.ok) return refusedPart(id, balance)
  const counted = countedAsAsset(chain, pair.address, id)
  if (counted !== undefined) return counted
  if (!tokens.ok) return refusedPart(id, tokens)
  if (asset0 === undefined || asset1 === undefined) return {}
  const wrong = firstRefusal(
    pinned('token 0', asset0.address, token0),
    pinned('token 1', asset1.address, token1),
    misfit,
  )
  // Also where nothing is held: what is meant may be elsewhere.
  if (wrong !== undefined) return refusedPart(id, wrong)
  if (balance.value === 0n) return {}
  if (!supply.ok) return refusedPart(id, supply)
  if (!reserves.ok) return refusedPart(id, reserves)
  const [reserve0, reserve1] = reserves.value
  const terms = {
    asset0: asset0.symbol,
    asset1: asset1.symbol,
    reserve0: toDecimal(reserve0, asset0.decimals),
    reserve1: toDecimal(reserve1, asset1.decimals),
    lpTokens: toDecimal(balance.value, lpDecimals),
    totalSupply: toDecimal(supply.value + supply.dueOf(reserve0 * reserve1), lpDecimals),
  }
  const telemetry = pairTelemetry(pair.address, [asset0, asset1], [reserve0, reserve1])
  const position = positionPart({
    id,
    label: `Uniswap v2 ${asset0.symbol}/${asset1.symbol}`,
    instrument: { kind: 'uniswap-v2-pool', terms },
    needs: [asset0.symbol, asset1.symbol],
  })
  return joinParts([position, { telemetry: telemetry === undefined ? [] : [telemetry] }])
}

/** A pair sorts its tokens by address. */
function inOrder(assets: readonly AssetConfig[]): readonly AssetConfig[] {
  return assets.toSorted((a, b) => (BigInt(a.address) < BigInt(b.address) ? -1 : 1))
}

/** LP tokens in circulation, and how many more the protocol will make for itself before the next that enter or leave. */
async function readSupply(reader: ChainReader, pair: Address) {
  const at = { to: pair, abi: uniswapV2PairAbi } as const
  const [supply, kLast, factory] = await Promise.all([
    reader.ask({ ...at, functionName: 'totalSupply', args: [] }),
    reader.ask({ ...at, functionName: 'kLast', args: [] }),
    reader.ask({ ...at, functionName: 'factory', args: [] }),
  ])
  if (!supply.ok) return supply
  if (!kLast.ok) return kLast
  const { value } = supply
  // Without a fee there is no last product.
  if (kLast.value === 0n) return { ok: true, value, dueOf: () => 0n } as const
  if (!factory.ok) return factory
  const to = factory.value.toLowerCase() as Address
  const feeTo = await reader.ask({ to, abi: uniswapV2FactoryAbi, functionName: 'feeTo', args: [] })
  if (!feeTo.ok) return feeTo
  const isOn = feeTo.value.toLowerCase() !== zeroAddress
  const dueOf = (product: bigint) => (isOn ? protocolFee({ supply: value, product, productLast: kLast.value }) : 0n)
  return { ok: true, value, dueOf } as const
}

/**
 * LP tokens that the pair will give to the protocol: a sixth of the growth of the root of the product since it was last taken.
 * Adams, Zinsmeister, Robinson 2020, Uniswap v2 Core, eqs. 6 and 7, in the contract's own whole numbers.
 */
export function protocolFee(of: {
  readonly supply: bigint
  readonly product: bigint
  readonly productLast: bigint
}): bigint {
  const root = floorRoot(of.product)
  const rootLast = floorRoot(of.productLast)
  return root <= rootLast ? 0n : (of.supply * (root - rootLast)) / (root * 5n + rootLast)
}

/** The whole part of a square root, by Newton's method from above. */
function floorRoot(square: bigint): bigint {
  if (square < 2n) return square
  let root = 1n << BigInt(Math.ceil(square.toString(2).length / 2))
  for (;;) {
    const next = (root + square / root) >> 1n
    if (next >= root) return root
    root = next
  }
}
