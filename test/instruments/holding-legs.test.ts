import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { InstrumentKind, PositionTerms } from '../../lib/instruments/index.ts'
import { instrumentOf } from '../../lib/instruments/instrument-of.ts'
import { withSpot } from '../../lib/instruments/market/bump.ts'
import { type Market, priceOf } from '../../lib/instruments/market/market.ts'
import type { Leg } from '../../lib/instruments/revaluation/leg.ts'
import { value } from '../../lib/instruments/value.ts'
import { arbitraryMarket, within } from './arbitrary-market.ts'
import { instrumentCases } from './cases/index.ts'
import type { InstrumentCase } from './instrument-case.ts'

/** Those that are worth what they hold and owe. */
const kinds = [
  'spot',
  'loan',
  'liquid-staking',
  'vault-share',
  'rwa',
  'principal-token',
  'yield-token',
  'linear-perp',
  'inverse-perp',
] as const satisfies readonly InstrumentKind[]

function sumOf(legs: readonly Leg[], market: Market): number {
  return legs.reduce((sum, leg) => {
    if (leg.kind === 'cash') return sum + leg.usd
    if (leg.kind === 'holding') return sum + leg.quantity * priceOf(market, leg.asset)
    throw new Error(`a ${leg.kind} is no holding`)
  }, 0)
}

describe.each(kinds)('the legs of %s', (kind) => {
  const its = instrumentCases[kind] as unknown as InstrumentCase<never>

  it('add up to its value, in the market that they were taken in and wherever the spots go', () => {
    fc.assert(
      fc.property(its.terms, arbitraryMarket, within(0.3, 3), within(0.3, 3), (terms, market, ether, dollar) => {
        const position = { kind, terms } as PositionTerms
        const legs = instrumentOf(kind).legs?.(terms, market) ?? []
        const [eth, usdc] = [market.spot.ETH ?? 0, market.spot.USDC ?? 0]
        for (const at of [market, withSpot(withSpot(market, 'ETH', eth * ether), 'USDC', usdc * dollar)])
          expect(Math.abs(sumOf(legs, at) - value(position, at))).toBeLessThanOrEqual(1e-12 * its.gross(terms, at))
      }),
    )
  })
})
