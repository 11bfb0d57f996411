import { existsSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { readPanel } from '../../../bin/history-panel.ts'
import { parseMarket } from '../../../lib/instruments/market/parse-market.ts'
import { returnPanel } from '../../../lib/risk/market/return-panel.ts'
import { assessTail } from '../../../lib/risk/tail/assess-tail.ts'
import { fitReturns } from '../../../lib/risk/tail/return-model.ts'

const file = new URL('../../../../shared/data/panel_prices_daily_permissive.csv', import.meta.url).pathname
const day = 86_400

describe('the loan-to-value for a chance of 5 % in ten days', () => {
  it.skipIf(!existsSync(file))(
    'is lost in about one of twenty replays, each from a model that ends on its day (2019 to 2024, BTC and ETH; skipped without ../shared/data)',
    async () => {
      const { series } = await readPanel(file, { only: ['BTC', 'ETH', 'LTC'] })
      const closes = new Map(
        series.map(({ asset, bars }) => [asset, new Map(bars.map((bar) => [bar.start, bar.close]))]),
      )
      const first = Date.UTC(2019, 0, 10) / 1_000
      const outcomes = Array.from({ length: 70 }, (_, k) => first + k * 31 * day).flatMap((at) => {
        const known = series.map(({ asset, bars }) => ({ asset, bars: bars.filter(({ start }) => start + day <= at) }))
        const daily = fitReturns({ panel: returnPanel({ series: known, interval: '1d' }) })
        const model = { id: 'm', at, madeAt: at, assets: [], volatility: [], macro: [], notes: [], daily }
        return ['BTC', 'ETH'].map((asset) => {
          const spot = closes.get(asset)?.get(at - day) ?? Number.NaN
          const market = parseMarket({ at, spot: { [asset]: spot, USD: 1 } })
          const terms = {
            collateral: [{ asset, quantity: 1, liquidationThreshold: 0.8 }],
            debt: [{ asset: 'USD', quantity: 0.4 * spot }],
          }
          const positions = [{ id: 'loan', label: 'loan', instrument: { kind: 'loan', terms } } as const]
          const accounts = [{ positionId: 'loan', protocol: 'aave-v3', terms, unexplainedDebtUsd: 0 }]
          const tail = assessTail({ positions, accounts, market, lens: market, model, seed: at, count: 1_500 })
          const { loanToValueForTarget = 1 } = tail?.liquidations.find(({ horizon }) => horizon === '10d') ?? {}
          const ahead = Array.from({ length: 10 }, (_, i) => closes.get(asset)?.get(at + i * day) ?? spot)
          return Math.min(...ahead) < (spot * loanToValueForTarget) / 0.8
        })
      })
      const lost = outcomes.filter(Boolean).length / outcomes.length
      expect(outcomes).toHaveLength(140)
      // Two assets that fall together are little more than 70 windows: 5 % and two and a half standard errors.
      expect(lost).toBeGreaterThan(0)
      expect(lost).toBeLessThan(0.05 + 2.5 * Math.sqrt((0.05 * 0.95) / 70))
    },
    30_000,
  )
})
