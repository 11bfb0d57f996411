// Every run-book against the real rooms: what it expects comes, and what must hold whatever breaks holds.

import { readFileSync } from 'node:fs'
import { beforeAll, expect, it } from 'vitest'
import * as z from '../../lib/base/schema.ts'
import { whyChainForbids } from '../../lib/decisions/chain-allows.ts'
import { staleInput } from '../../lib/flows/order-inputs.ts'
import type { Order } from '../../lib/model/order.ts'
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
  expectPrices(played, expectation)
  expectSafety(played, expectation)
  const { reading, snapshot, told } = played
  const said = JSON.stringify([reading.gaps, snapshot.dataState, told])
  for (const words of [expectation.says ?? []].flat()) expect(said).toContain(words)
  if (expectation.chain !== undefined)
    expect(played.snapshot.chains?.map(({ mode }) => mode)).toEqual([expectation.chain])
  if (expectation.told !== undefined) expect(told.map(({ ruleId }) => ruleId)).toEqual(expectation.told)
  if (expectation.runs !== undefined) expect(recordsOf(played)).toEqual(expectation.runs)
  if (expectation.within !== undefined) expect(played.milliseconds).toBeLessThan(expectation.within)
})

function recordsOf({ snapshot }: Played) {
  return Object.fromEntries((snapshot.chains?.[0]?.providers ?? []).map(({ name, runs }) => [name, runs]))
}

/** Whatever is not named is valued by its first source, and nothing is told of it. */
function expectPrices(
  { snapshot, verdict }: Played,
  { usd = {}, source, signals = {}, critical }: RunBook['expectation'],
) {
  const of = <T>(pick: (price: (typeof snapshot.prices)[number]) => T | undefined) =>
    Object.fromEntries(snapshot.prices.flatMap((one) => (pick(one) === undefined ? [] : [[one.asset, pick(one)]])))
  // The gap between both lenses shows in `changed`, and in the alert that it raises.
  const told = of((one) => one.signals?.map(({ code }) => code).filter((code) => code !== 'lens-gap'))
  expect(Object.fromEntries(Object.entries(told).filter(([, codes]) => codes?.length !== 0))).toEqual(signals)
  if (source !== undefined) expect(of((one) => one.source)).toEqual(source)
  for (const [asset, worth] of Object.entries(usd)) expect(of((one) => one.usd)[asset]).toBeCloseTo(worth, 2)
  const severe = verdict.alerts.filter(({ severity }) => severity === 'critical').map(({ ruleId }) => ruleId)
  if (critical !== undefined) expect(severe.sort()).toEqual([...critical].sort())
}

/** What an executor would say of an order on this report, and what the collateral is good for. */
function expectSafety({ report }: Played, { order, safe }: RunBook['expectation']) {
  const refusal =
    whyChainForbids(report, { chainId: 1, purpose: 'restore-health' }) ?? staleInput(report, { chosen: rescue })
  if (order !== undefined) expect(refusal === undefined ? 'allowed' : `refused: ${refusal}`).toMatch(order)
  if (safe === undefined) return
  const found = report.accounts[0]?.safe
  const { collateralUsd, excluded, fetchesUsd, shortfallUsd } = safe
  if (collateralUsd !== undefined) expect(found?.collateralUsd).toBeCloseTo(collateralUsd, 2)
  if (excluded !== undefined) expect(found?.excluded.map(({ asset }) => asset)).toEqual(excluded)
  if (fetchesUsd !== undefined) expect(found?.liquidation?.fetchesUsd).toBeCloseTo(fetchesUsd, 0)
  if (shortfallUsd !== undefined) expect(found?.liquidation?.shortfallUsd).toBeCloseTo(shortfallUsd, 0)
}

/** Reads the loan and both prices. */
const rescue: Order['chosen'] = {
  kind: 'withdraw-swap-repay',
  summary: 'withdraw WETH, swap it, repay USDC',
  intents: [
    { kind: 'withdraw', protocol: 'aave-v3', asset: 'WETH', quantity: 1 },
    { kind: 'repay', protocol: 'aave-v3', asset: 'USDC', quantity: 1 },
  ],
  costUsd: 1,
  predictedHealthFactor: 3,
  reachesTarget: true,
}

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
