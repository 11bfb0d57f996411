// One line of `homeostat price`: an instrument and the market that it is valued in, to a value and its Greeks.

import { HomeostatError, isHomeostatError } from '../../lib/base/homeostat-error.ts'
import type { Usd } from '../../lib/base/units.ts'
import type { Greeks } from '../../lib/instruments/greeks/greeks.ts'
import { greeksOf } from '../../lib/instruments/greeks/greeks-of.ts'
import { type GreeksUsd, greeksInUsd } from '../../lib/instruments/greeks/in-usd.ts'
import type { Market } from '../../lib/instruments/market/market.ts'
import { parseMarket } from '../../lib/instruments/market/parse-market.ts'
import { parsePosition } from '../../lib/instruments/parse-position.ts'
import { detailsOf, value, warningsOf } from '../../lib/instruments/value.ts'
import { type JsonRecord, refusal } from '../json-record.ts'

export interface PricedLine {
  readonly kind: string
  /** USD. */
  readonly value: Usd
  /** Per 1.00 of volatility and rate, per year, in units of the underlying; and in the units that people trade in. */
  readonly greeks?: Greeks & { readonly usd: GreeksUsd }
  readonly details?: Readonly<Record<string, number>>
  readonly warnings: readonly string[]
}

const known = new Set(['id', 'instrument', 'market', 'greeks'])

/** `{ id?, instrument: { kind, terms }, market, greeks?: true }`; without a market of its own, `shared`. @throws HomeostatError that names field and rule */
export function pricedLine(
  record: JsonRecord,
  { market: shared, greeks: always = false }: { readonly market?: Market | undefined; readonly greeks?: boolean } = {},
): PricedLine {
  const unknown = Object.keys(record).find((name) => !known.has(name))
  if (unknown !== undefined)
    throw refusal('invalid-input', {
      message: `${unknown} is not known here.`,
      field: unknown,
      rule: `must be one of ${[...known].join(', ')}`,
      hint: 'homeostat price --describe KIND shows a line.',
    })
  const withGreeks = record.greeks === undefined ? always : flagOf(record.greeks)
  const position = within('instrument', () => parsePosition(record.instrument))
  const market = marketOf(record, shared)
  const usd = value(position, market)
  if (!withGreeks) return { kind: position.kind, value: usd, warnings: warningsOf(position, market) }
  const greeks = greeksOf(position, market)
  return {
    kind: position.kind,
    value: usd,
    greeks: { ...greeks, usd: greeksInUsd(greeks, market) },
    details: detailsOf(position, market),
    warnings: warningsOf(position, market),
  }
}

function marketOf({ market }: JsonRecord, shared: Market | undefined): Market {
  if (market !== undefined) return within('market', () => parseMarket(market))
  if (shared !== undefined) return shared
  throw refusal('no-market', {
    message: 'The line has no market.',
    field: 'market',
    rule: 'must stand in the line, or in a file for all lines',
    hint: 'Put one in the line, or name a file with --market; homeostat price --describe KIND shows one.',
  })
}

function flagOf(given: unknown): boolean {
  if (given === undefined || typeof given === 'boolean') return given === true
  throw refusal('invalid-input', {
    message: 'greeks must be true or false.',
    field: 'greeks',
    rule: 'must be true or false',
  })
}

/** Errors about a part of the line name the field by its whole path. */
function within<T>(part: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (!isHomeostatError(error) || typeof error.facts.field !== 'string') throw error
    const { message, retry, facts, hint } = error
    const field = facts.field === '' ? part : `${part}.${facts.field}`
    throw new HomeostatError(error.code, {
      message,
      retry,
      facts: { ...facts, field },
      ...(hint === undefined ? {} : { hint }),
      cause: error,
    })
  }
}
