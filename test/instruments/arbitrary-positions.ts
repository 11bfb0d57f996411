// Random positions of every kind and a market to value them in; the compiler asks for a generator when a kind is added.

import fc from 'fast-check'
import type { InstrumentKind, PositionTerms } from '../../lib/instruments/index.ts'
import type { Market } from '../../lib/instruments/market.ts'

/** ETH and BTC are risky, USDC is a dollar; wstETH follows ETH at a rate. */
const assets = ['WETH', 'wstETH', 'WBTC', 'USDC'] as const

export const arbitraryMarket: fc.Arbitrary<Market> = fc
  .record({
    eth: fc.double({ min: 50, max: 20_000, noNaN: true }),
    btc: fc.double({ min: 1_000, max: 300_000, noNaN: true }),
    usdc: fc.double({ min: 0.9, max: 1.1, noNaN: true }),
    wrap: fc.double({ min: 1, max: 1.5, noNaN: true }),
  })
  .map(({ eth, btc, usdc, wrap }) => ({
    at: 1_700_000_000,
    spot: { ETH: eth, BTC: btc, USDC: usdc },
    rates: {
      WETH: { underlying: 'ETH', rate: 1 },
      wstETH: { underlying: 'ETH', rate: wrap },
      WBTC: { underlying: 'BTC', rate: 1 },
      USDC: { underlying: 'USDC', rate: 1 },
    },
  }))

const asset = fc.constantFrom(...assets)
const quantity = fc.oneof(fc.constant(0), fc.double({ min: 1e-6, max: 1e6, noNaN: true }))

type TermsOf<K extends InstrumentKind> = Extract<PositionTerms, { readonly kind: K }>['terms']

export const arbitraryTerms: { readonly [K in InstrumentKind]: fc.Arbitrary<TermsOf<K>> } = {
  spot: fc.record({ asset, quantity: fc.oneof(quantity, fc.double({ min: -1e6, max: -1e-6, noNaN: true })) }),
  loan: fc.record({
    collateral: fc.array(
      fc.record({ asset, quantity, liquidationThreshold: fc.double({ min: 0, max: 1, noNaN: true }) }),
      { maxLength: 4 },
    ),
    debt: fc.array(fc.record({ asset, quantity }), { maxLength: 3 }),
  }),
  'uniswap-v3-range': fc
    .record({
      pair: fc.constantFrom(
        ['WETH', 'USDC'] as const,
        ['WBTC', 'WETH'] as const,
        ['wstETH', 'WETH'] as const,
        ['wstETH', 'USDC'] as const,
      ),
      liquidity: quantity,
      lowerPrice: fc.double({ min: 1e-4, max: 1e5, noNaN: true }),
      width: fc.double({ min: 1.001, max: 100, noNaN: true }),
      owed0: quantity,
      owed1: quantity,
    })
    .map(({ pair, width, ...rest }) => ({
      asset0: pair[0],
      asset1: pair[1],
      ...rest,
      upperPrice: rest.lowerPrice * width,
    })),
}

/** A position of any kind. */
export const arbitraryPosition: fc.Arbitrary<PositionTerms> = fc.oneof(
  arbitraryTerms.spot.map((terms): PositionTerms => ({ kind: 'spot', terms })),
  arbitraryTerms.loan.map((terms): PositionTerms => ({ kind: 'loan', terms })),
  arbitraryTerms['uniswap-v3-range'].map((terms): PositionTerms => ({ kind: 'uniswap-v3-range', terms })),
)

/** The same position `factor` times as large. */
export function scaled(position: PositionTerms, factor: number): PositionTerms {
  switch (position.kind) {
    case 'spot':
      return { kind: 'spot', terms: { ...position.terms, quantity: position.terms.quantity * factor } }
    case 'loan': {
      const { collateral, debt } = position.terms
      return {
        kind: 'loan',
        terms: {
          collateral: collateral.map((leg) => ({ ...leg, quantity: leg.quantity * factor })),
          debt: debt.map((leg) => ({ ...leg, quantity: leg.quantity * factor })),
        },
      }
    }
    case 'uniswap-v3-range': {
      const { liquidity, owed0, owed1 } = position.terms
      return {
        kind: 'uniswap-v3-range',
        terms: {
          ...position.terms,
          liquidity: liquidity * factor,
          owed0: owed0 * factor,
          owed1: owed1 * factor,
        },
      }
    }
  }
}
