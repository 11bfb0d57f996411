// Accounts on further chains in homeostat.yaml: what they may be, and which names they add to the rules.

import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { settingsOf } from '../../lib/store/settings-of.ts'
import { parseConfiguration } from '../../lib/wiring/configuration/parse-configuration.ts'
import { ruleCompiler } from '../../lib/wiring/configuration/read-configuration.ts'

const example = readFileSync(new URL('../../homeostat.yaml', import.meta.url), 'utf8')
const further = `
  - id: arbitrum
    chainId: 42161
    rpc: [{ url: https://arb1.arbitrum.io/rpc }]
    quorum: 1
    assets:
      - symbol: USDC
        address: "0xaf88d065e77c8cC2239327C5EDb3A432268e5831"
        decimals: 6
        underlying: USDC
        feed: { address: "0x50834F3163758fcC1Df9973b6e91f0F0F0434aD3", heartbeatSeconds: 86400 }
`
const account = '0x1111111111111111111111111111111111111111'
const read = (elsewhere: string, rule = 'healthFactor < 1.3') =>
  parseConfiguration(
    { compileRule: ruleCompiler },
    {
      text: example
        .replace('\nportfolios:\n', () => `${further}\nportfolios:\n`)
        .replace(/\n {4}everySeconds:/, (found) => `\n    elsewhere: ${elsewhere}${found}`)
        .replace(/when: .*/, () => `when: ${rule}`),
      file: 'homeostat.yaml',
    },
  )
const reasons = (elsewhere: string, rule?: string) => (read(elsewhere, rule).problems ?? []).map(({ reason }) => reason)
const good = `[{ chain: arbitrum, account: "${account}" }]`

describe('an account elsewhere', () => {
  it('comes into the settings with its whole chain', () => {
    const { configuration, problems = [] } = read(good)
    expect(problems).toEqual([])
    const [settings] = configuration === undefined ? [] : settingsOf(configuration, 'v1')
    expect(settings?.elsewhere?.map(({ chain, account: on }) => [chain.chainId, on])).toEqual([[42_161, account]])
  })

  it('adds its assets to the words of rules, by the name of the chain', () => {
    expect(reasons(good, `'lensGap["USDC@arbitrum"] < -0.01'`)).toEqual([])
    expect(reasons(good, `'lensGap["USDC@arbitrun"] < -0.01'`)).toEqual([
      expect.stringContaining('Did you mean USDC@arbitrum?'),
    ])
  })

  it.each([
    ['an unknown chain', '[{ chain: arbitrun, account: "0x1111111111111111111111111111111111111111" }]', 'arbitrun'],
    ['the home chain', `[{ chain: ethereum, account: "${account}" }]`, 'is the portfolio’s own'],
    [
      'one chain twice',
      `[{ chain: arbitrum, account: "${account}" }, { chain: arbitrum, account: "${account}" }]`,
      'chain',
    ],
    [
      'a token of that chain',
      '[{ chain: arbitrum, account: "0xaf88d065e77c8cC2239327C5EDb3A432268e5831" }]',
      'it holds no portfolio',
    ],
    ['no account', '[{ chain: arbitrum }]', 'account'],
    ['an empty list', '[]', 'elsewhere'],
  ])('is refused with %s', (_, elsewhere, part) => {
    expect(reasons(elsewhere).join('\n').replaceAll("'", '’')).toContain(part)
  })
})
