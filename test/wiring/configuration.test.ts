import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { formatProblems } from '../../lib/wiring/configuration/format-problems.ts'
import { parseConfiguration } from '../../lib/wiring/configuration/parse-configuration.ts'
import { ruleCompiler } from '../../lib/wiring/configuration/read-configuration.ts'
import type { CompileRule } from '../../lib/wiring/configuration/read-portfolio.ts'
import { settingsOf } from '../../lib/wiring/configuration/settings-of.ts'

/** The rule language, but for one rule whose refusal has a column. */
const compileRule: CompileRule = (text, known) =>
  text.includes('hf = ')
    ? { ok: false, reason: 'a rule compares, it does not assign', column: 4 }
    : ruleCompiler(text, known)

const minimal = `
chains:
  - id: ethereum
    chainId: 1
    rpc:
      - url: https://rpc.example
    assets:
      - symbol: WETH
        address: 0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2
        decimals: 18
        underlying: ETH
        feed:
          address: 0x5f4eC3Df9cbd43714FE2740f5E3616155c5b8419
          heartbeatSeconds: 3600
    aaveV3:
      pool: 0x87870Bca3F3fD6335C3F4ce8392D69350B4fA4E2
      dataProvider: 0x0a16f2FCC0D44FaE41cc54e079281D84A363bECD
      oracle: 0x54586bE62E3c3580375aE3723C145253060Ca0C2
portfolios:
  - id: main
    chain: ethereum
    account: 0x5afe00000000000000000000000000000000cafe
    rules:
      - id: low-health
        when: healthFactor < 1.3
        plan: { kind: restore-health, target: 1.5 }
    approvers: [alice]
    notifiers: [desk]
approvers:
  - { id: alice, address: 0xa11ce00000000000000000000000000000000001 }
notifiers:
  - { id: desk, kind: console }
`.trimStart()

const parse = (text: string) => parseConfiguration({ compileRule }, { text, file: 'homeostat.yaml' })

/** The minimal file with one part of it replaced. */
function altered(part: string, by: string): string {
  expect(minimal, `the part ${part} is in the file`).toContain(part)
  return minimal.replace(part, by)
}

function problemsOf(text: string) {
  return parse(text).problems ?? []
}

describe('a configuration that is right', () => {
  it('is parsed with every default filled in and addresses in lower case', () => {
    const { configuration } = parse(minimal)
    expect(configuration).toEqual({
      chains: [
        {
          id: 'ethereum',
          chainId: 1,
          rpc: [{ url: 'https://rpc.example', name: 'rpc.example' }],
          quorum: 1,
          multicall3: '0xca11bde05977b3631167028862be2a173976ca11',
          // The genesis block of Ethereum.
          checkpoint: { number: 0, hash: '0xd4e56740f876aef8c010b86a40d5f56745a118d0906a34e69aec8c0db1cb8fa3' },
          maxBlockAgeSeconds: 120,
          confirmations: 3,
          assets: [
            {
              symbol: 'WETH',
              address: '0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2',
              decimals: 18,
              underlying: 'ETH',
              feed: {
                address: '0x5f4ec3df9cbd43714fe2740f5e3616155c5b8419',
                heartbeatSeconds: 3600,
                graceSeconds: 300,
                decimals: 8,
              },
            },
          ],
          aaveV3: {
            pool: '0x87870bca3f3fd6335c3f4ce8392d69350b4fa4e2',
            dataProvider: '0x0a16f2fcc0d44fae41cc54e079281d84a363becd',
            oracle: '0x54586be62e3c3580375ae3723c145253060ca0c2',
          },
        },
      ],
      portfolios: [
        {
          id: 'main',
          name: 'main',
          chain: 'ethereum',
          account: '0x5afe00000000000000000000000000000000cafe',
          everySeconds: 60,
          rules: [
            {
              id: 'low-health',
              when: 'healthFactor < 1.3',
              severity: 'warning',
              plan: { kind: 'restore-health', target: 1.5 },
              deadBand: 0.03,
              calmSamples: 3,
            },
          ],
          approvers: ['alice'],
          notifiers: ['desk'],
          limits: {
            maxSlippageBps: 100,
            maxGasUsd: 200,
            maxPriceMoveBps: 100,
            validitySeconds: 900,
            maxOrderUsd: 100_000,
          },
        },
      ],
      approvers: [{ id: 'alice', address: '0xa11ce00000000000000000000000000000000001' }],
      viewers: [],
      notifiers: [{ id: 'desk', kind: 'console', minSeverity: 'warning' }],
    })
  })

  it('has a version that follows its content, not its layout, and a hash of the file itself', () => {
    const first = parse(minimal)
    const commented = parse(
      `# a comment\n${minimal.replace('id: ethereum\n    chainId: 1', 'chainId: 1\n    id: ethereum')}`,
    )
    const written = parse(altered('    chain: ethereum', '    everySeconds: 60\n    chain: ethereum'))
    const changed = parse(altered('target: 1.5', 'target: 1.6'))
    if (first.problems || commented.problems || written.problems || changed.problems) throw new Error('refused')
    expect(first.version).toMatch(/^[0-9a-f]{16}$/)
    expect(commented.version).toBe(first.version)
    expect(written.version).toBe(first.version)
    expect(changed.version).not.toBe(first.version)
    expect(commented.fileHash).not.toBe(first.fileHash)
  })

  it('may share a value by an alias', () => {
    const text = altered(
      'address: 0xa11ce00000000000000000000000000000000001',
      'address: &me 0xa11ce00000000000000000000000000000000001',
    )
    const { configuration } = parse(`${text}viewers: [*me]\n`)
    expect(configuration?.viewers).toEqual(['0xa11ce00000000000000000000000000000000001'])
  })

  it('may name the feed of a sequencer, whose grace is an hour unless it says otherwise, and a lag of finality', () => {
    const by = `chainId: 1
    maxFinalityLagSeconds: 7200
    sequencer: { address: 0xFdB631F5EE196F0ed6FAa767959853A9F217697D }`
    expect(parse(altered('chainId: 1', by)).configuration?.chains[0]).toMatchObject({
      maxFinalityLagSeconds: 7_200,
      sequencer: { address: '0xfdb631f5ee196f0ed6faa767959853a9f217697d', graceSeconds: 3_600 },
    })
    expect(problemsOf(altered('chainId: 1', 'chainId: 1\n    sequencer: { graceSeconds: 60 }'))).toMatchObject([
      { reason: '`address` is missing' },
    ])
  })

  it('gives each portfolio its own settings', () => {
    const { configuration, version } = { version: 'v', ...parse(minimal) }
    if (configuration === undefined) throw new Error('refused')
    expect(settingsOf(configuration, version)).toEqual([
      {
        version,
        portfolio: configuration.portfolios[0],
        chain: configuration.chains[0],
        approvers: configuration.approvers,
        notifiers: configuration.notifiers,
      },
    ])
  })

  it('takes a phone, a secret by name, several providers and a majority of them as quorum', () => {
    const { configuration, problems } = parse(
      altered(
        '- url: https://rpc.example',
        '- { secret: homeostat/rpc/1 }\n      - { name: own, url: http://10.0.0.7:8545 }\n      - { url: https://two.example }',
      )
        .replace(
          '- { id: desk, kind: console }',
          '- { id: desk, kind: sms, phone: +41791234567, minSeverity: critical }\n  - { id: team, kind: slack, secret: homeostat/notify/slack }',
        )
        .replace('notifiers: [desk]', 'notifiers: [desk, team]'),
    )
    expect(problems).toBeUndefined()
    expect(configuration?.chains[0]?.rpc).toEqual([
      { secret: 'homeostat/rpc/1', name: 'homeostat/rpc/1' },
      { name: 'own', url: 'http://10.0.0.7:8545' },
      { name: 'two.example', url: 'https://two.example' },
    ])
    expect(configuration?.chains[0]?.quorum).toBe(2)
    expect(configuration?.notifiers).toEqual([
      { id: 'desk', kind: 'sms', phone: '+41791234567', minSeverity: 'critical' },
      { id: 'team', kind: 'slack', secret: 'homeostat/notify/slack', minSeverity: 'warning' },
    ])
  })
})

describe('a configuration that is wrong names the line, the reason and what was probably meant', () => {
  const usdc =
    '      - { symbol: USDC, address: 0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48, decimals: 6, underlying: USDC, feed: { address: 0x8fFfFfd4AfB6115b954Bd326cbe7B4BA576818f6, heartbeatSeconds: 86400 } }\n'
  // [what is wrong, the part, its replacement, line, part of the reason, suggestion]
  it.each<readonly [string, string, string, number, string, string | undefined]>([
    ['an unknown key', 'heartbeatSeconds', 'hearbeatSeconds', 13, 'unknown key `hearbeatSeconds`', 'heartbeatSeconds'],
    ['a key in the wrong case', 'chainId: 1', 'chainid: 1', 3, 'unknown key `chainid`', 'chainId'],
    [
      'a key of nothing we know',
      'notifiers: [desk]\n',
      'notifiers: [desk]\n    colour: red\n',
      28,
      'known here: `id`, `name`',
      undefined,
    ],
    ['a missing key', '    chainId: 1\n', '', 2, '`chainId` is missing', undefined],
    ['a key without a value', 'chainId: 1', 'chainId:', 3, '`chainId` must be a number', undefined],
    [
      'a key that stands twice',
      '    chainId: 1\n',
      '    chainId: 1\n    chainId: 1\n',
      4,
      'the key chainId stands twice',
      undefined,
    ],
    ['a number in quotes', 'decimals: 18', 'decimals: "18"', 9, '`decimals` must be a number', '18'],
    ['a word for a number', 'decimals: 18', 'decimals: many', 9, 'must be a number, not `many`', undefined],
    ['text that YAML takes for a number', 'id: main', 'id: 7', 19, 'must be text', '"7"'],
    [
      'a list for a map',
      'feed:\n          address: 0x5f4eC3Df9cbd43714FE2740f5E3616155c5b8419\n          heartbeatSeconds: 3600',
      'feed: [1]',
      11,
      '`feed` must be a map with `address`',
      undefined,
    ],
    [
      'a map for a list',
      'approvers: [alice]',
      'approvers: { alice: true }',
      26,
      '`approvers` must be a list',
      undefined,
    ],
    [
      'a wrong checksum',
      '0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2',
      '0xc02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2',
      8,
      'wrong checksum (EIP-55)',
      '0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2',
    ],
    [
      'an address that is too short',
      '0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2',
      '0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc',
      8,
      'and this has 39',
      undefined,
    ],
    [
      'the zero address',
      '0x5afe00000000000000000000000000000000cafe',
      `0x${'0'.repeat(40)}`,
      21,
      'must not be the zero address',
      undefined,
    ],
    [
      'a token at the address of its feed',
      'address: 0x5f4eC3Df9cbd43714FE2740f5E3616155c5b8419',
      'address: 0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2',
      8,
      'also the address of the feed',
      undefined,
    ],
    [
      'two contracts at one address',
      '0x0a16f2FCC0D44FaE41cc54e079281D84A363bECD',
      '0x87870Bca3F3fD6335C3F4ce8392D69350B4fA4E2',
      16,
      'has the address of `pool`',
      undefined,
    ],
    ['a token twice', '    aaveV3:', `${usdc}${usdc}    aaveV3:`, 15, 'USDC stands twice', undefined],
    ['a negative number', 'heartbeatSeconds: 3600', 'heartbeatSeconds: -3600', 13, 'must not be negative', '3600'],
    ['a span with a unit', 'heartbeatSeconds: 3600', 'heartbeatSeconds: 1h', 13, 'must be a number of seconds', '3600'],
    [
      'inverted bounds',
      'heartbeatSeconds: 3600',
      'heartbeatSeconds: 3600\n          minUsd: 9\n          maxUsd: 5',
      14,
      '`minUsd` 9 is not below `maxUsd` 5',
      undefined,
    ],
    ['the id of another chain', 'chainId: 1', 'chainId: 10', 3, '`chainId` of ethereum is 1', '1'],
    ['a fraction of a chain', 'chainId: 1', 'chainId: 1.5', 3, 'must be a whole number', '2'],
    [
      'a quorum of more than there are',
      '    assets:',
      '    quorum: 2\n    assets:',
      6,
      'asks 2 providers to agree, and there are 1',
      '1',
    ],
    ['a websocket', 'https://rpc.example', 'wss://rpc.example', 5, 'websockets are not used', 'https://rpc.example'],
    [
      'plain http to the outside',
      'https://rpc.example',
      'http://rpc.example',
      5,
      'must be https',
      'https://rpc.example',
    ],
    ['a file as provider', 'https://rpc.example', 'file:///etc/passwd', 5, 'must be https, not file', undefined],
    ['no URL at all', 'https://rpc.example', 'rpc.example', 5, 'must be a URL', undefined],
    [
      'a provider with URL and secret',
      'url: https://rpc.example',
      'url: https://rpc.example\n        secret: x',
      5,
      'not both',
      undefined,
    ],
    ['no provider', 'rpc:\n      - url: https://rpc.example', 'rpc: []', 4, '`rpc` needs at least 1', undefined],
    ['an id with spaces', 'id: main', 'id: Main Treasury', 19, 'must be an id', 'main-treasury'],
    ['an id with the separator of our keys', 'id: main', 'id: main#1', 19, 'must be an id', 'main-1'],
    ['an unknown chain', 'chain: ethereum', 'chain: etherium', 20, '`etherium` names no chain', 'ethereum'],
    ['an unknown approver', 'approvers: [alice]', 'approvers: [alise]', 26, 'names no approver', 'alice'],
    [
      'an unknown notifier',
      'notifiers: [desk]',
      'notifiers: [pager-duty]',
      27,
      '`pager-duty` names no notifier; there are `desk`',
      undefined,
    ],
    ['nobody to tell', 'notifiers: [desk]', 'notifiers: []', 27, '`notifiers` needs at least 1', undefined],
    ['nobody to approve', 'approvers: [alice]', 'approvers: []', 0, '', undefined],
    ['an approver twice', 'approvers: [alice]', 'approvers: [alice, alice]', 26, 'alice stands twice', undefined],
    [
      'two ids of one wallet',
      '0xa11ce00000000000000000000000000000000001 }',
      '0xa11ce00000000000000000000000000000000001 }\n  - { id: bob, address: 0xA11CE00000000000000000000000000000000001 }',
      30,
      'stands twice: each address',
      undefined,
    ],
    ['a rule that assigns', 'healthFactor < 1.3', 'hf = 99', 24, 'does not assign', undefined],
    ['a target at the limit', 'target: 1.5', 'target: 1.3', 25, "not above the rule's own limit 1.3", undefined],
    ['a target within the dead band', 'target: 1.5', 'target: 1.32', 25, 'the rule is calm from 1.339', '1.339'],
    ['a target below 1', 'target: 1.5', 'target: 0.9', 25, 'must be more than 1', undefined],
    [
      'a plan of a kind that is none',
      'kind: restore-health',
      'kind: restore-helth',
      25,
      'must be one of',
      'restore-health',
    ],
    [
      'a severity that is none',
      'when: healthFactor < 1.3',
      'when: healthFactor < 1.3\n        severity: critcal',
      25,
      'must be one of',
      'critical',
    ],
    [
      'a percentage for a fraction',
      'when: healthFactor < 1.3',
      'when: healthFactor < 1.3\n        deadBand: 3',
      25,
      'must be a fraction below 1',
      '0.03',
    ],
    [
      'a percent sign',
      'when: healthFactor < 1.3',
      'when: healthFactor < 1.3\n        deadBand: 3%',
      25,
      'not a percentage',
      '0.03',
    ],
    [
      'no sample at all',
      'when: healthFactor < 1.3',
      'when: healthFactor < 1.3\n        calmSamples: 0',
      25,
      'must be between 1 and 1000',
      undefined,
    ],
    [
      'a fraction for basis points',
      'notifiers: [desk]',
      'notifiers: [desk]\n    limits: { maxSlippageBps: 0.005 }',
      28,
      'whole basis points',
      '50',
    ],
    [
      'a percentage for basis points',
      'notifiers: [desk]',
      'notifiers: [desk]\n    limits: { maxPriceMoveBps: 1% }',
      28,
      'in basis points',
      '100',
    ],
    [
      'slippage without end',
      'notifiers: [desk]',
      'notifiers: [desk]\n    limits: { maxSlippageBps: 10000 }',
      28,
      'must be between 1 and 2000',
      undefined,
    ],
    [
      'an order that may move nothing',
      'notifiers: [desk]',
      'notifiers: [desk]\n    limits: { maxOrderUsd: 0 }',
      28,
      'must be more than 0',
      undefined,
    ],
    [
      'infinity',
      'notifiers: [desk]',
      'notifiers: [desk]\n    limits: { maxOrderUsd: .inf }',
      28,
      'must be a number',
      undefined,
    ],
    [
      'a phone with spaces',
      'kind: console',
      'kind: sms, phone: "+41 79 123 45 67"',
      31,
      'must be a phone number',
      '"+41791234567"',
    ],
    [
      'a phone without a country',
      'kind: console',
      'kind: sms, phone: "0791234567"',
      31,
      'must be a phone number',
      undefined,
    ],
    ['a notifier without its channel', 'kind: console', 'kind: slack', 31, '`secret` is missing', undefined],
    [
      'a webhook whose secret no role can read',
      'kind: console',
      'kind: slack, secret: my-slack-webhook',
      31,
      '`secret` must begin with homeostat/notify/',
      'homeostat/notify/my-slack-webhook',
    ],
    [
      'a webhook among the secrets of providers',
      'kind: console',
      'kind: slack, secret: homeostat/rpc/slack',
      31,
      '`secret` must begin with homeostat/notify/',
      'homeostat/notify/slack',
    ],
    [
      'a webhook whose name is only a prefix',
      'kind: console',
      'kind: slack, secret: homeostat/notify/',
      31,
      '`secret` must begin with homeostat/notify/ and go on',
      undefined,
    ],
    [
      'a provider whose secret no role can read',
      'url: https://rpc.example',
      'secret: homeostat/alchemy',
      5,
      '`secret` must begin with homeostat/rpc/',
      'homeostat/rpc/alchemy',
    ],
    ['a notifier of no kind', 'kind: console', 'kind: slak', 31, 'must be one of', 'slack'],
    [
      'a viewer twice',
      'approvers:\n',
      'viewers: [0xa11ce00000000000000000000000000000000001, 0xA11CE00000000000000000000000000000000001]\napprovers:\n',
      28,
      'stands twice',
      undefined,
    ],
  ])('%s', (name, part, by, line, reason, suggestion) => {
    const problems = problemsOf(altered(part, by))
    // Without a Safe a plan is written instructions, which need no approver.
    if (name === 'nobody to approve') return expect(problems).toEqual([])
    const match = problems.find((problem) => problem.reason.includes(reason))
    expect(match, JSON.stringify(problems)).toMatchObject({ file: 'homeostat.yaml', line })
    expect(match?.suggestion).toBe(suggestion)
    return undefined
  })

  it.each<readonly [string, string, string, number, string, string | undefined]>([
    [
      'a pace that no clock of the cloud has',
      'notifiers: [desk]\n',
      'notifiers: [desk]\n    everySeconds: 10\n',
      28,
      'at least 60, not 10',
      '60',
    ],
    [
      'one feed for two underlyings',
      '    aaveV3:',
      `${usdc.replace('0x8fFfFfd4AfB6115b954Bd326cbe7B4BA576818f6', '0x5F4EC3DF9CBD43714FE2740F5E3616155C5B8419')}    aaveV3:`,
      14,
      'USDC has the feed of WETH, which follows ETH',
      undefined,
    ],
    [
      'a token as account',
      '0x5afe00000000000000000000000000000000cafe',
      '0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2',
      21,
      'the address of a contract of the chain (chains[0].assets[0].address)',
      undefined,
    ],
    [
      'the lending pool as account',
      '0x5afe00000000000000000000000000000000cafe',
      '0x87870Bca3F3fD6335C3F4ce8392D69350B4fA4E2',
      21,
      '(chains[0].aaveV3.pool)',
      undefined,
    ],
    [
      'a provider that is asked twice',
      '      - url: https://rpc.example\n',
      '      - url: https://rpc.example\n      - url: "https://RPC.example:443/"\n',
      6,
      'a quorum would count one provider twice',
      undefined,
    ],
    [
      'a rule that is told to nobody',
      'kind: console',
      'kind: console, minSeverity: critical',
      23,
      'nobody would be told: the rule is `warning`, and every notifier of the portfolio begins at `critical`',
      undefined,
    ],
    [
      'news for nobody',
      'when: healthFactor < 1.3\n',
      'when: healthFactor < 1.3\n        severity: info\n',
      25,
      'nobody would be told: the rule is `info`',
      undefined,
    ],
    [
      'a percentage of a fraction',
      'healthFactor < 1.3',
      'liquidationDistance < 20',
      24,
      'liquidationDistance is a fraction, and 20 would be 2000 %',
      '0.2',
    ],
    [
      'a share against a loss in dollars',
      'healthFactor < 1.3',
      'es99d1 > 0.08',
      24,
      'es99d1 is in USD, and 0.08 would be less than a dollar',
      '0.08 * nav',
    ],
    [
      'a percentage of a probability of one account',
      'healthFactor < 1.3',
      'liquidationProbability["aave-v3"] > 5',
      24,
      'liquidationProbability["aave-v3"] is a fraction, and 5 would be 500 %',
      '0.05',
    ],
    [
      'a loss above 0 where losses are below it',
      'healthFactor < 1.3',
      'stress.worst > 0.2 * nav',
      24,
      'stress.worst is a change, below 0 where something is lost, and 0.2 * nav is above 0',
      '-0.2 * nav',
    ],
    [
      'a regime that does not exist',
      'healthFactor < 1.3',
      'regime == "crysis"',
      24,
      'regime is one of "calm", "tense" or "crisis", never "crysis". Did you mean "crisis"?',
      undefined,
    ],
    ['a regime against a number', 'healthFactor < 1.3', 'regime > 0.8', 24, 'is not compared with a number', undefined],
    ['a number against a regime', 'healthFactor < 1.3', 'nav == "crisis"', 24, 'stands against a number', undefined],
    [
      'an account that cannot be',
      'healthFactor < 1.3',
      'liquidationProbability.ave > 0.01',
      24,
      'knows no ave',
      undefined,
    ],
    [
      'a percentage behind a sign',
      'healthFactor < 1.3',
      '5 < abs(lensGap.WETH)',
      24,
      'lensGap.WETH is a fraction',
      '0.05',
    ],
    ['a percentage of a ratio', 'healthFactor < 1.3', 'healthFactor < 130', 24, 'healthFactor is a ratio', '1.3'],
  ])('%s', (_, part, by, line, reason, suggestion) => {
    const problems = problemsOf(altered(part, by))
    expect(problems, JSON.stringify(problems)).toHaveLength(1)
    expect(problems[0]).toMatchObject({ line, reason: expect.stringContaining(reason) })
    expect(problems[0]?.suggestion).toBe(suggestion)
  })

  it('one account watched by two portfolios', () => {
    const portfolio = minimal.match(/ {2}- id: main[\s\S]*?(?=approvers:\n)/)?.[0] ?? ''
    const second = portfolio
      .replace('id: main', 'id: second')
      .replace('0x5afe00000000000000000000000000000000cafe', '"0x5AFE00000000000000000000000000000000CAFE"')
    const [problem, ...more] = problemsOf(altered('approvers:\n', `${second}approvers:\n`))
    expect(more).toEqual([])
    expect(problem).toMatchObject({ line: 30, path: 'portfolios[1].account' })
    expect(problem?.reason).toContain('watched twice (first at portfolios[0].account)')
  })

  it('an order that nobody can approve, where there is a Safe', () => {
    const safe =
      '    safe: { multiSendCallOnly: 0x9641d764fc13c8B624c04430C7356C1C7C8102e2, universalRouter: 0x66a9893cC07D91D95644AEDD05D03f95e1dBA8Af }\n'
    const text = altered('portfolios:', `${safe}portfolios:`).replace('approvers: [alice]', 'approvers: []')
    expect(problemsOf(text).map(({ reason }) => reason)).toEqual([
      'a plan becomes an order, and the portfolio has no `approvers` to approve it',
    ])
  })

  it('a plan where there is no lending market', () => {
    const text = minimal.replace(/ {4}aaveV3:\n(?: {6}.*\n){3}/, '')
    expect(problemsOf(text).map(({ reason }) => reason)).toEqual([
      'a plan restores a loan on Aave v3, and chain ethereum has no `aaveV3`',
    ])
  })

  it('all problems at once, in the order of the file, and a broken chain does not blame its portfolios', () => {
    const text = altered('chainId: 1', 'chainId: one')
      .replace('decimals: 18', 'decimals: -1')
      .replace('target: 1.5', 'target: 1.1')
      .replace('kind: console', 'kind: fax')
    const problems = problemsOf(text)
    expect(problems.map(({ line, path }) => [line, path])).toEqual([
      [3, 'chains[0].chainId'],
      [9, 'chains[0].assets[0].decimals'],
      [25, 'portfolios[0].rules[0].plan.target'],
      [31, 'notifiers[0].kind'],
    ])
  })

  it('points into a rule, also behind a quote', () => {
    const plain = problemsOf(altered('healthFactor < 1.3', 'hf = 99'))
    const quoted = problemsOf(altered('healthFactor < 1.3', '"hf = 99"'))
    expect(plain[0]?.column).toBe('        when: hf ='.length)
    expect(quoted[0]?.column).toBe('        when: "hf ='.length)
  })

  it('tells the rule language which names the chain has', () => {
    const asked: unknown[] = []
    parseConfiguration(
      {
        compileRule: (rule, known) => {
          asked.push([rule, known?.underlyings, known?.assets])
          return { ok: true }
        },
      },
      { text: minimal, file: 'f' },
    )
    expect(asked).toEqual([['healthFactor < 1.3', ['ETH'], ['WETH']]])
  })
})

describe('a target is held against what the rule says, however it says it', () => {
  it.each<readonly [string, number, string | undefined]>([
    ['healthFactor < 13 / 10', 1.5, undefined],
    ['healthFactor < 16 / 10', 1.5, "not above the rule's own limit 1.6"],
    ['min(healthFactor, 9) < 1.6', 1.5, "not above the rule's own limit 1.6"],
    ['healthFactor - 1.6 < 0', 1.5, "not above the rule's own limit 1.6"],
    ['1.6 > healthFactor', 1.5, "not above the rule's own limit 1.6"],
    ['not (healthFactor >= 1.6)', 1.5, "not above the rule's own limit 1.6"],
    ['healthFactor < 1.2 or healthFactor < 1.6', 1.5, "not above the rule's own limit 1.6"],
    ['healthFactor < 1.2 or price.ETH < 900', 1.5, undefined],
    ['healthFactor < 1.6 and debt > 1000', 1.5, "not above the rule's own limit 1.6"],
    ['min(healthFactor, stress.worstHealthFactor) < 1.6', 1.5, "not above the rule's own limit 1.6"],
    ['healthFactor < 1.48', 1.5, 'within the dead band of 0.03: the rule is calm from 1.5244'],
    ['healthFactor > 1.2', 1.5, 'is itself a breach of the rule'],
    // Nothing that the file knows decides these.
    ['healthFactor * price.ETH < 5000', 1.5, undefined],
    ['liquidationDistance < 0.2', 1.5, undefined],
    ['healthFactor == 1.5', 1.5, undefined],
  ])('%s with target %s', (when, target, reason) => {
    const text = altered('healthFactor < 1.3', when).replace('target: 1.5', `target: ${target}`)
    const reasons = problemsOf(text).map((problem) => problem.reason)
    expect(reasons).toEqual(reason === undefined ? [] : [expect.stringContaining(reason)])
  })

  it('takes the target that it suggests', () => {
    const refused = altered('healthFactor < 1.3', 'healthFactor < 1.47')
    const [problem] = problemsOf(refused)
    expect(problem?.suggestion).toBe('1.5141')
    expect(problemsOf(refused.replace('target: 1.5', `target: ${problem?.suggestion}`))).toEqual([])
  })
})

describe('what is allowed, and probably not meant', () => {
  const warningsOf = (text: string) => {
    const parsed = parse(text)
    return parsed.problems === undefined ? parsed.warnings : parsed.problems
  }
  const own = minimal.replace('0x5afe00000000000000000000000000000000cafe', `0x${'5a'.repeat(20)}`)
  const real = own.replace('0xa11ce00000000000000000000000000000000001', `0x${'a1'.repeat(20)}`)

  it("is the example's addresses, in any case of their letters", () => {
    expect(warningsOf(real)).toEqual([])
    expect(warningsOf(minimal).map(({ path, isPlaceholder }) => [path, isPlaceholder])).toEqual([
      ['portfolios[0].account', true],
      ['approvers[0].address', true],
    ])
    expect(warningsOf(own.replace('0xa11ce', '0xA11CE'))).toMatchObject([{ line: 29, path: 'approvers[0].address' }])
  })

  it('is a second URL at the host of the first, unless that is a machine of our own', () => {
    const twice = (origin: string) =>
      real.replace('url: https://rpc.example', `url: ${origin}/one\n      - url: ${origin}/two`)
    expect(warningsOf(twice('https://rpc.example'))).toMatchObject([
      { line: 6, reason: expect.stringContaining('host') },
    ])
    expect(warningsOf(twice('http://10.0.0.7'))).toEqual([])
  })

  it('is one feed for two tokens of one underlying', () => {
    const bridged =
      '      - { symbol: bWETH, address: 0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48, decimals: 18, underlying: ETH, feed: { address: 0x5f4eC3Df9cbd43714FE2740f5E3616155c5b8419, heartbeatSeconds: 3600 } }\n'
    const warnings = warningsOf(real.replace('    aaveV3:', `${bridged}    aaveV3:`))
    expect(warnings).toMatchObject([{ line: 14, reason: expect.stringContaining('bWETH has the feed of WETH') }])
  })

  it('is a beta to a series in a file without `macro`', () => {
    const beta = real.replace('when: healthFactor < 1.3', 'when: beta.SPX > 0.8')
    expect(warningsOf(beta)).toMatchObject([
      { line: 24, reason: 'beta.SPX cannot be evaluated: the file has no `macro` that says where SPX comes from' },
    ])
    expect(warningsOf(`${beta}\nmacro:\n  - { series: SPX, source: fred, id: SP500 }\n`)).toEqual([])
  })

  it('is not a short pace on a chain of this machine', () => {
    const local = real.replace('id: ethereum\n    chainId: 1', 'id: local\n    chainId: 31337')
    const fast = local.replace('chain: ethereum', 'chain: local\n    everySeconds: 1')
    expect(parse(fast).configuration?.portfolios[0]?.everySeconds).toBe(1)
    expect(warningsOf(fast)).toEqual([])
  })
})

describe('a file that is no configuration', () => {
  it.each<readonly [string, string, number, string]>([
    ['nothing', '', 1, 'is empty'],
    ['only a comment', '# later\n', 1, 'is empty'],
    ['a word', 'hello', 1, 'must be a map with `chains`'],
    ['a list', '- 1', 1, 'must be a map with `chains`'],
    ['a tab', 'chains:\n\t- id: x', 2, 'this is not YAML'],
    ['a bracket left open', 'chains: [1, 2\nportfolios: []', 2, 'this is not YAML'],
    ['two documents', 'chains: []\n---\nchains: []', 2, 'this is not YAML'],
    ['a tag that makes objects', 'chains: !!js/function "x"', 1, 'this is not YAML'],
    ['an alias to nothing', 'chains: *nobody', 1, 'this is not YAML'],
    ['JSON that ends early', '{"chains": [', 1, 'this is not YAML'],
  ])('%s', (_, text, line, reason) => {
    const problems = problemsOf(text)
    expect(problems[0]?.reason).toContain(reason)
    expect(problems[0]?.line).toBe(line)
  })

  it('a billion laughs are counted, not laughed', () => {
    const rows = Array.from({ length: 12 }, (_, row) => `a${row + 1}: &a${row + 1} [${`*a${row},`.repeat(9)}]`)
    const problems = problemsOf(`a0: &a0 ha\n${rows.join('\n')}\n`)
    expect(problems).toHaveLength(1)
    expect(problems[0]?.reason).toMatch(/aliases/)
  })

  it('few aliases can laugh as loudly', () => {
    const rows = Array.from({ length: 20 }, (_, row) => `a${row + 1}: &a${row + 1} [*a${row}, *a${row}]`)
    const problems = problemsOf(`a0: &a0 ha\n${rows.join('\n')}\n`)
    expect(problems[0]?.reason).toContain('once its aliases are written out')
  })

  it('a value that contains itself', () => {
    expect(problemsOf('chains: &all\n  - *all\n')[0]?.reason).toContain('contains itself')
  })

  it('a megabyte and more, or brackets without end, answered quickly', () => {
    const start = performance.now()
    expect(problemsOf(`# ${'x'.repeat(1_048_576)}`)[0]?.reason).toContain('at most 1048576 are read')
    expect(problemsOf('['.repeat(200_000))[0]?.reason).toMatch(/nested too deeply|not YAML/)
    const keys = Array.from({ length: 80_000 }, (_, index) => `k${index}: 1`)
    expect(problemsOf(keys.join('\n'))).toHaveLength(101)
    expect(problemsOf(`chains: ${'https://aaaaaaaaaa'.repeat(50_000)}`).map(({ reason }) => reason)).toContainEqual(
      expect.stringContaining('nothing here needs more'),
    )
    expect(performance.now() - start).toBeLessThan(15_000)
  })
})

describe('secrets', () => {
  const key = `0x${'4f'.repeat(32)}`
  it.each<readonly [string, string, string, string]>([
    ['a private key', '0x5afe00000000000000000000000000000000cafe', key, 'a private key'],
    [
      'a webhook',
      'kind: console',
      'kind: slack, secret: "https://hooks.slack.com/services/T000/B000/abcdefgh"',
      'a Slack webhook',
    ],
    [
      'a provider key in the path',
      'https://rpc.example',
      'https://eth-mainnet.example/v2/a1B2c3D4e5F6g7H8i9J0k1L2',
      'a URL with a key',
    ],
    [
      'a provider key in the query',
      'https://rpc.example',
      'https://rpc.example/?apikey=abcdef123456',
      'a URL with a key',
    ],
    ['a password in a URL', 'https://rpc.example', 'https://me:pass@rpc.example', 'a URL with a password'],
    ['an AWS key', 'id: main', 'id: AKIAIOSFODNN7EXAMPLE', 'an AWS access key'],
    [
      'a seed phrase',
      'when: healthFactor < 1.3',
      `when: healthFactor < 1.3\n        message: ${'test '.repeat(11)}junk`,
      'a seed phrase',
    ],
  ])('%s is refused once, and neither the problem nor its picture repeats it', (_, part, by, look) => {
    const text = altered(part, by)
    const problems = problemsOf(text)
    expect(problems).toHaveLength(1)
    expect(problems[0]?.reason).toContain(`looks like ${look}`)
    const printed = formatProblems({ text, problems }) + JSON.stringify(problems)
    for (const secret of [
      key,
      'hooks.slack.com/services',
      'a1B2c3D4',
      'abcdef123456',
      'me:pass',
      'AKIAIOSF',
      'test test',
    ]) {
      expect(printed).not.toContain(secret)
    }
  })

  it('a secret where its name belongs is refused without being repeated', () => {
    const text = altered('kind: console', `kind: slack, secret: ${'a1'.repeat(20)}`)
    const problems = problemsOf(text)
    expect(problems.map(({ reason }) => reason)).toEqual([
      '`secret` must be the name of a secret; this looks like the secret itself',
    ])
  })

  it('a mistyped name of a secret is not taken for one', () => {
    expect(
      problemsOf(altered('kind: console', 'kind: slack, secret: homeostat/notify/slack-webhook-of-the-desk')),
    ).toEqual([])
  })
})

describe('problems for people', () => {
  it('show the place, the line, a caret under the value, and what was meant', () => {
    const text = altered('heartbeatSeconds: 3600', 'hearbeatSeconds: 3600')
    const problems = problemsOf(text)
    expect(formatProblems({ text, problems })).toBe(
      [
        'homeostat.yaml:12:11 `heartbeatSeconds` is missing (chains[0].assets[0].feed.heartbeatSeconds)',
        '  12 |           address: 0x5f4eC3Df9cbd43714FE2740f5E3616155c5b8419',
        '     |           ^',
        '',
        'homeostat.yaml:13:11 unknown key `hearbeatSeconds` (chains[0].assets[0].feed.hearbeatSeconds)',
        '  13 |           hearbeatSeconds: 3600',
        '     |           ^ did you mean heartbeatSeconds?',
        '',
        '2 problems',
      ].join('\n'),
    )
  })

  it('keep the caret under the value behind tabs and in very long lines', () => {
    const text = `a:\t${'x'.repeat(300)} y`
    const problem = { file: 'f', line: 1, column: 305, path: '', reason: 'wrong' }
    const [, shown = '', caret = ''] = formatProblems({ text, problems: [problem] }).split('\n')
    expect(shown[caret.indexOf('^')]).toBe('y')
    const tabbed = formatProblems({ text: 'a:\tb', problems: [{ ...problem, column: 4 }] })
    expect(tabbed).toContain('     | '.slice(1).concat('  \t^'))
  })
})

describe('the example at the root of the repository', () => {
  const text = readFileSync(new URL('../../homeostat.yaml', import.meta.url), 'utf8')

  it('parses', () => {
    const { problems, configuration } = parse(text)
    expect(formatProblems({ text, problems: problems ?? [] })).toBe('0 problems')
    expect(configuration?.portfolios.map(({ id }) => id)).toEqual(['treasury'])
  })

  it('has all its contracts with a checksum, so that a slip would show', () => {
    const addresses = text.match(/0x[0-9a-fA-F]{40}/g) ?? []
    const plain = addresses.filter((address) => address === address.toLowerCase())
    expect(addresses).toHaveLength(17)
    expect(plain).toEqual(['0x5afe00000000000000000000000000000000cafe', '0xa11ce00000000000000000000000000000000001'])
  })

  it('has every key that docs/configuration.md must explain explained there', () => {
    const docs = readFileSync(new URL('../../docs/configuration.md', import.meta.url), 'utf8')
    const { configuration } = parse(text)
    const full = { configuration, more: [{ phone: 1, secret: 1, minUsd: 1, maxUsd: 1, message: 1, url: 1 }] }
    const keys = new Set<string>()
    JSON.stringify(full, (key, value: unknown) => {
      if (key !== '' && !/^\d+$/.test(key)) keys.add(key)
      return value
    })
    const missing = [...keys].filter((key) => !docs.includes(`\`${key}\``) && !['configuration', 'more'].includes(key))
    expect(missing).toEqual([])
  })
})
