// Names by which the configuration may call what was found: valid, unique, and never one that a stranger could choose to look like another.

import type { Address } from '../../model/identity.ts'
import type { TokenName } from './findings.ts'

const longest = 20

export interface Nameable {
  readonly address: Address
  /** Of the token itself. */
  readonly symbol: string
  /** Of its feed, such as `ETH / USD`. */
  readonly feedDescription?: string
  /** An earlier token of which it is worth so much. */
  readonly follows?: Address
  /** Of a token that is known and has the same feed. */
  readonly sameFeed?: string
  /** By a configuration that a person has checked. */
  readonly given?: TokenName
}

/** Earlier ones keep their symbol; one that is taken gets the first digits of the address. */
export function nameTokens(tokens: readonly Nameable[]): ReadonlyMap<Address, TokenName> {
  const names = new Map<Address, TokenName>()
  const taken = new Set<string>()
  const given = tokens.filter((token) => token.given !== undefined)
  for (const { address, symbol, feedDescription, follows, sameFeed, given: own } of [...given, ...tokens]) {
    if (names.has(address)) continue
    const free = own?.symbol ?? freeSymbol(symbol, address, taken)
    taken.add(free.toUpperCase())
    const followed = follows === undefined ? undefined : names.get(follows)?.underlying
    names.set(address, {
      symbol: free,
      underlying: own?.underlying ?? sameFeed ?? followed ?? underlyingOf(feedDescription, free),
    })
  }
  return names
}

/** With more and more of its address, because the first digits can be chosen by who deploys it; at last with a number. */
function freeSymbol(symbol: string, address: Address, taken: ReadonlySet<string>): string {
  const safe = safeSymbol(symbol)
  const isFree = (one: string) => !taken.has(one.toUpperCase())
  if (safe !== undefined && isFree(safe)) return safe
  const withEnd = (end: string) => `${(safe ?? 'token').slice(0, longest - 1 - end.length)}-${end}`
  for (const count of [6, 8, 10, 12]) {
    const one = withEnd(address.slice(2, 2 + count))
    if (isFree(one)) return one
  }
  let number = 1
  while (!isFree(withEnd(String(number)))) number += 1
  return withEnd(String(number))
}

/** What a symbol may hold in homeostat.yaml; undefined if nothing of it can stay. */
export function safeSymbol(symbol: string): string | undefined {
  const safe = symbol
    .replace(/[^A-Za-z0-9._+-]+/g, '_')
    .replace(/^[^A-Za-z]+/, '')
    .replace(/[^A-Za-z0-9]+$/, '')
    .slice(0, longest)
  return safe === '' ? undefined : safe
}

/** What the feed prices, else the symbol without the W of a wrapped coin. */
export function underlyingOf(feedDescription: string | undefined, symbol: string): string {
  const [base = ''] = (feedDescription ?? '').split('/')
  const fromFeed = safeUnderlying(base.trim())
  return fromFeed ?? safeUnderlying(symbol.replace(/^W(?=[A-Z]{3})/, '')) ?? 'TOKEN'
}

function safeUnderlying(text: string): string | undefined {
  const safe = text
    .replace(/[^A-Za-z0-9_]+/g, '_')
    .replace(/^[^A-Za-z]+|_+$/g, '')
    .slice(0, longest)
  return safe === '' ? undefined : safe
}
