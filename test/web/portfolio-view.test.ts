import { expect, test } from 'vitest'
import type { Report } from '../../lib/model/report.ts'
import { consoleJson, consolePage } from '../../lib/web/console-page.ts'
import { orderView } from '../../lib/web/order-view.ts'
import { type PortfolioFacts, portfolioView } from '../../lib/web/portfolio-view.ts'
import { alertAt, orderAt, receiptAt, reportAt, settingsAt, snapshotAt, start } from './desk.ts'

const facts: PortfolioFacts = {
  portfolioId: 'treasury',
  settings: settingsAt('v1'),
  reports: [reportAt(start), reportAt(start - 60, { navUsd: 163_000 })],
  snapshots: [snapshotAt(start)],
  alerts: [alertAt(start), alertAt(start - 900, { state: 'recovered', durationSeconds: 5_400 })],
  orders: [orderAt(start)],
  receipts: [receiptAt(start, { kind: 'accepted', reference: 'msg-1' }, 'desk')],
  at: start + 30,
}

test('value, change, health and distance are shown as a desk reads them', () => {
  const view = portfolioView(facts)
  expect(view).toMatchObject({ name: 'DAO treasury <main>', nav: '$142,318', navChange: '-$20,682' })
  expect(view.blocks).toEqual(['block 20,412,345 of local (31337)'])
  expect(view.health).toEqual([
    {
      factor: '1.21',
      protocolFactor: '1.21',
      label: 'aave-v3',
      collateral: '$118,000',
      debt: '$61,201',
      tone: 'warn',
      liquidations: [
        { underlying: 'ETH', price: '$1,910', side: 'below', distance: '-17.6%' },
        { underlying: 'USDC', price: '$1.21', side: 'above', distance: '+21.4%' },
      ],
    },
  ])
})

test('a value that could not be seen is not known: no zero, and no change from or to it', () => {
  const blind = { dataState: { kind: 'BLIND', reasons: ['chain: no answer'] }, navUsd: 0, positions: [] } as const
  const unseen = portfolioView({ ...facts, reports: [reportAt(start, blind), reportAt(start - 60)] })
  expect(unseen.nav).toBe('not known')
  expect(unseen).not.toHaveProperty('navChange')
  const regained = portfolioView({ ...facts, reports: [reportAt(start), reportAt(start - 60, blind)] })
  expect(regained.nav).toBe('$142,318')
  expect(regained).not.toHaveProperty('navChange')
  const positions = reportAt(start).positions.map((one) => ({ ...one, dataState: blind.dataState }))
  expect(portfolioView({ ...facts, reports: [reportAt(start, { navUsd: 0, positions })] }).nav).toBe('not known')
  expect(portfolioView({ ...facts, reports: [reportAt(start, { navUsd: 0, positions: [] })] }).nav).toBe('$0')
})

test('a value without a part says so, and shows no change from when the part was seen', () => {
  const whole = reportAt(start - 60)
  const [first] = whole.positions
  if (first === undefined) throw new Error('the report has positions')
  const unread = { kind: 'BLIND', reasons: ['nobody answers'] } as const
  const part = { ...first, positionId: 'chain:far', label: 'everything on far', valueUsd: 0, dataState: unread }
  const partial = portfolioView({
    ...facts,
    reports: [reportAt(start, { positions: [...whole.positions, part] }), whole],
  })
  expect(partial.navWithout).toBe('everything on far')
  expect(partial).not.toHaveProperty('navChange')
  expect(JSON.stringify(consoleJson(partial, {}))).toContain('partial: without everything on far')
})

test('a change below one cent is not shown', () => {
  const after = (navUsd: number) =>
    portfolioView({ ...facts, reports: [reportAt(start, { navUsd }), reportAt(start - 60, { navUsd: 100 })] }).navChange
  expect(after(100.0001)).toBeUndefined()
  expect(after(99.991)).toBeUndefined()
  expect(after(99.98)).toMatch(/^-\$0\.02/)
})

test('net delta is sorted by size in dollars, each row with its unit price', () => {
  expect(portfolioView(facts).netGreeks).toEqual([
    {
      underlying: 'ETH',
      delta: '+41.237',
      usd: '+$95,605',
      gamma: '-$221.45',
      vega: '+$161.00',
      vegaByExpiry: ['2026-12-25 +$41.00', '2027-03-26 +$120.00'],
      price: '$2,318',
    },
    {
      underlying: 'USDC',
      delta: '-61,200.5',
      usd: '-$61,201',
      gamma: '0',
      vega: '0',
      vegaByExpiry: [],
      price: '$1.00',
    },
    { underlying: 'BTC', delta: '+0.75', usd: '+$40,658', gamma: '0', vega: '0', vegaByExpiry: [], price: '$54,210' },
  ])
})

test('what a day brings is told kind by kind, and the losses of pools beside the sum', () => {
  expect(portfolioView(facts).carry).toEqual([
    { what: 'Decay of options', usd: '-$100.00', unit: 'a day' },
    { what: 'Funding of perpetuals', usd: '+$20.00', unit: 'a day' },
    { what: 'Interest, lent less owed', usd: '-$8.38', unit: 'a day' },
    { what: 'Fees of pools', usd: '+$12.60', unit: 'a day' },
    { what: 'All together', usd: '-$75.78', unit: 'a day' },
    { what: 'Loss-versus-rebalancing of pools', usd: '-$10.00', unit: 'a day' },
    { what: 'Impermanent loss of pools', usd: '-$412.00', unit: 'so far' },
  ])
})

test('a price that could not be read is not available; it is never a zero', () => {
  const [weth, usdc, wbtc] = portfolioView(facts).prices
  expect(weth).toMatchObject({ usd: '$2,318', market: '$2,290', gap: '-1.22%', age: '42 s', updatedAt: start - 12 })
  expect(usdc).toMatchObject({ usd: '$1.00', market: 'n/a', gap: 'n/a', age: '50.5 min' })
  expect(wbtc).toMatchObject({ usd: 'n/a', protocol: 'n/a', age: 'n/a', state: 'BLIND' })
  expect(portfolioView(facts).gaps).toEqual([
    { subject: 'feed WBTC', code: 'rpc-timeout', reason: 'no answer within 4 s' },
  ])
})

test("the state is the report's own while reports come in time, with the age of the oldest price", () => {
  expect(portfolioView(facts).state).toEqual({
    kind: 'DEGRADED',
    reasons: ['feed WBTC: no answer within 4 s'],
    overdue: false,
    dataAt: start - 3_000,
    age: '50.5 min',
  })
})

test('a view whose report is older than three periods is blind, whatever the report said', () => {
  const calm = { ...facts, reports: [reportAt(start, { dataState: { kind: 'FRESH' } })] }
  expect(portfolioView({ ...calm, at: start + 180 }).state.kind).toBe('FRESH')
  expect(portfolioView({ ...calm, at: start + 181 }).state).toMatchObject({
    kind: 'BLIND',
    overdue: true,
    reasons: ['no report for 3 min, one is due every 60 s'],
  })
})

test('before the first report everything is unknown and the view says why', () => {
  const view = portfolioView({ ...facts, reports: [], snapshots: [] })
  expect(view).toMatchObject({ nav: 'not known', positions: [], health: [], state: { kind: 'BLIND', overdue: false } })
  expect(view.state.reasons[0]).toContain('no report yet')
})

test('bars of the stress table are relative to its largest change', () => {
  const bars = portfolioView(facts).stress.map((row) => Math.round(row.bar * 100))
  expect(bars).toEqual([-100, -60, -40, -20, 20, 40])
})

test('an open order shows its validity and its path, an ended one neither can be approved nor links', () => {
  expect(orderView(orderAt(start), start + 60)).toMatchObject({ open: true, validity: '14 min left', cost: '$48.90' })
  const late = orderView(orderAt(start), start + 960)
  expect(late).toMatchObject({ open: false, validity: 'over for 60 s', state: 'QUOTE OVER' })
  expect(late.approvePath).toBe(`/o/treasury~restore-health~0001/${'ab'.repeat(16)}`)
  expect(orderView(orderAt(start, { status: 'VOID' }), start).approvePath).toBeUndefined()
})

test('a quote that is over invites nobody to approve: it is marked, and the way to a new one is shown', () => {
  const ordersOf = (at: number) => {
    const view = portfolioView({ ...facts, orders: [orderAt(start)], at })
    return consoleJson(view, { approveBaseUrl: 'https://approve.example' }).sections.orders
  }
  expect(ordersOf(start + 60)).toMatch(/PROPOSED.*Review and approve/s)
  const late = ordersOf(start + 960)
  expect(late).toMatch(/QUOTE OVER.*nothing to approve.*ask for a new quote/s)
  expect(late).not.toMatch(/PROPOSED<\/span> <strong>|Review and approve/)
})

test('predicted and actual stand side by side with their difference', () => {
  const order = orderAt(start, { status: 'CONFIRMED' })
  const actual = { ...order.predicted, healthFactor: 1.4987, costUsd: 51.2, balanceChanges: { USDC: 11.9, WETH: 0 } }
  const rows = orderView({ ...order, actual }, start).outcome
  expect(rows).toContainEqual({ what: 'Health factor', predicted: '1.5030', actual: '1.4987', difference: '-0.0043' })
  expect(rows).toContainEqual({ what: 'Total cost', predicted: '$48.90', actual: '$51.20', difference: '+$2.30' })
  expect(rows).toContainEqual({ what: 'USDC in the account', predicted: '+12.4', actual: '+11.9', difference: '-0.5' })
})

test('approvals of an older quote are not counted', () => {
  const order = orderAt(start)
  const approval = { approver: order.approvers[0] ?? '0x', signature: '0x', at: start, channel: 'page' } as const
  const older = { ...approval, safeTransactionHash: `0x${'12'.repeat(32)}` } as const
  expect(orderView({ ...order, approvals: [older] }, start).approvals).toBe(0)
  const current = { ...approval, safeTransactionHash: order.safeTransactionHash }
  expect(orderView({ ...order, approvals: [older, current] }, start).approvals).toBe(1)
})

test('equal data gives equal markup a minute later, so that polling replaces nothing', () => {
  const fresh = { ...facts, reports: [reportAt(start)] }
  const now = consoleJson(portfolioView({ ...fresh, at: start + 5 }), {}).sections
  const later = consoleJson(portfolioView({ ...fresh, at: start + 65 }), {}).sections
  expect(later).toEqual(now)
})

test('text from chain, configuration or channel appears on the page only escaped', () => {
  const evil = `<img src=x onerror=alert(1)>"'`
  const report = reportAt(start)
  const hostile: PortfolioFacts = {
    ...facts,
    portfolioId: evil,
    settings: undefined,
    reports: [
      {
        ...report,
        netGreeks: { ...report.netGreeks, delta: { [evil]: 1 }, vega: { [evil]: { [evil]: 1 } } },
        positions: report.positions.map((position) => ({ ...position, label: evil, warnings: [evil] })),
        prices: report.prices.map((price) => ({ ...price, asset: evil })),
        stress: report.stress.map((row) => ({ ...row, scenario: evil })),
        dataState: { kind: 'BLIND', reasons: [evil] },
      },
    ],
    alerts: [alertAt(start, { title: evil, why: evil, todo: evil })],
    orders: [orderAt(start, { summary: evil, why: evil, id: evil, ending: evil, linkKey: evil })],
    receipts: [receiptAt(start, { kind: 'failed', code: evil, reason: evil, retry: 'never' }, evil)],
  }
  const view = portfolioView(hostile)
  const links = { approveBaseUrl: 'https://approve.example' }
  const page = consolePage({ view, links, portfolios: [evil, 'other'], who: evil, nonce: 'n' })
  expect(page).not.toContain('<img')
  expect(page).not.toMatch(/href="[^"]*'/)
  expect(page.split('&lt;img').length).toBeGreaterThan(15)
})

test('an alternative says that its cost is a bound and not simulated', () => {
  const [alternative] = orderView(orderAt(start), start).alternatives
  expect(alternative).toBe(
    'repay 12,000 USDC from the account: health factor 1.38, short of the target, costs at most $0 (not simulated)',
  )
})

test('a chain shows its mode, why, and its vital signs on the page; what was not read is left out', () => {
  const providers = { configured: 3, quorum: 2, agreed: 2, behind: ['gamma'], contradicting: [] }
  const vitals = {
    headAgeSeconds: 5,
    baseFeeGwei: 40,
    feeHistory: { blocks: 300, percentile: 0.99, medianGwei: 5 },
    gasUsedShare: 0.62,
    finalised: { number: 936, lagBlocks: 64, lagSeconds: 768 },
    providers,
    sequencer: { status: 'up', since: start - 9_000 },
  } as const
  const reasons = ['the base fee is 40 gwei, <5> is usual']
  const busy = { chainId: 31_337, at: start, mode: 'CONGESTED', reasons, vitals, causes: [], earlier: [] } as const
  const bare = { ...busy, vitals: { headAgeSeconds: 5, baseFeeGwei: 40, providers } }
  const { vitals: _, ...unseen } = { ...busy, mode: 'FROZEN' as const }
  const shown = (chain: NonNullable<Report['chains']>[number]) =>
    portfolioView({ ...facts, reports: [reportAt(start, { chains: [chain] })] })
  expect(shown(busy).chains).toEqual([
    {
      name: 'local (31337)',
      mode: 'CONGESTED',
      tone: 'warn',
      reasons,
      signs:
        'base fee 40 gwei, higher than 99% of the last 300 blocks; block 62% full; block 5 s old when read; ' +
        'final up to 64 blocks before (12.8 min); 2 of 3 providers agree, behind: gamma; sequencer up',
    },
  ])
  expect(shown(bare).chains[0]?.signs).toBe(
    'base fee 40 gwei; block 5 s old when read; 2 of 3 providers agree, behind: gamma',
  )
  expect(shown(unseen).chains[0]).toMatchObject({ tone: 'bad', signs: 'no vital signs' })
  expect(portfolioView(facts).chains).toEqual([])
  const page = JSON.stringify(consoleJson(shown(busy), {}))
  expect(page).toContain('local (31337) CONGESTED')
  expect(page).toContain('&lt;5&gt; is usual')
})
