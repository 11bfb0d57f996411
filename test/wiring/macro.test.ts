// Macro series in homeostat.yaml.

import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { macroSources } from '../../lib/sources/macro/index.ts'
import { parseConfiguration } from '../../lib/wiring/configuration/parse-configuration.ts'

const example = readFileSync(new URL('../../homeostat.yaml', import.meta.url), 'utf8')
const macro = `macro:
  - { series: SPX, source: fred, id: SP500 }
  - { series: US10Y, source: fred, id: DGS10 }
  - { series: VIX, source: cboe, id: VIX, kind: difference }
`
const read = (text: string) =>
  parseConfiguration({ compileRule: () => ({ ok: true }) }, { text: `${example}\n${text}`, file: 'homeostat.yaml' })

it('is read with the kind that its name tells, and may be left out', () => {
  expect(read(macro).configuration?.macro).toEqual([
    { series: 'SPX', source: 'fred', id: 'SP500', kind: 'log' },
    { series: 'US10Y', source: 'fred', id: 'DGS10', kind: 'difference' },
    { series: 'VIX', source: 'cboe', id: 'VIX', kind: 'difference' },
  ])
  expect(read('').configuration?.macro).toBeUndefined()
})

it.each(macroSources.map((source) => [source.name, source] as const))('takes the example id of %s', (name, source) => {
  const { configuration } = read(`macro:\n  - { series: X, source: ${name}, id: ${source.exampleId} }\n`)
  expect(configuration?.macro?.[0]?.id).toBe(source.exampleId)
})

it.each<readonly [string, string, string, RegExp]>([
  ['a mistyped source', 'source: cboe', 'source: cbo', /must be one of `fred`, `cboe`, `ecb`/],
  ['an id of another form', 'id: VIX', 'id: ^VIX', /`id` "\^VIX" is no id of cboe, whose ids look like VIX/],
  ['a query in an id', 'id: SP500', 'id: "SP500&x=1"', /is no id of fred/],
  ['a mistyped kind', 'kind: difference', 'kind: diff', /must be one of `log`, `difference`/],
  ['a name that no rule can write', 'series: SPX', 'series: S&P', /must be a name as rules write it/],
  ['a series twice', 'series: VIX', 'series: SPX', /stands twice/],
  ['a mistyped key', 'source: cboe', 'sorce: cboe', /unknown key `sorce`/],
  ['no series', macro, 'macro: []\n', /at least 1|must have|empty/],
])('%s is refused at its line', (_, from, to, reason) => {
  const { problems = [] } = read(macro.replace(from, to))
  expect(problems.map((problem) => problem.reason).join('\n')).toMatch(reason)
  expect(problems.every(({ line }) => line > example.split('\n').length)).toBe(true)
})
