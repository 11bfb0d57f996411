// What a person has declared, as part of a snapshot: trusted for as long as they vouched for it.

import { describeSpan } from '../base/time.ts'
import type { UnixSeconds } from '../base/units.ts'
import type { PositionTerms } from '../instruments/index.ts'
import type { PortfolioSettings } from '../model/configuration.ts'
import { type DataState, fresh, worse } from '../model/data-state.ts'
import type { AssetSymbol } from '../model/identity.ts'
import { referenceAsset } from '../model/reference-asset.ts'
import type { AssetPrice, Snapshot } from '../model/snapshot.ts'

interface Declared {
  readonly id: string
  readonly label: string
  readonly instrument: PositionTerms
  readonly needs: readonly string[]
  readonly own: DataState
}

/** `declared:ID`, DEGRADED once nobody has confirmed it, or the market data beside it, for longer than it is good for. */
export function declaredPositions({ portfolio }: PortfolioSettings, at: UnixSeconds): readonly Declared[] {
  const { positions = [], marketData } = portfolio
  return positions.map(({ id, label, instrument, assets, confirmedAt, goodForSeconds }) => {
    const position = ageState(label, 'nobody has confirmed it', at - confirmedAt, goodForSeconds)
    const market =
      marketData === undefined
        ? fresh
        : ageState(
            label,
            'nobody has renewed the declared market data',
            at - marketData.asOf,
            marketData.goodForSeconds,
          )
    return {
      id: `declared:${id}`,
      label: `${label} (declared)`,
      instrument,
      needs: assets,
      own: worse(position, market),
    }
  })
}

/** A clock may run a little ahead; a day is a wrong date. */
const day = 86_400

function ageState(subject: string, what: string, age: number, goodFor: number): DataState {
  if (age < -day) return { kind: 'DEGRADED', reasons: [`${subject}: its date lies ${describeSpan(-age)} ahead.`] }
  if (age <= goodFor) return fresh
  const reason = `${subject}: ${what} for ${describeSpan(age)}; it is good for ${describeSpan(goodFor)}.`
  return { kind: 'DEGRADED', reasons: [reason] }
}

/** What the snapshot keeps of the declared market. */
export function marketDataOf({ portfolio }: PortfolioSettings): Pick<Snapshot, 'marketData'> {
  if (portfolio.marketData === undefined) return {}
  const { goodForSeconds: _, ...marketData } = portfolio.marketData
  return { marketData }
}

/** The asset whose price stands for an underlying; an asset stands for itself. */
export function pricedAs(name: string, prices: readonly AssetPrice[]): AssetSymbol {
  if (prices.some(({ asset }) => asset === name)) return name
  const reference = referenceAsset(name, prices, {
    symbolOf: ({ asset }) => asset,
    isPriced: ({ usd }) => usd !== undefined,
  })
  return reference?.asset ?? name
}
