// What is held, from a file: a book as `homeostat profile` reads it, whose market may lack prices, or a snapshot.

import { readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { HomeostatError, isHomeostatError } from '../../lib/base/homeostat-error.ts'
import { parsePosition } from '../../lib/instruments/parse-position.ts'
import type { Position, Snapshot } from '../../lib/model/snapshot.ts'

export type Portfolio =
  | { readonly kind: 'snapshot'; readonly snapshot: Snapshot }
  | {
      readonly kind: 'book'
      readonly positions: readonly Pick<Position, 'id' | 'label' | 'instrument'>[]
      /** As it is stated; it may be without `at` and `spot`. */
      readonly market: Readonly<Record<string, unknown>>
    }

/** @throws HomeostatError `no-input`, `invalid-input` */
export async function readPortfolio(path: string): Promise<Portfolio> {
  const whole = parsed(await contentOf(path), path)
  const inner = isRecord(whole.snapshot) ? whole.snapshot : whole
  if (Array.isArray(inner.prices) && Array.isArray(inner.positions) && typeof inner.id === 'string')
    return { kind: 'snapshot', snapshot: inner as unknown as Snapshot }
  const { positions, market = {} } = whole
  if (!Array.isArray(positions) || positions.length === 0) throw refused(path, 'it holds no positions')
  if (!isRecord(market)) throw refused(path, 'its market is not an object')
  const ids = new Set<string>()
  const book = positions.map((one: unknown, index) => {
    const { id, label, ...terms }: Readonly<Record<string, unknown>> = isRecord(one) ? one : {}
    const instrument = positionAt(terms, `positions[${index}] of ${path}`, path)
    const name = typeof id === 'string' && id !== '' ? id : `${instrument.kind}:${index + 1}`
    if (ids.has(name)) throw refused(path, `two of its positions are called ${name}`)
    ids.add(name)
    return { id: name, label: typeof label === 'string' ? label : (labelOf(terms, id) ?? name), instrument }
  })
  return { kind: 'book', positions: book, market }
}

/** `spot BTC` tells more than the place in the file; an id that was given tells most. */
function labelOf({ kind, terms }: { readonly kind?: unknown; readonly terms?: unknown }, id: unknown) {
  if ((typeof id === 'string' && id !== '') || !isRecord(terms) || typeof terms.asset !== 'string') return undefined
  return `${String(kind)} ${terms.asset}`
}

function positionAt(terms: unknown, what: string, path: string) {
  try {
    return parsePosition(terms, what)
  } catch (error) {
    if (isHomeostatError(error) && error.code === 'unknown-instrument')
      throw refused(path, `${what}: ${error.message} ${error.hint ?? ''}`)
    throw error
  }
}

async function contentOf(path: string): Promise<string> {
  try {
    if (path !== '-') return await readFile(path, 'utf8')
    if (process.stdin.isTTY === true) throw new Error('standard input is the terminal')
    return await text(process.stdin)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw refused(path, /ENOENT/.test(why) ? 'there is no such file' : why)
  }
}

function parsed(content: string, path: string): Readonly<Record<string, unknown>> {
  let value: unknown
  try {
    value = JSON.parse(content)
  } catch {
    throw refused(path, 'it is not one JSON document')
  }
  if (!isRecord(value)) throw refused(path, 'it is not a JSON object')
  return value
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function refused(path: string, why: string): HomeostatError {
  return new HomeostatError('no-input', {
    message: `${path} is not a portfolio: ${why}.`,
    retry: 'never',
    facts: { path },
    hint: '{ "positions": [{ "kind": "spot", "terms": { "asset": "ETH", "quantity": 10 } }], "market": {...} }; homeostat risk --help shows more, homeostat price --describe KIND the terms.',
  })
}
