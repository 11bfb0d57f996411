import fc from 'fast-check'
import type { Edges } from '../../../lib/instruments/define-instrument.ts'
import { type Market, spotOf } from '../../../lib/instruments/market/market.ts'
import { barrierOption } from '../../../lib/instruments/options/barrier-option.ts'
import { arbitrarySigned, day, now, within } from '../arbitrary-market.ts'
import type { InstrumentCase, TermsOf } from '../instrument-case.ts'
import { isWideEnough, optionAsset, optionGross, refusedOptions } from './vanilla-option.ts'

/** At least a week away, so that a jump of 1e-9 of the spot is small against a deviation. */
export const arbitraryPathExpiry = within(7, 5 * 365).map((days) => Math.round(now + days * day))

/** Where assets of the random market lie. */
export const arbitraryStrike: fc.Arbitrary<{ readonly asset: string; readonly strike: number }> = fc.oneof(
  fc.record({ asset: fc.constantFrom('ETH', 'wstETH'), strike: within(50, 20_000) }),
  fc.record({ asset: fc.constant('BTC'), strike: within(1_000, 300_000) }),
)

export const arbitraryMonitoring = (expiry: number) =>
  fc.oneof(
    { weight: 4, arbitrary: fc.constant({}) },
    { weight: 1, arbitrary: within(60, 30 * day).map((monitoringIntervalSeconds) => ({ monitoringIntervalSeconds })) },
    {
      weight: 1,
      arbitrary: fc
        .integer({ min: 2, max: 20 })
        .map((n) => ({ monitoringDates: Array.from({ length: n }, (_, i) => expiry - (n - 1 - i) * 3 * day) })),
    },
  )

export const arbitraryBreach = (latest: number) =>
  fc.oneof(
    { weight: 6, arbitrary: fc.constant({}) },
    { weight: 1, arbitrary: within(1, 30).map((days) => ({ breachedAt: Math.min(latest, now - days * day) })) },
  )

/**
 * An American knock-out that pays just short of the barrier jumps to the rebate there, of which there are tests apart; a strike close to the barrier takes
 * a lattice too fine for a hundred Greeks.
 */
const exerciseOf = (terms: TermsOf<'barrier-option'>) => {
  const { type, knock, strike, barrier, monitoringDates, monitoringIntervalSeconds } = terms
  const isContinuous = knock === 'in' || (type === 'call' ? barrier <= strike : barrier >= strike)
  const isWatchedAlways = (monitoringDates ?? monitoringIntervalSeconds) === undefined
  const isCoarse = Math.abs(barrier / strike - 1) > 0.1
  const american = fc.constant({ exercise: 'american' as const })
  return isContinuous && isWatchedAlways && isCoarse
    ? fc.oneof({ weight: 5, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: american })
    : fc.constant({})
}

const realistic = fc.tuple(arbitraryStrike, arbitraryPathExpiry).chain(([{ asset, strike }, expiry]) =>
  fc
    .tuple(
      fc.record({
        type: fc.constantFrom('call' as const, 'put' as const),
        quantity: arbitrarySigned,
        barrier: within(0.5, 2).map((share) => share * strike),
        direction: fc.constantFrom('down' as const, 'up' as const),
        knock: fc.constantFrom('in' as const, 'out' as const),
        rebate: within(0, 0.1).map((share) => share * strike),
      }),
      arbitraryMonitoring(expiry),
      arbitraryBreach(expiry),
    )
    .map(([terms, watched, breached]) => ({ asset, strike, expiry, ...terms, ...watched, ...breached })),
)

export const extreme = fc.oneof(within(1e-18, 1), within(1, 1e18))

const wild = within(1, 2e11).chain((expiry) =>
  fc.record({
    asset: optionAsset,
    type: fc.constantFrom('call' as const, 'put' as const),
    strike: extreme,
    expiry: fc.constant(expiry),
    quantity: within(-1e18, 1e18),
    settlementPrice: fc.option(extreme, { nil: undefined }),
    barrier: extreme,
    direction: fc.constantFrom('down' as const, 'up' as const),
    knock: fc.constantFrom('in' as const, 'out' as const),
    rebate: fc.option(within(0, 1e18), { nil: undefined }),
    breachedAt: fc.option(within(1, expiry), { nil: undefined }),
    monitoringIntervalSeconds: fc.option(within(1e-18, 1e18), { nil: undefined }),
    exercise: fc.oneof(
      { weight: 19, arbitrary: fc.constant(undefined) },
      { weight: 1, arbitrary: fc.constant('american' as const) },
    ),
  }),
)

/** Nearer to a barrier the steps of differences, which do not cross it, fall below the rounding of the value. */
export function isAwayFrom(edges: Edges | undefined, market: Market): boolean {
  return Object.entries(edges ?? {}).every(([underlying, spots]) =>
    spots.every((edge) => Math.abs(edge / spotOf(market, underlying) - 1) > 1e-3),
  )
}

export const barrierOptionCase: InstrumentCase<'barrier-option'> = {
  terms: realistic.chain((terms) => exerciseOf(terms).map((exercise) => ({ ...terms, ...exercise }))),
  wild,
  gross: (terms, market: Market) =>
    Math.abs(terms.quantity) * (terms.barrier + (terms.rebate ?? 0)) + optionGross(terms, market),
  isSmooth: (terms, market) => isWideEnough(terms) && isAwayFrom(barrierOption.edges?.(terms, market), market),
  refused: [
    ...refusedOptions,
    { change: { barrier: 0 }, says: /barrier: must be above 0/ },
    { change: { direction: 'sideways' }, says: /direction: must be down or up/ },
    { change: { knock: 'over' }, says: /knock: must be in or out/ },
    { change: { rebate: -1 }, says: /rebate: must be 0 or more/ },
    { change: { exercise: 'bermudan' }, says: /exercise: must be european or american/ },
    { change: { lattice: 'boyle-lau' }, says: /lattice: must not be stated unless exercise is american/ },
    { change: { breachedAt: '2027-03-27' }, says: /breachedAt: must not be after the expiry/ },
    { change: { monitoringIntervalSeconds: 0 }, says: /monitoringIntervalSeconds: must be above 0/ },
    {
      change: { monitoringDates: ['2026-12-25', '2027-01-29'] },
      says: /monitoringDates: must be at least two dates that ascend and end at the expiry/,
    },
    {
      change: { monitoringDates: ['2026-12-25', '2027-03-26T08:00:00Z'], monitoringIntervalSeconds: 60 },
      says: /monitoringIntervalSeconds: must not stand beside monitoringDates/,
    },
  ],
}
