// Figures that were probably meant in per cent: valued as they stand, and told.

import type * as z from '../base/schema.ts'
import type { PositionTerms } from './index.ts'
import { instrumentOf } from './instrument-of.ts'
import type { Market } from './market/market.ts'
import { surfaceVolatility } from './market/volatility-surface.ts'
import { termNotes } from './term-schemas.ts'

/** Beyond these a rate a year and a volatility are rarer than a mistake in units. */
const [highRate, highVolatility] = [1, 3]
const day = 86_400

/** One warning for each figure that looks like per cent: of the terms, and of what the market states of the assets that the position reads. */
export function unitWarnings({ kind, terms }: PositionTerms, market: Market): readonly string[] {
  const instrument = instrumentOf(kind)
  const read = new Set(
    instrument.assets(terms as never).flatMap((asset) => market.exchangeRates[asset]?.underlying ?? []),
  )
  if (read.size === 0) return []
  return [...ratesIn(instrument.terms, terms, ''), ...marketRates(market, read)]
}

function marketRates(market: Market, read: ReadonlySet<string>): readonly string[] {
  const optional = Object.entries(market.volatility ?? {}).filter(([name]) => read.has(name))
  const volatilities = optional.flatMap(([name, held]) => {
    const { volatility } = surfaceVolatility(held, 0, held.asOf + 30 * day)
    return volatility > highVolatility ? [`the volatility of ${name} is ${percent(volatility)}: 0.6 is 60 %`] : []
  })
  const curves = [
    ['the dollar rate', market.interest ?? []] as const,
    ...Object.entries(market.carry ?? {}).flatMap(([name, curve]) =>
      read.has(name) ? [[`the carry of ${name}`, curve] as const] : [],
    ),
  ]
  const rates = curves.flatMap(([what, curve]) => {
    const worst = curve.find(({ rate }) => Math.abs(rate) > highRate)
    return worst === undefined ? [] : [rateWarning(what, worst.rate)]
  })
  const funding = Object.entries(market.funding ?? {}).flatMap(([name, rate]) =>
    read.has(name) && Math.abs(rate) > 2 * highRate ? [rateWarning(`the funding of ${name}`, rate)] : [],
  )
  return [...volatilities, ...rates, ...funding]
}

/** Fields of rates a year are known by the unit that is noted of them. */
function ratesIn(schema: z.ZodMiniType, value: unknown, path: string): readonly string[] {
  const { type, innerType, element, shape } = schema.def as unknown as {
    readonly type: string
    readonly innerType?: z.ZodMiniType
    readonly element?: z.ZodMiniType
    readonly shape?: Readonly<Record<string, z.ZodMiniType>>
  }
  if (typeof value === 'number') {
    const isRate = termNotes.get(schema)?.unit.startsWith('per year') === true
    return isRate && Math.abs(value) > highRate ? [rateWarning(path, value)] : []
  }
  if (innerType !== undefined && (type === 'optional' || type === 'default')) return ratesIn(innerType, value, path)
  if (Array.isArray(value) && element !== undefined)
    return value.flatMap((one: unknown, index) => ratesIn(element, one, `${path}[${index}]`))
  if (typeof value !== 'object' || value === null || shape === undefined) return []
  return Object.entries(value).flatMap(([name, one]) => {
    const field = shape[name]
    return field === undefined ? [] : ratesIn(field, one, path === '' ? name : `${path}.${name}`)
  })
}

function rateWarning(what: string, rate: number): string {
  return `${what} is ${percent(rate)} a year: 0.05 is 5 %`
}

function percent(ratio: number): string {
  return `${+(ratio * 100).toPrecision(6)} %`
}
