// What the settings pin is compared with what the chain answers; a difference is told with both, and is never read over.

import { parseAbi } from 'viem/utils'
import type { AssetConfig, ChainConfig } from '../../model/configuration.ts'
import type { Address } from '../../model/identity.ts'
import type { ChainReader } from '../chain/chain-session.ts'
import type { Answer } from '../chain/contract-call.ts'

export const decimalsAbi = parseAbi(['function decimals() view returns (uint8)'])

/** Why there is no value, whoever's fault it is: the chain's or the settings'. */
export interface Refusal {
  readonly ok: false
  readonly code: string
  readonly reason: string
}

type Result<T> = { readonly ok: true; readonly value: T } | Refusal

export function refusal(code: string, reason: string): Refusal {
  return { ok: false, code, reason }
}

/** The first of several results that is none. */
export function firstRefusal(...results: readonly (Result<unknown> | undefined)[]): Refusal | undefined {
  for (const result of results) if (result !== undefined && !result.ok) return result
  return undefined
}

/** An answer that must be what the settings say. */
export function pinned(
  what: string,
  configured: bigint | number | string,
  answer: Answer<unknown>,
): Refusal | undefined {
  if (!answer.ok) return answer
  const answered = String(answer.value).toLowerCase()
  if (answered === String(configured).toLowerCase()) return undefined
  return refusal('not-as-configured', `its ${what} is ${answered} on the chain, configured is ${configured}`)
}

/** A token as a pool holds it, and as the configuration names it. */
export interface Coin {
  readonly symbol: string
  readonly address: Address
  readonly decimals: number
}

const nativeDecimals = 18

/**
 * Coins of a pool by symbol.
 * @param native the underlying of the chain's own coin, and the address by which the protocol names it
 */
export function coinsBySymbol(
  chain: ChainConfig,
  symbols: readonly string[],
  native?: readonly [symbol: string, address: Address],
): Result<readonly Coin[]> {
  const coins: Coin[] = []
  for (const symbol of symbols) {
    if (symbol === native?.[0]) {
      coins.push({ symbol, address: native[1], decimals: nativeDecimals })
      continue
    }
    const asset = assetsBySymbol(chain, [symbol])
    if (!asset.ok) return asset
    coins.push(...asset.value)
  }
  return { ok: true, value: coins }
}

/** Assets of the chain's configuration by symbol, with the address by which the protocol knows each. */
export function assetsBySymbol({ assets }: ChainConfig, symbols: readonly string[]): Result<readonly AssetConfig[]> {
  const found: AssetConfig[] = []
  for (const symbol of symbols) {
    const asset = assets.find((one) => one.symbol === symbol)
    if (asset === undefined) {
      const known = assets.map((one) => one.symbol).join(', ')
      return refusal('unknown-asset', `${symbol} is not among the assets of the chain (${known})`)
    }
    found.push(asset)
  }
  return { ok: true, value: found }
}

/** Compares the decimals of tokens with the pinned ones: a wrong power of ten is the dearest typo there is. */
export async function decimalsDiffer(
  reader: ChainReader,
  tokens: readonly { readonly symbol: string; readonly address: Address; readonly decimals: number }[],
): Promise<Refusal | undefined> {
  const checks = tokens.map(async ({ symbol, address, decimals }) => {
    const answer = await reader.ask({ to: address, abi: decimalsAbi, functionName: 'decimals', args: [] })
    return pinned(`number of decimals of ${symbol}`, decimals, answer)
  })
  return firstRefusal(...(await Promise.all(checks)))
}
