// Sources of past prices in homeostat.yaml.

import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { parseConfiguration } from '../../lib/wiring/configuration/parse-configuration.ts'

const example = readFileSync(new URL('../../homeostat.yaml', import.meta.url), 'utf8')
const history = 'history:\n  sources:\n    - { source: coinbase, products: { BTC: BTC-USD, ETH: ETH-USD } }\n'
const read = (text: string) =>
  parseConfiguration({ compileRule: () => ({ ok: true }) }, { text: `${example}\n${text}`, file: 'homeostat.yaml' })

it('are read as they stand, and may be left out', () => {
  expect(read(history).configuration?.history).toEqual({
    sources: [{ source: 'coinbase', products: { BTC: 'BTC-USD', ETH: 'ETH-USD' } }],
  })
  expect(read('').configuration?.history).toBeUndefined()
})

it.each<readonly [string, string, string, RegExp]>([
  ['a mistyped source', 'coinbase', 'coinbse', /must be one of `coinbase`, `binance`/],
  ['prices in another currency', 'ETH-USD', 'ETH-EUR', /ETH-EUR is priced in EUR, and stored bars are in dollars/],
  ['a product that tells no currency', 'ETH-USD', 'ETHUSD', /does not tell in which currency/],
  ['a product of another shape', 'ETH-USD', 'eth/usd', /must be a product/],
  [
    'USDT as dollars',
    'coinbase, products: { BTC: BTC-USD, ETH: ETH-USD }',
    'binance, products: { BTC: BTCUSDT }',
    /priced in USDT/,
  ],
  ['no products', '{ BTC: BTC-USD, ETH: ETH-USD }', '{}', /must be a map such as/],
  ['a source twice', '    - {', '    - { source: coinbase, products: { SOL: SOL-USD } }\n    - {', /stands twice/],
  ['a mistyped key', 'sources', 'source', /unknown key `source`/],
  ['a key that is no underlying', 'BTC:', '"B T C":', /is not an underlying/],
])('%s is refused at its line', (_, from, to, reason) => {
  const { problems = [] } = read(history.replace(from, to))
  expect(problems.map((problem) => problem.reason).join('\n')).toMatch(reason)
  expect(problems.every(({ line }) => line > example.split('\n').length)).toBe(true)
})
