// A second oracle with the AggregatorV3 interface: an opinion beside the first feed, and what is valued by when that one falls silent.

import * as z from '../../base/schema.ts'
import { priceTerm, quantityTerm } from '../../instruments/term-schemas.ts'
import { addressSetting } from '../protocols/address-setting.ts'
import { decimalsSetting } from '../protocols/decimals-setting.ts'
import { definePriceSource } from './define-price-source.ts'
import { readFeedRound } from './feed-round.ts'

export const secondFeed = definePriceSource({
  kind: 'feed',
  title: 'A second AggregatorV3 feed, in USD',
  evidence: 'fixture',
  settings: z
    .strictObject({
      address: addressSetting('the proxy'),
      heartbeatSeconds: quantityTerm('it promises an update at least this often', 'seconds'),
      graceSeconds: z._default(quantityTerm('later by more than this is stale', 'seconds'), 300),
      decimals: z._default(decimalsSetting('pinned'), 8),
      minUsd: z.optional(priceTerm('an answer below is not believed')),
      maxUsd: z.optional(priceTerm('an answer above is not believed')),
      aggregator: z.optional(addressSetting('pinned: what the proxy must name')),
    })
    .check(
      z.refine(
        ({ minUsd = 0, maxUsd = Number.POSITIVE_INFINITY }) => minUsd < maxUsd,
        'must have a minUsd below its maxUsd',
      ),
    ),
  read: async (reader, { at, settings }) => {
    const { minUsd, maxUsd, aggregator, ...feed } = settings
    const optional = {
      ...(minUsd === undefined ? {} : { minUsd }),
      ...(maxUsd === undefined ? {} : { maxUsd }),
      ...(aggregator === undefined ? {} : { aggregator }),
    }
    const round = await readFeedRound(reader, { feed: { ...feed, ...optional }, at })
    if (!round.ok) return round
    const { price, updatedAt, doubts } = round
    const goodForSeconds = feed.heartbeatSeconds + feed.graceSeconds
    return { ok: true, quote: { label: 'second feed', role: 'oracle', price, updatedAt, goodForSeconds }, doubts }
  },
})
