// Settings of protocols in homeostat.yaml: each by the schema of its protocol, each slip told at its line.

import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parseConfiguration } from '../../lib/wiring/configuration/parse-configuration.ts'

const example = readFileSync(new URL('../../homeostat.yaml', import.meta.url), 'utf8')
const settings = `    protocols:
      native: { underlying: ETH }
      erc4626:
        vaults:
          - { address: "0x83F20F44975D03b1b09e64809B757c47f942BEeA", symbol: sDAI, asset: USDC, decimals: 18 }
      rate-wrapper:
        tokens:
          - address: "0x7f39C581F595B53c5cb19bD0b3f8dA6c935E2Ca0"
            symbol: wstETH
            underlying: ETH
            decimals: 18
            rate: { call: stEthPerToken, min: 1, max: 2 }
      compound-v3:
        comets:
          - { address: "0xc3d688B66703497DAA19211EEdff47f25384cdc3", base: USDC }
      morpho-blue:
        address: "0xBBBBBbbBBb9cC5e90e3b3Af64bdAF62C37EEFFCb"
        markets:
          - loan: USDC
            collateral: WETH
            oracle: "0x48F7E36EB6B826B2dF4B2E630B62Cd25e89E40e2"
            irm: "0x870aC11D48B15DB9a138Cf899d20F13F79Ba00BC"
            lltv: 0.86
`
const read = (text: string) =>
  parseConfiguration(
    { compileRule: () => ({ ok: true }) },
    { text: example.replace('    safe:\n', () => `${text}    safe:\n`), file: 'homeostat.yaml' },
  )

describe('settings of protocols', () => {
  it('are read by the schema of each, with addresses in lower case and defaults filled in', () => {
    const { configuration, problems = [] } = read(settings)
    expect(problems).toEqual([])
    expect(configuration?.chains[0]?.protocols).toEqual({
      native: { underlying: 'ETH' },
      erc4626: {
        vaults: [
          { address: '0x83f20f44975d03b1b09e64809b757c47f942beea', symbol: 'sDAI', asset: 'USDC', decimals: 18 },
        ],
      },
      'rate-wrapper': {
        tokens: [
          {
            address: '0x7f39c581f595b53c5cb19bd0b3f8da6c935e2ca0',
            symbol: 'wstETH',
            underlying: 'ETH',
            decimals: 18,
            rate: { call: 'stEthPerToken', decimals: 18, min: 1, max: 2 },
            maxRateAgeSeconds: 129_600,
          },
        ],
      },
      'compound-v3': { comets: [{ address: '0xc3d688b66703497daa19211eedff47f25384cdc3', base: 'USDC' }] },
      'morpho-blue': {
        address: '0xbbbbbbbbbb9cc5e90e3b3af64bdaf62c37eeffcb',
        markets: [
          {
            loan: 'USDC',
            collateral: 'WETH',
            oracle: '0x48f7e36eb6b826b2df4b2e630b62cd25e89e40e2',
            irm: '0x870ac11d48b15db9a138cf899d20f13f79ba00bc',
            lltv: 0.86,
          },
        ],
      },
    })
  })

  it.each([
    ['a protocol that does not exist', '      native:', '      natve:', /no protocol `natve`/, 2],
    ['an unknown key', 'underlying: ETH }', 'undrelying: ETH }', /undrelying/, 2],
    ['a wrong checksum', '0x7f39C5', '0x7F39C5', /checksum/, 8],
    ['an lltv in per cent', 'lltv: 0.86', 'lltv: 86', /fraction, at most 1/, 23],
    ['half a decimal', 'asset: USDC, decimals: 18', 'asset: USDC, decimals: 1.8', /whole number/, 5],
    ['an unknown getter', 'call: stEthPerToken', 'call: stETHPerToken', /must be stEthPerToken or/, 12],
  ])('with %s are refused at their line', (_, right, wrong, words, line) => {
    const { configuration, problems = [] } = read(settings.replace(right, wrong))
    expect(configuration).toBeUndefined()
    const from = example.slice(0, example.indexOf('    safe:\n')).split('\n').length
    expect(problems.map(({ reason }) => reason).join()).toMatch(words)
    expect(problems[0]?.line).toBe(from + line - 1)
  })
})
