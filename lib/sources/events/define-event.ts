// The shape of everything that a contract can say and we listen to: where it is said, and what it means for whom.

import type { ChainConfig, Severity } from '../../model/configuration.ts'
import type { Address, Hash } from '../../model/identity.ts'
import type { ChainReader } from '../chain/chain-session.ts'
import type { TopicChoice } from '../chain/log-query.ts'
import type { LogWords } from './log-words.ts'

/** What is listened for: one chain, and the accounts on it. */
export interface Scope {
  readonly chain: ChainConfig
  readonly portfolios: readonly { readonly id: string; readonly account: Address }[]
}

/** A contract that may say it. */
export interface Speaker {
  readonly address: Address
  /** `feed WETH`, `aaveV3.pool`. */
  readonly subject: string
  /** Ids of the portfolios that it concerns. */
  readonly portfolios: readonly string[]
  /** Narrows the topics after the first; absent: anything. */
  readonly topics?: readonly TopicChoice[]
  /** Of a quantity, in the token's units: less means nothing. */
  readonly least?: bigint
}

export interface Meaning {
  /** What is `info` is read again and forgotten; what is worse is kept for people. */
  readonly severity: Severity
  /** A sentence without its subject: `was upgraded to 0x...`. */
  readonly says: string
  /** Whom it touches, where that shows in the log only; absent: whom the speaker concerns. */
  readonly portfolios?: readonly string[]
  /** A price that moved, in ticks of 1.0001: it touches only once it is far enough from where it was last handed on. */
  readonly tick?: { readonly of: string; readonly value: number }
}

export interface EventKind<Name extends string = string> {
  readonly name: Name
  /** One line for people and for the README's table. */
  readonly title: string
  /** `Transfer(address,address,uint256)`: canonical, without names. */
  readonly signatures: readonly string[]
  /** Who says it, of what the portfolios hold. Asks through the reader; what cannot be read is not listened to this time. */
  readonly speakers: (reader: ChainReader, scope: Scope) => Promise<readonly Speaker[]>
  /** Undefined: it means nothing after all. `signature` is one of the above. */
  readonly meaning: (log: HeardLog) => Meaning | undefined
}

export interface HeardLog {
  readonly signature: string
  readonly words: LogWords
  readonly speaker: Speaker
  readonly scope: Scope
  readonly transactionHash: Hash
}

export function defineEvent<const Name extends string>(kind: EventKind<Name>): EventKind<Name> {
  return kind
}

/** All portfolios of a scope. */
export function everybody({ portfolios }: Scope): readonly string[] {
  return [...new Set(portfolios.map(({ id }) => id))]
}
