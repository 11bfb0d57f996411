// What was last counted of the holders of a portfolio's tokens, as part of its report: counting has a time of its own.

import type { PortfolioSettings } from '../model/configuration.ts'
import { countedTokens } from '../model/holder-count.ts'
import { assetAt, placesOf, positionAt } from '../model/place.ts'
import type { HolderStore } from '../model/ports.ts'
import type { Report } from '../model/report.ts'
import type { HolderTelemetry } from '../model/telemetry.ts'

/** Of every counted token on every chain of the portfolio that anything is known of. */
export async function heldBy(
  { holders }: { readonly holders: Pick<HolderStore, 'count'> },
  settings: PortfolioSettings,
): Promise<readonly HolderTelemetry[]> {
  const counts = placesOf(settings).flatMap((place) =>
    countedTokens(place.chain).map(async ({ asset }) => {
      const told = (await holders.count(place.chain.chainId, asset))?.told
      return told === undefined ? [] : [{ ...told, id: positionAt(place, told.id), asset: assetAt(place, asset) }]
    }),
  )
  return (await Promise.all(counts)).flat()
}

export function withHolders(report: Report, held: readonly HolderTelemetry[]): Report {
  return held.length === 0 ? report : { ...report, telemetry: [...(report.telemetry ?? []), ...held] }
}
