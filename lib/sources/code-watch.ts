// Whether the contracts that portfolios stand on still have the code that they had when they were first looked at.

import { isHomeostatError } from '../base/homeostat-error.ts'
import type { UnixSeconds } from '../base/units.ts'
import type { ChainCursor, ChainEvent } from '../model/chain-cursor.ts'
import type { ChainSettings } from '../model/chain-settings.ts'
import type { Address, Hash, PinnedBlock } from '../model/identity.ts'
import { agreedCodeHashes, type Jury } from './chain/agree-on-logs.ts'
import { mostCodeHashes } from './chain/code-hashes.ts'
import { outcomeBook } from './chain/outcome-book.ts'
import { configuredContracts } from './events/configured-contracts.ts'

/** keccak256 of nothing: an account without code. */
const noCode = '0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470'
const unused = `0x${'0'.repeat(64)}`
/** How often the codes are compared, unless a contract is new. */
const lookSeconds = 3_600

/**
 * The pins are those of the first look at each contract, and stay until its code is another. A proxy that is upgraded keeps its own code: that is heard
 * as an event of its own.
 * @returns nothing where it is not the time; where no k providers told the same hashes the pins stay, and it is tried again in an hour
 */
export async function codeChanges(
  jury: Jury,
  params: {
    readonly settings: ChainSettings
    readonly cursor: Pick<ChainCursor, 'codes'>
    readonly head: PinnedBlock
    readonly at: UnixSeconds
  },
): Promise<{ readonly codes: NonNullable<ChainCursor['codes']>; readonly events: readonly ChainEvent[] } | undefined> {
  const { settings, cursor, head, at } = params
  const contracts = configuredContracts(settings).slice(0, mostCodeHashes)
  const pinned = cursor.codes?.hashes ?? {}
  const isDue = cursor.codes === undefined || at - cursor.codes.at >= lookSeconds
  if (!isDue && contracts.every(({ address }) => pinned[address] !== undefined)) return undefined
  const found = await hashesOf(
    jury,
    contracts.map(({ address }) => address),
    head,
  )
  if (found === undefined) return { codes: { at, hashes: pinned }, events: [] }
  const events = contracts.flatMap(({ address, subject }, index): readonly ChainEvent[] => {
    const [before, now] = [pinned[address], found[index]]
    // What was no contract yet has become one: it is pinned from here on.
    if (before === undefined || now === undefined || before === now || isBare(before)) return []
    return [
      {
        id: `${head.chainId}:${head.hash}:code-${address}`,
        kind: 'code-changed',
        chainId: head.chainId,
        block: head.number,
        blockHash: head.hash,
        at,
        address,
        subject,
        severity: 'critical',
        says: `${subject} ${isBare(now) ? 'has no code any more' : 'has other code than it had'}: ${short(before)} before, ${isBare(now) ? 'none' : short(now)} now`,
        portfolios: [...new Set(settings.portfolios.map(({ id }) => id))],
      },
    ]
  })
  const hashes = Object.fromEntries(contracts.flatMap(({ address }, index) => entry(address, found[index])))
  return { codes: { at, hashes }, events }
}

/** Following the chain must not end because a provider cannot run this: undefined. */
async function hashesOf(jury: Jury, addresses: readonly Address[], block: PinnedBlock) {
  try {
    // With a record of its own: who cannot run this has told of the logs all the same.
    const own = { ...jury, book: outcomeBook(jury.chain.rpc), alive: new Set(jury.alive) }
    return await agreedCodeHashes(own, { addresses, block })
  } catch (error) {
    if (!isHomeostatError(error)) throw error
    return undefined
  }
}

function entry(address: Address, hash: Hash | undefined): readonly (readonly [Address, Hash])[] {
  return hash === undefined ? [] : [[address, hash]]
}

function isBare(hash: Hash): boolean {
  return hash === noCode || hash === unused
}

function short(hash: Hash): string {
  return `${hash.slice(0, 10)}…`
}
