// Whatever is registered, and however it is revalued, a scenario's figure is the value in that scenario's market.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { exampleMarket } from '../../../lib/instruments/example-market.ts'
import { type InstrumentKind, instruments, type PositionTerms } from '../../../lib/instruments/index.ts'
import { instrumentOf } from '../../../lib/instruments/instrument-of.ts'
import { type Market, rateOf, spotOf } from '../../../lib/instruments/market/market.ts'
import { parseMarket } from '../../../lib/instruments/market/parse-market.ts'
import { yearsTo } from '../../../lib/instruments/market/years-to.ts'
import { parsePosition } from '../../../lib/instruments/parse-position.ts'
import { revalueBook } from '../../../lib/instruments/revaluation/revalue-book.ts'
import { revaluePositions } from '../../../lib/instruments/revaluation/revalue-positions.ts'
import { assetsOf, value } from '../../../lib/instruments/value.ts'
import { random } from '../../../lib/quant/random.ts'
import { arbitraryMarket } from '../arbitrary-market.ts'
import { instrumentCases } from '../cases/index.ts'
import type { InstrumentCase } from '../instrument-case.ts'
import { arbitraryScenarios, marketOf } from './arbitrary-scenarios.ts'

const count = 3
const caseOf = (kind: InstrumentKind) => instrumentCases[kind] as unknown as InstrumentCase<never>

function outcome(found: () => number): number | 'no value' {
  try {
    return found()
  } catch {
    return 'no value'
  }
}

/** Errors are relative to what options are written on at their expiry, which centuries of carry make another number than today's. */
function growthOf(position: PositionTerms, market: Market): number {
  const expiries = instrumentOf(position.kind).optionality?.(position.terms as never) ?? []
  return Math.exp(0.5 * Math.max(0, ...expiries.map(({ expiry = 0 }) => yearsTo(market, expiry) - 10)))
}

const figures = (kind: InstrumentKind, from: 'terms' | 'wild') =>
  arbitraryMarket.chain((market) =>
    fc.record({
      market: fc.constant(market),
      positions: fc.array(
        caseOf(kind)[from].map((terms) => ({ kind, terms }) as unknown as PositionTerms),
        { minLength: 1, maxLength: 3 },
      ),
      scenarios: arbitraryScenarios(market, count),
    }),
  )

describe.each(instruments.map(({ kind }) => kind))('a book of %s', (kind) => {
  const its = caseOf(kind)
  const grossOf = (position: PositionTerms, market: Market) => its.gross(position.terms as never, market)
  const numRuns = instrumentOf(kind).legs === undefined ? 8 : 60

  it.each(['terms', 'wild'] as const)('is revalued as its value in each moved market says (%s)', (from) => {
    fc.assert(
      fc.property(figures(kind, from), ({ market, positions, scenarios }) => {
        const params = { positions, market, scenarios, netting: 'none' } as const
        const markets = Array.from({ length: count }, (_, j) => marketOf(market, scenarios, j))
        const expected = positions.map((position) => {
          const base = outcome(() => value(position, market))
          return markets.map((moved) => {
            const there = outcome(() => value(position, moved))
            return base === 'no value' || there === 'no value' ? 'no value' : there - base
          })
        })
        if (expected.flat().some((one) => one === 'no value' || !Number.isFinite(one))) {
          const named = expect.objectContaining({ code: expect.stringMatching(/^(revaluation-failed|not-finite)$/) })
          expect(() => revaluePositions(params)).toThrow(named)
          expect(() => revalueBook(params)).toThrow(named)
          return
        }
        const { pnl, total } = revaluePositions(params)
        const book = revalueBook(params)
        for (const [j, moved] of markets.entries()) {
          let gross = 0
          for (const [i, position] of positions.entries()) {
            const own = Math.max(
              grossOf(position, moved) * growthOf(position, market),
              grossOf(position, market),
              Math.abs(value(position, moved)),
              Math.abs(value(position, market)),
            )
            gross += own
            const error = Math.abs((pnl[i * count + j] ?? Number.NaN) - Number(expected[i]?.[j]))
            expect(error, `position ${i}, scenario ${j}`).toBeLessThanOrEqual(1e-12 * own + 1e-300)
          }
          expect(Math.abs((total[j] ?? Number.NaN) - (book.pnl[j] ?? Number.NaN))).toBeLessThanOrEqual(
            1e-12 * gross + 1e-300,
          )
        }
      }),
      { numRuns },
    )
  })

  it('is netted within 1e-6 of gross, or directly, in hundreds of scenarios that meet its edges', () => {
    const market = parseMarket(exampleMarket)
    const position = parsePosition({ kind, terms: instrumentOf(kind).example })
    const asset = assetsOf(position)[0] ?? 'ETH'
    const { underlying } = rateOf(market, asset)
    const now = spotOf(market, underlying)
    const edges = instrumentOf(kind).edges?.(position.terms as never, market)?.[underlying] ?? []
    const rng = random(7)
    const spots = Array.from({ length: 600 }, () => now * Math.exp(0.2 * rng.normal()))
    const spot = { [underlying]: Float64Array.from([...spots, ...edges]) }
    const book = { positions: [position], market, scenarios: { count: spots.length + edges.length, spot } }
    const [netted, direct] = [revalueBook(book), revalueBook({ ...book, netting: 'none' })]
    const gross = direct.pnl.reduce((sum, one) => sum + Math.abs(one + direct.base), 0) / direct.pnl.length
    for (const [j, one] of netted.pnl.entries())
      expect(Math.abs(one - (direct.pnl[j] ?? Number.NaN)), `scenario ${j}`).toBeLessThanOrEqual(1e-6 * gross)
  })
})
