// `npm run bench -- loan-to-value`: loans at the loan-to-value for a chance of 5 % in ten days, replayed through what prices then did.

import { existsSync } from 'node:fs'
import { stdout } from 'node:process'
import { readPanel } from '../../bin/history-panel.ts'
import { parseMarket } from '../../lib/instruments/market/parse-market.ts'
import type { MarketModel } from '../../lib/model/market-model.ts'
import { random } from '../../lib/quant/random.ts'
import { returnPanel } from '../../lib/risk/market/return-panel.ts'
import { assessTail } from '../../lib/risk/tail/assess-tail.ts'
import { fitReturns } from '../../lib/risk/tail/return-model.ts'

const file = new URL('../../../shared/data/panel_prices_daily_permissive.csv', import.meta.url).pathname
const majors = ['BTC', 'ETH', 'XRP', 'LTC', 'ADA', 'BNB']
const day = 86_400
const threshold = 0.8

/** Daily closes alone are replayed, so that a dip between them is missed: the figure is a little low. */
export async function benchLoanToValue(params: { readonly dates: number; readonly from: string }): Promise<void> {
  if (!existsSync(file)) {
    stdout.write(`there is no ${file}\n`)
    return
  }
  const { series } = await readPanel(file, { only: majors })
  const closes = new Map(
    series.map(({ asset, bars }) => [asset, new Map(bars.map(({ start, close }) => [start, close]))]),
  )
  const [first, last] = [Date.parse(`${params.from}T00:00Z`) / 1_000, Date.parse('2024-12-15T00:00Z') / 1_000]
  const rng = random(5)
  const results = new Map<string, { n: number; lost: number }>()
  const count = (key: string, isLost: boolean) => {
    const one = results.get(key) ?? { n: 0, lost: 0 }
    results.set(key, { n: one.n + 1, lost: one.lost + (isLost ? 1 : 0) })
  }
  for (let k = 0; k < params.dates; k += 1) {
    const at = first + Math.floor((rng.uniform() * (last - first)) / day) * day
    // Bars that end by then.
    const known = series.map(({ asset, bars }) => ({
      asset,
      bars: bars.filter(({ start }) => start + day <= at).slice(-1_500),
    }))
    const daily = fitReturns({ panel: returnPanel({ series: known, interval: '1d' }) })
    const model: MarketModel = { id: 'study', at, madeAt: at, assets: [], volatility: [], macro: [], notes: [], daily }
    for (const asset of ['BTC', 'ETH']) {
      const close = closes.get(asset)?.get(at - day)
      const ahead = Array.from({ length: 10 }, (_, i) => closes.get(asset)?.get(at + i * day))
      if (close === undefined || ahead.some((one) => one === undefined)) continue
      const market = parseMarket({ at, spot: { [asset]: close, USD: 1 } })
      const terms = {
        collateral: [{ asset, quantity: 1, liquidationThreshold: threshold }],
        debt: [{ asset: 'USD', quantity: 0.4 * close }],
      }
      const tail = assessTail({
        positions: [{ id: 'loan', label: 'loan', instrument: { kind: 'loan', terms } }],
        accounts: [{ positionId: 'loan', protocol: 'aave-v3', terms, unexplainedDebtUsd: 0 }],
        market,
        lens: market,
        model,
        seed: k,
        count: 4_000,
        targetProbability: 0.05,
      })
      for (const { horizon, loanToValueForTarget = 0 } of tail?.liquidations ?? []) {
        if (horizon === '1h') continue
        const floor = (close * loanToValueForTarget) / threshold
        const days = horizon === '1d' ? ahead.slice(0, 1) : ahead
        const isLost = days.some((one) => (one ?? 0) < floor)
        count(`${asset} ${horizon}`, isLost)
        count(`${asset} ${horizon} ${new Date(at * 1_000).getUTCFullYear()}`, isLost)
      }
    }
  }
  for (const [key, { n, lost }] of [...results].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const share = lost / n
    const error = Math.sqrt((share * (1 - share)) / n)
    stdout.write(
      `${key.padEnd(14)} ${lost} of ${n} lost: ${(100 * share).toFixed(1)} % (standard error of independent dates ${(100 * error).toFixed(1)}), aim 5 %\n`,
    )
  }
}
