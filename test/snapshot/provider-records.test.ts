// The score of a provider over runs: what is kept, when it counts as failing, and what is not held against it.

import { expect, it } from 'vitest'
import type { ProviderRecord } from '../../lib/model/chain-health.ts'
import type { ProviderOutcome } from '../../lib/model/reading.ts'
import { providerRecords } from '../../lib/snapshot/provider-records.ts'

const host = 'https://a.example'
const outcome = (name: string, code?: string, milliseconds = 40): ProviderOutcome =>
  code === undefined ? { name, host, ok: true, milliseconds } : { name, host, ok: false, milliseconds, code }

/** Codes of alpha's runs, oldest first; beta answers well in all of them. */
function recordsOf(codes: readonly (string | undefined)[], beta?: string): readonly ProviderRecord[] {
  return codes.reduce<readonly ProviderRecord[]>(
    (previous, code, run) =>
      providerRecords({ outcomes: [outcome('alpha', code, 10 + run), outcome('beta', beta)], at: 60 * run, previous }),
    [],
  )
}
const times = (count: number, code?: string) => Array.from({ length: count }, () => code)

it('keeps a letter for each of the last 20 runs, five latencies of those that went well, and the last fault', () => {
  const codes = [...times(22), 'provider-liar', 'wrong-state', 'rpc-timeout', undefined]
  expect(recordsOf(codes)[0]).toEqual({
    name: 'alpha',
    host,
    runs: `${'.'.repeat(16)}lwx.`,
    milliseconds: [28, 29, 30, 31, 35],
    lastFault: { code: 'rpc-timeout', at: 60 * 24 },
    isFailing: false,
  })
})

it('calls failing who failed in most of the last 20 runs, and no longer once it failed in few of them', () => {
  const isFailing = (codes: readonly (string | undefined)[]) => recordsOf(codes)[0]?.isFailing
  expect(isFailing(times(10, 'rpc-timeout'))).toBe(false)
  expect(isFailing(times(11, 'rpc-timeout'))).toBe(true)
  expect(isFailing([...times(11, 'rpc-timeout'), ...times(14)])).toBe(true)
  expect(isFailing([...times(11, 'rpc-timeout'), ...times(15)])).toBe(false)
})

it('counts no run in which nobody answered, and drops who is not asked any more', () => {
  expect(recordsOf(times(15, 'rpc-unreachable'), 'rpc-unreachable').map(({ runs }) => runs)).toEqual(['', ''])
  const previous = recordsOf(times(3))
  expect(providerRecords({ outcomes: [outcome('beta')], at: 600, previous }).map(({ name }) => name)).toEqual(['beta'])
})
