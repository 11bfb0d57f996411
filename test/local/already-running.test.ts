// A second local run in one folder, which would take the files of the first away.

import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { startLocal } from '../../lib/local/start-local.ts'

const undo: (() => unknown)[] = []
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step()
})

it('does not start where one answers, and touches no file', async () => {
  const server = createServer()
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  undo.push(() => new Promise((done) => server.close(done)))
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  const folder = mkdtempSync(join(tmpdir(), 'homeostat-running-'))
  undo.push(() => rmSync(folder, { recursive: true, force: true }))
  mkdirSync(join(folder, 'local'))
  const outputs = { Homeostat: { LocalEndpoint: `http://127.0.0.1:${port}` } }
  writeFileSync(join(folder, 'local/outputs.json'), JSON.stringify(outputs, null, 2))
  const begun: string[] = []
  const starting = startLocal({ folder, onStep: () => undefined, onBegin: (what) => begun.push(what) })
  await expect(starting).rejects.toMatchObject({ code: 'already-running' })
  expect([begun, readdirSync(folder)]).toEqual([[], ['local']])
})
