import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { addHistory } from '../../bin/commands/history.ts'
import { readPanel } from '../../bin/history-panel.ts'
import { sparkline } from '../../bin/sparkline.ts'
import { isHomeostatError } from '../../lib/base/homeostat-error.ts'
import { barOf, ownSource } from '../../lib/model/history.ts'
import { barStore } from '../../lib/store/bar-store.ts'
import { dynamoTable } from '../../lib/store/dynamo-table.ts'
import { type CandleServerParams, startCandleServer } from '../sources/history/fixture/candle-server.ts'
import { type RunningDynalite, startDynalite } from '../store/dynalite-table.ts'
import { runHomeostat } from './run-homeostat.ts'

const folder = mkdtempSync(join(tmpdir(), 'homeostat-history-'))
const outputs = join(folder, 'outputs.json')
let dynalite: RunningDynalite
let tableName: string

beforeAll(async () => {
  dynalite = await startDynalite()
  tableName = await dynalite.makeTable()
  const others = { ApproveUrl: 'http://127.0.0.1:9/', PageUrl: 'http://127.0.0.1:9/', BlobsBucketName: 'none' }
  const tables = { WatchTableName: tableName, OrdersTableName: tableName, ConfigTableName: tableName }
  const stack = { ...tables, ...others, LocalEndpoint: `http://127.0.0.1:${dynalite.port}`, Region: 'us-east-1' }
  writeFileSync(outputs, JSON.stringify({ Homeostat: stack }))
})
afterAll(async () => {
  await dynalite.stop()
  rmSync(folder, { recursive: true, force: true })
})

interface Told {
  /** Of the error that ended the command. */
  readonly code: string | undefined
  readonly hint: string
  readonly out: string
}

/** The command in this process: one of its own each time would take longer than all else. */
async function history(...words: readonly string[]): Promise<Told> {
  const texts: string[] = []
  const log = vi.spyOn(console, 'log').mockImplementation((text: string) => void texts.push(`${text}\n`))
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((text) => texts.push(String(text)) > 0)
  try {
    const program = new Command()
    addHistory(program)
    const where = words[0] === 'fetch' ? [] : ['--outputs', outputs]
    await program.parseAsync(['history', ...words, ...where], { from: 'user' })
    return { code: undefined, hint: '', out: texts.join('') }
  } catch (error) {
    if (!isHomeostatError(error)) throw error
    return { code: error.code, hint: error.hint ?? '', out: texts.join('') }
  } finally {
    log.mockRestore()
    write.mockRestore()
  }
}

const file = (name: string, text: string) => {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

describe('homeostat history', () => {
  it('says what to do where nothing is stored', async () => {
    const { code, hint } = await history('show')
    expect(code).toBe('no-history')
    expect(hint).toContain('homeostat history import')
  })

  it('imports a file, shows it with its gap, and gives it back as it was', async () => {
    const btc = ['2024-03-02,BTC,61000', '2024-03-01,BTC,60000', '2024-03-06,BTC,62000']
    const eth = ['2024-03-01,ETH,3000', '2024-03-02,ETH,30000']
    const csv = file(
      'prices.csv',
      `date,asset,price_usd,note\n${[...btc, ...eth].map((row) => `${row},x`).join('\n')}\n`,
    )
    const first = await history('import', csv)
    expect(first.out).toMatch(/BTC\s+3\s+2024-03-01\s+2024-03-06\s+3\s+3 d\s+3\s+0/)
    expect(first.out).toContain('1 rows were out of order')
    expect(first.out).toContain('line 6: ETH goes from 3000 to 30000')
    expect(first.out).toContain('not read: note')
    const again = JSON.parse((await history('import', csv, '--json')).out)
    expect(again).toMatchObject({ source: 'prices', interval: '1d', isStored: true, refused: { count: 0 } })
    expect(again.assets[0]).toMatchObject({ asset: 'BTC', bars: 3, added: 0, changed: 0, same: 3 })

    const shown = await history('show', 'BTC')
    expect(shown.out).toMatch(/BTC\s+1d\s+prices\s+3\s+2024-03-01\s+2024-03-06\s+3\s+3 d\s+62000.00\s+▁▅ {3}█/)
    expect(shown.out).toContain('3 missing from 2024-03-03 up to 2024-03-06')
    expect(shown.out).toContain('too few neighbouring bars for a volatility')
    expect(JSON.parse((await history('show', '--json')).out)).toMatchObject([
      { asset: 'BTC', count: 3 },
      { asset: 'ETH', count: 2, jumped: [{ before: 3_000 }] },
    ])

    const exported = await history('export', 'BTC')
    expect(exported.out.split('\n').slice(0, 2)).toEqual([
      'date,asset,open_usd,high_usd,low_usd,close_usd,observations,source',
      '2024-03-01,BTC,60000,60000,60000,60000,1,prices',
    ])
    const copied = await history('import', file('copy.csv', exported.out), '--json')
    expect(JSON.parse(copied.out).assets[0]).toMatchObject({ asset: 'BTC', added: 3 })
    expect((await history('export', 'BTC', '--source', 'copy')).out.replaceAll(',copy', ',prices')).toBe(exported.out)
  })

  it('a source with a comma and quotes in its name goes out as CSV and comes in again, also as the history of a model', async () => {
    const series = { asset: 'DOT', interval: '1d', source: 'made up, "seed 1"; day' } as const
    const store = barStore(dynamoTable({ client: dynalite.client, tableName }))
    const bars = Array.from({ length: 6 }, (_, day) => ({ at: 1_709_251_200 + 86_400 * day, usd: 7 + day / 2 }))
    await store.putBars(
      series,
      bars.map((one) => barOf(one, series)),
    )
    const exported = await history('export', 'DOT')
    expect(exported.out.split('\n')[1]).toBe('2024-03-01,DOT,7,7,7,7,1,"made up, ""seed 1""; day"')
    const again = file('again.csv', exported.out)
    expect(JSON.parse((await history('import', again, '--json')).out)).toMatchObject({
      refused: { count: 0 },
      assets: [{ asset: 'DOT', added: 6 }],
    })
    const { panel, notes } = await readPanel(again)
    expect(panel.rows.map(([r]) => Math.exp(r ?? 0))).toEqual(
      Array.from({ length: 5 }, (_, day) => expect.closeTo((7.5 + day / 2) / (7 + day / 2), 12)),
    )
    expect(notes.join()).not.toContain('refused')
  })

  it('says why a file makes no bars, and which bars it could make', async () => {
    const broken = file('broken.csv', 'date,asset,price_usd\n2024-03-01,ETH,1,x\n2024-03-02,ETH,2,x\n')
    await expect(readPanel(broken)).rejects.toMatchObject({
      message: expect.stringContaining('2 of the 2 rows'),
      hint: expect.stringContaining('--dry-run'),
    })
    const minutes = Array.from({ length: 200 }, (_, i) => `${1_709_251_200 + 60 * i},${100 + i}`)
    const fine = file('minutes.csv', ['time,ETH', ...minutes, ''].join('\n'))
    await expect(readPanel(fine)).rejects.toMatchObject({
      message: expect.stringContaining('60 s apart'),
      hint: expect.stringMatching(/--interval 5m or 1h or 1d/),
    })
    const { series } = await readPanel(fine, { interval: '1h' })
    expect(series[0]?.bars.map(({ close }) => close)).toEqual([159, 219, 279, 299])
  })

  it('stores nothing of a file with a row that is wrong, unless told to', async () => {
    const csv = file('wrong.csv', 'date,AAVE\n2024-03-01,90\n2024-03-02,NaN\n2024-03-02,91\n2024-03-03,-1\n')
    const refused = await history('import', csv)
    expect(refused.code).toBe('rows-refused')
    expect(refused.out).toContain('refused line 3 has "NaN" for AAVE')
    expect(refused.hint).toContain('--skip-refused')
    expect((await history('show', 'AAVE')).code).toBe('no-history')
    const skipped = await history('import', csv, '--skip-refused', '--json')
    expect(skipped.code).toBeUndefined()
    expect(JSON.parse(skipped.out).assets[0]).toMatchObject({ asset: 'AAVE', bars: 2, added: 2 })
  })

  it('tries a file out without an installation, from a pipe too', async () => {
    const csv = 'time;price\n1709251200;2\n1709254800;3\n'
    const ran = await runHomeostat(['history', 'import', '-', '--dry-run', '--asset', 'UNI'], csv)
    expect(ran.code).toBe(0)
    expect(ran.out).toMatch(/UNI\s+2\s+2024-03-01T00:00Z/)
  })

  it.each([
    [['trial.csv'], 'price-csv-header'],
    [['nowhere.csv'], 'input-failed'],
    [['.'], 'input-failed'],
    [['trial.csv', '--asset', 'UNI', '--only', 'BTC'], 'asset-not-in-file'],
    [['trial.csv', '--asset', 'UNI', '--source', ownSource], 'bad-source-name'],
    [['trial.csv', '--asset', 'UNI', '--interval', '5m'], 'interval-too-fine'],
  ])('refuses %j with a reason', async ([name = '', ...words], code) => {
    file('trial.csv', 'time;price\n1709251200;2\n1709254800;3\n')
    expect((await history('import', join(folder, name), ...words, '--dry-run')).code).toBe(code)
  })

  it('shows what this installation saw beside what was imported', async () => {
    const store = barStore(dynamoTable({ client: dynalite.client, tableName }))
    await store.observe([{ asset: 'LINK', at: 1_709_251_260, usd: 19.5 }])
    const series = { asset: 'LINK', interval: '1h', source: 'other' } as const
    await store.putBars(series, [barOf({ at: 1_709_251_200, usd: 19 }, series)])
    const shown = JSON.parse((await history('show', 'LINK', '--json')).out)
    expect(shown).toMatchObject([
      { source: 'other', count: 1, close: 19 },
      { source: ownSource, count: 1, close: 19.5 },
    ])
    expect((await history('export', 'LINK')).out).toContain('2024-03-01T00:00Z,LINK,19.5,19.5,19.5,19.5,1,snapshots')
    await store.observe([{ asset: 'LINK', at: 1_709_251_200 + 23 * 3_600, usd: 20.5 }])
    const days = (await history('export', 'LINK', '--interval', '1d')).out
    expect(days).toContain('2024-03-01,LINK,19.5,20.5,19.5,20.5,2,snapshots')
  })
})

describe('homeostat history fetch', () => {
  const noon = 1_709_294_400
  const fetchFrom = async (params: Partial<CandleServerParams>, ...words: readonly string[]) => {
    const server = await startCandleServer({ now: () => Date.now() / 1_000, ...params })
    try {
      return await history(
        'fetch',
        '--interval',
        '1h',
        '--from',
        '2024-03-01',
        '--to',
        '2024-03-02',
        '--url',
        server.url,
        ...words,
      )
    } finally {
      await server.stop()
    }
  }

  it('prints dollars that import takes as they are', async () => {
    const isMissing = (start: number) => start === noon
    const { out, code } = await fetchFrom({ isMissing }, '--source', 'coinbase', '--asset', 'ETH')
    expect(code).toBeUndefined()
    expect(out.split('\n')[1]).toMatch(/^2024-03-01T00:00Z,ETH,/)
    const { assets } = JSON.parse((await history('import', file('coinbase.csv', out), '--json')).out)
    expect(assets[0]).toMatchObject({ asset: 'ETH', added: 23, gaps: [{ from: noon, count: 1 }] })
  })

  it('prints USDT under its name, and nobody takes it for dollars', async () => {
    const { out } = await fetchFrom({}, '--source', 'binance', '--asset', 'ETH')
    expect(out.split('\n')[0]).toContain('close_usdt')
    const refused = await history('import', file('tether.csv', out), '--dry-run')
    expect(refused.code).toBe('price-csv-not-dollars')
  })

  it('prints what came before a failure, says from where to go on, and knows its sources', async () => {
    const bend = () => ({ status: 400, body: { message: 'no' } })
    const stopped = await fetchFrom({ bend }, '--source', 'coinbase', '--asset', 'ETH')
    expect(stopped).toMatchObject({
      code: 'candles-refused',
      hint: expect.stringContaining('--from 2024-03-01T00:00Z'),
    })
    expect(stopped.out).toMatch(/^date,asset/)
    const unknown = await history('fetch', '--source', 'coinbse', '--asset', 'ETH', '--from', '2024-03-01')
    expect(unknown).toMatchObject({ code: 'unknown-source', hint: expect.stringContaining('Did you mean coinbase?') })
  })
})

const panel = new URL('../../../shared/data/panel_prices_daily_permissive.csv', import.meta.url)
it.skipIf(!existsSync(panel))(
  'a panel of 81 assets goes in whole (skipped where ../shared/data is absent)',
  async () => {
    const { rows, assets } = JSON.parse((await history('import', panel.pathname, '--json')).out)
    expect(rows).toBe(84_305)
    expect(assets).toHaveLength(81)
    expect(assets.reduce((sum: number, { added }: { added: number }) => sum + added, 0)).toBe(84_305)
    const lines = readFileSync(panel, 'utf8').split('\n')
    const exported = await history('export', 'SOL', '--source', 'panel_prices_daily_permissive')
    const closes = exported.out.trim().split('\n').slice(1)
    // Root mean square of all its returns, a year of them, computed apart from our code: 89.5 %. Limited ones take a little away.
    const [, volatility = '0'] =
      /volatility ([\d.]+) % a year from \d+ returns/.exec((await history('show', 'SOL')).out) ?? []
    expect(Number(volatility)).toBeLessThanOrEqual(89.6)
    expect(Number(volatility)).toBeGreaterThan(87)
    expect(closes.map((line) => Number(line.split(',')[5]))).toEqual(
      lines.filter((line) => line.includes(',SOL,')).map((line) => Number(line.split(',')[2])),
    )
  },
)

it('a sparkline is as wide as told, goes from the lowest to the highest mark, and leaves gaps blank', () => {
  expect(sparkline([1, 2, undefined, 4], 10)).toBe('▁▃ █')
  expect(sparkline([5, 5], 10)).toBe('▄▄')
  expect(sparkline([], 10)).toBe('')
  expect(
    sparkline(
      Array.from({ length: 1_000 }, (_, index) => index),
      24,
    ),
  ).toHaveLength(24)
})
