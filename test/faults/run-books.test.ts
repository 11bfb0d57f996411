// Every run-book against the real rooms: what it expects comes, and what must hold whatever breaks holds.

import { readFileSync } from 'node:fs'
import { beforeAll, expect, it } from 'vitest'
import * as z from '../../lib/base/schema.ts'
import type { Reading } from '../../lib/model/reading.ts'
import { expectInvariants, expectOnlyWhatWasRead } from './invariants.ts'
import { type Played, play } from './play.ts'
import { type RunBook, runBooksSchema } from './run-book.ts'

const file = new URL('run-books.json', import.meta.url)
const runBooks = z.parse(runBooksSchema, JSON.parse(readFileSync(file, 'utf8')), 'run-books.json')

let healthy: Reading
beforeAll(async () => {
  const played = await play({})
  expect(played.reading.gaps).toEqual([])
  expect(played.report.dataState.kind).toBe('FRESH')
  healthy = played.reading
})

it.each(runBooks.map((book) => [book.id, book.title, book] as const))('%s: %s', async (_, __, book) => {
  const { id: ___, title: ____, expectation, ...script } = book
  const played = await play(script)
  expect(summaryOf(played, expectation)).toEqual(expectedOf(expectation))
  expectOnlyWhatWasRead(played, healthy, expectation)
  expectInvariants(played)
  if (expectation.says !== undefined) {
    const { reading, snapshot, verdict } = played
    expect(JSON.stringify([reading.gaps, snapshot.dataState, verdict.alerts])).toContain(expectation.says)
  }
  if (expectation.chain !== undefined)
    expect(played.snapshot.chains?.map(({ mode }) => mode)).toEqual([expectation.chain])
  if (expectation.within !== undefined) expect(played.milliseconds).toBeLessThan(expectation.within)
})

function summaryOf({ reading, snapshot, report, verdict }: Played, { late = {} }: RunBook['expectation']) {
  const blamed = reading.providers.flatMap(({ name, code }) =>
    code === undefined ? [] : [[name, code === 'no-answer-yet' ? (late[name] ?? code) : code] as const],
  )
  const { dataState } = snapshot
  const isBlindChain = reading.block === undefined
  return {
    state: report.dataState.kind,
    snapshot: dataState.kind,
    gaps: Object.fromEntries(reading.gaps.map(({ subject, code }) => [subject, code])),
    providers: Object.fromEntries(blamed),
    assets: Object.fromEntries(
      snapshot.prices.flatMap(({ asset, dataState: { kind } }) =>
        kind === 'FRESH' || isBlindChain ? [] : [[asset, kind] as const],
      ),
    ),
    alerts: verdict.alerts.map(({ ruleId }) => ruleId).sort(),
  }
}

function expectedOf(expectation: RunBook['expectation']) {
  const { state, gaps = {}, providers = {}, late = {}, assets = {}, alerts = [] } = expectation
  return { state, snapshot: state, gaps, providers: { ...providers, ...late }, assets, alerts: [...alerts].sort() }
}
