// Tables that are made from registries are made anew when a registry changes.

import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { instruments } from '../../lib/instruments/index.ts'
import { instrumentTable, withTables } from '../../tools/readme-tables.ts'

const text = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')

it('the README names every registered instrument, and how it is valued (npm run tables writes it)', () => {
  expect(withTables(text)).toBe(text)
  for (const { kind } of instruments) expect(instrumentTable()).toContain(`| \`${kind}\` |`)
})

it('a README without the markers is refused', () => {
  expect(() => withTables('# Homeostat')).toThrow(/markers/)
})
