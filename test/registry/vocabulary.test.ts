import { describe, expect, it } from 'vitest'
import { plans } from '../../lib/decisions/plans/index.ts'
import { compileRule } from '../../lib/decisions/rules/language.ts'
import type { Term } from '../../lib/decisions/rules/term.ts'
import { termOf, vocabulary } from '../../lib/decisions/rules/vocabulary.ts'
import type { ChainMode } from '../../lib/model/chain-health.ts'
import { aRegime, usdcPeg, withMarket } from '../decisions/a-market.ts'
import { aBlindReport, aReport, limits } from '../decisions/a-report.ts'

const terms: readonly Term[] = vocabulary
const sampleKeys = {
  none: [''],
  underlying: ['ETH', 'BTC', 'USDC'],
  asset: ['WETH', 'USDC'],
  series: ['SPX', 'DXY'],
  account: ['', 'aave', 'aave-v3'],
} as const
const keysOf = ({ keys }: Term): readonly string[] => (typeof keys === 'string' ? sampleKeys[keys] : keys)

const venueAccount = {
  venue: 'deribit',
  currency: 'BTC',
  equity: 4,
  marginBalance: 4,
  initialMargin: 2,
  maintenanceMargin: 1,
}
const pegs = ['WETH', 'USDC'].map((asset) => ({ ...usdcPeg, asset }))
const fullReport = withMarket(aReport({ change: { venueAccounts: [venueAccount] } }), { regime: aRegime({ pegs }) })

describe.each(terms.map((term) => ({ name: term.name, term })))('the word $name', ({ name, term }) => {
  it('is read from a full report as a finite number, under each of its keys', () => {
    for (const key of keysOf(term)) {
      const found = term.read(fullReport, key)
      expect(found).toMatchObject({ kind: 'value', value: expect.any(Number) })
      expect(found.kind === 'value' && Number.isFinite(found.value)).toBe(true)
    }
  })

  it('can be written in a rule', () => {
    const [key] = keysOf(term)
    const limit = term.levels === undefined ? 1 : `"${term.levels[1]}"`
    const rule = compileRule(`${name}${key === '' ? '' : `["${key}"]`} < ${limit}`)
    expect(rule.evaluate(fullReport).kind).toMatch(/holds|not/)
  })

  it('says its unit and meaning, and has a name of its own', () => {
    expect(term.unit).not.toBe('')
    expect(term.meaning.length).toBeGreaterThan(10)
    expect(terms.filter((other) => other.name === name)).toHaveLength(1)
    expect(termOf(name)).toBe(term)
  })

  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'NOPE'])(
    'finds nothing under the key %s',
    (key) => {
      if (term.keys === 'none' || Array.isArray(term.keys)) return
      expect(term.read(fullReport, key)).toMatchObject({ kind: 'missing' })
      expect(term.read(aReport(), key)).toMatchObject({ kind: 'missing' })
    },
  )

  it('throws on no report, however little it holds', () => {
    for (const key of keysOf(term))
      expect(['value', 'missing', 'not-applicable']).toContain(term.read(aBlindReport(1), key).kind)
  })
})

it.each(['__proto__', 'constructor', 'toString', 'valueOf'])('%s is no word', (name) => {
  expect(termOf(name)).toBeUndefined()
})

describe('the words', () => {
  const read = (name: string, key = '', report = aReport()) => termOf(name)?.read(report, key)
  it('mean what the report says', () => {
    const report = aReport()
    expect(read('liquidationDistance')).toEqual({
      kind: 'value',
      value: expect.closeTo(1 - 1 / (report.healthFactor ?? 1), 9),
    })
    expect(read('deltaUsd', 'ETH')).toEqual({ kind: 'value', value: (report.netGreeks.delta.ETH ?? 0) * 2_914 })
    expect(read('stress', 'worst')).toEqual({
      kind: 'value',
      value: Math.min(...report.stress.map((row) => row.changeUsd)),
    })
    expect(read('debt')).toEqual({ kind: 'value', value: 1_186_000 })
    expect(read('dataAgeSeconds')).toEqual({ kind: 'value', value: 10 })
    const inMode = (mode: ChainMode) => ({ chainId: 1, at: 1_000, mode, reasons: [], causes: [], earlier: [] })
    for (const [value, mode] of (['NORMAL', 'CONGESTED', 'FROZEN'] as const).entries())
      expect(read('chainMode', '', aReport({ change: { chains: [inMode('NORMAL'), inMode(mode)] } }))).toEqual({
        kind: 'value',
        value,
      })
    expect(read('chainMode', '', aReport({ change: { chains: [] } }))).toMatchObject({ kind: 'missing' })
  })

  it('a distance to liquidation is 0 once an account can be liquidated, not growing again', () => {
    expect(read('liquidationDistance', '', aReport({ eth: 1_000 }))).toEqual({ kind: 'value', value: 0 })
  })

  it('an underlying that is priced but not held has a delta of 0', () => {
    const report = aReport({ change: { positions: [] } })
    expect(read('netDelta', 'BTC', report)).toEqual({ kind: 'value', value: 0 })
  })
})

describe.each(plans.map((plan) => ({ kind: plan.kind, plan })))('the plan $kind', ({ plan }) => {
  it('has a title, and either candidates or a reason for none', () => {
    expect(plan.title.length).toBeGreaterThan(10)
    for (const report of [aReport(), aReport({ eth: 2_400 }), aReport({ usdc: 0 }), aBlindReport(1)]) {
      const { candidates, whyNone } = plan.weigh({ report, positionId: 'aave-v3', target: 1.5, limits })
      expect(candidates.length === 0).toBe(whyNone !== undefined)
    }
  })
})
