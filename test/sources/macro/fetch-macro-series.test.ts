import { afterEach, describe, expect, it } from 'vitest'
import { type HomeostatError, isHomeostatError } from '../../../lib/base/homeostat-error.ts'
import { closeInstant } from '../../../lib/sources/macro/close-instant.ts'
import {
  type FetchedMacro,
  fetchMacroSeries,
  type MacroRequest,
} from '../../../lib/sources/macro/fetch-macro-series.ts'
import { macroSources } from '../../../lib/sources/macro/index.ts'
import { type Answer, type MacroServer, startMacroServer, valueAt } from './fixture/macro-server.ts'

const day = 86_400
const utc = (text: string) => Date.parse(text) / 1_000
const [first, last] = [utc('2023-01-01T00:00Z'), utc('2024-06-30T00:00Z')]
/** Before the close of this day. */
const now = utc('2024-06-28T15:00Z')
const [fred] = macroSources
const servers: MacroServer[] = []
afterEach(() => Promise.all(servers.splice(0).map((server) => server.stop())))

interface Outcome extends Partial<FetchedMacro> {
  readonly error?: HomeostatError
  readonly waits: readonly number[]
  readonly asked: readonly string[]
}

async function fetched(
  request: Partial<MacroRequest> = {},
  bend: (n: number, healthy: Answer) => Answer | undefined = () => undefined,
): Promise<Outcome> {
  const server = await startMacroServer({ first, last, bend })
  servers.push(server)
  const waits: number[] = []
  const deps = { now: () => now, chance: () => 0.5, pause: async (ms: number) => void waits.push(ms) }
  const source = request.source ?? fred
  const asked = fetchMacroSeries(deps, {
    source,
    series: 'SPX',
    id: source.exampleId,
    kind: 'log',
    from: utc('2024-01-10T00:00Z'),
    to: now,
    baseUrl: server.url,
    ...request,
  })
  const outcome = await asked.catch((error: unknown) => error)
  if (isHomeostatError(outcome)) return { error: outcome, waits, asked: server.asked }
  return { ...(outcome as Awaited<typeof asked>), waits, asked: server.asked }
}

describe.each(macroSources.map((source) => [source.name, source] as const))('%s', (_, source) => {
  it('tells every close of a span at its instant, and none that is yet to come', async () => {
    const { macro, notes, asked } = await fetched({ source })
    const closeOf = (midnight: number) => closeInstant(midnight, source.closeOf(source.exampleId))
    const expected = Array.from({ length: 200 }, (_, index) => utc('2024-01-10T00:00Z') + index * day).flatMap(
      (midnight) => {
        const value = valueAt(midnight)
        return value === undefined || closeOf(midnight) > now ? [] : [{ at: closeOf(midnight), value }]
      },
    )
    expect(expected.length).toBeGreaterThan(100)
    expect(macro).toEqual({ series: 'SPX', kind: 'log', observations: expected })
    expect(asked).toHaveLength(1)
    expect(notes).toEqual([])
  })

  it('asks again what may pass, and then gives up with the reason', async () => {
    const once = await fetched({ source }, (n) => (n === 0 ? { status: 503, body: '' } : undefined))
    expect(once.macro?.observations.length).toBeGreaterThan(100)
    expect(once.waits).toEqual([500])
    const never = await fetched({ source }, () => ({ status: 502, body: 'bad gateway' }))
    expect([never.error?.code, never.asked.length]).toEqual(['macro-http-status', 3])
  })
})

it.each<readonly [string, Answer, string, number]>([
  ['an id that the source does not know', { status: 404, body: '<html>' }, 'macro-refused', 1],
  ['a page in place of values', { body: '<!DOCTYPE html>\n<html lang="en">, <body>' }, 'macro-malformed', 3],
  ['an empty body', { body: '' }, 'macro-malformed', 3],
  ['JSON', { body: '{"error_code":400}' }, 'macro-malformed', 3],
  ['a header alone', { body: 'observation_date,SP500\n' }, 'macro-malformed', 3],
  ['several series', { body: 'observation_date,A,B\n2024-02-01,1,2\n' }, 'macro-malformed', 1],
  ['a redirect', { status: 302, headers: { location: 'http://127.0.0.1:1/' }, body: '' }, 'macro-unreachable', 3],
  ['patience that nobody has', { status: 429, headers: { 'retry-after': '3600' }, body: '' }, 'macro-limited', 1],
  ['more bytes than an answer may have', { body: 'x'.repeat(200_000) }, 'macro-too-large', 1],
])('%s is an error of its own', async (_, answer, code, requests) => {
  const { error, asked } = await fetched({ limits: { bytes: 100_000 } }, () => answer)
  expect([error?.code, asked.length]).toEqual([code, requests])
  expect(error?.message).not.toContain('http://')
})

it('a source that is silent is left after its time', async () => {
  const { error, asked } = await fetched({ limits: { requestMs: 60, attempts: 2 } }, () => ({ body: '', hangs: true }))
  expect([error?.code, asked.length]).toEqual(['macro-timeout', 2])
})

it('waits as long as it is told, where that is bearable', async () => {
  const { macro, waits } = await fetched({}, (n) =>
    n === 0 ? { status: 429, headers: { 'retry-after': '7' }, body: '' } : undefined,
  )
  expect(waits).toEqual([7_000])
  expect(macro?.observations.length).toBeGreaterThan(100)
})

it('asks nothing with an id of another form, and no place that is not to be asked', async () => {
  for (const id of ['SP500&id=X', 'sp500', '', 'SP500,DGS10', '../x']) {
    const { error, asked } = await fetched({ id })
    expect([error?.code, asked.length]).toEqual(['macro-id', 0])
  }
  for (const source of macroSources.filter(({ name }) => name === 'ecb'))
    expect((await fetched({ source, id: 'EXR/D..EUR.SP00.A' })).error?.code).toBe('macro-id')
  for (const baseUrl of ['http://example.org', 'ftp://127.0.0.1', 'https://user@example.org', 'x'])
    expect((await fetched({ baseUrl })).error?.code).toBe('macro-url')
})

it('leaves out rows that are none, tells them, and keeps the others', async () => {
  const body = 'observation_date,SP500\n2024-02-01,4900\n2024-02-02,x\n2024-02-30,1\n2024-02-05,.\n2024-02-06,4950.5\n'
  const { macro, notes } = await fetched({}, () => ({ body }))
  expect(macro?.observations.map(({ value }) => value)).toEqual([4900, 4950.5])
  expect(notes?.join()).toMatch(/2 rows of fred for SPX were refused \(line 3 has "x", which is not a number; line 4/)
})
