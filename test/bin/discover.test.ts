// `homeostat discover` as a person runs it: the draft on stdout, everything else on stderr, and no key anywhere.

import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseConfiguration } from '../../lib/wiring/configuration/parse-configuration.ts'
import { ruleCompiler } from '../../lib/wiring/configuration/read-configuration.ts'
import { seedAccount } from '../sources/fixture/looked-at.ts'
import { sayToken, serveLogs, transferLog } from '../sources/fixture/met-tokens.ts'
import { key, type ScriptedChain, startScriptedChain } from '../sources/fixture/scripted-chain.ts'
import { account, usdc, weth } from '../sources/fixture/treasury.ts'
import { runHomeostat } from './run-homeostat.ts'

const spam = `0x${'bad1'.repeat(10)}` as const
const known = `
chains:
  - id: ethereum
    chainId: 1
    rpc: [{ url: https://rpc.example }]
    assets:
      - { symbol: WETH, address: "${weth}", decimals: 18, underlying: ETH, feed: { address: "0x5f4eC3Df9cbd43714FE2740f5E3616155c5b8419", heartbeatSeconds: 3600, minUsd: 50 } }
      - { symbol: USDC, address: "${usdc}", decimals: 6, underlying: USDC, feed: { address: "0x8fFfFfd4AfB6115b954Bd326cbe7B4BA576818f6", heartbeatSeconds: 86400 } }
portfolios:
  - { id: mine, chain: ethereum, account: "0x00000000000000000000000000000000000000aa", rules: [{ id: depeg, when: price.USDC < 0.98 }], notifiers: [log] }
notifiers: [{ id: log, kind: console, minSeverity: info }]
`

let chain: ScriptedChain
let folder: string
beforeAll(async () => {
  chain = await startScriptedChain(Math.floor(Date.now() / 1_000))
  seedAccount(chain)
  sayToken(chain, spam, { account, symbol: 'FREE\u001b[31m', name: 'visit evil.example' })
  serveLogs(chain, [transferLog({ token: spam, to: account })])
  folder = mkdtempSync(join(tmpdir(), 'discover-'))
  writeFileSync(join(folder, 'known.yaml'), known)
})
afterAll(() => chain?.stop())

describe('homeostat discover', () => {
  it('prints a draft that passes the check, and keeps the key of the URL to itself', async () => {
    const words = ['discover', account, '--rpc', chain.url, '--known', join(folder, 'known.yaml')]
    const { code, out, err } = await runHomeostat(words)
    expect(code, err).toBe(0)
    expect(err).toMatch(/2 assets with a price, 0 holdings, 1 tokens without a price/)
    expect(out).toMatch(/secret: homeostat\/rpc\/127-0-0-1-\d+ # CHANGE/)
    expect(out).toMatch(/# not priced: 1 FREE\?\[31m \(visit evil\.example\)/)
    expect(out).toContain('minUsd: 50')
    expect(out + err).not.toContain(key)
    const { problems } = parseConfiguration({ compileRule: ruleCompiler }, { text: out, file: 'draft.yaml' })
    expect(problems).toBeUndefined()
  })

  it('prints all of it as JSON', async () => {
    const words = ['discover', account, '--rpc', chain.url, '--known', join(folder, 'known.yaml'), '--json']
    const { code, out } = await runHomeostat(words)
    expect(code).toBe(0)
    expect(JSON.parse(out)).toMatchObject({
      chainId: 1,
      account,
      unpriced: [{ address: spam }],
      yaml: expect.any(String),
    })
    expect(out).not.toContain(key)
  })

  it.each([
    [
      'an address with a wrong checksum',
      ['0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc3', '--rpc', 'https://rpc.example'],
      'not-an-address',
      /checksum/,
    ],
    [
      'a name',
      ['alice.eth', '--rpc', 'https://rpc.example'],
      'not-an-address',
      /names like alice\.eth are not resolved/,
    ],
    ['no URL', [account, '--rpc', 'mainnet'], 'rpc-url-invalid', /Give a URL such as/],
    ['nobody who listens', [account, '--rpc', 'http://127.0.0.1:1/'], 'rpc-unreachable', /Try another provider/],
    [
      'a missing file',
      [account, '--rpc', 'https://rpc.example', '--known', 'nowhere.yaml'],
      'no-configuration',
      /nowhere\.yaml/,
    ],
  ])('refuses %s, and says what to do', async (_, words, code, advice) => {
    const ran = await runHomeostat(['discover', ...words])
    expect(ran).toMatchObject({ code: 1, out: '' })
    expect(ran.err).toContain(`${code}: `)
    expect(ran.err).toMatch(advice)
    expect(ran.err).not.toContain('    at ')
  })

  it('needs a provider', async () => {
    const { code, err } = await runHomeostat(['discover', account])
    expect(code).toBe(1)
    expect(err).toContain("required option '--rpc <url>' not specified")
  })

  it('says so if there is nothing whose price is known', async () => {
    const { code, err } = await runHomeostat(['discover', account, '--rpc', chain.url])
    expect(code).toBe(1)
    expect(err).toMatch(/nothing-found: .*what to do: /s)
  })
})
