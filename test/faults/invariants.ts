// What holds after every run-book, whatever breaks: no number that was not read, quorum kept, nothing secret, trouble named.

import { expect } from 'vitest'
import type { Reading } from '../../lib/model/reading.ts'
import { key } from '../sources/fixture/scripted-chain.ts'
import type { Played } from './play.ts'
import type { RunBook } from './run-book.ts'

/** Every value of a reading by a name of its own. */
export function itemsOf(reading: Reading): ReadonlyMap<string, object> {
  const { feeds, protocolPrices, poolPrices, balances, lending, ranges, positions } = reading
  return new Map<string, object>([
    ...feeds.map((one) => [`feed ${one.asset}`, one] as const),
    ...protocolPrices.map((one) => [`protocol price ${one.asset}`, one] as const),
    ...poolPrices.map((one) => [`pool ${one.base}/${one.quote} ${one.feeTier}`, one] as const),
    ...balances.map((one) => [`balance ${one.asset}`, one] as const),
    ...lending.map((one) => [one.protocol, one] as const),
    ...ranges.map((one) => [`${one.protocol}:${one.tokenId}`, one] as const),
    ...positions.map((one) => [one.id, one] as const),
  ])
}

/** Items are those of the healthy reading, those that the run-book says are really otherwise, or absent with a gap. */
export function expectOnlyWhatWasRead(played: Played, healthy: Reading, { absent = [], changed = {} }: Expectation) {
  const whole = itemsOf(healthy)
  const items = itemsOf(played.reading)
  const missing = [...whole.keys()].filter((name) => !items.has(name))
  expect(missing).toEqual(absent === 'everything' ? [...whole.keys()] : absent)
  expect([...items.keys()].filter((name) => !whole.has(name))).toEqual([])
  const others = [...items].filter(([name, item]) => JSON.stringify(item) !== JSON.stringify(whole.get(name)))
  expect(others.map(([name]) => name).sort()).toEqual(Object.keys(changed).sort())
  for (const [name, item] of others) {
    for (const [field, value] of Object.entries(changed[name] ?? {})) {
      const found = (item as Readonly<Record<string, unknown>>)[field]
      if (typeof value === 'number') expect(Number(found) / value).toBeCloseTo(1, 9)
      else expect(found).toEqual(value)
    }
  }
  if (missing.length > 0) expect(played.reading.gaps).not.toEqual([])
  const unread = missing.filter((name) => name.startsWith('feed ')).map((name) => name.slice('feed '.length))
  for (const { asset, usd, dataState, source } of played.snapshot.prices) {
    if (!unread.includes(asset)) continue
    // Whoever stands in for a feed is named, and trusted less.
    if (source !== undefined) {
      expect(dataState).toMatchObject({
        kind: 'DEGRADED',
        reasons: expect.arrayContaining([expect.stringContaining(source)]),
      })
      continue
    }
    expect({ usd, state: dataState.kind }).toEqual({ usd: undefined, state: 'BLIND' })
    expect(Object.keys(played.report.price)).not.toContain(asset)
  }
}

type Expectation = RunBook['expectation']

export function expectInvariants(played: Played): void {
  expectQuorum(played)
  const { reading, snapshot, report, verdict } = played
  const said = JSON.stringify({ reading, snapshot, report, verdict })
  expect(said).not.toContain(key)
  expect(strangeNumbers({ reading, snapshot, report })).toEqual([])
  for (const gap of reading.gaps) expect([gap.subject, gap.code, gap.reason].every((text) => text !== '')).toBe(true)
  for (const { ok, code } of reading.providers) expect(code === undefined).toBe(ok)
  expectWorseOnly(played)
}

/** Without a block nothing stands; with one, k providers are unblamed and were asked at that block alone. */
function expectQuorum({ reading, quorum, asked, snapshot, report }: Played): void {
  const calls = [...asked].flatMap(([name, all]) => all.map((call) => ({ name, ...call })))
  const methods = new Set(calls.map(({ method }) => method))
  expect([...methods].filter((method) => !/^eth_(chainId|call|feeHistory|get[A-Z][A-Za-z]+)$/.test(method))).toEqual([])
  const { block } = reading
  if (block === undefined) {
    expect(reading.gaps.map(({ touches }) => touches.kind)).toEqual(['everything'])
    expect([snapshot.dataState.kind, report.dataState.kind, report.positions]).toEqual(['BLIND', 'BLIND', []])
    return
  }
  // A run that began again may find well again whom it blamed before.
  const begun = [...asked.values()].map((all) => all.filter(({ params }) => params[0] === 'latest').length)
  if (Math.min(...begun) > 1) return
  // Not the same k need to answer each round; whoever owes an answer has not been caught at anything.
  const good = reading.providers.filter(({ ok, code }) => ok || code === 'no-answer-yet').map(({ name }) => name)
  expect(good.length).toBeGreaterThanOrEqual(quorum)
  const pin = `0x${block.number.toString(16)}`
  const pins = (name: string) => calls.filter((call) => call.name === name && call.method === 'eth_call')
  expect(good.filter((name) => pins(name).at(-1)?.params[1] === pin).length).toBeGreaterThanOrEqual(quorum)
}

/** Each room may only see more trouble than the one before. */
function expectWorseOnly({ snapshot, report, verdict }: Played): void {
  const rank = { FRESH: 0, DEGRADED: 1, BLIND: 2 }
  expect(rank[report.dataState.kind]).toBeGreaterThanOrEqual(rank[snapshot.dataState.kind])
  for (const { dataState } of [snapshot, report, ...snapshot.prices, ...snapshot.positions]) {
    if (dataState.kind !== 'FRESH') expect(dataState.reasons.filter((reason) => reason !== '')).not.toEqual([])
  }
  if (report.dataState.kind === 'BLIND') expect(verdict.plans).toEqual([])
}

/** Paths of numbers that are none, and of what JSON would turn into null. */
function strangeNumbers(value: unknown, path = ''): readonly string[] {
  if (typeof value === 'number') return Number.isFinite(value) ? [] : [`${path} ${value}`]
  if (value === null || typeof value === 'bigint') return [`${path} ${value}`]
  if (typeof value !== 'object') return []
  return Object.entries(value).flatMap(([name, inner]) => strangeNumbers(inner, `${path}/${name}`))
}
