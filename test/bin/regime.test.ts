// `homeostat regime` as a person calls it.

import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { random } from '../../lib/quant/random.ts'
import { runHomeostat } from './run-homeostat.ts'

const folder = mkdtempSync(join(tmpdir(), 'regime-'))

function fileOf(name: string, lines: readonly string[]): string {
  const file = join(folder, name)
  writeFileSync(file, `${lines.join('\n')}\n`)
  return file
}

const assets = ['BTC', 'ETH', 'XRP', 'LTC', 'ADA', 'BNB']

function lines(dates: number): readonly string[] {
  const rng = random(4)
  const prices = assets.map(() => 100)
  return Array.from({ length: dates }, (_, t) => {
    const common = 0.02 * rng.normal()
    for (const i of assets.keys()) prices[i] = (prices[i] ?? 0) * Math.exp(common + 0.02 * rng.normal())
    const date = new Date(Date.UTC(2022, 0, 1 + t)).toISOString().slice(0, 10)
    return [date, ...prices.map((price) => price.toFixed(6)), t === 150 || t === 151 ? '0.90' : '1.00'].join(',')
  })
}

const header = ['date', ...assets, 'USDC'].join(',')
const rows = lines(200)
const good = fileOf('good.csv', [header, ...rows])

describe('homeostat regime', () => {
  it('prints a row for each date as JSON, with votes, thresholds, posture and pegs', async () => {
    const { code, out } = await runHomeostat(['regime', '--history', good, '--json'])
    expect(code).toBe(0)
    const printed = JSON.parse(out)
    expect(printed).toHaveLength(199)
    expect(printed[151 - 1].pegs).toEqual([
      { asset: 'USDC', usd: 0.9, deviation: expect.closeTo(-0.1, 9), isBroken: true },
    ])
    const last = printed.at(-1)
    expect(last).toMatchObject({
      date: '2022-07-19',
      universe: assets,
      posture: { budgetMultiplier: expect.any(Number) },
    })
    expect(last.votes.turbulence).toMatchObject({ pace: 'fast', value: expect.any(Number), threshold: 2 })
  })

  it('prints where it stands for a person, and draws it', async () => {
    const svg = join(folder, 'regime.svg')
    const { code, out } = await runHomeostat(['regime', '--history', good, '--svg', svg, '--from', '2022-06-01'])
    expect(code).toBe(0)
    expect(out).toMatch(/correlation-cusum +fast/)
    expect(out).toMatch(/without USDC: pegged, by its name/)
    expect(readFileSync(svg, 'utf8')).toMatch(/^<svg[\s\S]*Regime of the market/)
  })

  it('tells a series that ended long before, and a missing file or a range the wrong way round before computing', async () => {
    const closes = rows.slice(0, 100).map((row, t) => `${row.slice(0, 10)},${4_000 + 10 * Math.sin(t)}`)
    const spx = fileOf('spx.csv', ['date,value', ...closes])
    const ended = await runHomeostat(['regime', '--history', good, '--macro', `SPX=${spx}`])
    expect(ended.code).toBe(0)
    expect(ended.err).toMatch(
      /BTC, ETH.* have no beta to SPX: its closes end on 2022-04-\d\d, \d+ days before 2022-07-20/,
    )
    const missing = await runHomeostat(['regime', '--history', 'nowhere.csv', '--macro', 'absent.csv'])
    expect(missing.err).toContain('absent.csv cannot be read')
    const turned = await runHomeostat([
      'regime',
      '--history',
      'nowhere.csv',
      '--from',
      '2024-01-01',
      '--to',
      '2023-01-01',
    ])
    expect(turned.err).toContain('--from 2024-01-01 is after --to 2023-01-01')
  })

  it('gives the same for rows that are unsorted, stand twice or are broken', async () => {
    const mixed = [header, ...rows.slice(100), ...rows.slice(0, 100), rows[50] ?? '', '2022-13-40,1,2,3,4,5,6,1']
    const [{ out }, { out: expected }] = await Promise.all([
      runHomeostat(['regime', '--history', fileOf('mixed.csv', mixed), '--json']),
      runHomeostat(['regime', '--history', good, '--json']),
    ])
    expect(JSON.parse(out)).toEqual(JSON.parse(expected))
  })

  it.each<readonly [string, readonly string[], RegExp]>([
    [
      'one asset',
      ['date,BTC', ...rows.map((row) => row.split(',').slice(0, 2).join(','))],
      /five risky assets.*none of 1|five risky assets[\s\S]*BTC/,
    ],
    ['too few dates', [header, ...rows.slice(0, 20)], /five risky assets[\s\S]*only 19 returns/],
    ['no rows', [header], /./],
  ])('says what is wrong with %s', async (name, content, says) => {
    const { code, err } = await runHomeostat(['regime', '--history', fileOf(`${name}.csv`, content)])
    expect(code).toBe(1)
    expect(err).toMatch(says)
  })

  it('takes a NaN, a zero and a ten-fold bar for what they are: gaps', async () => {
    const bad = rows.map((row, t) => {
      const cells = row.split(',')
      if (t === 120) cells[1] = 'NaN'
      if (t === 130) cells[2] = '0'
      if (t === 140) cells[3] = String(10 * Number(cells[3]))
      return cells.join(',')
    })
    const { code, out, err } = await runHomeostat([
      'regime',
      '--history',
      fileOf('bad.csv', [header, ...bad]),
      '--json',
    ])
    expect(code).toBe(0)
    expect(JSON.parse(out).some(({ regime }: { readonly regime: string }) => regime === 'crisis')).toBe(false)
    expect(err).toMatch(/XRP: wick/)
    expect(err).toMatch(/refused|no-price/)
  })
})
