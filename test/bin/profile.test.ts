// `homeostat profile` as its user runs it, and the numbers behind the picture.

import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const market = {
  at: '2026-11-24T12:00:00Z',
  spot: { ETH: 3_000, USDC: 1 },
  interest: 0.04,
  volatility: { ETH: 0.6 },
}
const strangle = [
  {
    kind: 'vanilla-option',
    terms: { asset: 'ETH', type: 'put', strike: 2_500, expiry: '2027-03-26T08:00:00Z', quantity: 10 },
  },
  {
    kind: 'vanilla-option',
    terms: { asset: 'ETH', type: 'call', strike: 3_500, expiry: '2027-03-26T08:00:00Z', quantity: 10 },
  },
]
const folder = mkdtempSync(join(tmpdir(), 'profile-'))

function fileOf(name: string, content: string): string {
  const file = join(folder, name)
  writeFileSync(file, content)
  return file
}

function run(...words: readonly string[]) {
  return spawnSync(process.execPath, ['bin/homeostat.ts', 'profile', ...words], { encoding: 'utf8' })
}

const book = fileOf('strangle.json', JSON.stringify({ market, positions: strangle }))

describe('homeostat profile', () => {
  it('gives value, delta and gamma over spot, now and at the first expiry, where options are worth their payoff', () => {
    const { stdout, status } = run(book, '--json', '--points', '101')
    expect(status).toBe(0)
    const { underlying, spot, lines, markers } = JSON.parse(stdout)
    expect({ underlying, spot }).toEqual({ underlying: 'ETH', spot: 3_000 })
    expect(markers.map(({ at }: { at: number }) => at)).toEqual([3_000, 2_500, 3_500])
    const [now, expired] = lines
    // Two more on the sides of each strike.
    expect(now.points).toHaveLength(105)
    for (const { spot: at, valueUsd, delta } of expired.points) {
      expect(valueUsd).toBeCloseTo(10 * (Math.max(2_500 - at, 0) + Math.max(at - 3_500, 0)), 6)
      if (at !== 2_500 && at !== 3_500) expect(delta).toBe(at < 2_500 ? -10 : at > 3_500 ? 10 : 0)
    }
    // Integrating delta over spot gives the change of value.
    const points: readonly { spot: number; valueUsd: number; delta: number }[] = now.points
    const area = points.slice(1).reduce((sum, point, i) => {
      const before = points[i] ?? point
      return sum + ((point.delta + before.delta) / 2) * (point.spot - before.spot)
    }, 0)
    const change = (points.at(-1)?.valueUsd ?? 0) - (points[0]?.valueUsd ?? 0)
    expect(area / change).toBeCloseTo(1, 2)
  })

  it('draws in the terminal without colours where there is none, and as an SVG document', () => {
    const drawn = run(book)
    expect(drawn.status).toBe(0)
    expect(drawn.stdout).toMatch(/Value[\s\S]*Delta, ETH[\s\S]*Gamma[\s\S]*Spot of ETH/)
    expect(drawn.stdout).not.toContain('\u001b')
    const svg = join(folder, 'book.svg')
    expect(run(book, '--svg', svg).status).toBe(0)
    expect(readFileSync(svg, 'utf8')).toMatch(/^<svg[\s\S]*<title[\s\S]*strangle\.json over ETH/)
  })

  it('reads the lines of homeostat price, too', () => {
    const lines = strangle.map((instrument) => JSON.stringify({ instrument, market })).join('\n')
    const one = JSON.parse(run(fileOf('lines.jsonl', lines), '--json', '--points', '11').stdout)
    const other = JSON.parse(run(book, '--json', '--points', '11').stdout)
    expect(one).toEqual(other)
  })

  it.each<readonly [string, string, readonly string[], RegExp]>([
    ['no such file', 'absent', [], /is not a book: ENOENT/],
    ['no JSON', 'hello', [], /line 1 is not a JSON object/],
    ['no positions', JSON.stringify({ market, positions: [] }), [], /holds no positions/],
    [
      'a bad term',
      JSON.stringify({ market, positions: [{ ...strangle[0], terms: { ...strangle[0]?.terms, strike: -1 } }] }),
      [],
      /positions\[0\].*strike: must be above 0/,
    ],
    [
      'two markets',
      `${JSON.stringify({ instrument: strangle[0], market })}\n${JSON.stringify({ instrument: strangle[0], market: { ...market, at: 1 } })}`,
      [],
      /2 different markets/,
    ],
    [
      'another underlying',
      JSON.stringify({ market, positions: strangle }),
      ['--underlying', 'BTC'],
      /does not depend on BTC[\s\S]*It depends on ETH/,
    ],
    [
      'a range that is empty',
      JSON.stringify({ market, positions: strangle }),
      ['--from', '2', '--to', '1'],
      /has to be below/,
    ],
  ])('says what is wrong with %s', (_, content, flags, says) => {
    const file = content === 'absent' ? join(folder, 'absent.json') : fileOf('bad.json', content)
    const { stderr, status } = run(file, ...flags)
    expect(status).toBe(1)
    expect(stderr).toMatch(says)
  })
})
