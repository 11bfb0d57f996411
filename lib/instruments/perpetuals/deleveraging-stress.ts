// What a perpetual position loses when a venue closes part of it to cover the losses of others: money forgone, and a hedge that is gone.

import type { Ratio, Usd } from '../../base/units.ts'
import { unreachable } from '../../base/unreachable.ts'
import { autoDeleveragingStress } from '../../quant/auto-deleveraging.ts'
import type { ByUnderlying } from '../greeks/greeks.ts'
import { greeksOf } from '../greeks/greeks-of.ts'
import type { PositionTerms } from '../index.ts'
import type { Market } from '../market/market.ts'
import { inverseMark } from './inverse-perp.ts'
import { linearMark } from './linear-perp.ts'
import { powerMark } from './power-perp.ts'

export type PerpetualPosition = Extract<PositionTerms, { readonly kind: 'linear-perp' | 'inverse-perp' | 'power-perp' }>

interface DeleveragingStress {
  /** USD, 0 or more: by how much the closing price is worse than the mark. */
  readonly forgoneUsd: Usd
  /** Delta that is gone, units of each underlying; the margin stays. */
  readonly deltaLost: ByUnderlying
}

/**
 * `fraction` of the contract is closed at `bankruptcyPriceUsd` (the mark at which those on the other side had lost all; of a power perpetual: of its contract)
 * instead of at the mark. @throws HomeostatError `no-price` and the like; `out-of-domain` for a fraction outside of 0..1 or a price that is not above 0
 */
export function deleveragingStress(params: {
  readonly position: PerpetualPosition
  readonly market: Market
  readonly fraction: Ratio
  readonly bankruptcyPriceUsd: Usd
}): DeleveragingStress {
  const { position, market, fraction } = params
  if (position.terms.quantity === 0) return { forgoneUsd: 0, deltaLost: {} }
  const { delta } = greeksOf(contractAlone(position), market)
  return {
    forgoneUsd: forgone(params),
    deltaLost: Object.fromEntries(Object.entries(delta).map(([name, own]) => [name, own * fraction])),
  }
}

/** Without margin and settled funding, which are not closed. */
function contractAlone(position: PerpetualPosition): PerpetualPosition {
  const terms = { ...position.terms, margin: undefined, accruedFunding: undefined }
  return { kind: position.kind, terms } as PerpetualPosition
}

function forgone(params: Parameters<typeof deleveragingStress>[0]): Usd {
  const { position, market, fraction, bankruptcyPriceUsd } = params
  switch (position.kind) {
    case 'linear-perp': {
      const { markUsd: mark } = linearMark(position.terms, market)
      const size = position.terms.quantity
      return autoDeleveragingStress({ size, mark, bankruptcyPrice: bankruptcyPriceUsd, fraction }).forgone
    }
    case 'power-perp': {
      const { markUsd: mark } = powerMark(position.terms, market)
      const size = position.terms.quantity
      return autoDeleveragingStress({ size, mark, bankruptcyPrice: bankruptcyPriceUsd, fraction }).forgone
    }
    case 'inverse-perp': {
      // In coin per dollar it is a linear one of the opposite sign; coins are worth the spot.
      const { spot, mark } = inverseMark(position.terms, market)
      const inCoin = { mark: 1 / mark, bankruptcyPrice: 1 / bankruptcyPriceUsd, fraction }
      return spot * autoDeleveragingStress({ size: -position.terms.quantity, ...inCoin }).forgone
    }
    default:
      return unreachable(position)
  }
}
