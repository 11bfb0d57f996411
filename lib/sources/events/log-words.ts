// The arguments of an event as words, indexed ones first: contracts disagree about which are indexed, and the words do not care.

import type { Address, Hash, Hex } from '../../model/identity.ts'

/** Arguments that are static types, in the order: indexed ones, then the others. Undefined where there is no such word. */
export interface LogWords {
  address(place: number): Address | undefined
  unsigned(place: number): bigint | undefined
  signed(place: number): bigint | undefined
  hash(place: number): Hash | undefined
}

const wordDigits = 64

export function logWords({ topics, data }: { readonly topics: readonly Hash[]; readonly data: Hex }): LogWords {
  const words = [...topics.slice(1).map((topic) => topic.slice(2)), ...(data.slice(2).match(/.{64}/g) ?? [])]
  const unsigned = (place: number) => (words[place]?.length === wordDigits ? BigInt(`0x${words[place]}`) : undefined)
  return {
    address: (place) => (words[place] === undefined ? undefined : `0x${words[place].slice(24)}`),
    hash: (place) => (words[place] === undefined ? undefined : `0x${words[place]}`),
    unsigned,
    signed(place) {
      const value = unsigned(place)
      return value === undefined ? undefined : BigInt.asIntN(256, value)
    },
  }
}

/** An address as a topic. */
export function topicOf(address: Address): Hash {
  return `0x${address.slice(2).padStart(wordDigits, '0')}`
}

/** `0x1234…cdef`: enough to recognise an address in a sentence. */
export function shortAddress(address: Address | undefined): string {
  return address === undefined ? 'an unknown address' : `${address.slice(0, 6)}…${address.slice(-4)}`
}

/** A number for a sentence. */
export function printed(value: bigint | undefined): string {
  return value === undefined ? 'something unreadable' : String(value)
}
