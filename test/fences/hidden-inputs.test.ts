// Proves that the linter catches what a pure room could take without being given it: time, chance, environment, network, a wait.

import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { repository } from './cruise.ts'

const pureRooms = ['base', 'quant', 'instruments', 'model', 'snapshot', 'risk', 'decisions', 'flows', 'web']
const outerRooms = ['sources', 'actions', 'store', 'bus']

const forbiddenInPureRooms = {
  date: 'new Date(0)',
  now: 'Date.now()',
  'global-date': 'globalThis.Date.now()',
  'global-fetch': "globalThis['fetch']",
  chance: 'Math.random()',
  'crypto-chance': 'crypto.randomUUID()',
  environment: 'process.env',
  network: "fetch('https://example.org')",
  socket: "new WebSocket('wss://example.org')",
  log: "console.log('here')",
  wait: 'setTimeout(() => undefined, 1)',
  again: 'setInterval(() => undefined, 1)',
  stopwatch: 'performance.now()',
  node: "require('node:fs')",
}
const forbiddenInOuterRooms = {
  now: 'Date.now()',
  'new-date': 'new Date()',
  chance: 'Math.random()',
  environment: 'process.env',
  log: "console.log('here')",
  'global-date': 'globalThis.Date.now()',
}

const planted = [
  ...pureRooms.flatMap((room) =>
    Object.entries(forbiddenInPureRooms).map(([name, code]) => [room, name, code] as const),
  ),
  ...outerRooms.flatMap((room) =>
    Object.entries(forbiddenInOuterRooms).map(([name, code]) => [room, name, code] as const),
  ),
]

interface LintOutput {
  readonly diagnostics: readonly { readonly severity: string; readonly location: { readonly path: string } }[]
}

describe('a house with hidden inputs', () => {
  let house = ''
  let complained = new Set<string>()

  const write = (file: string, code: string) => {
    mkdirSync(dirname(join(house, file)), { recursive: true })
    writeFileSync(join(house, file), `export const planted = () => ${code}\n`)
  }

  beforeAll(async () => {
    house = mkdtempSync(join(tmpdir(), 'homeostat-hidden-'))
    cpSync(join(repository, 'biome.json'), join(house, 'biome.json'))
    cpSync(join(repository, 'tools'), join(house, 'tools'), { recursive: true })
    for (const [room, name, code] of planted) write(`lib/${room}/${name}.ts`, code)
    write('lib/risk/good.ts', 'Math.sqrt(2)')
    write('lib/wiring/good.ts', '[Date.now(), Math.random(), process.env]')
    const biome = join(repository, 'node_modules/@biomejs/biome/bin/biome')
    const text = await new Promise<string>((resolve, reject) => {
      execFile(
        process.execPath,
        [biome, 'lint', '--reporter=json', '--max-diagnostics=none', 'lib'],
        { cwd: house, maxBuffer: 64 * 1024 * 1024 },
        // Findings are an exit code as well: what counts is what was printed.
        (error, stdout, stderr) =>
          stdout.startsWith('{') ? resolve(stdout) : reject(new Error(stderr, { cause: error })),
      )
    })
    const { diagnostics } = JSON.parse(text) as LintOutput
    complained = new Set(
      diagnostics.filter(({ severity }) => severity === 'error').map(({ location }) => location.path),
    )
  })
  afterAll(() => rmSync(house, { recursive: true, force: true }))

  it.each(planted)('is refused in %s: %s', (room, name) => {
    expect([...complained]).toContain(`lib/${room}/${name}.ts`)
  })

  it.each(['lib/risk/good.ts', 'lib/wiring/good.ts'])('is accepted where it belongs: %s', (file) => {
    expect([...complained]).not.toContain(file)
  })
})
