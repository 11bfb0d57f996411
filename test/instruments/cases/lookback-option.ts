import fc from 'fast-check'
import { priceOf } from '../../../lib/instruments/market/market.ts'
import { lookbackOption } from '../../../lib/instruments/options/lookback-option.ts'
import { arbitrarySigned, day, now, within } from '../arbitrary-market.ts'
import type { InstrumentCase, TermsOf } from '../instrument-case.ts'
import { arbitraryPathExpiry, arbitraryStrike, extreme, isAwayFrom } from './barrier-option.ts'
import { optionAsset, refusedOptions } from './vanilla-option.ts'

type Terms = TermsOf<'lookback-option'>
const type = fc.constantFrom('call' as const, 'put' as const)
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined })
/** Instants from a month ago to the expiry. */
const untilExpiry = (expiry: number) =>
  fc.oneof(
    within(-30, 0).map((days) => now + days * day),
    within(0.01, 1).map((share) => Math.min(expiry, now + share * (expiry - now))),
  )
/** Stated only where it is, as people and files do. */
const stated = <T extends object>(terms: T) =>
  Object.fromEntries(Object.entries(terms).filter(([, one]) => one !== undefined)) as unknown as Terms

const realistic = fc.tuple(arbitraryStrike, arbitraryPathExpiry, type).chain(([{ asset, strike }, expiry, side]) => {
  const base = { asset, expiry, type: side }
  const extremum = within(0.4, 2.5).map((share) => share * strike)
  const fixed = fc
    .record({ quantity: arbitrarySigned, extremum, monitoringStart: maybe(untilExpiry(expiry)) })
    .map(({ extremum: reached, ...terms }) =>
      stated({
        ...base,
        ...terms,
        strikeStyle: 'fixed' as const,
        strike,
        extremum: (terms.monitoringStart ?? now) > now ? undefined : reached,
      }),
    )
  const floating = fc
    .record({
      quantity: arbitrarySigned,
      extremum,
      monitoringEnd: maybe(untilExpiry(expiry)),
      strikeMultiple: maybe(side === 'call' ? within(1, 1.3) : within(0.7, 1)),
    })
    .map((terms) => stated({ ...base, ...terms, strikeStyle: 'floating' as const }))
  return fc.oneof(fixed, floating)
})

const wild = fc.tuple(within(1, 2e11), type, fc.boolean()).chain(([expiry, side, isFixed]) =>
  fc
    .record({
      asset: optionAsset,
      quantity: within(-1e18, 1e18),
      settlementPrice: maybe(extreme),
      extremum: extreme,
      instant: maybe(within(0, 1).map((share) => Math.max(1e-6, share * expiry))),
      strike: extreme,
      strikeMultiple: maybe(side === 'call' ? within(1, 1e18) : within(1e-18, 1)),
    })
    .map(({ instant, strike, strikeMultiple, ...terms }) =>
      isFixed
        ? { ...terms, expiry, type: side, strikeStyle: 'fixed' as const, strike, monitoringStart: instant }
        : { ...terms, expiry, type: side, strikeStyle: 'floating' as const, strikeMultiple, monitoringEnd: instant },
    ),
)

const fixedExample = { strikeStyle: 'fixed', strike: 90_000 }

export const lookbackOptionCase: InstrumentCase<'lookback-option'> = {
  terms: realistic,
  wild,
  gross: ({ quantity, asset, strike = 0, extremum = 0, strikeMultiple = 1 }, market) =>
    Math.abs(quantity) * (priceOf(market, asset) + strike + extremum * strikeMultiple) || 1,
  // Close to the beginning or end of monitoring decay goes as a root of time: too bent for steps that only the expiry limits.
  isSmooth: (terms, market) =>
    isAwayFrom(lookbackOption.edges?.(terms, market), market) &&
    [terms.monitoringStart, terms.monitoringEnd].every(
      (turn) =>
        turn === undefined || (Math.abs(turn - now) > 10 * day && (turn === terms.expiry || terms.expiry - turn > day)),
    ),
  refused: [
    ...refusedOptions,
    { change: { strikeStyle: 'sliding' }, says: /strikeStyle: must be floating or fixed/ },
    { change: { strike: 90_000 }, says: /strike: must be stated for a fixed strike, and only for that/ },
    { change: { strikeStyle: 'fixed' }, says: /strike: must be stated for a fixed strike/ },
    { change: { extremum: 0 }, says: /extremum: must be above 0/ },
    { change: { extremum: undefined }, says: /extremum: must be stated, unless monitoringStart/ },
    { change: { ...fixedExample, extremum: undefined }, says: /extremum: must be stated, unless monitoringStart/ },
    { change: { monitoringStart: '2027-01-01' }, says: /monitoringStart: must not be stated for a floating strike/ },
    { change: { ...fixedExample, monitoringEnd: '2027-01-01' }, says: /monitoringEnd: must not be stated for a fixed/ },
    {
      change: { ...fixedExample, monitoringStart: '2027-03-27' },
      says: /monitoringStart: must not be after the expiry/,
    },
    { change: { monitoringEnd: '2027-03-27' }, says: /monitoringEnd: must not be after the expiry/ },
    { change: { ...fixedExample, strikeMultiple: 1.1 }, says: /strikeMultiple: must not be stated for a fixed strike/ },
    { change: { strikeMultiple: 0.9 }, says: /strikeMultiple: must be 1 or more for a call, 1 or less for a put/ },
    { change: { type: 'put', strikeMultiple: 1.1 }, says: /strikeMultiple: must be 1 or more for a call/ },
  ],
}
