// A published net asset value by an AggregatorV3 feed: told seldom, and worth less the later the next one is.

import * as z from '../../base/schema.ts'
import { describeSpan } from '../../base/time.ts'
import { stalenessOf } from '../../instruments/holdings/staleness-haircut.ts'
import { assetTerm, fractionTerm, priceTerm, quantityTerm } from '../../instruments/term-schemas.ts'
import { addressSetting } from '../protocols/address-setting.ts'
import { assetsBySymbol, refusal } from '../protocols/as-configured.ts'
import { decimalsSetting } from '../protocols/decimals-setting.ts'
import { definePriceSource } from './define-price-source.ts'
import { readFeedRound } from './feed-round.ts'

const secondsPerDay = 86_400
/** A NAV of each business day is at most four days old over a long weekend. */
const longWeekendSeconds = 4 * secondsPerDay

export const navFeed = definePriceSource({
  kind: 'nav',
  title: 'A published net asset value, less for its age',
  evidence: 'fixture',
  settings: z.strictObject({
    address: addressSetting('the feed that publishes it'),
    decimals: z._default(decimalsSetting('pinned'), 8),
    per: z.optional(assetTerm('the asset in which it is told; dollars if left out')),
    heartbeatSeconds: z._default(quantityTerm('the next one is due after this', 'seconds'), longWeekendSeconds),
    haircutPerDay: z._default(fractionTerm('taken off for each day beyond', 'fraction per day'), 0.005),
    maxHaircut: z._default(fractionTerm('the most that is taken off'), 0.5),
    min: z.optional(priceTerm('a value below is not believed')),
    max: z.optional(priceTerm('a value above is not believed')),
  }),
  read: async (reader, { chain, at, settings }) => {
    const { address, decimals, per, heartbeatSeconds, haircutPerDay, maxHaircut, min, max } = settings
    const known = assetsBySymbol(chain, per === undefined ? [] : [per])
    if (!known.ok) return known
    const bounds = { ...(min === undefined ? {} : { minUsd: min }), ...(max === undefined ? {} : { maxUsd: max }) }
    // Its age is judged here, by a haircut: any age will do for the round itself.
    const feed = { address, decimals, heartbeatSeconds, graceSeconds: Number.MAX_SAFE_INTEGER, ...bounds }
    const round = await readFeedRound(reader, { feed, at })
    if (!round.ok) return round
    const { price, updatedAt, doubts } = round
    const rule = { expectedDays: heartbeatSeconds / secondsPerDay, perDay: haircutPerDay, cap: maxHaircut }
    const { haircut } = stalenessOf(rule, { asOf: updatedAt, at })
    const isLate = at - updatedAt > heartbeatSeconds
    const reason = `the last one is ${describeSpan(at - updatedAt)} old: ${+(100 * haircut).toFixed(2)} % is taken off.`
    return {
      ok: true,
      quote: {
        label: 'published NAV',
        role: 'oracle',
        price,
        ...(per === undefined ? {} : { per }),
        updatedAt,
        goodForSeconds: heartbeatSeconds,
        ...(haircut > 0 ? { haircut } : {}),
      },
      doubts: [...doubts, ...(isLate ? [refusal('nav-stale', reason)] : [])],
    }
  },
})
