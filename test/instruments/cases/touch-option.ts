import fc from 'fast-check'
import { arbitrarySigned, day, now, within } from '../arbitrary-market.ts'
import type { InstrumentCase, TermsOf } from '../instrument-case.ts'
import { optionAsset, optionGross, refusedOptions } from './vanilla-option.ts'

type Terms = TermsOf<'touch-option'>

const pays = fc.constantFrom(
  { payoff: 'one-touch', paidAt: 'hit' } as const,
  { payoff: 'one-touch', paidAt: 'expiry' } as const,
  { payoff: 'no-touch', paidAt: 'expiry' } as const,
)

const direction = fc.constantFrom('down', 'up')
const absent = { nil: undefined }

/** From 25 days: closer to expiry, all or nothing is so steep at the barrier that the suite would take the slope for a step. */
const expiry = within(25, 5 * 365).map((days) => Math.round(now + days * day))

/** A record without the fields that are absent, as JSON has them. */
const stated = (terms: Terms): Terms =>
  Object.fromEntries(Object.entries(terms).filter(([, value]) => value !== undefined)) as unknown as Terms

export const touchOptionCase: InstrumentCase<'touch-option'> = {
  terms: fc
    .tuple(
      fc.record({
        asset: optionAsset,
        direction,
        barrier: within(100, 200_000),
        cash: fc.option(within(1, 100_000), absent),
        expiry,
        quantity: arbitrarySigned,
        monitoringIntervalSeconds: fc.option(fc.constant(86_400), { ...absent, freq: 1 }),
        breachedAt: fc.option(fc.constant(now - 60), { ...absent, freq: 1 }),
      }),
      pays,
    )
    .map(([option, how]) => stated({ ...option, ...how })),
  wild: fc
    .tuple(
      fc.record({
        asset: optionAsset,
        direction,
        barrier: within(1e-18, 1e18),
        cash: fc.option(within(1e-18, 1e18), absent),
        expiry: within(1, 2e11),
        quantity: within(-1e18, 1e18),
        settlementPrice: fc.option(within(1e-18, 1e18), absent),
      }),
      pays,
    )
    .map(([option, how]): Terms => ({ ...option, ...how })),
  gross: (terms, market) =>
    Math.abs(terms.quantity) * (terms.cash ?? 0) + optionGross({ ...terms, strike: terms.barrier }, market),
  refused: [
    ...refusedOptions.filter(({ change }) => !('strike' in change || 'type' in change)),
    { change: { barrier: 0 }, says: /barrier: must be above 0/ },
    { change: { cash: -5 }, says: /cash: must be above 0/ },
    { change: { payoff: 'no-touch' }, says: /paidAt: must be expiry for no-touch/ },
    { change: { direction: 'sideways' }, says: /direction: must be down or up/ },
    { change: { breachedAt: '2028-01-01' }, says: /breachedAt: must not be after the expiry/ },
    { change: { strike: 3_000 }, says: /strike: is not known here/ },
  ],
}
