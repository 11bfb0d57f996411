import fc from 'fast-check'
import { doubleBarrierOption } from '../../../lib/instruments/options/double-barrier-option.ts'
import { arbitrarySigned, within } from '../arbitrary-market.ts'
import type { InstrumentCase } from '../instrument-case.ts'
import {
  arbitraryBreach,
  arbitraryMonitoring,
  arbitraryPathExpiry,
  arbitraryStrike,
  extreme,
  isAwayFrom,
} from './barrier-option.ts'
import { isWideEnough, optionAsset, optionGross, refusedOptions } from './vanilla-option.ts'

const realistic = fc.tuple(arbitraryStrike, arbitraryPathExpiry).chain(([{ asset, strike }, expiry]) =>
  fc
    .tuple(
      fc.record({
        type: fc.constantFrom('call' as const, 'put' as const),
        quantity: arbitrarySigned,
        lowerBarrier: within(0.1, 1.1).map((share) => share * strike),
        upperBarrier: within(1.2, 5).map((share) => share * strike),
        knock: fc.constantFrom('in' as const, 'out' as const),
        rebate: within(0, 0.1).map((share) => share * strike),
      }),
      arbitraryMonitoring(expiry),
      arbitraryBreach(expiry),
    )
    .map(([terms, watched, breached]) => ({ asset, strike, expiry, ...terms, ...watched, ...breached })),
)

const wild = fc.tuple(within(1, 2e11), extreme, within(1e-12, 1e12)).chain(([expiry, lowerBarrier, width]) =>
  fc.record({
    asset: optionAsset,
    type: fc.constantFrom('call' as const, 'put' as const),
    strike: extreme,
    expiry: fc.constant(expiry),
    quantity: within(-1e18, 1e18),
    settlementPrice: fc.option(extreme, { nil: undefined }),
    lowerBarrier: fc.constant(lowerBarrier),
    upperBarrier: fc.constant(lowerBarrier * (1 + width)),
    knock: fc.constantFrom('in' as const, 'out' as const),
    rebate: fc.option(within(0, 1e18), { nil: undefined }),
    breachedAt: fc.option(within(1, expiry), { nil: undefined }),
    monitoringIntervalSeconds: fc.option(within(1e-18, 1e18), { nil: undefined }),
  }),
)

export const doubleBarrierOptionCase: InstrumentCase<'double-barrier-option'> = {
  terms: realistic,
  wild,
  gross: (terms, market) => Math.abs(terms.quantity) * (terms.rebate ?? 0) + optionGross(terms, market),
  isSmooth: (terms, market) => isWideEnough(terms) && isAwayFrom(doubleBarrierOption.edges?.(terms, market), market),
  refused: [
    ...refusedOptions,
    { change: { lowerBarrier: 0 }, says: /lowerBarrier: must be above 0/ },
    { change: { lowerBarrier: 140_000 }, says: /lowerBarrier: must be below upperBarrier/ },
    { change: { upperBarrier: Number.POSITIVE_INFINITY }, says: /upperBarrier: must be a finite number/ },
    { change: { knock: 'over' }, says: /knock: must be in or out/ },
    { change: { rebate: -1 }, says: /rebate: must be 0 or more/ },
    { change: { breachedAt: '2027-03-27' }, says: /breachedAt: must not be after the expiry/ },
    {
      change: { monitoringDates: ['2027-01-29', '2026-12-25', '2027-03-26T08:00:00Z'] },
      says: /monitoringDates: must be at least two dates that ascend and end at the expiry/,
    },
    {
      change: { monitoringDates: ['2026-12-25', '2027-03-26T08:00:00Z'], monitoringIntervalSeconds: 60 },
      says: /monitoringIntervalSeconds: must not stand beside monitoringDates/,
    },
  ],
}
