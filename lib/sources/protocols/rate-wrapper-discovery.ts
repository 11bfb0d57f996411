// Finds staking tokens that are known: a rate that anybody's contract tells is worth nothing.

import type { Address } from '../../model/identity.ts'
import type { ChainReader } from '../chain/chain-session.ts'
import { distinct, type Findings, type Holding, type Surroundings } from '../discovery/findings.ts'
import { readRateGetter } from '../discovery/staked-rate.ts'
import { readTokenFacts } from '../discovery/token-facts.ts'
import { safeSymbol } from '../discovery/token-names.ts'

export async function discoverRateWrapper(reader: ChainReader, around: Surroundings): Promise<Findings> {
  const { wrappedNative } = around
  const known = around.known('rate-wrapper')
  const tokens = distinct(known.flatMap(({ contracts }) => contracts.address ?? []))
  if (wrappedNative === undefined) return {}
  return {
    holdings: (await Promise.all(tokens.map((token) => readToken(reader, { around, token, wrappedNative })))).flat(),
  }
}

async function readToken(
  reader: ChainReader,
  {
    around,
    token,
    wrappedNative,
  }: { readonly around: Surroundings; readonly token: Address; readonly wrappedNative: Address },
): Promise<readonly Holding[]> {
  const [[facts], call] = await Promise.all([
    readTokenFacts(reader, { account: around.account, tokens: [token] }),
    readRateGetter(reader, token),
  ])
  const { balance = 0n, decimals, symbol = '' } = facts ?? {}
  if (balance === 0n || decimals === undefined || call === undefined) return []
  const holding: Holding = {
    what: 'staking token at its own rate',
    evidence: `${call}() of ${token}`,
    restsOn: token,
    covers: [token],
    needs: [wrappedNative],
    unpriced: 'leave',
    settings: (name) => ({
      tokens: [
        {
          address: token,
          symbol: safeSymbol(symbol) ?? `token-${token.slice(2, 8)}`,
          underlying: name(wrappedNative).underlying,
          decimals,
          rate: { call },
        },
      ],
    }),
  }
  return [holding]
}
