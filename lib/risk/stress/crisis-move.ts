// A crisis laid over a book: what it names moves as it did, and what it does not name by a rule that is told.

import type { Ratio } from '../../base/units.ts'
import { own } from '../../instruments/market/market.ts'
import type { AssetSymbol, Underlying } from '../../model/identity.ts'
import type { CovarianceEstimate } from '../../model/market-model.ts'
import type { Crisis } from '../../model/stress.ts'
import type { MarketMove } from './market-move.ts'
import type { StressBook } from './stress-book.ts'

export interface CrisisMove {
  readonly market: MarketMove
  /** What the protocols' oracles saw. */
  readonly lens: MarketMove
  readonly assumed: readonly string[]
  /** Nothing that the book reads moves. */
  readonly isIdle: boolean
}

/** Log returns per one of ETH, where no market model says: majors fall with it, the rest by more, as in each crisis of 2020 to 2025 above. */
const classBeta = { BTC: 0.8, others: 1.2 } as const
/** An assumption, for want of quotes from then: a fall of a price lifts its 30-day volatility by this much of the fall, -40 % to 1.6 of what it was. */
const volatilityPerFall = 1.5
/** A price does not fall to nothing. */
const leastFactor = 1e-6

/** Dollars stay unless they are named. */
export function crisisMove(params: {
  readonly crisis: Crisis
  readonly book: StressBook
  readonly covariance?: CovarianceEstimate
}): CrisisMove {
  const { crisis, book, covariance } = params
  const spot: Record<Underlying, number> = {}
  const assumed: string[] = []
  for (const underlying of [...book.risky, ...book.dollars]) {
    const named = own(crisis.spot, underlying)
    if (named !== undefined) spot[underlying] = factorOf(named)
    else if (crisis.isolated !== true && book.risky.includes(underlying)) {
      const { move, rule } = unnamed({ crisis, underlying, ...(covariance === undefined ? {} : { covariance }) })
      spot[underlying] = factorOf(move)
      assumed.push(`${underlying} ${percent(move)}: ${rule}`)
    }
  }
  const rates = ratesOf(crisis, book)
  const volatility = volatilitiesOf({ crisis, book, spot, assumed })
  const market = { spot, rates, volatility }
  const { oracle = {} } = crisis
  const seen = (moves: Readonly<Record<string, number>>) =>
    Object.fromEntries(Object.entries(moves).map(([name, factor]) => [name, factorOf(own(oracle, name) ?? factor - 1)]))
  const lens = { spot: seen(spot), rates: seen(rates) }
  const isIdle = [spot, rates, lens.spot, lens.rates].every((one) => Object.values(one).every((factor) => factor === 1))
  return { market, lens, assumed, isIdle }
}

function factorOf(move: Ratio): number {
  return Math.max(1 + move, leastFactor)
}

function unnamed(params: {
  readonly crisis: Crisis
  readonly underlying: Underlying
  readonly covariance?: CovarianceEstimate
}): { readonly move: Ratio; readonly rule: string } {
  const { crisis, underlying, covariance } = params
  const { others, spot } = crisis
  if (others !== undefined && underlying !== 'BTC') return { move: others, rule: 'as the others then' }
  const leader = own(spot, 'ETH') === undefined ? 'BTC' : 'ETH'
  const led = own(spot, leader)
  if (led === undefined) return { move: 0, rule: 'the crisis names neither ETH nor BTC' }
  const measured = covariance === undefined ? undefined : betaTo(covariance, underlying, leader)
  const ofClass = underlying === 'BTC' ? classBeta.BTC : classBeta.others
  const beta =
    measured ??
    (leader === 'ETH' ? ofClass : underlying === 'ETH' ? 1 / classBeta.BTC : classBeta.others / classBeta.BTC)
  const rule = `beta ${beta.toFixed(2)} to ${leader}${measured === undefined ? ' of its class' : ' of the market model'}`
  return { move: factorOf(led) ** beta - 1, rule }
}

/** Of log returns; absent where the model does not know both, or says what is no beta. */
function betaTo({ assets, volatility, correlation }: CovarianceEstimate, one: string, to: string): number | undefined {
  const [i, j] = [assets.indexOf(one), assets.indexOf(to)]
  if (i < 0 || j < 0) return undefined
  const beta =
    ((correlation[i * assets.length + j] ?? Number.NaN) * (volatility[i] ?? Number.NaN)) / (volatility[j] ?? 0)
  return Number.isFinite(beta) ? beta : undefined
}

/** Rates of the assets that the book reads. */
function ratesOf(crisis: Crisis, { positions, accounts, market }: StressBook): Record<AssetSymbol, number> {
  const held = new Set([
    ...positions.flatMap(({ assets }) => assets),
    ...accounts.flatMap(({ legs }) => legs.map(({ asset }) => asset)),
  ])
  return Object.fromEntries(
    [...held].flatMap((asset): [AssetSymbol, number][] => {
      const known = own(market.exchangeRates, asset)
      const follows = known !== undefined && known.rate !== 1 ? own(crisis.followers, known.underlying) : undefined
      const move = own(crisis.rates, asset) ?? follows
      return move === undefined ? [] : [[asset, factorOf(move)]]
    }),
  )
}

function volatilitiesOf(params: {
  readonly crisis: Crisis
  readonly book: StressBook
  readonly spot: Readonly<Record<Underlying, number>>
  readonly assumed: string[]
}): Record<Underlying, number> {
  const { crisis, book, spot, assumed } = params
  const volatile = [...new Set(book.positions.flatMap(({ volatilities }) => volatilities))].toSorted()
  return Object.fromEntries(
    volatile.map((underlying): [Underlying, number] => {
      if (crisis.volatility !== undefined && crisis.isolated !== true) return [underlying, crisis.volatility]
      const fall = Math.max(1 - (own(spot, underlying) ?? 1), 0)
      const factor = 1 + volatilityPerFall * fall
      if (fall > 0)
        assumed.push(`implied volatility of ${underlying} ${percent(factor - 1)}: ${volatilityPerFall} x the fall`)
      return [underlying, factor]
    }),
  )
}

function percent(move: Ratio): string {
  return `${move < 0 ? '-' : '+'}${Math.abs(100 * move).toFixed(0)} %`
}
