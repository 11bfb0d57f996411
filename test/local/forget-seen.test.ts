// What a local run forgets, on the stand-in that it runs on, and with the store that wrote it.

import { afterAll, beforeAll, expect, it } from 'vitest'
import { forgetSeen } from '../../lib/local/forget-seen.ts'
import { awsCaller } from '../../lib/local/runner/aws-call.ts'
import { emptyMemory } from '../../lib/model/verdict.ts'
import { dynamoTable } from '../../lib/store/dynamo-table.ts'
import { watchStore } from '../../lib/store/watch-store.ts'
import { type RunningDynalite, startDynalite } from '../store/dynalite-table.ts'
import { alertAt, reportAt, snapshotAt } from '../store/stored.ts'

let dynalite: RunningDynalite
beforeAll(async () => {
  dynalite = await startDynalite()
})
afterAll(() => dynalite.stop())

it('forgets snapshots and reports of more than half an hour ago, and nothing else', async () => {
  const tableName = await dynalite.makeTable()
  const store = watchStore(dynamoTable({ client: dynalite.client, tableName }))
  const now = 1_700_000_000
  const old = Array.from({ length: 60 }, (_, place) => now - 1_860 + place)
  const young = [now - 1_700, now]
  for (const at of [...old, ...young]) {
    await store.putSnapshot(snapshotAt(at))
    await store.putReport(reportAt(at))
  }
  await store.saveMemory({ ...emptyMemory('main'), lastAt: now })
  await store.putAlert(alertAt(old[0] ?? 0))
  const deps = {
    operator: awsCaller({ endpointUrl: `http://127.0.0.1:${dynalite.port}`, region: 'us-east-1' }, 'test'),
    tableName,
    portfolioIds: async () => ['main', 'never-seen'],
    clock: { now: () => now },
  }
  expect(await forgetSeen(deps)).toBe(2 * old.length)
  expect((await store.latestSnapshots('main', 100)).map(({ at }) => at)).toEqual(young.toReversed())
  expect((await store.latestReports('main', 100)).map(({ at }) => at)).toEqual(young.toReversed())
  expect(await store.latestAlerts('main', 10)).toHaveLength(1)
  expect(await store.memory('main')).toMatchObject({ lastAt: now })
  expect(await forgetSeen(deps)).toBe(0)
})
