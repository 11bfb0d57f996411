// How a portfolio's accounts on further chains are written, and which names it knows on all of its chains together.

import type { AccountElsewhere } from '../../model/configuration.ts'
import { assetAt } from '../../model/place.ts'
import type { KnownChain } from './known-names.ts'
import { address, reference } from './scalars.ts'
import { listOf, mapOf, type Reader, required } from './shapes.ts'
import type { Place, Sheet } from './sheet.ts'

/** One account a chain. */
export function accountsElsewhere(chains: readonly KnownChain[]): Reader<readonly AccountElsewhere[]> {
  const ids = chains.map(({ id }) => id)
  return listOf(mapOf<AccountElsewhere>({ chain: required(reference('chain', ids)), account: required(address) }), {
    min: 1,
    unique: ['chain'],
  })
}

/** An account elsewhere is on another chain than home, and no contract of that chain's own map. */
export function requireElsewhere(
  sheet: Sheet,
  place: Place,
  params: {
    readonly elsewhere: readonly AccountElsewhere[]
    readonly home: string
    readonly chains: readonly KnownChain[]
  },
): void {
  params.elsewhere.forEach(({ chain, account }, index) => {
    const item = sheet.items(place)?.[index] ?? place
    const at = (key: string) => sheet.entries(item)?.find((entry) => entry.key === key)?.value ?? item
    if (chain === params.home)
      sheet.report(at('chain'), {
        reason: `\`elsewhere\` names further chains, and ${chain} is the portfolio's own: watch a second account there as a portfolio of its own`,
      })
    const contract = params.chains.find(({ id }) => id === chain)?.contracts.get(account)
    if (contract !== undefined)
      sheet.report(at('account'), {
        reason: `\`account\` is the address of a contract of the chain (${contract}): it holds no portfolio`,
      })
  })
}

/** What rules and declared positions may name: the home chain's assets as they are, those of further chains as `SYMBOL@CHAIN`. */
export function namesOfAll(home: KnownChain, elsewhere: readonly KnownChain[]): KnownChain {
  const further = elsewhere.map((chain) => {
    const named = (symbol: string) => assetAt({ chain, isHome: false }, symbol)
    const underlyingOf = Object.entries(chain.underlyingOf).map(([symbol, name]) => [named(symbol), name] as const)
    return { ...chain, assets: chain.assets.map(named), underlyingOf: Object.fromEntries(underlyingOf) }
  })
  const all = [home, ...further]
  return {
    ...home,
    assets: all.flatMap(({ assets }) => assets),
    underlyings: [...new Set(all.flatMap(({ underlyings }) => underlyings))],
    underlyingOf: Object.assign({}, ...all.map(({ underlyingOf }) => underlyingOf)),
  }
}
