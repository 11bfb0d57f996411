// What a person has declared, as part of a snapshot: trusted for as long as they vouched for it.

import { describeSpan } from '../base/time.ts'
import type { UnixSeconds } from '../base/units.ts'
import type { PositionTerms } from '../instruments/index.ts'
import type { PortfolioSettings } from '../model/configuration.ts'
import { type DataState, fresh, worse } from '../model/data-state.ts'
import type { AssetSymbol } from '../model/identity.ts'
import { referenceAsset } from '../model/reference-asset.ts'
import type { AssetPrice, MarketSource } from '../model/snapshot.ts'
import { readsDeclared } from './market-of-venues.ts'

interface Declared {
  readonly id: string
  readonly label: string
  readonly instrument: PositionTerms
  readonly needs: readonly string[]
  readonly own: DataState
}

/**
 * `declared:ID`, DEGRADED once nobody has confirmed it, or the market data beside it, for longer than it is good for. Where venues tell what it is
 * valued in, the age of what is declared is of no matter.
 */
export function declaredPositions(
  { portfolio }: PortfolioSettings,
  params: {
    readonly at: UnixSeconds
    readonly prices: readonly AssetPrice[]
    readonly sources: readonly MarketSource[]
  },
): readonly Declared[] {
  const { positions = [], marketData } = portfolio
  const { at, prices, sources } = params
  const underlyingOf = (name: string) => prices.find(({ asset }) => asset === name)?.underlying ?? name
  return positions.map(({ id, label, instrument, assets, confirmedAt, goodForSeconds }) => {
    const position = ageState(label, 'nobody has confirmed it', at - confirmedAt, goodForSeconds)
    const market =
      marketData === undefined || !readsDeclared(marketData, { underlyings: assets.map(underlyingOf), sources })
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

/** The asset whose price stands for an underlying; an asset stands for itself. */
export function pricedAs(name: string, prices: readonly AssetPrice[]): AssetSymbol {
  if (prices.some(({ asset }) => asset === name)) return name
  const reference = referenceAsset(name, prices, {
    symbolOf: ({ asset }) => asset,
    isPriced: ({ usd }) => usd !== undefined,
  })
  return reference?.asset ?? name
}
