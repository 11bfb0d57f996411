// Code, storage and touched contracts at the pinned block as k providers tell them alike; where they cannot be read a slower way is tried, and then told.

import { concatHex, numberToHex, size, slice } from 'viem/utils'
import { isHomeostatError } from '../../base/homeostat-error.ts'
import * as z from '../../base/schema.ts'
import type { ChainConfig } from '../../model/configuration.ts'
import type { Address, Hash, Hex, PinnedBlock } from '../../model/identity.ts'
import { chainFault } from '../chain/chain-fault.ts'
import { type OutcomeBook, outcomeBook } from '../chain/outcome-book.ts'
import type { EncodedCall, Provider } from '../chain/provider.ts'
import { agreeOnAnswers } from '../chain/quorum.ts'
import { isPlace } from './found.ts'
import {
  aggregated,
  type CodeFacts,
  codeFactsCall,
  codeFactsIn,
  codeFactsOf,
  hexIn,
  mostCodeFacts,
  type OverriddenCall,
  overriddenIn,
  overriddenParams,
  slotsCall,
  wholeCodesCall,
} from './state-calls.ts'

/** Contracts whose slots travel in one request. */
const slotsAtOnce = 200
/** Bytes of code in one request: twice as many characters are read, of four million. */
const codeBytesAtOnce = 1_200_000
/** Requests of the slower way, one a slot or a code, in a whole run. */
const mostSingleReads = 60

export interface ChainState {
  readonly block: PinnedBlock
  /** Those without code are left out. @throws HomeostatError if the chain cannot be trusted */
  codes(addresses: readonly Address[]): Promise<ReadonlyMap<Address, CodeFacts>>
  /** In the order of the slots; those that could not be read are left out. */
  slots(addresses: readonly Address[], slots: readonly Hash[]): Promise<ReadonlyMap<Address, readonly Hash[]>>
  /** The whole code; what could not be read is left out. */
  wholeCodes(contracts: ReadonlyMap<Address, CodeFacts>): Promise<ReadonlyMap<Address, Hex>>
  /** The contracts that such calls touch on their way, by `eth_createAccessList`; undefined if not k providers can tell. */
  touched(calls: readonly EncodedCall[]): Promise<readonly Address[] | undefined>
}

interface StateParams {
  /** Who is caught lying stands in it. */
  readonly book: OutcomeBook
  readonly chain: ChainConfig
  readonly block: PinnedBlock
  /** Those that hold the block; who fails a question that not every provider can answer stays among them. */
  readonly alive: Set<Provider>
}

export function chainState(params: StateParams): ChainState {
  const { chain, block, alive, book } = params
  const tag = numberToHex(block.number)
  let canOverride = true
  let singleReads = mostSingleReads

  /** Each answer as k have it alike; undefined where no k do. With a book of its own: who cannot answer this is no bad provider. */
  const agreed = async (
    ask: (provider: Provider) => Promise<readonly Hex[]>,
  ): Promise<readonly (Hex | undefined)[]> => {
    const attempts = new Map(
      [...alive].map((provider) => {
        const attempt = ask(provider).then((answers) => answers.map((data) => ({ ok: true, data }) as const))
        attempt.catch(() => undefined)
        return [provider, attempt] as const
      }),
    )
    const own = outcomeBook(chain.rpc)
    const distrust = (liar: Provider) => void alive.delete(liar)
    const answers = await agreeOnAnswers({ book: own }, { chain, attempts, distrust })
    for (const { name, fault } of own.faults()) if (fault.code === 'provider-liar') book.failed(name, fault)
    return answers.map((answer) => (answer.ok ? answer.data : undefined))
  }

  const overridden = async (call: OverriddenCall): Promise<readonly (Hex | undefined)[] | undefined> => {
    if (!canOverride) return undefined
    try {
      return await agreed(async ({ request }) => {
        const asked = overriddenParams(call, { multicall3: chain.multicall3, block })
        const answer = await request({ method: 'eth_call', params: asked })
        return overriddenIn(answer, { count: call.calls.length, block })
      })
    } catch (error) {
      if (!isHomeostatError(error)) throw error
      canOverride = false
      return undefined
    }
  }

  const singly = async (reads: readonly { readonly method: string; readonly params: readonly unknown[] }[]) => {
    if (reads.length > singleReads) return undefined
    singleReads -= reads.length
    try {
      return await agreed(({ request }) =>
        Promise.all(reads.map(async (read) => hexIn(await request(read), read.method))),
      )
    } catch (error) {
      if (!isHomeostatError(error)) throw error
      return undefined
    }
  }

  return {
    block,
    async codes(addresses) {
      const parts = await Promise.all(
        chunks(addresses, mostCodeFacts).map(async (some) => {
          const answers = await agreed(async ({ request }) => {
            const params = [{ data: codeFactsCall(some) }, tag]
            return codeFactsIn(await request({ method: 'eth_call', params }), { count: some.length, block })
          })
          return some.flatMap((address, index) => factsAt(address, answers[index]))
        }),
      )
      return new Map(parts.flat())
    },
    async slots(addresses, slots) {
      const parts = chunks(addresses, slotsAtOnce).map(async (some) => {
        const answers = await overridden(slotsCall(some, slots))
        if (answers !== undefined) return some.flatMap((address, index) => wordsAt(address, answers[index], slots))
        return await slotBySlot(some, slots)
      })
      return new Map((await Promise.all(parts)).flat())
    },
    async wholeCodes(contracts) {
      const parts = bySize(contracts).map(async (some) => {
        const answers = (await overridden(wholeCodesCall(some))) ?? (await singly(some.map(codeRead)))
        return some.flatMap((address, index) => {
          const code = answers?.[index]
          return code === undefined || size(code) !== contracts.get(address)?.size ? [] : [[address, code] as const]
        })
      })
      return new Map((await Promise.all(parts)).flat())
    },
    touched: (calls) => touchedBy(params, calls),
  }

  function codeRead(address: Address) {
    return { method: 'eth_getCode', params: [address, tag] }
  }

  /** As many contracts as there are requests left for. */
  async function slotBySlot(addresses: readonly Address[], slots: readonly Hash[]) {
    const some = addresses.slice(0, Math.floor(singleReads / slots.length))
    const reads = some.flatMap((address) =>
      slots.map((slot) => ({ method: 'eth_getStorageAt', params: [address, slot, tag] })),
    )
    const words = reads.length === 0 ? undefined : await singly(reads)
    if (words === undefined) return []
    return some.flatMap((address, index) => {
      const own = words.slice(index * slots.length, (index + 1) * slots.length)
      const isWhole = own.every((one) => one !== undefined)
      return isWhole ? wordsAt(address, concatHex(own as readonly Hex[]), slots) : []
    })
  }
}

function factsAt(address: Address, data: Hex | undefined): readonly (readonly [Address, CodeFacts])[] {
  if (data === undefined)
    throw chainFault('quorum-lost', `Not enough providers tell the same code of ${address}.`, { address })
  const facts = codeFactsOf(data)
  return facts === undefined ? [] : [[address, facts]]
}

function wordsAt(address: Address, data: Hex | undefined, slots: readonly Hash[]) {
  if (data === undefined || size(data) !== 32 * slots.length) return []
  return [[address, slots.map((_, index) => slice(data, 32 * index, 32 * (index + 1)))] as const]
}

function chunks<T>(all: readonly T[], length: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(all.length / length) }, (_, index) =>
    all.slice(index * length, (index + 1) * length),
  )
}

function bySize(contracts: ReadonlyMap<Address, CodeFacts>): readonly (readonly Address[])[] {
  const groups: Address[][] = []
  let room = 0
  for (const [address, { size: bytes }] of contracts) {
    if (bytes > room) {
      groups.push([])
      room = codeBytesAtOnce
    }
    groups.at(-1)?.push(address)
    room -= bytes
  }
  return groups
}

const accessList = z.object({
  accessList: z.array(z.object({ address: z.string().check(z.regex(/^0x[0-9a-fA-F]{40}$/)) })),
})

/** Clients differ in which of the warm addresses they list, so each address is counted by itself. */
async function touchedBy(
  { chain, block, alive }: StateParams,
  calls: readonly EncodedCall[],
): Promise<readonly Address[] | undefined> {
  const params = [{ to: chain.multicall3, data: aggregated(calls) }, numberToHex(block.number)]
  const lists = await Promise.all(
    [...alive].map(async ({ request }) => {
      try {
        const answer = z.safeParse(accessList, await request({ method: 'eth_createAccessList', params }))
        if (!answer.success) return undefined
        return new Set(answer.data.accessList.map(({ address }) => address.toLowerCase() as Address))
      } catch (error) {
        if (!isHomeostatError(error)) throw error
        return undefined
      }
    }),
  )
  const told = lists.filter((list) => list !== undefined)
  if (told.length < chain.quorum) return undefined
  const all = [...new Set(told.flatMap((list) => [...list]))]
  return all.filter(
    (address) =>
      isPlace(address) &&
      address !== chain.multicall3 &&
      told.filter((list) => list.has(address)).length >= chain.quorum,
  )
}
