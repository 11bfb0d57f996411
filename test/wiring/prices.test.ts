// Further sources of prices in homeostat.yaml: each by the schema of its kind, each slip told at its line with the word that was meant.

import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parseConfiguration } from '../../lib/wiring/configuration/parse-configuration.ts'

const example = readFileSync(new URL('../../homeostat.yaml', import.meta.url), 'utf8')
const lines = example.split('\n')
const wethAt = lines.findIndex((line) => /symbol: WETH/.test(line))
const feedAt = lines.findIndex((line, index) => index > wethAt && /^\s+feed:/.test(line))
const indent = ' '.repeat(lines[feedAt]?.search(/\S/) ?? 0)

/** The example with more keys at its first asset. */
function read(keys: string) {
  const more = keys.split('\n').map((line) => `${indent}${line}`)
  const text = [...lines.slice(0, feedAt), ...more, ...lines.slice(feedAt)].join('\n')
  const { configuration, problems = [] } = parseConfiguration(
    { compileRule: () => ({ ok: true }) },
    { text, file: 'homeostat.yaml' },
  )
  const asset = configuration?.chains[0]?.assets.find(({ symbol }) => symbol === 'WETH')
  return { asset, problems: problems.map(({ path, reason, suggestion }) => ({ path, reason, suggestion })) }
}

describe('the prices of an asset', () => {
  it('are read with addresses in lower case and defaults filled in', () => {
    const { asset, problems } = read(`class: other
maxLensGap: 0.01
prices:
  - { kind: feed, address: "0x986b5E1e1755e3C2440e960477f25201B0a8bbD4", heartbeatSeconds: 86400 }
  - { kind: uniswap-v3-twap, pool: "0x88e6A0c2dDD26FEEb64F039a2c41296FcB3f5640", per: USDC }
  - { kind: exchange-rate, per: USDC, call: convertToAssets, since: { rate: 1.1, at: 2026-01-01 }, maxGrowthPerDay: 0.0005 }
  - { kind: nav, address: "0x986b5E1e1755e3C2440e960477f25201B0a8bbD4" }`)
    expect(problems).toEqual([])
    expect(asset).toMatchObject({
      class: 'other',
      maxLensGap: 0.01,
      prices: [
        {
          kind: 'feed',
          settings: { address: '0x986b5e1e1755e3c2440e960477f25201b0a8bbd4', decimals: 8, graceSeconds: 300 },
        },
        { kind: 'uniswap-v3-twap', settings: { windowSeconds: 1_800, minDepthUsd: 100_000, per: 'USDC' } },
        { kind: 'exchange-rate', settings: { since: { rate: 1.1, at: 1_767_225_600 }, maxAgeSeconds: 129_600 } },
        { kind: 'nav', settings: { heartbeatSeconds: 345_600, haircutPerDay: 0.005, maxHaircut: 0.5 } },
      ],
    })
  })

  it('stand in for a feed that is left out, and one of both is needed', () => {
    const next = lines.findIndex((line, index) => index > feedAt && /- symbol:/.test(line))
    const without = (keys: readonly string[]) =>
      parseConfiguration(
        { compileRule: () => ({ ok: true }) },
        { text: [...lines.slice(0, feedAt), ...keys, ...lines.slice(next)].join('\n'), file: 'homeostat.yaml' },
      )
    const nav = `${indent}prices: [{ kind: nav, address: "0x986b5E1e1755e3C2440e960477f25201B0a8bbD4" }]`
    expect(without([nav]).problems ?? []).toEqual([])
    expect(without([nav]).configuration?.chains[0]?.assets[0]).not.toHaveProperty('feed')
    expect(without([]).problems).toMatchObject([
      { reason: expect.stringContaining('`feed` is missing, and there are no') },
    ])
  })

  it.each([
    ['an unknown kind', 'prices: [{ kind: uniswap-twap }]', /there is no source of prices/, 'uniswap-v3-twap'],
    ['no kind', 'prices: [{ per: USDC }]', /`kind` is missing: one of `feed`/, undefined],
    [
      'a slip in a key',
      'prices: [{ kind: nav, adress: "0x986b5e1e1755e3c2440e960477f25201b0a8bbd4" }]',
      /not known here/,
      'address',
    ],
    ['a slip in a class', 'class: stablecoins', /must be one of/, 'stablecoin'],
    [
      'a price in itself',
      `prices: [{ kind: exchange-rate, per: WETH, call: getRate }]`,
      /cannot be told in WETH itself/,
      undefined,
    ],
    [
      'a price in nothing',
      `prices: [{ kind: exchange-rate, per: USDX, call: getRate }]`,
      /not among the assets/,
      'USDC',
    ],
    [
      'half of a cap',
      'prices: [{ kind: exchange-rate, per: USDC, call: getRate, maxGrowthPerDay: 0.1 }]',
      /together, or neither/,
      undefined,
    ],
    ['a per cent', 'maxLensGap: 2', /must be a fraction/, '0.02'],
    ['nothing at all', 'maxLensGap: 0', /must be above 0/, undefined],
    [
      'a window of two seconds',
      'prices: [{ kind: uniswap-v3-twap, pool: "0x88e6a0c2ddd26feeb64f039a2c41296fcb3f5640", per: USDC, windowSeconds: 2 }]',
      /whole seconds, 60 up/,
      undefined,
    ],
  ])('are refused with %s', (_, keys, reason, suggestion) => {
    const { problems } = read(keys)
    const told = problems.find((one) => reason.test(one.reason))
    expect(told, JSON.stringify(problems)).toBeDefined()
    expect(told?.suggestion).toBe(suggestion)
  })
})
