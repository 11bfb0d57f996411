// Declared positions in homeostat.yaml: checked by the schemas of their instruments, told at their lines.

import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parseConfiguration } from '../../lib/wiring/configuration/parse-configuration.ts'

const example = readFileSync(new URL('../../homeostat.yaml', import.meta.url), 'utf8')
const declared = `    positions:
      - id: eth-puts
        label: 10 puts on ETH
        kind: vanilla-option
        terms: { asset: ETH, type: put, strike: 2500, expiry: 2027-03-26T08:00:00Z, quantity: 10 }
        confirmedAt: 2026-11-24
    marketData:
      asOf: 2026-11-24T12:00:00Z
      interest: 0.04
      volatility: { ETH: 0.6 }
`
const withDeclared = (text: string) => example.replace('    approvers: [alice]\n', `    approvers: [alice]\n${text}`)
const read = (text: string) =>
  parseConfiguration({ compileRule: () => ({ ok: true }) }, { text: withDeclared(text), file: 'homeostat.yaml' })

describe('declared positions', () => {
  it('are read with their terms, and are good for a week and a day if nothing else is said', () => {
    const [portfolio] = read(declared).configuration?.portfolios ?? []
    expect(portfolio?.positions).toEqual([
      {
        id: 'eth-puts',
        label: '10 puts on ETH',
        instrument: {
          kind: 'vanilla-option',
          terms: { asset: 'ETH', type: 'put', strike: 2_500, expiry: 1_806_048_000, quantity: 10 },
        },
        assets: ['ETH'],
        confirmedAt: 1_795_478_400,
        goodForSeconds: 604_800,
      },
    ])
    expect(portfolio?.marketData).toMatchObject({
      asOf: 1_795_521_600,
      goodForSeconds: 86_400,
      volatility: { ETH: 0.6 },
    })
  })

  it.each<readonly [string, string, string, RegExp]>([
    ['a strike of 0', 'strike: 2500', 'strike: 0', /`strike` must be above 0/],
    ['a mistyped term', 'strike: 2500', 'strik: 2500', /`strik` is not known here/],
    ['another kind', 'vanilla-option', 'vanila-option', /must be one of/],
    ['an asset without a price', 'asset: ETH', 'asset: ETJ', /ETJ has no price/],
    [
      'a volatility that is missing',
      'volatility: { ETH: 0.6 }',
      'volatility: { BTC: 0.6 }',
      /cannot be valued: There is no volatility of ETH/,
    ],
    [
      'a volatility by the name of an asset',
      'volatility: { ETH: 0.6 }',
      'volatility: { WETH: 0.6 }',
      /`WETH` is no underlying of the chain/,
    ],
    ['an option whose underlying has no volatility', 'asset: ETH', 'asset: WBTC', /There is no volatility of BTC/],
    ['a volatility in per cent', 'ETH: 0.6', 'ETH: 6000', /volatility/],
    ['a date that does not exist', '2026-11-24\n', '2026-11-31\n', /must be an instant/],
    ['unknown market data', 'interest: 0.04', 'intrest: 0.04', /`intrest` is not known here/],
    [
      'a curve that contradicts itself',
      'interest: 0.04',
      'carry: { ETH: 0.1 }\n      forward: { ETH: [{ expiry: 2027-03-26, price: 3100 }] }',
      /must not stand beside a carry/,
    ],
  ])('%s is refused where it stands', (_, from, to, reason) => {
    const text = withDeclared(declared.replace(from, to))
    const { configuration, problems = [] } = read(declared.replace(from, to))
    expect(configuration).toBeUndefined()
    expect(problems.map((problem) => problem.reason).join('; ')).toMatch(reason)
    const first = text.split('\n').indexOf('    positions:') + 1
    expect(problems.every(({ line }) => line >= first && line < first + 12)).toBe(true)
  })
})
