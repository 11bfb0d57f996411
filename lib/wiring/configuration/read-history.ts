// Where past prices come from besides our own snapshots: public sources of candles, and what each calls an underlying.

import type { HistoryConfig, HistorySourceConfig } from '../../model/history.ts'
import { candleSources } from '../../sources/history/candles/index.ts'
import { oneOf, text } from './scalars.ts'
import { listOf, mapOf, nameOf, type Reader, required } from './shapes.ts'

const underlying = /^[A-Za-z0-9][A-Za-z0-9.]{0,19}$/
const product = text({
  what: 'a product as the source calls it, such as BTC-USD: capitals, digits and hyphens, at most 30',
  max: 30,
  pattern: /^[A-Z0-9-]{2,30}$/,
  suggest: (given) => given.toUpperCase().replace(/[/_]/g, '-'),
})

/** Underlying -> product. */
const products: Reader<Readonly<Record<string, string>>> = (sheet, place) => {
  const entries = sheet.entries(place)
  if (entries === undefined || entries.length === 0) {
    sheet.report(place, { reason: `${nameOf(place)} must be a map such as { BTC: BTC-USD }` })
    return undefined
  }
  const before = sheet.reports()
  const read = entries.flatMap(({ key, keyPlace, value }) => {
    if (!underlying.test(key))
      sheet.report(keyPlace, { reason: `\`${key.slice(0, 40)}\` is not an underlying, such as BTC` })
    const name = product(sheet, value)
    return name === undefined ? [] : [[key, name] as const]
  })
  return sheet.reports() === before ? Object.fromEntries(read) : undefined
}

const source: Reader<HistorySourceConfig> = mapOf<HistorySourceConfig>(
  { source: required(oneOf(candleSources.map(({ name }) => name))), products: required(products) },
  ({ sheet, draft, at }) => {
    const found = candleSources.find(({ name }) => name === draft.source)
    for (const { key, value } of sheet.entries(at('products')) ?? []) {
      const name = draft.products?.[key]
      if (found === undefined || name === undefined) continue
      const quote = found.quoteOf(name)
      if (quote === 'USD') continue
      const reason =
        quote === undefined
          ? `${name} does not tell in which currency its prices are`
          : `${name} is priced in ${quote}, and stored bars are in dollars`
      sheet.report(value, { reason: `${reason}: name a product in USD` })
    }
  },
)

export const history: Reader<HistoryConfig> = mapOf<HistoryConfig>({
  sources: required(listOf(source, { min: 1, unique: ['source'] })),
})
