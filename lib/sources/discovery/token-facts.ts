// What a token says of itself, cut to what may be shown: names come from strangers.

import { hexToBytes, parseAbi } from 'viem/utils'
import type { Address } from '../../model/identity.ts'
import type { ChainReader } from '../chain/chain-session.ts'
import { decimalsAbi } from '../protocols/as-configured.ts'
import { erc20Abi } from '../protocols/erc20.ts'

const textAbi = parseAbi(['function symbol() view returns (string)', 'function name() view returns (string)'])
/** Of the first tokens, such as MKR. */
const bytesAbi = parseAbi(['function symbol() view returns (bytes32)', 'function name() view returns (bytes32)'])

export interface TokenFacts {
  readonly address: Address
  /** In the smallest unit; undefined if it could not be read. */
  readonly balance: bigint | undefined
  /** Undefined if the contract has none: an NFT collection, or no token at all. */
  readonly decimals: number | undefined
  /** As the contract has them, printable and short. */
  readonly symbol: string
  readonly name: string
}

/** In one round. */
export async function readTokenFacts(
  reader: ChainReader,
  { account, tokens }: { readonly account: Address; readonly tokens: readonly Address[] },
): Promise<readonly TokenFacts[]> {
  return await Promise.all(
    tokens.map(async (address) => {
      const [balance, decimals, symbol, name] = await Promise.all([
        reader.ask({ to: address, abi: erc20Abi, functionName: 'balanceOf', args: [account] }),
        reader.ask({ to: address, abi: decimalsAbi, functionName: 'decimals', args: [] }),
        readText(reader, address, 'symbol'),
        readText(reader, address, 'name'),
      ])
      return {
        address,
        balance: balance.ok ? balance.value : undefined,
        decimals: decimals.ok && decimals.value <= 36 ? decimals.value : undefined,
        symbol,
        name,
      }
    }),
  )
}

async function readText(reader: ChainReader, to: Address, functionName: 'symbol' | 'name'): Promise<string> {
  // The question is the same, so it is asked once.
  const [text, bytes] = await Promise.all([
    reader.ask({ to, abi: textAbi, functionName, args: [] }),
    reader.ask({ to, abi: bytesAbi, functionName, args: [] }),
  ])
  if (text.ok) return shown(text.value)
  if (!bytes.ok) return ''
  return shown(new TextDecoder().decode(hexToBytes(bytes.value)).replace(/\0+$/, ''))
}

/** Printable ASCII, at most 40 characters: neither a line break nor an escape can get out of a comment. */
export function shown(text: string): string {
  return text
    .slice(0, 400)
    .replace(/[^\x20-\x7e]/g, '?')
    .trim()
    .slice(0, 40)
}
