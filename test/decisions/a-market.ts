// What a market model adds to a report, for tests of words, alerts and pages: the crash of a March, planted.

import type { PegDeviation, RegimeView, RegimeVote } from '../../lib/model/regime.ts'
import type { Report } from '../../lib/model/report.ts'
import { type LiquidationChance, type TailRisk, tailHorizons, tailLevels } from '../../lib/model/tail-risk.ts'

export const marchCrash = 1_584_000_000

const votes: readonly RegimeVote[] = [
  { name: 'absorption', pace: 'slow', value: 1.4, threshold: 1, says: 'tense' },
  { name: 'hidden-markov', pace: 'slow', value: 0.93, threshold: 0.7, says: 'crisis' },
  {
    name: 'turbulence',
    pace: 'fast',
    value: 7.1,
    threshold: 3,
    says: 'crisis',
    details: { meanCorrelation: 0.86, correlationRank: 0.97 },
  },
  { name: 'correlation-cusum', pace: 'fast', threshold: 5, says: 'calm' },
]

export const usdcPeg: PegDeviation = { asset: 'USDC', usd: 0.999, deviation: -0.001, limit: 0.01, isBroken: false }

export function aRegime(change: Partial<RegimeView> = {}): RegimeView {
  return {
    regime: 'crisis',
    since: marchCrash,
    probability: 0.91,
    votes,
    posture: {
      budgetMultiplier: 0.5,
      putFloor: 0.3,
      cause: 'hidden-markov and turbulence since 2020-03-12',
    },
    pegs: [usdcPeg],
    universe: ['ADA', 'BNB', 'BTC', 'ETH', 'LTC', 'XRP'],
    excluded: [{ asset: 'UNI', reason: 'only 12 days of history' }],
    isLowPower: false,
    ...change,
  }
}

export const calm = aRegime({
  regime: 'calm',
  probability: 0.02,
  posture: { budgetMultiplier: 1, putFloor: 0, cause: 'no vote speaks up' },
  votes: votes.map((vote) => ({ ...vote, value: 0.1, says: 'calm' })),
})

export function aChance(change: Partial<LiquidationChance> = {}): LiquidationChance {
  return {
    positionId: 'aave-v3',
    protocol: 'aave-v3',
    horizon: '1d',
    probability: 0.023,
    standardError: 0.0015,
    expectedLossUsd: 1_380,
    penaltyUsd: 60_000,
    healthFactor: 1.5,
    loanToValue: 0.55,
    loanToValueForTarget: 0.51,
    targetProbability: 0.05,
    basis: 'daily',
    ...change,
  }
}

/** Losses grow with level and horizon: ES 99 % of a day is 130,000. */
export function aTail(change: Partial<TailRisk> = {}): TailRisk {
  return {
    marketModelId: 'model-1',
    modelAt: 900,
    scenarios: 10_000,
    seed: 7,
    valueUsd: 1_500_000,
    figures: tailHorizons.flatMap((horizon, far) =>
      tailLevels.map((level) => {
        const valueAtRiskUsd = 100_000 * 3 ** (far - 1) * (level === 0.99 ? 1 : 0.6)
        const expectedShortfallUsd = valueAtRiskUsd * 1.3
        return { horizon, level, valueAtRiskUsd, expectedShortfallUsd, basis: 'daily' as const }
      }),
    ),
    contributions: [
      { positionId: 'aave-v3', label: 'Aave v3 loan', expectedShortfallUsd: 120_000, incrementalUsd: 118_000 },
      { positionId: 'wallet:WBTC', label: 'WBTC in the account', expectedShortfallUsd: 30_000 },
      { positionId: 'eth-puts', label: '100 ETH puts', expectedShortfallUsd: -20_000, incrementalUsd: -22_000 },
    ],
    liquidations: tailHorizons.map((horizon, far) =>
      aChance({ horizon, probability: [0.001, 0.023, 0.11][far] ?? 0, basis: 'daily' }),
    ),
    histogram: { fromUsd: -200_000, toUsd: 200_000, counts: [1, 20, 60, 18, 1] },
    leftOut: [],
    notes: ['USDC stands without history: it does not move'],
    ...change,
  }
}

/** The report with a market model of its own time. */
export function withMarket(report: Report, change: Partial<Report> = {}): Report {
  return {
    ...report,
    marketModelId: 'model-1',
    marketModel: { at: report.at - 100, madeAt: report.at - 50, dataState: { kind: 'FRESH' }, notes: [] },
    regime: aRegime(),
    tail: aTail(),
    macro: ['ETH', 'BTC'].flatMap((asset, index) =>
      ['SPX', 'DXY'].map((series) => {
        const beta = series === 'SPX' ? 1.5 - 0.5 * index : -2
        return { asset, series, beta, standardError: 0.2, rSquared: 0.2, observations: 500 }
      }),
    ),
    volatility: ['ETH', 'BTC', 'USDC'].map((asset) => {
      return { asset, volatility: asset === 'USDC' ? 0.002 : 0.8, method: 'har' as const }
    }),
    ...change,
  }
}
