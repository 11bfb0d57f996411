// Balances as a token's Transfer logs add them up, in bounded memory: who is small is forgotten first, and it is said that somebody was.

import type { Address, Hash, Hex } from '../../model/identity.ts'

/** keccak256 of Transfer(address,address,uint256). */
export const transferTopic: Hash = '0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef'

/** From here tokens come and hither they go: it holds none. */
const nobody: Address = `0x${'0'.repeat(40)}`

interface TransferLog {
  readonly topics: readonly Hash[]
  readonly data: Hex
}

export interface Balances {
  /** Above zero only. */
  readonly of: ReadonlyMap<Address, bigint>
  readonly isPartial: boolean
}

/**
 * Adds transfers to balances. A log that is no fungible transfer (an NFT has its id where the amount would be) is passed over.
 * Who sends more than was counted for them had it before the count began, or was forgotten: they stand at zero, and the count is partial.
 * A balance that is counted is never more than the true one.
 */
export function addTransfers(balances: Balances, logs: readonly TransferLog[]): Balances {
  const of = new Map(balances.of)
  let { isPartial } = balances
  for (const { topics, data } of logs) {
    const [event, from, to, ...rest] = topics
    if (event !== transferTopic || from === undefined || to === undefined || rest.length > 0 || data.length !== 66)
      continue
    const amount = BigInt(data)
    const [sender, receiver] = [addressIn(from), addressIn(to)]
    if (amount === 0n || sender === receiver) continue
    if (sender !== nobody) {
      const left = (of.get(sender) ?? 0n) - amount
      if (left > 0n) of.set(sender, left)
      else of.delete(sender)
      if (left < 0n) isPartial = true
    }
    if (receiver !== nobody) of.set(receiver, (of.get(receiver) ?? 0n) + amount)
  }
  return { of, isPartial }
}

/** The largest so many; the count is partial if anybody else was there. */
export function largest(balances: Balances, most: number): Balances {
  if (balances.of.size <= most) return balances
  return { of: new Map(ranked(balances).slice(0, most)), isPartial: true }
}

/** Largest first; equal ones in the order of their addresses, so that equal counts are equal. */
export function ranked({ of }: Pick<Balances, 'of'>): readonly (readonly [Address, bigint])[] {
  return [...of].sort(([a, one], [b, other]) => (one === other ? (a < b ? -1 : 1) : one > other ? -1 : 1))
}

export function sumOf({ of }: Pick<Balances, 'of'>): bigint {
  return [...of.values()].reduce((sum, one) => sum + one, 0n)
}

function addressIn(topic: Hash): Address {
  return `0x${topic.slice(26)}`
}
