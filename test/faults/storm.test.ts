// Faults nobody wrote down, drawn from the seed of all properties: on fewer than n - k + 1 providers they change nothing, on more they blind and never lie.

import * as fc from 'fast-check'
import { beforeAll, expect, it } from 'vitest'
import type { Reading } from '../../lib/model/reading.ts'
import { expectInvariants, itemsOf } from './invariants.ts'
import { play } from './play.ts'
import type { Fault, TimedFault } from './run-book.ts'

const hash = `0x${'cd'.repeat(32)}`

const honest = (...faults: readonly Fault[]) => fc.constantFrom(...faults)
/** Nobody could take them for an answer. */
const failures = honest(
  { kind: 'drop' },
  { kind: 'http', status: 500 },
  { kind: 'http', status: 429, body: '<html>' },
  { kind: 'truncated', keep: 40 },
  { kind: 'as-batch' },
  { kind: 'error', code: -32_000, message: 'header not found KEY' },
  { kind: 'no-result' },
  { kind: 'wrong-id' },
  { kind: 'result', value: null },
  { kind: 'chain-id', chainId: 10 },
  { kind: 'other-height', seconds: -12 },
  { kind: 'multicall', how: 'one-less' },
  { kind: 'multicall', how: 'all-failed' },
)
const lies = honest(
  { kind: 'multicall', how: 'all-zero' },
  { kind: 'multicall', how: 'rotated' },
  { kind: 'multicall', how: 'only-calls-failed' },
  { kind: 'head', hash },
  { kind: 'head', number: 1_000_000 },
)

const method = fc.constantFrom('eth_chainId', 'eth_getBlockByNumber', 'eth_call', undefined)
const timed = (name: 'alpha' | 'beta', fault: fc.Arbitrary<Fault>): fc.Arbitrary<TimedFault> =>
  fc
    .record({ method, at: fc.integer({ min: 1, max: 6 }), times: fc.option(fc.integer({ min: 1, max: 3 })), fault })
    .map(({ times, method: ofMethod, ...rest }) => ({
      target: [name],
      ...rest,
      ...(ofMethod === undefined ? {} : { method: ofMethod }),
      ...(times === null ? {} : { for: times }),
    }))

let healthy: Reading
beforeAll(async () => {
  healthy = (await play({})).reading
})

it('one provider of three may do what it wants: the reading is the same', async () => {
  const drawn = fc.array(timed('alpha', fc.oneof(failures, lies)), { minLength: 1, maxLength: 3 })
  await fc.assert(
    fc.asyncProperty(drawn, async (faults) => {
      const played = await play({ faults })
      expectInvariants(played)
      expect(played.report.dataState).toEqual({ kind: 'FRESH' })
      expect(itemsOf(played.reading)).toEqual(itemsOf(healthy))
    }),
    { numRuns: 25 },
  )
})

it('two of three may fail as they want: the reading is the same, or its chain is BLIND', async () => {
  const drawn = fc.tuple(timed('alpha', fc.oneof(failures, lies)), timed('beta', failures))
  await fc.assert(
    fc.asyncProperty(drawn, async (faults) => {
      const played = await play({ faults })
      expectInvariants(played)
      if (played.reading.block !== undefined && played.reading.gaps.length === 0) {
        expect(itemsOf(played.reading)).toEqual(itemsOf(healthy))
        return
      }
      const whole = itemsOf(healthy)
      for (const [name, item] of itemsOf(played.reading)) expect(item).toEqual(whole.get(name))
      expect(played.reading.gaps).not.toEqual([])
      const isSeen = played.reading.gaps.every(({ touches }) => touches.kind === 'context')
      expect(played.report.dataState.kind === 'FRESH').toBe(isSeen)
    }),
    { numRuns: 25 },
  )
})
