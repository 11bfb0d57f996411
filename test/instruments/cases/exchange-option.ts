import fc from 'fast-check'
import { priceOf } from '../../../lib/instruments/market/market.ts'
import { arbitraryExpiry, arbitrarySigned, within } from '../arbitrary-market.ts'
import type { InstrumentCase, TermsOf } from '../instrument-case.ts'
import { isWideEnough, refusedOptions } from './vanilla-option.ts'

type Terms = TermsOf<'exchange-option'>

const pairs = [
  ['WBTC', 'ETH'],
  ['ETH', 'WBTC'],
  ['wstETH', 'USDC'],
  ['USDC', 'BTC'],
  ['wstETH', 'WETH'],
] as const

const exchange = (units: fc.Arbitrary<number>, expiry: fc.Arbitrary<number>, quantity: fc.Arbitrary<number>) =>
  fc
    .record({
      pair: fc.constantFrom(...pairs),
      quantityReceived: units,
      quantityDelivered: units,
      expiry,
      quantity,
    })
    .map(({ pair, ...rest }): Terms => ({ assetReceived: pair[0], assetDelivered: pair[1], ...rest }))

export const exchangeOptionCase: InstrumentCase<'exchange-option'> = {
  terms: exchange(within(0.1, 100), arbitraryExpiry, arbitrarySigned),
  wild: exchange(within(1e-18, 1e18), within(1, 2e11), within(-1e18, 1e18)),
  gross: ({ assetReceived, quantityReceived, assetDelivered, quantityDelivered, quantity }, market) =>
    Math.abs(quantity) *
      (quantityReceived * priceOf(market, assetReceived) + quantityDelivered * priceOf(market, assetDelivered)) || 1,
  isSmooth: isWideEnough,
  refused: [
    ...refusedOptions.filter(({ change }) => !('strike' in change || 'type' in change)),
    { change: { quantityReceived: 0 }, says: /quantityReceived: must be above 0/ },
    { change: { quantityDelivered: -30 }, says: /quantityDelivered: must be above 0/ },
    { change: { assetDelivered: '' }, says: /assetDelivered: must be an asset symbol/ },
    { change: { strike: 3_000 }, says: /strike: is not known here/ },
  ],
}
