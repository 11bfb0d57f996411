// One portfolio on two chains: each thing keeps its chain, and a chain that dies takes nothing but itself.

import { describe, expect, it } from 'vitest'
import { decide } from '../../lib/decisions/decide.ts'
import { compileRule } from '../../lib/decisions/rules/language.ts'
import type { PortfolioSettings, RuleConfig } from '../../lib/model/configuration.ts'
import type { ChainReading, Reading } from '../../lib/model/reading.ts'
import { emptyMemory } from '../../lib/model/verdict.ts'
import { assess } from '../../lib/risk/assess.ts'
import { assemble } from '../../lib/snapshot/assemble.ts'
import { at, healthy, settings as home } from './fixture.ts'

const rule = (id: string, when: string): RuleConfig => ({
  id,
  when,
  severity: 'critical',
  deadBand: 0.03,
  calmSamples: 3,
  plan: { kind: 'restore-health', target: 5 },
})

const account = `0x${'77'.repeat(20)}` as const
const settings: PortfolioSettings = {
  ...home,
  portfolio: {
    ...home.portfolio,
    elsewhere: [{ chain: 'arbitrum', account }],
    rules: [rule('health', 'healthFactor < 1.3'), rule('roof', 'healthFactor > 100'), rule('value', 'nav < 1000')],
  },
  elsewhere: [{ chain: { ...home.chain, id: 'arbitrum', chainId: 42_161 }, account }],
}
const { portfolioId: _portfolio, configVersion: _version, at: _at, ...said } = healthy
const arbitrum: ChainReading = {
  ...said,
  chainId: 42_161,
  ...(healthy.block === undefined ? {} : { block: { ...healthy.block, chainId: 42_161 } }),
  lending: [],
  ranges: [],
  balances: [{ asset: 'USDC', quantity: 500, units: '500000000' }],
  feeds: healthy.feeds.map((one) => (one.asset === 'USDC' ? { ...one, usd: 0.9 } : one)),
  protocolPrices: healthy.protocolPrices.map((one) => (one.asset === 'USDC' ? { ...one, usd: 0.9 } : one)),
  poolPrices: healthy.poolPrices.map((one) => ({ ...one, price: one.price / 0.9 })),
  positions: [
    {
      id: 'rate-wrapper:wstETH',
      label: 'wstETH in the account',
      instrument: { kind: 'spot', terms: { asset: 'WETH', quantity: 2 } },
      needs: ['WETH'],
    },
  ],
}
const both: Reading = { ...healthy, elsewhere: [arbitrum] }

const dead = (chain: string): Pick<ChainReading, 'gaps'> => ({
  gaps: [
    { subject: 'chain', code: 'quorum-lost', reason: `${chain}: nobody answers.`, touches: { kind: 'everything' } },
  ],
})
const nothing = { feeds: [], protocolPrices: [], poolPrices: [], balances: [], lending: [], ranges: [], positions: [] }
const withoutBlock = ({ block: _block, ...rest }: ChainReading): ChainReading => rest
const arbitrumDead: Reading = {
  ...healthy,
  elsewhere: [{ ...withoutBlock(arbitrum), ...nothing, ...dead('arbitrum') }],
}
const { block: _block, ...homeWithoutBlock } = both
const homeDead: Reading = { ...homeWithoutBlock, ...nothing, ...dead('ethereum') }

const report = (reading: Reading) => assess({ snapshot: assemble({ reading, settings }) })
const worthOf = (reading: Reading, id: string) =>
  report(reading).positions.find(({ positionId }) => positionId === id)?.valueUsd
const verdict = (reading: Reading) => decide({ report: report(reading), memory: emptyMemory('treasury'), settings, at })
const told = (reading: Reading) =>
  Object.fromEntries(verdict(reading).alerts.map(({ ruleId, title, severity }) => [ruleId, `${severity}: ${title}`]))

describe('with both chains alive', () => {
  const snapshot = assemble({ reading: both, settings })

  it('the portfolio is the sum of both', () => {
    const { navUsd } = report(both)
    const spot = report(both).price.ETH ?? 0
    expect(navUsd).toBeCloseTo(report(healthy).navUsd + 500 * 0.9 + 2 * spot, 6)
    expect(snapshot.dataState.kind).toBe(assemble({ reading: healthy, settings: home }).dataState.kind)
  })

  it('a market elsewhere is told by its own names', () => {
    const market = { kind: 'market', id: 'aave-v3:USDC', protocol: 'aave-v3', label: 'Aave v3', asset: 'USDC' } as const
    const pool = {
      kind: 'pool',
      id: 'uniswap-v3:0x1',
      venue: 'uniswap-v3',
      label: 'x',
      base: 'WETH',
      quote: 'USDC',
    } as const
    const reading = { ...both, telemetry: [market], elsewhere: [{ ...arbitrum, telemetry: [market, pool] }] }
    expect(assemble({ reading, settings }).telemetry).toMatchObject([
      { id: 'aave-v3:USDC', asset: 'USDC' },
      { id: 'arbitrum/aave-v3:USDC', asset: 'USDC@arbitrum' },
      { id: 'arbitrum/uniswap-v3:0x1', base: 'WETH@arbitrum', quote: 'USDC@arbitrum' },
    ])
  })

  it('an unread chain leaves its markets unknown, and only those', () => {
    const rules = { home: 'utilisation.USDC > 0.9', further: 'utilisation["USDC@arbitrum"] > 0.9' }
    const said = (reading: Reading) =>
      Object.fromEntries(
        Object.entries(rules).map(([name, text]) => [name, compileRule(text).evaluate(report(reading)).kind]),
      )
    expect(said(both)).toEqual({ home: 'not-applicable', further: 'not-applicable' })
    expect(said(arbitrumDead)).toEqual({ home: 'not-applicable', further: 'error' })
    expect(said(homeDead)).toEqual({ home: 'error', further: 'not-applicable' })
  })

  it('a token elsewhere is an asset of its own, with the price of its own feed', () => {
    expect(snapshot.prices.find(({ asset }) => asset === 'USDC@arbitrum')?.usd).toBe(0.9)
    expect(snapshot.prices.find(({ asset }) => asset === 'USDC')?.usd).toBe(1)
    expect(snapshot.positions.find(({ id }) => id === 'arbitrum/wallet:USDC')).toMatchObject({
      chainId: 42_161,
      label: 'USDC@arbitrum in the account',
    })
  })

  it('an adapter’s terms are renamed with it', () => {
    expect(snapshot.positions.find(({ id }) => id === 'arbitrum/rate-wrapper:wstETH')).toMatchObject({
      label: 'wstETH in the account on arbitrum',
      instrument: { kind: 'spot', terms: { asset: 'WETH@arbitrum', quantity: 2 } },
    })
  })

  it('delta of one underlying is netted over chains', () => {
    const delta = (reading: Reading) => report(reading).netGreeks.delta.ETH ?? 0
    expect(delta(both) - delta(healthy)).toBeCloseTo(2, 9)
  })

  it('the id names the blocks of both', () => {
    const moved = { ...arbitrum, block: { ...healthy.block, chainId: 42_161, hash: `0x${'cd'.repeat(32)}` } }
    const other = assemble({ reading: { ...both, elsewhere: [moved as ChainReading] }, settings })
    expect(other.id).not.toBe(snapshot.id)
    expect(snapshot.blocks.map(({ chainId }) => chainId)).toEqual([home.chain.chainId, 42_161])
  })
})

describe('with the further chain dead', () => {
  it('home is valued as before, and the whole is partial by name', () => {
    for (const id of ['wallet:WBTC', 'aave-v3', 'uniswap-v3:12'])
      expect(worthOf(arbitrumDead, id)).toBe(worthOf(healthy, id))
    const { dataState, positions } = report(arbitrumDead)
    expect(dataState.kind).toBe('DEGRADED')
    expect(positions.find(({ kind }) => kind === 'unread-chain')).toMatchObject({
      label: 'everything on arbitrum',
      dataState: { kind: 'BLIND', reasons: ['everything on arbitrum is left out: arbitrum: nobody answers.'] },
    })
  })

  it('it is told at once, as severe as a loan that nobody can see', () => {
    expect(told(arbitrumDead)['_sight:chain:arbitrum']).toMatch(/^critical: everything on arbitrum is BLIND/)
  })

  it('a sum that would lack a chain makes its rule say so', () => {
    expect(told(arbitrumDead).value).toMatch(
      /cannot be evaluated: nav: it would be a sum without everything on arbitrum/,
    )
  })

  it('a health factor that is low without the unseen loans still raises and plans; one that is not is unknown', () => {
    expect(told(arbitrumDead).health).toMatch(
      /healthFactor is at most .*: everything on arbitrum could not be assessed/,
    )
    const [loan] = healthy.lending
    if (loan === undefined) throw new Error('the fixture has an account')
    const low = { ...arbitrumDead, lending: [{ ...loan, reported: { ...loan.reported, healthFactor: 1.1 } }] }
    expect(told(low).health).toMatch(/1\.1 against a limit of 1\.3/)
    expect(told(low).roof).toMatch(/cannot be evaluated/)
    expect(verdict(low).plans.map(({ positionId }) => positionId)).toEqual(['aave-v3'])
  })
})

describe('with the home chain dead', () => {
  it('the further chain is valued, by its own price of the underlying', () => {
    expect(worthOf(homeDead, 'arbitrum/wallet:USDC')).toBeCloseTo(450, 9)
    expect(worthOf(homeDead, 'arbitrum/rate-wrapper:wstETH')).toBe(worthOf(both, 'arbitrum/rate-wrapper:wstETH'))
    expect(report(homeDead).dataState.kind).toBe('DEGRADED')
    expect(report(homeDead).price.ETH).toBe(report(both).price.ETH)
  })

  it('both dead are blindness', () => {
    expect(report({ ...homeDead, elsewhere: arbitrumDead.elsewhere ?? [] }).dataState.kind).toBe('BLIND')
  })
})

describe('a loan elsewhere', () => {
  const [loan] = healthy.lending
  if (loan === undefined) throw new Error('the fixture has an account')
  const weak = { ...loan, reported: { ...loan.reported, healthFactor: 1.05 } }
  const reading: Reading = { ...both, elsewhere: [{ ...arbitrum, lending: [weak] }] }

  it('is the weakest account, and no plan is made for a chain without orders', () => {
    expect(report(reading).healthFactor).toBe(1.05)
    const { plans, alerts } = verdict({ ...reading, lending: [] })
    expect(plans).toEqual([])
    expect(alerts.find(({ ruleId }) => ruleId === 'health')?.todo).toMatch(
      /arbitrum\/aave-v3 is the weakest account, and no order is made on arbitrum: act there by hand/,
    )
  })
})
