// Shares of Curve's StableSwap pools that the settings name, staked ones included.

import { parseAbi } from 'viem/utils'
import { toDecimal } from '../../base/amount.ts'
import * as z from '../../base/schema.ts'
import { assetTerm, choiceTerm, optionalTerm } from '../../instruments/term-schemas.ts'
import type { ChainConfig } from '../../model/configuration.ts'
import type { Address } from '../../model/identity.ts'
import { stableSwapInvariant } from '../../quant/amm/stable-swap-invariant.ts'
import type { ChainReader } from '../chain/chain-session.ts'
import type { Answer } from '../chain/contract-call.ts'
import { addressSetting } from './address-setting.ts'
import { type Coin, coinsBySymbol, decimalsDiffer, firstRefusal, pinned, refusal } from './as-configured.ts'
import { countedAsAsset } from './counted-as-asset.ts'
import { discoverCurve } from './curve-discovery.ts'
import { defineProtocol, joinParts, type ReadingPart } from './define-protocol.ts'
import { askPoolTokens, lpDecimals, poolTokensAbi } from './pool-tokens.ts'
import { coinsSetting, poolsSetting } from './pools-setting.ts'
import { positionPart, refusedPart } from './position-part.ts'

export const curvePoolAbi = parseAbi([
  'function coins(uint256 index) view returns (address)',
  'function balances(uint256 index) view returns (uint256)',
  'function A() view returns (uint256)',
  'function A_precise() view returns (uint256)',
  'function get_virtual_price() view returns (uint256)',
  'function stored_rates() view returns (uint256[])',
])
/** Of the first pools. */
export const curveOldPoolAbi = parseAbi([
  'function coins(int128 index) view returns (address)',
  'function balances(int128 index) view returns (uint256)',
])

/** By which Curve names the chain's own coin. */
export const curveNativeAddress: Address = '0xeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee'
/** A_precise is in hundredths. */
const preciseDecimals = 2
/** Relative. The contract's whole numbers are off by far less; a wrong rate or coin by far more. */
const virtualPriceTolerance = 1e-6

const poolSetting = z.strictObject({
  address: addressSetting('the pool'),
  lpToken: optionalTerm(addressSetting('its LP token; absent: the pool itself')),
  gauge: optionalTerm(addressSetting('where LP tokens are staked')),
  coins: coinsSetting("the pool's coins in its own order"),
  rates: optionalTerm(choiceTerm(['stored'], "where the pool's rates are: its stored_rates(); absent: all are 1")),
  amplification: optionalTerm(
    choiceTerm(['A_precise', 'A'], 'what the pool has; absent: A_precise, which is exact while A moves'),
  ),
  index: optionalTerm(choiceTerm(['uint256', 'int128'], 'how its coins are numbered; absent: uint256')),
})
type PoolSetting = z.output<typeof poolSetting>

export const curve = defineProtocol({
  name: 'curve',
  title: 'Shares of Curve StableSwap pools, staked ones included',
  evidence: 'fixture',
  discover: discoverCurve,
  settings: z.strictObject({
    pools: poolsSetting(poolSetting, 'pools to look in', ({ address }) => address),
    native: optionalTerm(assetTerm("the chain's own coin by its price, such as ETH, for pools that hold it")),
  }),
  read: async (reader, { chain, account, settings: { pools, native } }) =>
    joinParts(await Promise.all(pools.map((pool) => readPool(reader, { chain, account, pool, native })))),
})

interface PoolParams {
  readonly chain: ChainConfig
  readonly account: Address
  readonly pool: PoolSetting
  readonly native: string | undefined
}

async function readPool(reader: ChainReader, { chain, account, pool, native }: PoolParams): Promise<ReadingPart> {
  const { address, lpToken = address, gauge } = pool
  const id = `curve:${address}`
  const coins = coinsBySymbol(chain, pool.coins, native === undefined ? undefined : [native, curveNativeAddress])
  const [held, state, misfit] = await Promise.all([
    askPoolTokens(reader, { chain, account, lpToken, gauge }),
    readState(reader, pool),
    decimalsDiffer(reader, [
      { symbol: 'its LP token', address: lpToken, decimals: lpDecimals },
      ...(coins.ok ? coins.value.filter((coin) => coin.address !== curveNativeAddress) : []),
    ]),
  ])
  if (!held.ok) return refusedPart(id, held)
  const counted = gauge === undefined ? countedAsAsset(chain, lpToken, id) : undefined
  if (counted !== undefined) return counted
  if (!coins.ok) return refusedPart(id, coins)
  const misfits = coins.value.map((coin, i) => pinned(`coin ${i}`, coin.address, state.coins[i] ?? noAnswer))
  const wrong = firstRefusal(...misfits, misfit)
  // Also where nothing is held: what is meant may be elsewhere.
  if (wrong !== undefined) return refusedPart(id, wrong)
  const terms = termsOf(coins.value, state)
  if (held.value === 0n && (terms.ok || terms.code !== 'not-as-configured')) return {}
  if (!terms.ok) return refusedPart(id, terms)
  const instrument = {
    kind: 'stable-pool',
    terms: { ...terms.value, lpTokens: toDecimal(held.value, lpDecimals) },
  } as const
  const label = `Curve ${pool.coins.join('/')}`
  return positionPart({ id, label, instrument, needs: pool.coins })
}

const noAnswer: Answer<never> = { ok: false, code: 'empty-return', reason: 'there is no such coin' }

interface State {
  readonly coins: readonly Answer<string>[]
  readonly balances: readonly Answer<bigint>[]
  /** Undefined if the settings have none. */
  readonly rates: Answer<readonly bigint[]> | undefined
  readonly supply: Answer<bigint>
  readonly amplification: Answer<number>
  readonly virtualPrice: Answer<bigint>
}

/** All in one round. */
async function readState(reader: ChainReader, pool: PoolSetting): Promise<State> {
  const { address, lpToken = address, rates: wanted } = pool
  const indices = pool.coins.map((_, i) => BigInt(i))
  const [coins, balances, rates, supply, amplification, virtualPrice] = await Promise.all([
    Promise.all(indices.map((i) => askCoin(reader, pool, i))),
    Promise.all(indices.map((i) => askBalance(reader, pool, i))),
    wanted === undefined ? undefined : askRates(reader, pool),
    reader.ask({ to: lpToken, abi: poolTokensAbi, functionName: 'totalSupply', args: [] }),
    askAmplification(reader, pool),
    reader.ask({ to: address, abi: curvePoolAbi, functionName: 'get_virtual_price', args: [] }),
  ])
  return { coins, balances, rates, supply, amplification, virtualPrice }
}

/** A call that a pool does not have would cost round trips to find out why it failed: the settings say what to ask. */
async function askCoin(reader: ChainReader, { address: to, index }: PoolSetting, at: bigint): Promise<Answer<string>> {
  const call = { to, functionName: 'coins', args: [at] } as const
  if (index === 'int128') return await reader.ask({ ...call, abi: curveOldPoolAbi })
  return orHint(await reader.ask({ ...call, abi: curvePoolAbi }), 'index: int128')
}

async function askBalance(reader: ChainReader, { address: to, index }: PoolSetting, at: bigint) {
  const call = { to, functionName: 'balances', args: [at] } as const
  return await reader.ask({ ...call, abi: index === 'int128' ? curveOldPoolAbi : curvePoolAbi })
}

async function askAmplification(reader: ChainReader, pool: PoolSetting): Promise<Answer<number>> {
  const at = { to: pool.address, abi: curvePoolAbi, args: [] } as const
  const isPrecise = pool.amplification !== 'A'
  const answer = isPrecise
    ? orHint(await reader.ask({ ...at, functionName: 'A_precise' }), 'amplification: A')
    : await reader.ask({ ...at, functionName: 'A' })
  return answer.ok ? { ok: true, value: toDecimal(answer.value, isPrecise ? preciseDecimals : 0) } : answer
}

function orHint<T>(answer: Answer<T>, setting: string): Answer<T> {
  return answer.ok ? answer : { ...answer, reason: `${answer.reason} (the pools of 2020 may need "${setting}")` }
}

/** Pools answer with a list, or in older ones with as many words as there are coins: the same call, which travels once. */
async function askRates(reader: ChainReader, pool: PoolSetting): Promise<Answer<readonly bigint[]>> {
  const count = pool.coins.length
  const words = parseAbi([`function stored_rates() view returns (uint256[${count}])`] as readonly string[])
  const at = { to: pool.address, functionName: 'stored_rates', args: [] } as const
  const [list, fixed] = await Promise.all([
    reader.ask({ ...at, abi: curvePoolAbi }),
    reader.ask({ ...at, abi: words }) as Promise<Answer<readonly bigint[]>>,
  ])
  if (list.ok && list.value.length === count) return list
  if (!list.ok && fixed.ok) return fixed
  return list.ok ? { ok: false, code: 'malformed-return', reason: `it has ${list.value.length} rates` } : list
}

function termsOf(coins: readonly Coin[], state: State) {
  const { balances, rates, supply, amplification, virtualPrice } = state
  const missing = firstRefusal(...balances, rates, supply, amplification, virtualPrice)
  if (missing !== undefined) return missing
  if (!supply.ok || !amplification.ok || !virtualPrice.ok) return refusal('unexpected', 'it has no state')
  const inPool = coins.map(({ symbol, decimals }, i) => {
    const balance = balances[i]
    const coin = { asset: symbol, balance: balance?.ok ? toDecimal(balance.value, decimals) : 0 }
    // Rates bring any coin to 18 decimals and carry 18 of their own.
    return rates?.ok ? { ...coin, rate: toDecimal(rates.value[i] ?? 0n, 36 - decimals) } : coin
  })
  const terms = { coins: inPool, amplification: amplification.value, totalSupply: toDecimal(supply.value, lpDecimals) }
  const told = toDecimal(virtualPrice.value, 18)
  const computed = virtualPriceOf(terms)
  // Impossible balances are refused with the terms.
  if (computed === undefined || Math.abs(computed / told - 1) < virtualPriceTolerance) {
    return { ok: true, value: terms } as const
  }
  const reason = `its virtual price is ${told} on the chain and ${computed} by its coins, balances, rates and A: are the rates as configured?`
  return refusal('not-as-configured', reason)
}

/** The invariant for one LP token, in the pool's unit; undefined where there can be none. */
function virtualPriceOf(terms: {
  readonly coins: readonly { readonly balance: number; readonly rate?: number }[]
  readonly amplification: number
  readonly totalSupply: number
}): number | undefined {
  const { coins, amplification: A, totalSupply } = terms
  const balances = Float64Array.from(coins, ({ balance, rate = 1 }) => balance * rate)
  if (!(A > 0 && totalSupply > 0 && balances.every((balance) => balance > 0))) return undefined
  return stableSwapInvariant({ A, balances }) / totalSupply
}
