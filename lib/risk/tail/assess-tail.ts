// What a book can lose with small probability and how likely its accounts are liquidated, by revaluing all of it on drawn paths.

import type { Ratio, Usd } from '../../base/units.ts'
import { instrumentOf } from '../../instruments/instrument-of.ts'
import { type Market, rateOf } from '../../instruments/market/market.ts'
import { assetsOf, value } from '../../instruments/value.ts'
import type { Underlying } from '../../model/identity.ts'
import type { MarketModel } from '../../model/market-model.ts'
import {
  type LiquidationChance,
  type TailFigure,
  type TailHistogram,
  type TailRisk,
  tailHorizons,
  tailLevels,
} from '../../model/tail-risk.ts'
import type { Jump } from './add-jumps.ts'
import { drawViews, type PathView } from './draw-views.ts'
import { healthMinima } from './health-minima.ts'
import {
  type AccountStanding,
  accountStanding,
  addLiquidationLosses,
  defaultBonus,
  liquidationChance,
  type TailAccount,
} from './liquidation-chance.ts'
import { lossTail } from './loss-tail.ts'
import { bookPnl, type FailedPosition, type TailPosition } from './tail-book.ts'
import { lossesOf, tailContributions } from './tail-contributions.ts'

export interface TailParams {
  /** Those that can be valued in `market`. */
  readonly positions: readonly TailPosition[]
  /** Loans that can be priced through `lens`. */
  readonly accounts: readonly TailAccount[]
  readonly market: Market
  readonly lens: Market
  readonly model: MarketModel
  /** A whole number: the same gives the same figures. */
  readonly seed: number
  readonly count?: number
  /** Of liquidation, that `loanToValueForTarget` is for. */
  readonly targetProbability?: Ratio
  /** What a liquidation costs beyond its penalty. */
  readonly gasUsd?: Usd
  /** Liquidation bonus where an account does not know it; absent: 6 %. */
  readonly assumedBonus?: Ratio
  /** Rise of implied volatilities as spots fall, see `TailScenarios`; an assumption, as the model has no history of them. */
  readonly volatilityResponse?: number
  /** What no history of prices holds; absent: nothing. */
  readonly jumps?: readonly Jump[]
}

const bins = 60

/**
 * Filtered historical simulation (Barone-Adesi, Giannopoulos & Vosper 1999) of every price that the book reads, then full revaluation:
 * - a day and ten days from daily history (bridged between the days' ends), an hour from hourly; where one is missing the other stands in, and `basis` says so. Prices have no drift;
 * - time passes for what decays or expires; income (interest, fees, funding) is not counted; exchange rates to an underlying stay;
 * - implied volatilities move by their surface's dynamics, and rise as spots fall by `volatilityResponse`;
 * - liquidation is first passage of the health factor through the protocol's lens, which follows the market; its penalty and gas are part of the loss.
 * A position without a value in some scenario is left out of all of it, and named.
 * @returns nothing where the model has no residuals to draw from, or no position is left
 */
export function assessTail(params: TailParams): TailRisk | undefined {
  const { model, market, lens, seed, count = 10_000, targetProbability = 0.05 } = params
  const { gasUsd = 0, volatilityResponse = 1, assumedBonus = defaultBonus } = params
  const standings = params.accounts.flatMap((account) => accountStanding(account, lens, assumedBonus) ?? [])
  const owed = [...new Set(standings.flatMap(({ shares }) => shares.map(({ underlying }) => underlying)))].toSorted()
  const spot = { ...lens.spot, ...market.spot }
  const drawn = drawViews({ model, spot, factors: factorsOf(params), owed, seed, count, jumps: params.jumps ?? [] })
  const walks = drawn.views.map((view) => walkOf(view, standings))
  const leftOut: { readonly positionId: string; readonly reason: string }[] = []
  let { positions } = params
  while (positions.length > 0 && walks.length > 0) {
    const found = figuresOf({ positions, standings, walks, market, gasUsd, volatilityResponse })
    if (!('index' in found))
      return {
        marketModelId: model.id,
        modelAt: model.at,
        scenarios: count,
        seed,
        valueUsd: positions.reduce((sum, { instrument }) => sum + value(instrument, market), 0),
        ...found,
        liquidations: chancesOf({ walks, standings, targetProbability, gasUsd }),
        leftOut,
        notes: [...drawn.notes, ...notesOf({ positions, standings, volatilityResponse, assumedBonus })],
      }
    const failed = positions[found.index]
    if (failed === undefined) return undefined
    leftOut.push({ positionId: failed.id, reason: `${failed.label} is left out of tail risk: ${found.reason}` })
    positions = positions.filter((one) => one !== failed)
  }
  return undefined
}

/** Paths with, for each account and each end of a horizon, the minima of its health factor. */
interface Walk extends PathView {
  readonly minima: readonly (readonly Float64Array[])[]
}

function walkOf(view: PathView, standings: readonly AccountStanding[]): Walk {
  const checkpoints = view.ends.map(({ steps }) => steps)
  return { ...view, minima: standings.map((account) => healthMinima({ ...view, account, checkpoints })) }
}

/** Ends of horizons in their order, with the minima of each account there. */
function endsOf(walks: readonly Walk[]) {
  const ends = walks.flatMap(({ paths, ends: own, minima }) =>
    own.map((end, index) => ({ ...end, paths, minima: minima.map((columns) => columns[index] ?? new Float64Array()) })),
  )
  return tailHorizons.flatMap((horizon) => ends.filter((end) => end.horizon === horizon))
}

function figuresOf(params: {
  readonly positions: readonly TailPosition[]
  readonly standings: readonly AccountStanding[]
  readonly walks: readonly Walk[]
  readonly market: Market
  readonly gasUsd: Usd
  readonly volatilityResponse: number
}): Pick<TailRisk, 'figures' | 'contributions' | 'histogram'> | FailedPosition {
  const { positions, standings, walks, market, gasUsd, volatilityResponse } = params
  const figures: TailFigure[] = []
  let day: Pick<TailRisk, 'contributions' | 'histogram'> | undefined
  for (const { paths, steps, horizon, basis, minima } of endsOf(walks)) {
    const scenarios = { market, paths, step: steps - 1, volatilityResponse }
    const penalties = new Map<string, Float64Array>()
    for (const [index, standing] of standings.entries()) {
      // An account whose value is left out is left out whole.
      if (!positions.some(({ id }) => id === standing.account.positionId)) continue
      const own = new Float64Array(paths.count)
      addLiquidationLosses(own, { standing, minima: minima[index] ?? own, gasUsd })
      penalties.set(standing.account.positionId, own)
    }
    const netted = () => bookPnl(positions, scenarios)
    const found =
      horizon === '1d'
        ? tailContributions({ positions, scenarios, netted, penalties, level: 0.99 })
        : { losses: lossesOf(netted(), penalties), contributions: undefined }
    if ('index' in found) return found
    const { losses, contributions } = found
    if ('index' in losses) return losses
    if (contributions !== undefined) day = { contributions, histogram: histogramOf(losses) }
    for (const level of tailLevels) {
      const { valueAtRisk, expectedShortfall } = lossTail(losses, level)
      figures.push({ horizon, level, valueAtRiskUsd: valueAtRisk, expectedShortfallUsd: expectedShortfall, basis })
    }
  }
  return { figures, ...(day ?? { contributions: [], histogram: { fromUsd: 0, toUsd: 0, counts: [] } }) }
}

function chancesOf(params: {
  readonly walks: readonly Walk[]
  readonly standings: readonly AccountStanding[]
  readonly targetProbability: Ratio
  readonly gasUsd: Usd
}): readonly LiquidationChance[] {
  const { walks, standings, targetProbability, gasUsd } = params
  const ends = endsOf(walks)
  return standings.flatMap((standing, index) => {
    const own = ends.map(({ horizon, basis, minima }) =>
      liquidationChance({
        standing,
        minima: minima[index] ?? new Float64Array(),
        horizon,
        basis,
        targetProbability,
        gasUsd,
      }),
    )
    return neverLess(own)
  })
}

/** Horizons may rest on different histories, and what can happen in an hour can happen in the day that begins with it. */
function neverLess(chances: readonly LiquidationChance[]): readonly LiquidationChance[] {
  return chances.map((one, index) => {
    const shorter = chances.slice(0, index)
    const least = Math.min(...[...shorter, one].flatMap(({ loanToValueForTarget }) => loanToValueForTarget ?? []))
    return {
      ...one,
      probability: Math.max(one.probability, ...shorter.map(({ probability }) => probability)),
      expectedLossUsd: Math.max(one.expectedLossUsd, ...shorter.map(({ expectedLossUsd }) => expectedLossUsd)),
      ...(Number.isFinite(least) ? { loanToValueForTarget: least } : {}),
    }
  })
}

function histogramOf(losses: Float64Array): TailHistogram {
  let [from, to] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const loss of losses) {
    from = Math.min(from, -loss)
    to = Math.max(to, -loss)
  }
  const counts = new Array<number>(bins).fill(0)
  const width = (to - from) / bins
  for (const loss of losses) {
    const bin = width > 0 ? Math.min(bins - 1, Math.floor((-loss - from) / width)) : 0
    counts[bin] = (counts[bin] ?? 0) + 1
  }
  return { fromUsd: from, toUsd: to, counts }
}

/** Every underlying that a value or a health factor reads. */
function factorsOf({ positions, accounts, market, lens }: TailParams): readonly Underlying[] {
  const held = positions.flatMap(({ instrument }) =>
    assetsOf(instrument).map((asset) => rateOf(market, asset).underlying),
  )
  const owed = accounts.flatMap(({ terms }) =>
    assetsOf({ kind: 'loan', terms }).map((asset) => rateOf(lens, asset).underlying),
  )
  return [...new Set([...held, ...owed])].toSorted()
}

function notesOf(params: {
  readonly positions: readonly TailPosition[]
  readonly standings: readonly AccountStanding[]
  readonly volatilityResponse: number
  readonly assumedBonus: Ratio
}): readonly string[] {
  const { positions, standings, volatilityResponse, assumedBonus } = params
  const families = new Set(positions.map(({ instrument }) => instrumentOf(instrument.kind).family))
  const assumed = standings.filter(({ assumesBonus }) => assumesBonus).map(({ account }) => account.positionId)
  return [
    ...(families.has('option')
      ? [
          `implied volatilities are assumed to rise by ${volatilityResponse} times their level at 30 days for each unit of log spot lost, and else to follow their surface's dynamics: no history of them is known`,
        ]
      : []),
    ...(families.has('perpetual')
      ? ['positions at exchanges are valued, and their liquidation by the exchange is not modelled']
      : []),
    ...(assumed.length === 0
      ? []
      : [
          `the liquidation bonus of ${assumed.join(', ')} is not known: ${Math.round(1_000 * assumedBonus) / 10} % is assumed`,
        ]),
  ]
}
