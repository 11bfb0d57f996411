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
import { assetsOf, value } from '../../instruments/value.ts'
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

interface ChainNames {
  readonly assets: readonly string[]
  readonly underlyings: readonly string[]
  /** By asset symbol. */
  readonly underlyingOf: Readonly<Record<string, string>>
}

/** Of the market: its keys are underlyings of the chain. */
export function requireKnownKeys(
  sheet: Sheet,
  place: Place,
  market: DeclaredMarket,
  { underlyings }: ChainNames,
): void {
  const { forward, carry, volatility, funding, perpetualPremium, correlation } = market
  for (const [field, record] of Object.entries({ forward, carry, volatility, funding, perpetualPremium, correlation }))
    for (const key of Object.keys(record ?? {}))
      for (const name of key.split('/').filter((one) => !underlyings.includes(one)))
        sheet.report(placeOf(sheet, place, [field, key]), {
          reason: `\`${name}\` is no underlying of the chain; keys of \`${field}\` are underlyings`,
          suggestion: nearestWord(name, underlyings),
        })
}

/** Of a position: prices that the chain has, and what of the market its value reads; tried by valuing it. */
export function requireDeclaredInputs(
  sheet: Sheet,
  place: Place,
  params: {
    readonly position: DeclaredPosition
    readonly market: DeclaredMarket | undefined
    readonly chain: ChainNames
    /** Underlyings whose volatility and funding venues tell. */
    readonly told: readonly string[]
  },
): void {
  const { position, chain, told } = params
  const market = withTold(params.market, { told, asOf: position.confirmedAt })
  const termsPlace = placeOf(sheet, place, ['terms'])
  const known = [...chain.assets, ...chain.underlyings]
  const unknown = position.assets.filter((name) => !known.includes(name))
  for (const asset of unknown)
    sheet.report(placeOf(sheet, termsPlace, ['asset']), {
      reason: `${asset} has no price: it is neither an asset nor an underlying of the chain`,
      suggestion: nearestWord(asset, known),
    })
  if (unknown.length > 0) return
  const { kind, terms } = position.instrument
  for (const { expiry } of instrumentOf(kind).optionality?.(terms as never) ?? [])
    if (expiry !== undefined && expiry <= position.confirmedAt)
      sheet.warn(termsPlace, { reason: 'it had expired before it was confirmed: is the year right?' })
  const prices = {
    at: position.confirmedAt,
    spot: Object.fromEntries(chain.underlyings.map((name) => [name, 1_000])),
    exchangeRates: Object.fromEntries(
      known.map((name) => [name, { underlying: own(chain.underlyingOf, name) ?? name, rate: 1 }]),
    ),
  }
  try {
    value(position.instrument, market === undefined ? prices : withMarketData(prices, market))
  } catch (error) {
    // A made-up spot may be beyond a model; what is missing is missing at any spot.
    if (!isHomeostatError(error) || !/^no-(volatility|correlation|funding)$/.test(error.code)) return
    sheet.report(termsPlace, {
      reason: `it cannot be valued: ${error.message} State it under \`marketData\` of the portfolio`,
    })
  }
}

/** What a venue will tell stands here with numbers of no meaning: only that it is there counts. */
function withTold(
  market: DeclaredMarket | undefined,
  { told, asOf }: { readonly told: readonly string[]; readonly asOf: number },
): Parameters<typeof withMarketData>[1] | undefined {
  if (told.length === 0) return market
  const each = (value: number) => Object.fromEntries(told.map((name) => [name, value]))
  const { volatility, funding, ...rest } = market ?? { asOf }
  return { ...rest, volatility: { ...each(0.5), ...volatility }, funding: { ...each(0), ...funding } }
}
