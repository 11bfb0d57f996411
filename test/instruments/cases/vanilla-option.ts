import fc from 'fast-check'
import { secondsPerYear } from '../../../lib/base/time.ts'
import { type Market, priceOf } from '../../../lib/instruments/market/market.ts'
import { arbitraryExpiry, arbitrarySigned, now, within } from '../arbitrary-market.ts'
import type { InstrumentCase } from '../instrument-case.ts'

interface Option {
  readonly asset: string
  readonly strike: number
  readonly expiry: number
  readonly quantity: number
}

export const optionAsset = fc.constantFrom('ETH', 'BTC', 'wstETH')

export const europeanTerms = fc.record({
  asset: optionAsset,
  type: fc.constantFrom('call', 'put'),
  strike: within(100, 200_000),
  expiry: arbitraryExpiry,
  quantity: arbitrarySigned,
})

export const wildEuropeanTerms = fc.record({
  asset: optionAsset,
  type: fc.constantFrom('call', 'put'),
  strike: fc.oneof(within(1e-18, 1), within(1, 1e18)),
  expiry: within(1, 2e11),
  quantity: within(-1e18, 1e18),
  settlementPrice: fc.option(within(1e-18, 1e18), { nil: undefined }),
})

/** What the options are written on, and what they pay for it. */
export function optionGross({ asset, strike, quantity }: Option, market: Market): number {
  return Math.abs(quantity) * (priceOf(market, asset) + strike) || 1
}

/** A deviation of at least 5 % to expiry, so that a bump's step is not below the rounding of the price. */
export function isWideEnough({ expiry }: Pick<Option, 'expiry'>): boolean {
  return expiry - now > 0.06 * secondsPerYear
}

export const refusedOptions = [
  { change: { strike: 0 }, says: /strike: must be above 0/ },
  { change: { strike: -1 }, says: /strike: must be above 0/ },
  { change: { type: 'straddle' }, says: /type: must be call or put/ },
  { change: { expiry: 'tomorrow' }, says: /expiry: must be an instant/ },
  { change: { expiry: '2027-02-30' }, says: /expiry: must be an instant/ },
  { change: { expiry: 1_795_521_600_000 }, says: /expiry: must be an instant/ },
  { change: { quantity: Number.NaN }, says: /quantity: must be a finite number/ },
] as const

export const vanillaOptionCase: InstrumentCase<'vanilla-option'> = {
  terms: europeanTerms,
  wild: wildEuropeanTerms,
  gross: optionGross,
  isSmooth: isWideEnough,
  refused: refusedOptions,
}
