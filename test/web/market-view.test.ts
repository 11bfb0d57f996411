import { expect, test } from 'vitest'
import type { Report } from '../../lib/model/report.ts'
import type { StressTest } from '../../lib/model/stress.ts'
import { changeView } from '../../lib/web/change-view.ts'
import { consoleSections } from '../../lib/web/console-sections.ts'
import { portfolioView } from '../../lib/web/portfolio-view.ts'
import { stressTestView } from '../../lib/web/stress-view.ts'
import { aChance, aRegime, aTail, usdcPeg, withMarket } from '../decisions/a-market.ts'
import { reportAt, settingsAt, start } from './desk.ts'

const viewOf = (report: Report) =>
  portfolioView({
    portfolioId: 'treasury',
    settings: settingsAt('v1'),
    reports: [report],
    snapshots: [],
    alerts: [],
    orders: [],
    receipts: [],
    at: start,
  })
const report = withMarket(reportAt(start, { navUsd: 2_000_000 }))
const textOf = (section: string, of: Report = report) =>
  (consoleSections(viewOf(of), {})[section]?.html ?? '').replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ')

test('the regime is a word with its colour, its votes against their thresholds, and the posture in words', () => {
  const { regime } = viewOf(report).market
  expect(regime).toMatchObject({
    word: 'crisis',
    tone: 'bad',
    score: 'crisis score 91 of 100',
    posture: 'risk budget 50% of the usual, puts on at least 30% of risky holdings',
  })
  expect(regime?.votes.map(({ name, value, threshold, says, reach }) => [name, value, threshold, says, reach])).toEqual(
    [
      ['Absorption shift', '1.4 sd', '1 sd', 'tense', 1.4],
      ['Hidden states', '93%', '70%', 'crisis', expect.closeTo(1.33, 2)],
      ['Turbulence', '7.1 x usual', '3 x usual', 'crisis', 2],
      ['Evidence of correlation', 'too little history', '5', 'calm', undefined],
    ],
  )
  expect(regime?.notes).toContain('UNI does not vote: only 12 days of history.')
  expect(textOf('market')).toMatch(
    /crisis since the UTC day 2020-03-12; crisis score 91 of 100.*Posture: risk budget 50% of the usual/,
  )
  expect(textOf('figures')).toMatch(/Market crisis crisis score 91 of 100/)
})

test('low power and a day that is not over are said', () => {
  const regime = aRegime({ isLowPower: true, universe: ['BTC'], isProvisional: true })
  expect(textOf('market', { ...report, regime })).toMatch(/day is not over.*Only 1 assets vote/)
})

test('a broken peg is marked, and one that is half way to its limit too', () => {
  const pegs = [-0.02, 0.006, 0.001].map((deviation) => {
    return { ...usdcPeg, deviation, usd: 1 + deviation, isBroken: Math.abs(deviation) > usdcPeg.limit }
  })
  const { market } = viewOf({ ...report, regime: aRegime({ pegs }) })
  expect(market.pegs.map(({ tone, deviation }) => [tone, deviation])).toEqual([
    ['bad', '-2.00%'],
    ['warn', '+0.60%'],
    ['good', '+0.10%'],
  ])
})

test('losses stand with their share of the value, odds with the loan-to-value to go to', () => {
  const { tail } = viewOf(report)
  expect(tail.headline).toEqual({ usd: '$130,000', share: '6.5%' })
  expect(tail.rows[1]).toMatchObject({
    horizon: '1 day',
    valueAtRisk95: { usd: '$60,000', share: '3.0%' },
    expectedShortfall99: { usd: '$130,000', share: '6.5%' },
  })
  expect(tail.liquidations).toEqual([
    {
      account: 'aave-v3',
      hour: '0.1%',
      day: '2.3%',
      tenDays: '11.0%',
      tone: 'warn',
      loanToValue: '55.0%',
      loanToValueForTarget: '51.0%',
      target: 'for 5% a day',
      expectedLoss: '$1,380',
    },
  ])
  expect(tail.contributions.map(({ part, bar }) => [part, bar])).toEqual([
    ['-$120,000', -1],
    ['-$30,000', -0.25],
    ['+$20,000', expect.closeTo(1 / 6, 9)],
  ])
  expect(textOf('figures')).toMatch(/Worst day in a hundred \$130,000/)
})

test('none of ten thousand scenarios is not never, and a value below zero has no share', () => {
  const none = aTail({ liquidations: [aChance({ probability: 0 })] })
  const { tail } = viewOf({ ...report, navUsd: -5, tail: none })
  expect(tail.liquidations[0]).toMatchObject({ day: '<0.01%', hour: 'n/a', tone: 'good' })
  expect(tail.headline?.share).toBe('n/a')
})

test('an hour that is scaled from days says so, and so does what is left out', () => {
  const scaled = aTail().figures.map((one) => ({
    ...one,
    basis: one.horizon === '1h' ? ('scaled' as const) : one.basis,
  }))
  const leftOut = [{ positionId: 'x', reason: 'The swap is left out of tail risk: no value' }]
  const { tail } = viewOf({ ...report, tail: aTail({ figures: scaled, leftOut }) })
  expect(tail.rows[0]?.note).toMatch(/scaled from days/)
  expect(tail.notes[0]).toMatch(/swap is left out/)
})

test('without a market model every part says why, and nothing is a zero', () => {
  const bare = reportAt(start, { marketModelMissing: 'no history of two assets' })
  expect(textOf('market', bare)).toMatch(/Not known: no history of two assets/)
  expect(textOf('tail', bare)).toMatch(/Not known: no history of two assets/)
  expect(textOf('figures', bare)).not.toMatch(/Worst day|Market/)
  const { tail: _tail, ...simulated } = report
  expect(textOf('tail', { ...simulated, tailMissing: 'no residuals' })).toMatch(/Not known: no residuals/)
})

test('the book follows a series by the betas of what it holds; a position without one is named', () => {
  const { netGreeks, price } = report
  const follows = 1.5 * (netGreeks.delta.ETH ?? 0) * (price.ETH ?? 0) + (netGreeks.delta.BTC ?? 0) * (price.BTC ?? 0)
  expect(Number(viewOf(report).market.betas[0]?.book)).toBeCloseTo(follows / 2_000_000, 2)
  const macro = (report.macro ?? []).filter(({ asset }) => asset !== 'BTC')
  expect(viewOf({ ...report, macro }).market.betas[0]?.book).toBe('not known without BTC')
})

const aModelStanding = { at: start - 100, madeAt: start - 50, dataState: { kind: 'FRESH' as const }, notes: [] }
const ftx = { date: '2022-11-09', moves: { SOL: -0.4, BTC: -0.152, ETH: -0.179, USDC: 0 } }

const stressTest: StressTest = {
  grid: {
    spots: [0.7, 1, 1.1],
    volatilities: [0.7, 1],
    accounts: ['aave-v3'],
    groups: [
      { name: 'all', changeUsd: [-800_000, -700_000, 0, 0, 60_000, Number.NaN], healthFactor: [0.98, 1.4, 1.5] },
      { name: '<b>', changeUsd: [-1, -1, 0, 0, 1, 1], healthFactor: [1.4, 1.4, 1.4], leftOut: ['a swap'] },
    ],
  },
  crises: [
    {
      id: 'a',
      name: 'FTX',
      navUsd: 1,
      changeUsd: -100_000,
      accounts: [],
      healthFactor: 1.2,
      assumed: ['by beta'],
      ...ftx,
    },
    { id: 'b', name: 'March', navUsd: 1, changeUsd: -1_000_000, accounts: [], healthFactor: 0.9, assumed: [] },
  ],
  lags: [],
  reverse: {
    horizonDays: 1,
    covariance: 'default',
    starts: 1,
    seed: 1,
    breaches: [],
    maxSigmas: 12,
    assumed: [],
  },
  worst: {
    scenario: 'all -30 %',
    changeUsd: -800_000,
    byPosition: Array.from({ length: 10 }, (_, index) => ({ cause: `p${index}`, changeUsd: -80_000 })),
    byFactor: [{ cause: 'spot of ETH', changeUsd: -800_000 }],
  },
}

test('a grid is shown as shares of the value with their heat, and health where an account owes', () => {
  const view = stressTestView({ ...report, stressTest })
  expect(view?.groups[0]).toMatchObject({
    columns: ['vol x0.7', 'vol x1', 'Health factor'],
    rows: [
      {
        spot: '-30%',
        cells: [{ text: '-40%', heat: -4 }, { heat: -4 }],
        healthFactors: [{ text: '0.980', tone: 'bad' }],
      },
      { spot: 'as it is', cells: [{ heat: 0 }, { heat: 0 }] },
      {
        spot: '+10%',
        cells: [
          { text: '+3.0%', heat: 1 },
          { text: 'n/a', heat: 0 },
        ],
      },
    ],
  })
  expect(view?.groups[1]?.notes[0]).toMatch(/a swap cannot be valued/)
})

test('crises are shown worst first; a book that nothing breaks is told so; parts sum to the whole', () => {
  const view = stressTestView({ ...report, stressTest })
  expect(view?.crises.map(({ name, share, tone }) => [name, share, tone])).toEqual([
    ['March', '-50.0%', 'bad'],
    ['FTX', '-5.0%', 'warn'],
  ])
  expect(view?.crises.map(({ move }) => move)).toEqual(['', '2022-11-09, ETH -18%, BTC -15%, SOL -40%'])
  expect(view?.reverse[0]).toMatch(/Nothing within 12 sigma/)
  expect(view?.worst[0]?.parts.at(-1)).toMatchObject({ cause: 'all others', change: '-$160,000' })
})

test('names from anywhere cannot become markup', () => {
  const html = consoleSections(viewOf({ ...report, stressTest }), {}).crises?.html ?? ''
  expect(html).not.toContain('<b>')
  expect(html).toContain('&lt;b&gt;')
})

test('changes are told figure by figure with their largest parts; what no reader can see is left out', () => {
  const figures = [
    {
      figure: 'nav',
      from: 1_000_000,
      to: 990_000,
      method: 'shapley' as const,
      parts: [
        { cause: 'price of ETH', change: -12_000 },
        { cause: 'funding', change: 2_000 },
        { cause: 'time', change: 1e-9 },
      ],
    },
    { figure: 'healthFactor.aave-v3', from: 1.5, to: 1.48, method: 'shapley' as const, parts: [] },
    { figure: 'delta.ETH', from: 10, to: 10 + 1e-4, method: 'shapley' as const, parts: [] },
  ]
  const view = changeView({ ...report, changes: { sinceSnapshotId: 's', since: start - 60, figures } })
  expect(view?.span).toBe('In 60 s')
  expect(view?.rows).toEqual([
    {
      figure: 'Net asset value',
      from: '$1,000,000',
      to: '$990,000',
      change: '-$10,000',
      parts: ['price of ETH -$12,000', 'funding +$2,000'],
    },
    { figure: 'Health factor, aave-v3', from: '1.50', to: '1.48', change: '-0.02', parts: [] },
  ])
})

test('made-up prices are named where their figures stand, and how old the prices of the model are', () => {
  const madeUp = {
    ...report,
    marketModel: { ...aModelStanding, madeUp: 'synthetic, seed 1', sources: ['synthetic, seed 1'] },
  }
  expect(textOf('figures', madeUp)).toMatch(/expected shortfall made-up prices .*of 100 made-up prices/)
  expect(textOf('tail', madeUp)).toMatch(/What can be lost made-up prices By past prices up to/)
  expect(textOf('market', madeUp)).toMatch(/made-up prices By past prices up to/)
  const own = { ...report, marketModel: { ...aModelStanding, sources: ['coinbase', 'my.csv'] } }
  expect(textOf('tail', own)).toMatch(/What can be lost By past prices up to .*, from coinbase, my\.csv\./)
  expect(textOf('figures', own)).not.toContain('made-up')
})

test('the day is told before the second: value, health and risk first, with the regime, and nothing that is none', () => {
  const one = (figure: string, from: number, to: number, parts: readonly (readonly [string, number])[] = []) => {
    return { figure, from, to, method: 'shapley' as const, parts: parts.map(([cause, change]) => ({ cause, change })) }
  }
  const midnight = Math.floor(start / 86_400) * 86_400
  const dayChanges = {
    sinceSnapshotId: 's',
    since: midnight - 20,
    figures: [
      one('delta.ETH', 700, 700.01, [['quantity', -0.01]]),
      one('valueAtRisk', 160_000, 110_000, [['price of ETH', -50_000]]),
      { ...one('healthFactor.aave-v3', 1.5, 1.12), appearedAt: midnight + 3_600 },
      one('nav', 2_600_000, 1_950_000, [
        ['price of ETH', -649_900],
        ['time', -100],
      ]),
    ],
    regime: { from: 'tense' as const, to: 'crisis' as const },
  }
  const changes = { sinceSnapshotId: 's', since: start - 1, figures: [one('nav', 1_950_000, 1_949_999)] }
  const view = changeView({ ...report, changes, dayChanges })
  expect(view).toMatchObject({ span: 'Since 00:00 UTC', regime: 'tense at first, crisis now' })
  expect(view?.rows.map(({ figure }) => figure)).toEqual([
    'Net asset value',
    'Health factor, aave-v3',
    'Value at risk, 99% of a day',
  ])
  expect(view?.rows[0]?.parts).toEqual(['price of ETH -$649,900'])
  expect(view?.rows[1]?.from).toBe('1.50 at 01:00, none before')
  expect(textOf('changes', { ...report, changes, dayChanges })).toMatch(
    /Market: tense at first, crisis now\. Since 00:00 UTC/,
  )
  expect(changeView({ ...report, dayChanges: { ...dayChanges, since: midnight + 600 } })?.span).toBe('Since 00:10 UTC')
})
