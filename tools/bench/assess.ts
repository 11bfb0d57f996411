// `npm run bench -- assess`: how long it takes to assess a book of 200 positions on 20 underlyings, 10,000 scenarios over all horizons included.

import { cpus } from 'node:os'
import { cpuUsage, stdout, version } from 'node:process'
import type { PositionTerms } from '../../lib/instruments/index.ts'
import { fresh } from '../../lib/model/data-state.ts'
import type { MarketModel } from '../../lib/model/market-model.ts'
import type { Position, Snapshot } from '../../lib/model/snapshot.ts'
import { type Random, random } from '../../lib/quant/random.ts'
import { assess } from '../../lib/risk/assess.ts'
import type { ReturnPanel } from '../../lib/risk/market/return-panel.ts'
import { marketThrough } from '../../lib/risk/price-lens.ts'
import { assessTail } from '../../lib/risk/tail/assess-tail.ts'
import { fitReturns } from '../../lib/risk/tail/return-model.ts'

const at = 1_795_521_600
const day = 86_400
const risky = ['BTC', 'ETH', ...Array.from({ length: 16 }, (_, i) => `A${i + 1}`)]
const dollars = ['USDC', 'DAI']
const assets = [...risky, ...dollars]
const priceOf = (asset: string) =>
  dollars.includes(asset) ? 1 : asset === 'BTC' ? 90_000 : asset === 'ETH' ? 3_000 : 10 + 7 * risky.indexOf(asset)

/** One common factor, heavy tails, quiet dollars. */
function planted(interval: '1d' | '1h', dates: number): ReturnPanel {
  const rng = random(interval === '1d' ? 1 : 2)
  const seconds = interval === '1d' ? day : 3_600
  const root = Math.sqrt(seconds / day)
  const heavy = () => rng.normal() / Math.sqrt(0.3 + 0.7 * -Math.log(rng.uniform()))
  const rows = Array.from({ length: dates }, () => {
    const common = heavy()
    return assets.map(
      (asset) => root * (dollars.includes(asset) ? 0.0005 * rng.normal() : 0.03 * common + 0.015 * heavy()),
    )
  })
  const starts = rows.map((_, t) => at - (dates - t) * seconds)
  return { interval, assets, starts, rows, last: assets.map(priceOf), remarks: [] }
}

/** 90 holdings, 10 loans, 60 options, 25 ranges, 15 perpetuals. */
function bookOf(rng: Random): readonly PositionTerms[] {
  const pick = (i: number) => risky[i % risky.length] ?? 'ETH'
  const usd = () => 1_000 * Math.exp(4 * rng.uniform())
  return Array.from({ length: 200 }, (_, i): PositionTerms => {
    const asset = pick(i)
    const price = priceOf(asset)
    if (i < 90) return { kind: 'spot', terms: { asset: i % 9 === 0 ? 'USDC' : asset, quantity: usd() / price } }
    if (i < 100) {
      const supplied = 10 * usd()
      const other = pick(i + 5)
      return {
        kind: 'loan',
        terms: {
          collateral: [
            { asset, quantity: (0.7 * supplied) / price, liquidationThreshold: 0.8 },
            { asset: other, quantity: (0.3 * supplied) / priceOf(other), liquidationThreshold: 0.75 },
          ],
          debt: [{ asset: i % 2 === 0 ? 'USDC' : 'DAI', quantity: supplied * (0.4 + 0.2 * rng.uniform()) }],
        },
      }
    }
    if (i < 160) {
      const named = i % 3 === 0 ? 'BTC' : 'ETH'
      const expiry = at + Math.round(7 + 300 * rng.uniform()) * day
      const strike = priceOf(named) * Math.exp(0.5 * (rng.uniform() - 0.5))
      const type = rng.uniform() < 0.5 ? 'call' : 'put'
      const quantity = ((rng.uniform() < 0.5 ? 1 : -1) * usd()) / priceOf(named)
      return { kind: 'vanilla-option', terms: { asset: named, type, strike, expiry, quantity } }
    }
    if (i < 185) {
      const liquidity = usd() / Math.sqrt(price)
      const terms = { asset0: asset, asset1: 'USDC', liquidity, owed0: 0, owed1: 0 }
      return { kind: 'uniswap-v3-range', terms: { ...terms, lowerPrice: 0.8 * price, upperPrice: 1.3 * price } }
    }
    const entry = price * (0.9 + 0.2 * rng.uniform())
    return { kind: 'linear-perp', terms: { asset, quantity: -usd() / price, entryPrice: entry } }
  })
}

function snapshotOf(positions: readonly PositionTerms[]): Snapshot {
  return {
    id: 'bench#1#d1',
    portfolioId: 'bench',
    configVersion: 'v1',
    at,
    blocks: [],
    providers: [],
    prices: assets.map((asset) => {
      const usd = priceOf(asset)
      const lenses = { usd, protocolUsd: usd, marketUsd: usd, lensGap: 0 }
      return {
        asset,
        underlying: asset,
        ...lenses,
        updatedAt: at,
        ageSeconds: 0,
        heartbeatSeconds: 3_600,
        dataState: fresh,
      }
    }),
    pools: [],
    positions: positions.map(
      (instrument, i): Position => ({
        id: instrument.kind === 'loan' ? `aave-v3:${i}` : `${instrument.kind}:${i}`,
        label: `${instrument.kind} ${i}`,
        chainId: 1,
        instrument,
        dataState: fresh,
      }),
    ),
    marketData: {
      asOf: at,
      interest: 0.04,
      volatility: { ETH: { flat: 0.6 }, BTC: { flat: 0.45 } },
    },
    lending: [],
    gaps: [],
    dataState: fresh,
  }
}

/** Fastest wall time and processor time of some runs; the first runs, in which everything is compiled, are not counted. Other load on the machine shows in the former alone. */
function timed(run: () => unknown): { readonly wall: number; readonly processor: number } {
  for (let i = 0; i < 4; i += 1) run()
  let [wall, processor] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]
  for (let i = 0; i < 9; i += 1) {
    const [began, used] = [performance.now(), cpuUsage()]
    run()
    wall = Math.min(wall, performance.now() - began)
    const { user, system } = cpuUsage(used)
    processor = Math.min(processor, (user + system) / 1_000)
  }
  return { wall, processor }
}

/** Prints milliseconds: all of `assess`, and its parts on their own. */
export async function benchAssess({ count }: { readonly count: number }): Promise<void> {
  const book = bookOf(random(3))
  const snapshot = snapshotOf(book)
  const daily = fitReturns({ panel: planted('1d', 1_500) })
  const hourly = fitReturns({ panel: planted('1h', 1_500) })
  const learned = { assets: [], volatility: [], macro: [], notes: [] }
  const model: MarketModel = { id: 'bench', at, madeAt: at, ...learned, daily, hourly }
  const { hourly: _, ...days } = model
  const market = marketThrough('feed', snapshot)
  const accounts = snapshot.positions.flatMap(({ id, instrument }) =>
    instrument.kind === 'loan'
      ? [{ positionId: id, protocol: 'aave-v3', terms: instrument.terms, unexplainedDebtUsd: 0 }]
      : [],
  )
  const tailOf = (model: MarketModel) => () =>
    assessTail({ positions: snapshot.positions, accounts, market, lens: market, model, seed: 1, count })
  const lines: readonly (readonly [string, () => unknown])[] = [
    ['assess, everything', () => assess({ snapshot, model, tail: { count } })],
    ['without a model: value, Greeks, health, stress', () => assess({ snapshot })],
    ['tail risk, hourly and daily history', tailOf(model)],
    ['tail risk, daily history alone', tailOf(days)],
  ]
  const { tail } = assess({ snapshot, model, tail: { count } })
  if (tail === undefined || tail.leftOut.length > 0) throw new Error('The book of the benchmark is not valued whole.')
  stdout.write(
    `200 positions, ${accounts.length} accounts, ${assets.length} underlyings, ${count} scenarios, 3 horizons\n`,
  )
  for (const [what, run] of lines) {
    const { wall, processor } = timed(run)
    const told = [wall, processor].map((one) => one.toFixed(0).padStart(5))
    stdout.write(`${what.padEnd(50)} best wall ${told[0]} ms   best processor ${told[1]} ms\n`)
  }
  stdout.write(`aim: 300 ms, warm, on one core. node ${version}, ${cpus()[0]?.model.trim() ?? 'unknown'}\n`)
}
