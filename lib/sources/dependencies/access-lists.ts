// Which contracts the reading of positions touches, by access lists: what getters and code do not lead to.

import type { Address } from '../../model/identity.ts'
import type { EncodedCall } from '../chain/provider.ts'
import type { ChainState } from './chain-state.ts'
import { isPlace } from './found.ts'
import type { GraphDraft } from './graph-draft.ts'

interface Touched {
  readonly target: Address
  /** Contracts; undefined: it could not be told. */
  readonly touched: readonly Address[] | undefined
}

export interface TouchedByReads {
  readonly lists: readonly Touched[]
  /** Calls that were not followed. */
  readonly left: number
}

/** Equal calls with other numbers touch the same contracts. */
const mostCallsOfOne = 40
const mostCallsTogether = 600
/** balanceOf, decimals, latestRoundData: who is asked nothing else is a token or a feed, and is followed together with others. */
const plain = ['0x70a08231', '0x313ce567', '0xfeaf968c']

/** Of one contract at a time, so that it is known whose reading touches what; those beyond the limit together, as the reading of the account. */
export async function touchedByReads(
  state: ChainState,
  params: {
    readonly account: Address
    readonly multicall3: Address
    readonly reads: readonly EncodedCall[]
    readonly limits: { readonly accessLists: number }
  },
): Promise<TouchedByReads> {
  const { reads, limits, multicall3, account } = params
  const byTarget = Map.groupBy(
    reads.filter(({ to }) => to !== multicall3),
    ({ to }) => to,
  )
  const isPlain = (calls: readonly EncodedCall[]) => calls.every(({ data }) => plain.includes(data.slice(0, 10)))
  const sorted = [...byTarget].sort(([, a], [, b]) => Number(isPlain(a)) - Number(isPlain(b)))
  const single = sorted.slice(0, Math.max(0, limits.accessLists - 1))
  const rest = sorted.slice(single.length).flatMap(([, calls]) => calls)
  const together = rest.slice(0, limits.accessLists > 0 ? mostCallsTogether : 0)
  const asked = [
    ...single.map(([target, calls]) => ({ target, calls: calls.slice(0, mostCallsOfOne) })),
    ...(together.length > 0 ? [{ target: account, calls: together }] : []),
  ]
  const touched = await Promise.all(asked.map(({ calls }) => state.touched(calls)))
  const contracts = await state.codes([...new Set(touched.flatMap((places) => places ?? []))])
  return {
    lists: asked.map(({ target }, index) => ({
      target,
      touched: touched[index]?.filter((address) => address !== target && contracts.has(address)),
    })),
    left: rest.length - together.length,
  }
}

/** What getters and code did not lead to. */
export function addTouched(
  draft: GraphDraft,
  { touched, account }: { readonly touched: TouchedByReads; readonly account: Address },
): void {
  const { lists, left } = touched
  const untold = lists.filter((one) => one.touched === undefined)
  if (untold.length > 0) {
    const says = `what the reading of ${untold.length} contracts touches could not be told: eth_createAccessList is not answered by enough providers`
    draft.note('no-access-list', says)
  }
  if (left > 0) draft.note('limit', `what ${left} calls of the reading touch was not asked`)
  for (const { target, touched: places = [] } of lists) {
    if (!draft.nodes.has(target)) continue
    const known = new Set([account, ...draft.below(target)])
    // Those that lead to most first: what they lead to needs no link of its own.
    const missed = places
      .filter((address) => !known.has(address) && isPlace(address))
      .map((from) => ({ from, below: draft.below(from) }))
      .sort(
        (a, b) =>
          b.below.size - a.below.size ||
          depthOf(draft, a.from) - depthOf(draft, b.from) ||
          a.from.localeCompare(b.from),
      )
    for (const { from, below } of missed) {
      if (known.has(from)) continue
      for (const one of below) known.add(one)
      const rest = { to: target, role: 'read', kind: 'controlled-by', as: 'protocol' } as const
      draft.add([{ from, ...rest, evidence: 'eth_createAccessList of the reading' }])
    }
  }
}

/** What nothing leads to yet comes last. */
function depthOf(draft: GraphDraft, address: Address): number {
  return draft.nodes.get(address)?.depth ?? Number.MAX_SAFE_INTEGER
}
