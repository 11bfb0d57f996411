// How an off-chain venue is written, and which portfolios read it.

import { secretPrefixes } from '../../base/deployment-names.ts'
import { type VenueConfig, venueKinds } from '../../model/configuration.ts'
import { protocols } from '../../sources/protocols/index.ts'
import { defaults } from './defaults.ts'
import type { KnownChain, KnownVenue } from './known-names.ts'
import { id, oneOf, rpcUrl, secretName, text } from './scalars.ts'
import { derived, listOf, mapOf, optional, type Reader, required } from './shapes.ts'
import type { Place, Sheet } from './sheet.ts'

const underlying = text({
  what: 'an underlying as the venue names it, such as BTC: capitals and digits, at most 10',
  max: 10,
  pattern: /^[A-Z][A-Z0-9]{1,9}$/,
  suggest: (given) => given.toUpperCase(),
})

/** Positions are called `VENUE:...`, like those of protocols and those that are declared. */
const taken: readonly string[] = [...protocols.map(({ name }) => name), 'wallet', 'declared', 'chain']

export const venue: Reader<VenueConfig> = mapOf<VenueConfig>(
  {
    id: required(id),
    kind: required(oneOf(venueKinds)),
    url: derived(
      rpcUrl,
      ({ kind }) => venueKinds.filter((one) => one === kind).map((one) => defaults.venue.url[one])[0],
    ),
    secret: optional(secretName(secretPrefixes.venue)),
    underlyings: required(listOf(underlying, { min: 1, uniqueItems: 'underlying' })),
  },
  ({ sheet, draft, at }) => {
    if (taken.includes(draft.id ?? ''))
      sheet.report(at('id'), {
        reason: `\`id\` ${draft.id} is how positions of another source begin: call the venue otherwise`,
      })
    const url = draft.url === undefined ? null : URL.parse(draft.url)
    if (url !== null && (url.pathname !== '/' || url.search !== '' || url.hash !== '' || url.username !== ''))
      sheet.report(at('url'), {
        reason: "`url` is scheme and host alone: paths are the reader's, and keys belong into the secret",
        suggestion: url.origin,
      })
  },
)

/** What rules and declared positions may name beside the chains' own: underlyings that a venue has an index of. */
export function withVenues(chain: KnownChain, venues: readonly KnownVenue[]): KnownChain {
  return {
    ...chain,
    underlyings: [...new Set([...chain.underlyings, ...venues.flatMap(({ underlyings }) => underlyings)])],
  }
}

/** An account at a venue that two portfolios read is counted in both. */
export function oneAccountAPortfolio(sheet: Sheet, portfolios: Place, venues: readonly KnownVenue[]): void {
  const withKey = venues.filter(({ hasKey }) => hasKey).map((one) => one.id)
  const first = new Map<string, Place>()
  for (const item of sheet.items(portfolios) ?? []) {
    const list = sheet.entries(item)?.find(({ key }) => key === 'venues')?.value
    for (const place of (list && sheet.items(list)) ?? []) {
      const name = String(sheet.scalar(place)?.value)
      if (!withKey.includes(name)) continue
      const earlier = first.get(name)
      if (earlier === undefined) first.set(name, place)
      else
        sheet.report(place, {
          reason: `the account at ${name} is read twice (first at ${earlier.path}) and would be counted in both: a second portfolio may have the venue without its key`,
        })
    }
  }
}
