// How positions that no source reads are declared, and the market that they are valued in: checked by the instruments' own schemas, told at their lines.

import { isHomeostatError } from '../../base/homeostat-error.ts'
import { nearestWord } from '../../base/nearest-word.ts'
import * as z from '../../base/schema.ts'
import { instruments, type PositionTerms } from '../../instruments/index.ts'
import { instrumentOf } from '../../instruments/instrument-of.ts'
import { own } from '../../instruments/market/market.ts'
import { marketDataSchema } from '../../instruments/market/market-schema.ts'
import { withMarketData } from '../../instruments/market/parse-market.ts'
import { instantTerm } from '../../instruments/term-schemas.ts'
import { assetsOf } from '../../instruments/value.ts'
import type { DeclaredMarket, DeclaredPosition } from '../../model/configuration.ts'
import { bySchema, placeOf } from './by-schema.ts'
import { defaults } from './defaults.ts'
import { id, oneOf, seconds, text } from './scalars.ts'
import { mapOf, type Reader, required, withDefault } from './shapes.ts'
import type { Place, Sheet } from './sheet.ts'

const year = 365 * 86_400
const goodFor = seconds({ min: 60, max: year })
const kinds = instruments.map(({ kind }) => kind)

interface Draft {
  readonly id: string
  readonly label: string
  readonly kind: (typeof kinds)[number]
  readonly terms: unknown
  readonly confirmedAt: number
  readonly goodForSeconds: number
}

const draft = mapOf<Draft>({
  id: required(id),
  label: required(text({ what: 'text of at most 80 characters', max: 80 })),
  kind: required(oneOf(kinds)),
  terms: required((_, place) => place),
  confirmedAt: required(bySchema(instantTerm('when it was confirmed'))),
  goodForSeconds: withDefault(goodFor, defaults.declared.positionGoodForSeconds),
})

/** A declared position; its terms by the schema of its kind. */
export const declaredPosition: Reader<DeclaredPosition> = (sheet, place) => {
  const read = draft(sheet, place)
  if (read === undefined) return undefined
  const { kind, terms: termsPlace, ...rest } = read
  const terms = bySchema(instrumentOf(kind).terms)(sheet, termsPlace as Place)
  if (terms === undefined) return undefined
  const instrument = { kind, terms } as PositionTerms
  return { ...rest, instrument, assets: assetsOf(instrument) }
}

const ageFields = { asOf: instantTerm('when it was true'), goodForSeconds: z.optional(z.number()) }

/** The declared market beside prices. */
export const declaredMarket: Reader<DeclaredMarket> = (sheet, place) => {
  const read = bySchema(z.extend(marketDataSchema, ageFields))(sheet, place)
  if (read === undefined) return undefined
  const agePlace = sheet.entries(place)?.find(({ key }) => key === 'goodForSeconds')?.value
  const goodForSeconds = agePlace === undefined ? defaults.declared.marketGoodForSeconds : goodFor(sheet, agePlace)
  if (goodForSeconds === undefined) return undefined
  const { goodForSeconds: _, ...data } = read
  try {
    const names = Object.keys({ ...data.forward, ...data.carry, ...data.volatility, ...data.funding })
    withMarketData({ at: data.asOf, spot: Object.fromEntries(names.map((name) => [name, 1])), exchangeRates: {} }, data)
  } catch (error) {
    if (!isHomeostatError(error)) throw error
    sheet.report(placeOf(sheet, place, String(error.facts.field ?? '').split('.')), {
      reason: `\`${error.facts.field}\` ${error.facts.rule}`,
    })
    return undefined
  }
  return { ...data, goodForSeconds }
}

/** A declared position needs prices that the chain has, and volatilities that are declared. */
export function requireDeclaredInputs(
  sheet: Sheet,
  place: Place,
  params: {
    readonly position: DeclaredPosition
    readonly market: DeclaredMarket | undefined
    readonly assets: readonly string[]
    readonly underlyings: readonly string[]
  },
): void {
  const { position, market, assets, underlyings } = params
  const known = [...assets, ...underlyings]
  for (const asset of position.assets.filter((name) => !known.includes(name)))
    sheet.report(place, {
      reason: `${asset} has no price: it is neither an asset nor an underlying of the chain`,
      suggestion: nearestWord(asset, known),
    })
  const { kind, terms } = position.instrument
  for (const { asset } of instrumentOf(kind).optionality?.(terms as never) ?? [])
    if (underlyings.includes(asset) && own(market?.volatility, asset) === undefined)
      sheet.report(place, {
        reason: `it needs a volatility of ${asset}: state it under \`marketData.volatility\` of the portfolio`,
      })
}
