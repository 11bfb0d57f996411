// The Greeks of a position, whatever it is: closed form where its instrument has one, else by bump and revalue.

import { HomeostatError } from '../../base/homeostat-error.ts'
import { inWords } from '../in-words.ts'
import type { PositionTerms } from '../index.ts'
import { instrumentOf } from '../instrument-of.ts'
import type { Market } from '../market/market.ts'
import { bumpGreeks } from './bump-greeks.ts'
import { figuresOf, type Greeks } from './greeks.ts'

/** @throws HomeostatError `no-price` and the like for what the market lacks; `not-finite` where a Greek overflows */
export function greeksOf(position: PositionTerms, market: Market): Greeks {
  return inWords(position, () => checkedGreeks(position, market))
}

function checkedGreeks(position: PositionTerms, market: Market): Greeks {
  const instrument = instrumentOf(position.kind)
  const terms = position.terms as never
  const found =
    instrument.greeks === undefined
      ? withFlows(bumpedGreeks(position, market), instrument.flows?.(terms, market), instrument.pool?.(terms, market))
      : instrument.greeks(terms, market)
  const path = isFinitePart(found)
    ? undefined
    : [...figuresOf(found)].find(([, figure]) => !Number.isFinite(figure))?.[0]
  if (path !== undefined) throw notFinite(position.kind, path)
  return found
}

/** By differences alone, whatever the instrument offers: what closed forms are checked against. */
export function bumpedGreeks(position: PositionTerms, market: Market): Greeks {
  const instrument = instrumentOf(position.kind)
  const terms = position.terms as never
  const edges = instrument.edges?.(terms, market)
  const found = bumpGreeks({
    value: (bumped) => instrument.value(terms, bumped),
    assets: instrument.assets(terms),
    optionality: instrument.optionality?.(terms) ?? [],
    ...(edges === undefined ? {} : { edges }),
    market,
  })
  if (instrument.ageing !== 'interest') return found
  return { ...found, theta: { ...found.theta, decay: 0, interest: found.theta.decay } }
}

/** Every pricing passes here: plain loops. */
function isFinitePart(part: object): boolean {
  for (const key in part) {
    const found = (part as Readonly<Record<string, unknown>>)[key]
    if (typeof found === 'number' ? !Number.isFinite(found) : !isFinitePart(found as object)) return false
  }
  return true
}

function withFlows(
  greeks: Greeks,
  flows: Partial<Greeks['theta']> | undefined,
  pool: Greeks['pool'] | undefined,
): Greeks {
  const { decay, funding, interest, fees } = greeks.theta
  const theta = {
    decay: decay + (flows?.decay ?? 0),
    funding: funding + (flows?.funding ?? 0),
    interest: interest + (flows?.interest ?? 0),
    fees: fees + (flows?.fees ?? 0),
  }
  return { ...greeks, theta, pool: pool ?? greeks.pool }
}

function notFinite(kind: string, path: string): HomeostatError {
  return new HomeostatError('not-finite', {
    message: `The ${path} of this ${kind} is beyond what a number can hold.`,
    retry: 'never',
    facts: { kind, figure: path },
    hint: 'Look for a mistake in units in its terms or in the market.',
  })
}
