// The terms that options share, and what is said of all of them.

import type { UnixSeconds, Usd } from '../../base/units.ts'
import { logRatio } from '../../quant/options/black.ts'
import type { Market } from '../market/market.ts'
import { isPast } from '../market/years-to.ts'
import { assetTerm, choiceTerm, instantTerm, optionalTerm, priceTerm, signedTerm } from '../term-schemas.ts'
import { type OptionMarket, optionMarket } from './option-market.ts'

/** Fresh schemas for one instrument's terms. */
export function optionTerms() {
  return {
    asset: assetTerm('the asset that it is written on'),
    type: choiceTerm(['call', 'put'], 'right to buy or to sell'),
    strike: priceTerm('strike'),
    expiry: instantTerm('when it expires'),
    quantity: signedTerm('options held, each on one unit of the asset; below 0 is written', 'options'),
    settlementPrice: optionalTerm(
      priceTerm("the venue's settlement price once it has expired; without it an expired option follows the spot"),
    ),
  }
}

export interface OptionTerms {
  readonly asset: string
  readonly strike: Usd
  readonly expiry: UnixSeconds
  readonly quantity: number
  readonly settlementPrice?: Usd | undefined
}

/** Assets read by an option: none if none is held. */
export function optionAssets({ asset, quantity }: Pick<OptionTerms, 'asset' | 'quantity'>): readonly string[] {
  return quantity === 0 ? [] : [asset]
}

/** Expired, or outside of the expiries that are quoted. */
export function optionWarnings(terms: OptionTerms, market: Market): readonly string[] {
  if (terms.quantity === 0) return []
  if (isPast(market, terms.expiry))
    return [
      terms.settlementPrice === undefined
        ? 'expired: valued at intrinsic value on the spot, for want of a settlement price'
        : 'expired: valued at its settlement price',
    ]
  const at = optionMarket(market, terms)
  const { smile } = at
  return [
    ...(smile.isExtrapolated ? ['the volatility is that of the nearest quoted expiry'] : []),
    ...(allowsButterfly(terms.strike, at) ? ['the smile allows a butterfly arbitrage at this strike'] : []),
    ...(smile.volatility === 0 ? ['volatility is 0: valued at intrinsic value on the forward'] : []),
  ]
}

/** Durrleman's condition g(k) < 0 (Gatheral & Jacquier 2014, eq. 2.1): the density that the smile implies at the strike is negative. */
function allowsButterfly(strike: Usd, { spot, carry, time, smile }: OptionMarket): boolean {
  const { volatility, slope, bend } = smile
  if ((slope === 0 && bend === 0) || !(volatility > 0)) return false
  const k = logRatio(strike, spot) - carry * time
  const w = volatility * volatility * time
  const first = 2 * volatility * slope * time
  const second = 2 * time * (slope * slope + volatility * bend)
  const lever = 1 - (k * first) / (2 * w)
  return lever * lever - (first * first * (1 / w + 0.25)) / 4 + second / 2 < -1e-9
}
