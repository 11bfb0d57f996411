// What a protocol is told when it looks for holdings of an account, and what it tells: nothing of it is believed yet.

import type { Address, AssetSymbol, Hash, Underlying } from '../../model/identity.ts'

/** A deployment that is known before anybody looks: by the book, or by a configuration that a person has checked. */
export interface Deployment {
  readonly chainId: number
  /** Name of the protocol in the registry. */
  readonly protocol: string
  /** Address by role. */
  readonly contracts: Readonly<Record<string, Address>>
  /** Where it is written. */
  readonly source: string
}

/** What is known of a chain and an account before a protocol looks. */
export interface Surroundings {
  readonly chainId: number
  readonly multicall3: Address
  readonly account: Address
  /** Contracts whose tokens moved to or from the account, in lower case, each once. Anybody can put one here. */
  readonly candidates: readonly Address[]
  /** NFTs that once came to the account, by collection; whether they are still there has to be asked. */
  readonly nfts: ReadonlyMap<Address, readonly bigint[]>
  /** The chain's own coin as a token, if a contract of an exchange names it. */
  readonly wrappedNative?: Address
  readonly known: (protocol: string) => readonly Deployment[]
  /** Topics of the logs of a protocol's witness (see Protocol) that name the account. */
  readonly testimony: (contract: Address) => readonly (readonly Hash[])[]
}

/** By which names the configuration will call a token. */
export interface TokenName {
  readonly symbol: AssetSymbol
  readonly underlying: Underlying
}

/** Stands in settings for an address that the chain does not tell. */
interface Unknown {
  /** What a person has to put there. */
  readonly unknown: string
}

/** A part of the settings of a protocol, as homeostat.yaml would state it; parts of several holdings are joined. */
export type Settings = Readonly<Record<string, unknown>>

export interface Holding {
  /** For a person, without anything that a stranger has named. */
  readonly what: string
  /** How it was found. */
  readonly evidence: string
  /** The contract whose word it is. */
  readonly restsOn: Address
  /** Why that contract is to be believed, if somebody who is known vouches for it. */
  readonly voucher?: string
  /** Tokens that this accounts for: they are no assets by themselves. */
  readonly covers: readonly Address[]
  /** Tokens that have to be assets of the chain. */
  readonly needs: readonly Address[]
  /** Where a token has no price: `ask` a person for its feed (a loan without a leg would be wrong), or `leave` the holding out. */
  readonly unpriced: 'ask' | 'leave'
  readonly settings: (name: (token: Address) => TokenName) => Settings
}

/** A contract that tells the price of a token in dollars, or whose parts do. */
export interface PriceHint {
  readonly token: Address
  readonly source: Address
  readonly evidence: string
  readonly restsOn: Address
  /** `dollars`: its user counts in dollars. `unknown`: the source must say itself that it does; markets that lend a coin count in that. */
  readonly unit: 'dollars' | 'unknown'
}

export interface Findings {
  readonly holdings?: readonly Holding[]
  readonly prices?: readonly PriceHint[]
  /** What could not be looked at, and why. */
  readonly unseen?: readonly string[]
}

/** An address that only a person can name: `what` says which. */
export function unknownAddress(what: string): Unknown {
  return { unknown: what }
}

export const lowerCase = (address: string) => address.toLowerCase() as Address

export const zeroAddress: Address = '0x0000000000000000000000000000000000000000'

/** Each once, without the zero address, in lower case. */
export function distinct(addresses: readonly string[]): readonly Address[] {
  return [...new Set(addresses.map(lowerCase))].filter((address) => address !== zeroAddress)
}
