// A draft of what was discovered: what it must never hold, and what it asks a person for.

import { describe, expect, it } from 'vitest'
import type { Address } from '../../lib/model/identity.ts'
import type { Discovery } from '../../lib/sources/discovery/discover.ts'
import { draftConfiguration } from '../../lib/wiring/configuration/draft-configuration.ts'
import { parseConfiguration } from '../../lib/wiring/configuration/parse-configuration.ts'
import { ruleCompiler } from '../../lib/wiring/configuration/read-configuration.ts'

const address = (byte: string): Address => `0x${byte.repeat(20)}`
const feed = (byte: string) => {
  const facts = { decimals: 8, description: 'X / USD', heartbeatSeconds: 3_600, longestGapSeconds: 3_590 }
  return { address: address(byte), ...facts, evidence: 'this test' }
}
const asset = (symbol: string, underlying: string, byte: string) => {
  return { address: address(byte), name: { symbol, underlying }, decimals: 18, quantity: 1, price: feed(`f${byte[1]}`) }
}

const discovery: Discovery = {
  chainId: 1,
  multicall3: '0xca11bde05977b3631167028862be2a173976ca11',
  block: { chainId: 1, number: 7, hash: '0x', timestamp: 0, baseFeeGwei: 0 },
  account: address('55'),
  accountKind: { kind: 'safe', owners: [address('01'), address('02')], threshold: 2, version: '1.4.1' },
  known: [
    {
      chainId: 1,
      protocol: 'safe',
      contracts: { multiSendCallOnly: address('03'), universalRouter: address('04') },
      source: 'this test',
    },
  ],
  assets: [asset('WETH', 'ETH', 'a1'), asset('USDC', 'USDC', 'a2'), asset('wstETH', 'wstETH', 'a3')],
  holdings: [],
  unpriced: [],
  leftOut: [],
  unseen: [],
}

function drafted(changes: Partial<Discovery> = {}, urls: readonly string[] = ['https://rpc.example']) {
  const text = draftConfiguration({ discovery: { ...discovery, ...changes }, urls })
  const parsed = parseConfiguration({ compileRule: ruleCompiler }, { text, file: 'draft.yaml' })
  if (parsed.problems !== undefined) throw new Error(`${JSON.stringify(parsed.problems)}\n${text}`)
  return { text, ...parsed.configuration, warnings: parsed.warnings }
}

const aave = (byte: string) => ({
  protocol: 'aave-v3',
  what: `account on market ${byte}`,
  evidence: 'this test',
  belief: 'known',
  settings: { pool: address(byte), dataProvider: address('b8'), oracle: address('b9') },
})

describe('a draft', () => {
  it('asks the owners of a Safe, with what its orders need', () => {
    const { chains, portfolios, approvers, text } = drafted({ holdings: [aave('b1')] })
    expect(approvers.map(({ address: one }) => one)).toEqual([address('01'), address('02')])
    expect(portfolios).toMatchObject([{ id: 'account-555555', chain: 'ethereum', approvers: ['owner-1', 'owner-2'] }])
    expect(portfolios[0]?.rules.map(({ id, plan }) => [id, plan?.kind])).toEqual([
      ['low-health', 'restore-health'],
      ['liquidation-odds', undefined],
      ['exposure-eth', undefined],
      ['exposure-wsteth', undefined],
      ['depeg-usdc', undefined],
      ['crisis', undefined],
      ['bad-day', undefined],
    ])
    expect(chains[0]?.safe).toEqual({ multiSendCallOnly: address('03'), universalRouter: address('04') })
    expect(text).toContain('# Safe 1.4.1: 2 of its 2 owners sign')
  })

  it('has a plain wallet give written instructions: no approvers, no Safe', () => {
    const { chains, portfolios, approvers } = drafted({ accountKind: { kind: 'other' }, holdings: [aave('b1')] })
    expect([chains[0]?.safe, approvers, portfolios[0]?.approvers]).toEqual([undefined, [], []])
  })

  it.each([
    ['https://rpc.example', { url: 'https://rpc.example' }],
    ['http://127.0.0.1:8545', { url: 'http://127.0.0.1:8545' }],
    ['https://rpc.example/v2/abcdef0123456789abcdef', { secret: 'homeostat/rpc/rpc-example' }],
    ['https://user:pass@rpc.example', { secret: 'homeostat/rpc/rpc-example' }],
    ['https://rpc.example/?x=1', { secret: 'homeostat/rpc/rpc-example' }],
    ['http://rpc.example', { secret: 'homeostat/rpc/rpc-example' }],
  ])('with the provider %s holds no key', (url, provider) => {
    const { chains, text } = drafted({}, [url])
    expect(chains[0]?.rpc).toMatchObject([provider])
    if ('secret' in provider) expect(text).not.toContain(url)
  })

  it('with two of a host gives each a secret of its own', () => {
    const { chains } = drafted({}, ['https://rpc.example/a1', 'https://rpc.example/b2'])
    expect(chains[0]?.rpc.map(({ secret }) => secret)).toEqual([
      'homeostat/rpc/rpc-example',
      'homeostat/rpc/rpc-example-2',
    ])
    expect(chains[0]?.quorum).toBe(2)
  })

  it('holds one Aave market, and tells the other', () => {
    const { chains, text } = drafted({ holdings: [aave('b1'), aave('b2')] })
    expect(chains[0]?.aaveV3?.pool).toBe(address('b1'))
    expect(text).toMatch(/# CHANGE: left out, because `pool` can be one only: account on market b2/)
  })

  it('stays a file of reasonable length however much spam there is', () => {
    const unpriced = Array.from({ length: 2_000 }, (_, index) => {
      return { what: `1 SPAM${index} (spam)`, address: address('ee'), reason: 'no price' }
    })
    const { text } = drafted({ unpriced })
    expect(text.split('\n').length).toBeLessThan(400)
    expect(text).toContain('# not priced: 1800 more')
  })

  it('has two assets of one feed only if they follow the same thing', () => {
    const twin = { ...asset('WETH-a4', 'ETH', 'a4'), price: feed('f1') }
    const { warnings } = drafted({ assets: [...discovery.assets, twin] })
    expect(warnings.map(({ reason }) => reason)).toEqual([expect.stringContaining('has the feed of WETH')])
  })
})
