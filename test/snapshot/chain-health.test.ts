// When a chain counts as CONGESTED or FROZEN, and how long it does.

import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ChainHealth, ChainMode, ChainVitals } from '../../lib/model/chain-health.ts'
import type { ChainConfig } from '../../lib/model/configuration.ts'
import { assemble } from '../../lib/snapshot/assemble.ts'
import { calmSamples, chainHealth } from '../../lib/snapshot/chain-health.ts'
import { at, healthy, settings } from './fixture.ts'

const providers = { configured: 3, quorum: 2, agreed: 3, behind: [], contradicting: [] }
const calm: ChainVitals = {
  headAgeSeconds: 5,
  baseFeeGwei: 5,
  feeHistory: { blocks: 300, percentile: 0.5, medianGwei: 5 },
  gasUsedShare: 0.5,
  finalised: { number: 900, lagBlocks: 64, lagSeconds: 768 },
  providers,
  sequencer: { status: 'up', since: at - 86_400 },
}
const chain: ChainConfig = {
  ...settings.chain,
  maxBlockAgeSeconds: 120,
  sequencer: { address: `0x${'7'.repeat(40)}`, graceSeconds: 3_600 },
}

function healthOf(vitals: ChainVitals, previous?: ChainHealth, config = chain): ChainHealth {
  const health = chainHealth({ reading: { ...healthy, vitals }, chain: config, previous })
  if (health === undefined) throw new Error('vital signs were given')
  return health
}

/** The same chain, unread. */
function unseen(previous?: ChainHealth): ChainHealth {
  const { block: _, ...rest } = healthy
  const health = chainHealth({ reading: rest, chain, previous })
  if (health === undefined) throw new Error('a chain that was not read has a mode')
  return health
}

/** The modes of one snapshot after another. */
function modesOf(course: readonly (ChainVitals | 'unseen')[]): readonly ChainMode[] {
  let previous: ChainHealth | undefined
  return course.map((vitals) => {
    previous = vitals === 'unseen' ? unseen(previous) : healthOf(vitals, previous)
    return previous.mode
  })
}

const fees = (baseFeeGwei: number, percentile: number, medianGwei = 5, blocks = 300): ChainVitals => ({
  ...calm,
  baseFeeGwei,
  feeHistory: { blocks, percentile, medianGwei },
})
const final = (lagSeconds: number): ChainVitals => ({ ...calm, finalised: { number: 1, lagBlocks: 9, lagSeconds } })
const sequencer = (status: 'up' | 'down', age: number): ChainVitals => ({
  ...calm,
  sequencer: { status, since: at - age },
})
const without = (...signs: readonly (keyof ChainVitals)[]): ChainVitals =>
  Object.fromEntries(Object.entries(calm).filter(([sign]) => !signs.includes(sign as keyof ChainVitals))) as never
const apart = (agreed: number, contradicting: readonly string[]): ChainVitals => ({
  ...calm,
  providers: { ...providers, agreed, contradicting },
})

describe('the mode of a chain', () => {
  const rows: readonly (readonly [string, ChainVitals, ChainMode, string?])[] = [
    ['all is well', calm, 'NORMAL'],
    ['the base fee is three times the usual one', fees(15, 0.99), 'CONGESTED', 'the base fee is 15 gwei, 5 is usual'],
    ['the base fee is high, but was as high lately', fees(15, 0.9), 'NORMAL'],
    ['the base fee is the highest of a quiet hour', fees(5.1, 0.998), 'NORMAL'],
    ['the base fee has doubled', fees(10, 0.99), 'NORMAL'],
    [
      'the base fee has doubled and blocks are full',
      { ...fees(10, 0.99), gasUsedShare: 0.99 },
      'CONGESTED',
      'are full',
    ],
    ['blocks are full at the usual fee', { ...calm, gasUsedShare: 1 }, 'NORMAL'],
    ['the base fee is a hundred times next to nothing', fees(0.1, 0.99, 0.001), 'NORMAL'],
    ['the base fee rose from nothing', fees(5, 0.99, 0), 'CONGESTED'],
    ['the chain is too young to know a usual fee', fees(50, 0.99, 5, 19), 'NORMAL'],
    ['the head is as old as half of what is believed', { ...calm, headAgeSeconds: 60 }, 'NORMAL'],
    ['the head is older than half of what is believed', { ...calm, headAgeSeconds: 61 }, 'CONGESTED', '61 s old'],
    ['the head is older than what is believed', { ...calm, headAgeSeconds: 121 }, 'FROZEN', '2 min is the limit'],
    ['finality is half an hour behind', final(1_800), 'NORMAL'],
    ['finality is later than that', final(1_801), 'CONGESTED', '30 min (9 blocks) behind'],
    ['finality is two hours behind', final(7_200), 'CONGESTED'],
    ['finality is lost', final(7_201), 'FROZEN', '2 h (9 blocks) behind, 30 min is expected'],
    ['one of three contradicts, two agree', apart(2, ['gamma']), 'CONGESTED', 'gamma tells another state of the chain'],
    ['one of four contradicts, three agree', apart(3, ['delta']), 'NORMAL'],
    ['one of three does not answer', apart(2, []), 'NORMAL'],
    ['one is behind', { ...calm, providers: { ...providers, agreed: 2, behind: ['gamma'] } }, 'NORMAL'],
    ['the sequencer is down', sequencer('down', 600), 'FROZEN', 'the sequencer has been down for 10 min'],
    ['the sequencer has just come back', sequencer('up', 3_599), 'FROZEN', '60 min of grace have to pass'],
    ['the sequencer came back an hour ago', sequencer('up', 3_600), 'NORMAL'],
    ['nobody could ask the sequencer', without('sequencer'), 'FROZEN', 'its feed could not be read'],
    ['fees and finality could not be read', without('feeHistory', 'gasUsedShare', 'finalised'), 'NORMAL'],
  ]
  it.each(rows.map(([name, vitals, mode, reason = '']) => ({ name, vitals, mode, reason })))('when $name', (row) => {
    const { vitals, mode, reason } = row
    const health = healthOf(vitals)
    expect(health.mode).toBe(mode)
    expect(health.reasons).toHaveLength(mode === 'NORMAL' ? 0 : 1)
    expect(health.reasons.join()).toContain(reason)
    expect(health.vitals).toEqual(vitals)
  })

  it('is FROZEN while it cannot be read', () => {
    expect(unseen()).toMatchObject({
      mode: 'FROZEN',
      reasons: ['the chain could not be read'],
    })
  })

  it('is not known where a source reads no vital signs', () => {
    expect(chainHealth({ reading: healthy, chain })).toBeUndefined()
    expect(assemble({ reading: healthy, settings })).not.toHaveProperty('chains')
  })

  it('does not ask for a sequencer that is not configured', () => {
    const { sequencer: _, ...rest } = chain
    expect(healthOf(without('sequencer'), undefined, rest).mode).toBe('NORMAL')
  })

  it('allows a rollup that is proven late its own lag', () => {
    expect(healthOf(final(7_201), undefined, { ...chain, maxFinalityLagSeconds: 7_201 }).mode).toBe('NORMAL')
  })

  it('tells every cause, and is that of the worst', () => {
    const health = healthOf({ ...final(7_201), headAgeSeconds: 61 })
    expect(health.mode).toBe('FROZEN')
    expect(health.causes.map(({ code, mode }) => [code, mode])).toEqual([
      ['head-age', 'CONGESTED'],
      ['finality', 'FROZEN'],
    ])
  })
})

describe('a mode', () => {
  it('is entered at once and left with the third calm snapshot', () => {
    expect(modesOf([calm, final(7_201), calm, calm, calm])).toEqual(['NORMAL', 'FROZEN', 'FROZEN', 'FROZEN', 'NORMAL'])
  })

  it('says how long it lasts after its cause is gone', () => {
    const frozen = healthOf(final(7_201))
    const after = healthOf(calm, frozen)
    expect(after.reasons).toEqual([expect.stringMatching(/^FROZEN for 2 more calm snapshots: the newest final block/)])
    expect(healthOf(calm, after).reasons).toEqual([expect.stringMatching(/^FROZEN for 1 more calm snapshot: /)])
  })

  it('falls by one step where the present is still bad', () => {
    const busy = fees(50, 0.99)
    expect(modesOf([final(7_201), busy, busy, busy, calm, calm, calm])).toEqual([
      'FROZEN',
      'FROZEN',
      'FROZEN',
      'CONGESTED',
      'CONGESTED',
      'CONGESTED',
      'NORMAL',
    ])
  })

  it('begins its calm anew with each relapse', () => {
    const busy = fees(50, 0.99)
    expect(modesOf([busy, calm, calm, busy, calm, calm, calm]).slice(0, 6)).not.toContain('NORMAL')
  })

  it('lasts while its sign cannot be read', () => {
    const blind = without('finalised')
    const modes = modesOf([final(7_201), blind, blind, blind, blind, calm, calm, calm])
    expect(modes).toEqual([...Array.from({ length: 7 }, () => 'FROZEN'), 'NORMAL'])
    const unread = healthOf(blind, healthOf(blind, healthOf(final(7_201))))
    expect(unread.reasons).toEqual([expect.stringMatching(/is expected \(not read since\)$/)])
    expect(modesOf([sequencer('down', 9), without('sequencer')])).toEqual(['FROZEN', 'FROZEN'])
  })

  it('of a chain that was not seen ends when it is seen, and what was wrong before is not forgotten', () => {
    expect(modesOf([calm, 'unseen', calm])).toEqual(['NORMAL', 'FROZEN', 'NORMAL'])
    expect(modesOf([fees(50, 0.99), 'unseen', calm, calm, calm])).toEqual([
      'CONGESTED',
      'FROZEN',
      'CONGESTED',
      'CONGESTED',
      'NORMAL',
    ])
  })
})

const rank: Readonly<Record<ChainMode, number>> = { NORMAL: 0, CONGESTED: 1, FROZEN: 2 }
const share = fc.double({ min: 0, max: 1, noNaN: true })
const span = (max: number) => fc.integer({ min: 0, max })
const anyVitals: fc.Arbitrary<ChainVitals> = fc.record({
  headAgeSeconds: span(200),
  baseFeeGwei: fc.double({ min: 0, max: 100, noNaN: true }),
  feeHistory: fc.record({ blocks: fc.constantFrom(10, 300), percentile: share, medianGwei: fc.constantFrom(0, 1, 5) }),
  gasUsedShare: share,
  finalised: span(10_000).map((lagSeconds) => ({ number: 1, lagBlocks: 9, lagSeconds })),
  providers: fc
    .tuple(fc.integer({ min: 2, max: 4 }), fc.subarray(['delta', 'epsilon']))
    .map(([agreed, contradicting]) => ({ configured: 5, quorum: 2, agreed, behind: [], contradicting })),
  sequencer: fc.record({ status: fc.constantFrom('up', 'down'), since: span(9_000).map((age) => at - age) }),
})
/** Each changes one sign for the worse, or leaves it. */
const worsening: readonly ((vitals: ChainVitals) => ChainVitals)[] = [
  (vitals) => ({ ...vitals, headAgeSeconds: vitals.headAgeSeconds + 40 }),
  (vitals) => ({ ...vitals, baseFeeGwei: vitals.baseFeeGwei * 2 }),
  ({ feeHistory = { blocks: 300, percentile: 0, medianGwei: 5 }, ...vitals }) => ({
    ...vitals,
    feeHistory: { ...feeHistory, percentile: Math.min(1, feeHistory.percentile + 0.2) },
  }),
  (vitals) => ({ ...vitals, gasUsedShare: 1 }),
  (vitals) => ({
    ...vitals,
    finalised: { number: 1, lagBlocks: 9, lagSeconds: (vitals.finalised?.lagSeconds ?? 0) + 1_500 },
  }),
  (vitals) => ({ ...vitals, providers: { ...vitals.providers, agreed: 2, contradicting: ['zeta'] } }),
  (vitals) => ({ ...vitals, sequencer: { status: 'down', since: vitals.sequencer?.since ?? at } }),
]

describe('whatever the vital signs', () => {
  it('worse ones never give a better mode', () => {
    fc.assert(
      fc.property(anyVitals, fc.array(fc.constantFrom(...worsening), { maxLength: 4 }), (vitals, steps) => {
        const worse = steps.reduce((sum, step) => step(sum), vitals)
        expect(rank[healthOf(worse).mode]).toBeGreaterThanOrEqual(rank[healthOf(vitals).mode])
      }),
    )
  })

  it('a mode is entered at once, and left exactly when so many snapshots in a row were better', () => {
    fc.assert(
      fc.property(fc.array(anyVitals, { minLength: 1, maxLength: 12 }), (course) => {
        const alone = course.map((vitals) => rank[healthOf(vitals).mode])
        const told = modesOf(course).map((mode) => rank[mode])
        expect(told).toEqual(
          alone.map((_, index) => Math.max(...alone.slice(Math.max(0, index - calmSamples + 1), index + 1))),
        )
      }),
    )
  })

  it('a mode other than NORMAL has its reasons, and NORMAL has none', () => {
    fc.assert(
      fc.property(fc.array(anyVitals, { minLength: 1, maxLength: 6 }), (course) => {
        let health: ChainHealth | undefined
        for (const vitals of course) {
          health = healthOf(vitals, health)
          expect(health.reasons.length > 0).toBe(health.mode !== 'NORMAL')
          expect(health.earlier.length).toBeLessThan(calmSamples)
        }
      }),
    )
  })
})
