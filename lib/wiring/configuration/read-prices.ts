// How an asset's price is written beside its feed: further sources, each by the schema of its kind, and how far views may be apart.

import { nearestWord } from '../../base/nearest-word.ts'
import type { PriceSourceConfig } from '../../model/price-quote.ts'
import type { PriceSource } from '../../sources/prices/define-price-source.ts'
import { priceSources } from '../../sources/prices/index.ts'
import { bySchema } from './by-schema.ts'
import { listed, type Reader } from './shapes.ts'
import type { Place, Sheet } from './sheet.ts'

const sources = priceSources as unknown as readonly PriceSource[]
const kinds = sources.map(({ kind }) => kind)

/** `{ kind: KIND, ...settings }`. */
export const priceSource: Reader<PriceSourceConfig> = (sheet, place) => {
  const entries = sheet.entries(place)
  if (entries === undefined) {
    sheet.report(place, { reason: `a source of a price is a map with \`kind\` (${listed(kinds)}) and its settings` })
    return undefined
  }
  const entry = entries.find(({ key }) => key === 'kind')
  if (entry === undefined) {
    sheet.report(place, { reason: `\`kind\` is missing: one of ${listed(kinds)}` })
    return undefined
  }
  const kind = sheet.scalar(entry.value)?.source.replace(/^["']|["']$/g, '') ?? ''
  const source = sources.find((one) => one.kind === kind)
  if (source === undefined) {
    const reason = `there is no source of prices \`${kind.slice(0, 60)}\`: known are ${listed(kinds)}`
    sheet.report(entry.value, { reason, suggestion: nearestWord(kind.slice(0, 60), kinds) })
    return undefined
  }
  const settings = bySchema(source.settings, ['kind'])(sheet, place)
  return settings === undefined ? undefined : { kind, settings }
}

/** Prices are told in dollars or in other assets of the same chain. */
export function refuseUnknownPer(sheet: Sheet, assets: Place): void {
  const items = sheet.items(assets) ?? []
  const textAt = (place: Place | undefined, key: string) => {
    const found = place && sheet.entries(place)?.find((entry) => entry.key === key)?.value
    const value = found && sheet.scalar(found)?.value
    return found === undefined || typeof value !== 'string' ? undefined : { value, place: found }
  }
  const symbols = items.flatMap((item) => textAt(item, 'symbol')?.value ?? [])
  for (const item of items) {
    const own = textAt(item, 'symbol')?.value
    const prices = sheet.entries(item)?.find(({ key }) => key === 'prices')?.value
    for (const source of (prices && sheet.items(prices)) ?? []) {
      const per = textAt(source, 'per')
      if (per === undefined) continue
      const others = symbols.filter((symbol) => symbol !== own)
      if (others.includes(per.value)) continue
      if (per.value === own) {
        sheet.report(per.place, { reason: `the price of ${own} cannot be told in ${own} itself` })
        continue
      }
      const reason = `\`${per.value.slice(0, 60)}\` is not among the assets of the chain`
      sheet.report(per.place, { reason, suggestion: nearestWord(per.value.slice(0, 60), others) })
    }
  }
}
