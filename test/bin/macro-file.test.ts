import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { readMacro } from '../../bin/macro-file.ts'
import { isHomeostatError } from '../../lib/base/homeostat-error.ts'

const folder = mkdtempSync(join(tmpdir(), 'macro-'))
afterAll(() => rmSync(folder, { recursive: true }))
function file(name: string, text: string): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}
const bars = file('vix_daily.csv', 'DATE,OPEN,HIGH,LOW,CLOSE\n2024-01-02,13,14,12,13.2\n2024-01-03,13,14,12,14.04\n')
const wide = file('us.csv', 'date,SPX,US10Y\n2024-01-02,4742,3.95\n2024-01-03,4704,3.91\n')
const single = file('one.csv', 'date,SP500\n2024-01-02,4742\n2024-01-03,4704\n2024-01-04,x\n2024-01-01,4700\n')

const codeOf = async (files: readonly string[]) => {
  const error = await readMacro(files).catch((thrown: unknown) => thrown)
  return isHomeostatError(error) ? error.code : 'no error'
}

describe('macro files', () => {
  it('name their series by column, by themselves or by the argument, and date values at the close of New York', async () => {
    const { macro } = await readMacro([bars, wide, `SPX500=${single}`])
    expect(macro.map(({ series, kind }) => [series, kind])).toEqual([
      ['VIX', 'log'],
      ['SPX', 'log'],
      ['US10Y', 'difference'],
      ['SPX500', 'log'],
    ])
    expect(macro[0]?.observations).toEqual([
      { at: Date.UTC(2024, 0, 2, 21) / 1_000, value: 13.2 },
      { at: Date.UTC(2024, 0, 3, 21) / 1_000, value: 14.04 },
    ])
  })

  it('say what was refused and sorted', async () => {
    const { notes } = await readMacro([single])
    expect(notes).toHaveLength(2)
    expect(notes[0]).toContain('1 values of')
    expect(notes[1]).toContain('1 rows of')
  })

  it('are refused by name where they are none, stand twice, or cannot have the name given', async () => {
    expect(await codeOf([join(folder, 'absent.csv')])).toBe('input-failed')
    expect(await codeOf([folder])).toBe('input-failed')
    expect(await codeOf([wide, wide])).toBe('invalid-input')
    expect(await codeOf([`SPX=${wide}`])).toBe('invalid-input')
    expect(await codeOf([file('odd.csv', 'date,S&P 500\n2024-01-02,1\n')])).toBe('invalid-input')
    expect(await codeOf([file('none.csv', 'a,b\n1,2\n')])).toBe('macro-csv-header')
  })
})
