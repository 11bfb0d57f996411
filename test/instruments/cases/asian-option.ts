import fc from 'fast-check'
import { arbitrarySigned, day, now, within } from '../arbitrary-market.ts'
import type { InstrumentCase, TermsOf } from '../instrument-case.ts'
import { arbitraryPathExpiry, arbitraryStrike, extreme } from './barrier-option.ts'
import { isWideEnough, optionAsset, optionGross, refusedOptions } from './vanilla-option.ts'

type Window = Pick<TermsOf<'asian-option'>, 'averagingStart' | 'fixings' | 'averageSoFar' | 'averagedUntil'>

/** Averaging that has begun, with or without an average so far, or that begins later. */
const arbitraryWindow = (expiry: number, strike: number): fc.Arbitrary<Window> => {
  const start = within(-60, 0.9).map((share) => (share < 0 ? now + share * day : now + share * (expiry - now)))
  const fixings = fc
    .tuple(fc.integer({ min: 1, max: 12 }), within(1, 30))
    .map(([n, days]) => Array.from({ length: n }, (_, i) => expiry - (n - 1 - i) * days * day))
  const soFar = within(0.5, 2).map((share) => share * strike)
  return fc.tuple(start, fixings, soFar, fc.boolean(), fc.boolean()).map(([begin, dates, average, atDates, known]) => {
    const window = atDates ? { fixings: dates } : { averagingStart: begin }
    const first = atDates ? (dates[0] ?? expiry) : begin
    return known && first <= now ? { ...window, averageSoFar: average, averagedUntil: now } : window
  })
}

const arbitraryMethod = (window: Window, average: 'arithmetic' | 'geometric') => {
  const closed = { weight: 12, arbitrary: fc.constant({}) }
  if (average === 'geometric') return fc.constant({ average })
  const vecer = { weight: 1, arbitrary: fc.constant({ method: 'vecer' as const }) }
  const simulated = fc.record({
    method: fc.constant('monte-carlo' as const),
    paths: fc.integer({ min: 100, max: 300 }),
    seed: fc.maxSafeInteger(),
  })
  const methods = window.fixings === undefined ? [closed, vecer] : [closed, vecer, { weight: 1, arbitrary: simulated }]
  return fc.oneof(...methods).map((method) => ({ average, ...method }))
}

const arbitraryAverage = fc.constantFrom('arithmetic' as const, 'geometric' as const)

const realistic = fc
  .tuple(arbitraryStrike, arbitraryPathExpiry, arbitraryAverage)
  .chain(([{ asset, strike }, expiry, average]) =>
    arbitraryWindow(expiry, strike).chain((window) =>
      fc
        .record({
          type: fc.constantFrom('call' as const, 'put' as const),
          quantity: arbitrarySigned,
          method: arbitraryMethod(window, average),
        })
        .map(({ method, ...terms }) => ({ asset, strike, expiry, ...terms, ...window, ...method })),
    ),
  )

const wild = fc.tuple(within(1, 2e11), extreme, fc.boolean(), fc.boolean()).chain(([expiry, soFar, atDates, known]) =>
  fc
    .record({
      asset: optionAsset,
      type: fc.constantFrom('call' as const, 'put' as const),
      strike: extreme,
      quantity: within(-1e18, 1e18),
      settlementPrice: fc.option(extreme, { nil: undefined }),
      average: arbitraryAverage,
      first: within(1e-6, 0.999).map((share) => share * expiry),
      until: within(0, 1),
      count: fc.integer({ min: 1, max: 30 }),
    })
    .map(({ first, until, count, ...terms }) => {
      const fixings = Array.from({ length: count }, (_, i) => first + ((expiry - first) * i) / count)
      const window = atDates ? { fixings } : { averagingStart: first }
      const known_ = { averageSoFar: soFar, averagedUntil: Math.min(expiry, first + until * (expiry - first)) }
      return { ...terms, expiry, ...window, ...(known ? known_ : {}) }
    }),
)

export const asianOptionCase: InstrumentCase<'asian-option'> = {
  terms: realistic,
  wild,
  gross: (terms, market) => Math.abs(terms.quantity) * (terms.averageSoFar ?? 0) + optionGross(terms, market),
  isSmooth: isWideEnough,
  refused: [
    ...refusedOptions,
    { change: { average: 'harmonic' }, says: /average: must be arithmetic or geometric/ },
    { change: { averagingStart: undefined }, says: /averagingStart: must be stated, or fixings instead of it/ },
    { change: { fixings: ['2027-03-26'] }, says: /averagingStart: must be stated, or fixings instead of it, not both/ },
    { change: { averagingStart: '2027-03-27' }, says: /averagingStart: must be before the expiry/ },
    { change: { averagingStart: undefined, fixings: [] }, says: /fixings: must be 1 to 10,000 instants/ },
    {
      change: { averagingStart: undefined, fixings: ['2026-10-26', '2026-10-26'] },
      says: /fixings: must be 1 to 10,000 instants that ascend and do not pass the expiry/,
    },
    {
      change: { averagingStart: undefined, fixings: ['2027-03-27'] },
      says: /fixings: must be .* do not pass the expiry/,
    },
    { change: { averageSoFar: 0 }, says: /averageSoFar: must be above 0/ },
    { change: { averageSoFar: undefined }, says: /averagedUntil: must be stated with averageSoFar, and only with it/ },
    { change: { averagedUntil: '2026-10-25' }, says: /averagedUntil: must be from averagingStart/ },
    { change: { method: 'guess' }, says: /method: must be closed-form or vecer or monte-carlo/ },
    { change: { average: 'geometric', method: 'vecer' }, says: /method: must be closed-form for a geometric average/ },
    { change: { method: 'monte-carlo', seed: 1, paths: 100 }, says: /method: must not be monte-carlo without fixings/ },
    { change: { seed: 1 }, says: /seed: must be stated, as must paths, for monte-carlo, and only for that/ },
    { change: { seed: 0.5, paths: 100 }, says: /seed: must be a whole number/ },
    { change: { seed: 1, paths: 99 }, says: /paths: must be a whole number from 100 to 1,000,000/ },
  ],
}
