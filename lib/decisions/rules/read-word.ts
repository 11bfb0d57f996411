// A word of the vocabulary in a rule, with its key where it takes one.

import { nearestWord } from '../../base/nearest-word.ts'
import { protocolOf, protocolsNamed } from './accounts-named.ts'
import type { Reference } from './expression.ts'
import { refusal } from './refusal.ts'
import type { KnownKeys, Reading, SyntaxNode } from './syntax.ts'
import type { Term } from './term.ts'
import { termOf, vocabulary } from './vocabulary.ts'

export const functions = {
  abs: { least: 1, most: 1 },
  min: { least: 2, most: 20 },
  max: { least: 2, most: 20 },
} as const

/** @throws HomeostatError `rule-refused` */
export function referenceOf(reading: Reading, node: SyntaxNode): Reference {
  return node.type === 'SymbolNode' ? plainWord(reading, node.name ?? '') : keyedWord(reading, node)
}

function plainWord(reading: Reading, name: string): Reference {
  const term = wordOf(reading, name)
  if (term.keys === 'none' || term.keys === 'account') return { term: name }
  throw refusal(reading.text, 'unknown-key', `${name} needs a key, e.g. ${name}.${exampleKey(term, reading.known)}.`)
}

function keyedWord(reading: Reading, node: SyntaxNode): Reference {
  const key = node.index?.dimensions?.length === 1 ? node.index.dimensions[0]?.value : undefined
  if (node.object?.type !== 'SymbolNode' || node.optionalChaining === true || typeof key !== 'string')
    throw refusal(reading.text, 'not-allowed', 'A key is one literal name: netDelta.ETH or netDelta["ETH"].')
  const name = node.object.name ?? ''
  const term = wordOf(reading, name)
  if (term.keys === 'none') throw refusal(reading.text, 'unknown-key', `${name} takes no key.`)
  // Names that every object inherits are never data.
  const pattern = term.keys === 'account' ? /^[A-Za-z0-9][\w.+@:/-]{0,127}$/ : /^[A-Za-z0-9][\w.+@-]{0,63}$/
  if (!pattern.test(key) || key in Object.prototype) {
    const what = { account: 'an account', series: 'a series' }[String(term.keys)] ?? 'an asset'
    throw refusal(reading.text, 'unknown-key', `${JSON.stringify(key)} cannot be the name of ${what}.`)
  }
  const keys = knownKeys(term, reading.known)
  if (keys !== undefined && !keys.includes(key) && !(term.keys === 'account' && beginsOne(keys, key)))
    throw refusal(
      reading.text,
      'unknown-key',
      `${name} knows no ${key}.`,
      nearestWord(key, term.keys === 'account' ? [...keys, ...keys.map(shortName)] : keys),
    )
  return { term: name, key }
}

function wordOf(reading: Reading, name: string): Term {
  const term = termOf(name)
  if (term !== undefined) return term
  if (own(functions, name) !== undefined)
    throw refusal(reading.text, 'not-allowed', `${name} is a function: write ${name}(...).`)
  const words = [...vocabulary.map((one) => one.name), ...Object.keys(functions)]
  throw refusal(reading.text, 'unknown-name', `There is no ${name}.`, nearestWord(name, words))
}

function knownKeys(term: Term, known: KnownKeys | undefined): readonly string[] | undefined {
  if (term.keys === 'none') return []
  if (term.keys === 'underlying') return known?.underlyings
  if (term.keys === 'asset') return known?.assets
  if (term.keys === 'series') return known?.series
  if (term.keys === 'account') return known?.accounts
  return term.keys
}

/** `aave` of `aave-v3`. */
function shortName(protocol: string): string {
  return protocol.split('-')[0] ?? protocol
}

/** `aave` of `aave-v3`, and the position `arbitrum/aave-v3` or `compound-v3:USDC` of a protocol. */
function beginsOne(accounts: readonly string[], key: string): boolean {
  return accounts.includes(protocolOf(key)) || protocolsNamed(accounts, key).length > 0
}

const examples: Readonly<Record<string, string>> = { asset: 'WETH', series: 'SPX', account: 'aave' }

function exampleKey(term: Term, known: KnownKeys | undefined): string {
  return knownKeys(term, known)?.[0] ?? examples[String(term.keys)] ?? 'ETH'
}

function own<T>(record: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined
}
