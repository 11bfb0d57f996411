// Which token is the chain's own coin, wrapped: the contracts of exchanges name it.

import { parseAbi } from 'viem/utils'
import type { Address } from '../../model/identity.ts'
import type { ChainReader } from '../chain/chain-session.ts'
import { type Deployment, distinct } from './findings.ts'

export const wrappedNativeAbi = parseAbi(['function WETH9() view returns (address)'])

/** By a known exchange; where none is known, by any contract that the account met. */
export async function findWrappedNative(
  reader: ChainReader,
  { known, candidates }: { readonly known: readonly Deployment[]; readonly candidates: readonly Address[] },
): Promise<Address | undefined> {
  const exchanges = known.flatMap(({ contracts }) => contracts.positions ?? [])
  const places = exchanges.length > 0 ? exchanges : known.length > 0 ? [] : candidates
  const answers = await Promise.all(
    places.map((to) => reader.ask({ to, abi: wrappedNativeAbi, functionName: 'WETH9', args: [] })),
  )
  return distinct(answers.flatMap((answer) => (answer.ok ? [answer.value] : [])))[0]
}
