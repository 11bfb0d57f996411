// Everything that history says, assembled into one model: each part by itself, so that one that cannot be made is a note and takes nothing from the others.

import { isHomeostatError } from '../../base/homeostat-error.ts'
import type { UnixSeconds } from '../../base/units.ts'
import { barSeconds, type PriceHistory } from '../../model/history.ts'
import type { MacroSeries } from '../../model/macro.ts'
import type { MarketModel, ModelAsset } from '../../model/market-model.ts'
import type { Snapshot } from '../../model/snapshot.ts'
import { isDollar } from '../is-dollar.ts'
import { fitReturns } from '../tail/return-model.ts'
import { assetHistories } from './asset-history.ts'
import { covarianceOf } from './covariance.ts'
import { inputsDigest } from './inputs-digest.ts'
import { macroBetas } from './macro/macro-betas.ts'
import { leastAssets } from './regime/universe.ts'
import { refitRegime } from './regime/update-regime.ts'
import { type ReturnPanel, returnPanel } from './return-panel.ts'
import { surfaceSummaries } from './surface-summary.ts'
import { volatilityForecasts } from './volatility-forecast.ts'

/** Bars of one asset at one interval, in order of time, whole ones only. */
export type ModelSeries = Pick<PriceHistory, 'asset' | 'interval' | 'bars'>

export interface ModelInputs {
  readonly daily: readonly ModelSeries[]
  readonly hourly: readonly ModelSeries[]
  readonly macro?: readonly MacroSeries[]
  /** The latest of each portfolio: what venues and declarations say of volatilities. */
  readonly snapshots?: readonly Pick<Snapshot, 'at' | 'prices' | 'marketData' | 'marketSources'>[]
  /** Of every draw. */
  readonly seed: number
  /** What happened before, while the inputs were gathered; first among the model's notes. */
  readonly notes: readonly string[]
}

/** A DCC needs some years; with fewer dates it would follow noise. */
const leastDatesOfDcc = 500

/** `at~digest` over everything that the model is made of, but not over notes and times of making. Undefined: there is no bar at all. */
export function marketModelId(inputs: Omit<ModelInputs, 'notes'>): string | undefined {
  const at = endOf(inputs)
  if (at === undefined) return undefined
  const digest = inputsDigest()
  for (const { asset, interval, bars } of [...inputs.daily, ...inputs.hourly]) {
    digest.text(`${asset} ${interval}`)
    for (const { start, close } of bars) {
      digest.number(start)
      digest.number(close)
    }
  }
  for (const { series, kind, observations } of inputs.macro ?? []) {
    digest.text(`${series} ${kind}`)
    for (const one of observations) {
      digest.number(one.at)
      digest.number(one.value)
    }
  }
  digest.text(JSON.stringify((inputs.snapshots ?? []).map(({ marketData }) => marketData?.volatility ?? {})))
  digest.number(inputs.seed)
  return `${at}~${digest.digits()}`
}

/**
 * Rules for what is missing are those of the parts: `returnPanel` for gaps, wicks and units, `assetHistories` for short, new and ended ones, `fitReturns` for
 * what residuals stand in. Nothing is filled in without a remark of the asset or a note.
 */
export function buildMarketModel(
  params: ModelInputs & {
    readonly id: string
    readonly madeAt: UnixSeconds
    /** Of the model of before; absent: the regime begins with this one. */
    readonly previousRegimeState?: unknown
  },
): MarketModel {
  const { macro = [], snapshots = [], seed, id, madeAt } = params
  const daily = returnPanel({ series: params.daily, interval: '1d' })
  const hourly = returnPanel({ series: params.hourly, interval: '1h' })
  const at = endOf(params) ?? madeAt
  const { part, notes } = partsWith([...params.notes, ...originNotes([...params.daily, ...params.hourly])])
  const fewDays = daily.starts.length === 0 ? 'there are no days of prices' : undefined
  const covariance = part('covariance', () => covarianceOf({ panel: daily }), fewDays)
  const conditional =
    daily.starts.length < leastDatesOfDcc
      ? part(
          'conditional correlation',
          () => undefined,
          `${daily.starts.length} days of prices, it needs ${leastDatesOfDcc}`,
        )
      : part('conditional correlation', () => covarianceOf({ panel: daily, method: 'dcc' }))
  const volatility = part('volatility', () => volatilityForecasts({ daily, hourly })) ?? []
  const residuals = part('daily scenarios', () => fitReturns({ panel: daily, seed }), fewDays)
  const residualsHourly = part(
    'hourly scenarios',
    () => fitReturns({ panel: hourly, seed, mostDates: 2_880 }),
    hourly.starts.length === 0 ? 'there are no hours of prices' : undefined,
  )
  const regime = part(
    'regime',
    () => regimeOf({ panel: daily, series: params.daily, previous: params.previousRegimeState }),
    fewDays,
  )
  const betas = part(
    'macro betas',
    () => macroBetas({ panel: daily, macro }),
    macro.length === 0 ? 'no series is configured' : fewDays,
  )
  const surfaces = part('surfaces', () => surfaceSummaries({ snapshots, forecasts: volatility, at: madeAt }))
  return {
    id,
    at,
    madeAt,
    assets: [...modelAssets(daily, params.daily), ...modelAssets(hourly, params.hourly)],
    ...(covariance === undefined ? {} : { covariance: covariance.estimate }),
    ...(conditional === undefined ? {} : { conditional: conditional.estimate }),
    volatility,
    ...(residuals === undefined ? {} : { daily: residuals }),
    ...(residualsHourly === undefined ? {} : { hourly: residualsHourly }),
    ...(regime?.view === undefined ? {} : { regime: regime.view, regimeState: regime.state }),
    macro: betas?.betas ?? [],
    ...(surfaces === undefined || surfaces.surfaces.length === 0 ? {} : { surfaces: surfaces.surfaces }),
    sources: sourcesOf([...params.daily, ...params.hourly]),
    ...madeUpSources([...params.daily, ...params.hourly]),
    seed,
    notes: [
      ...notes,
      ...(covariance === undefined ? [] : ownRemarks(covariance.remarks, covariance.assets)),
      ...(residuals?.notes ?? []).map((note) => `daily scenarios: ${note}`),
      ...(residualsHourly?.notes ?? []).map((note) => `hourly scenarios: ${note}`),
      ...(regime?.notes ?? []),
      ...(betas?.notes ?? []),
      ...(surfaces?.notes ?? []),
    ],
  }
}

/** As of the last whole day; the regime of before is taken up, so that a model made anew does not move it. */
function regimeOf(params: {
  readonly panel: ReturnPanel
  readonly series: readonly ModelSeries[]
  readonly previous: unknown
}) {
  const { panel, series, previous } = params
  const pegs = pegPrices(series)(panel.starts.at(-1) ?? 0)
  const refit = refitRegime({ panel, pegs, previous })
  if (refit.kind === 'made') return { view: refit.view, state: refit.state, notes: [] }
  const { assets } = refit.universe
  const named = assets.length === 0 ? '' : ` (${assets.join(', ')})`
  return {
    view: undefined,
    state: undefined,
    notes: [
      `no regime: ${assets.length} assets can vote${named}, it needs ${leastAssets} with 60 days of prices before this month`,
    ],
  }
}

/** A series whose middle close is a dollar is one whose peg is watched: it stays one when the peg breaks. */
function pegPrices(series: readonly ModelSeries[]) {
  const pegged = series.flatMap(({ asset, bars }) => {
    const sorted = bars.map(({ close }) => close).toSorted((a, b) => a - b)
    return isDollar(sorted[Math.floor(sorted.length / 2)])
      ? [{ asset, closes: new Map(bars.map(({ start, close }) => [start, close])) }]
      : []
  })
  return (start: UnixSeconds) => Object.fromEntries(pegged.map(({ asset, closes }) => [asset, closes.get(start)]))
}

/** Runs a part, or says why there is none. What nobody expected is named as such: it is a defect, and the other parts stand. */
function partsWith(notes: string[]) {
  const part = <T>(what: string, make: () => T, lacking?: string): T | undefined => {
    if (lacking !== undefined) {
      notes.push(`no ${what}: ${lacking}`)
      return undefined
    }
    try {
      return make()
    } catch (error) {
      const why = isHomeostatError(error)
        ? error.message
        : `it failed unexpectedly (${error instanceof Error ? error.message : String(error)})`
      notes.push(`no ${what}: ${why}`)
      return undefined
    }
  }
  return { part, notes }
}

/** End of the last bar of all. */
function endOf({ daily, hourly }: Pick<ModelInputs, 'daily' | 'hourly'>): UnixSeconds | undefined {
  const ends = [...daily, ...hourly].flatMap(({ interval, bars }) => {
    const last = bars.at(-1)
    return last === undefined ? [] : [last.start + barSeconds[interval]]
  })
  return ends.length === 0 ? undefined : Math.max(...ends)
}

function modelAssets(panel: ReturnPanel, series: readonly ModelSeries[]): readonly ModelAsset[] {
  return assetHistories(panel).map((one, column) => {
    const last = series[column]?.bars.at(-1)
    return last === undefined
      ? one
      : { ...one, lastClose: { usd: last.close, at: last.start + barSeconds[panel.interval] } }
  })
}

function sourcesOf(series: readonly ModelSeries[]): NonNullable<MarketModel['sources']> {
  const counts = new Map<string, { bars: number; assets: Set<string> }>()
  for (const { asset, bars } of series)
    for (const { source } of bars) {
      const count = counts.get(source) ?? { bars: 0, assets: new Set() }
      count.bars += 1
      count.assets.add(asset)
      counts.set(source, count)
    }
  return [...counts]
    .map(([source, { bars, assets }]) => ({ source, bars, assets: assets.size }))
    .sort((a, b) => b.bars - a.bars)
}

/** A source whose name says that it made its prices up is told first of all. */
const syntheticSource = /^synthetic\b/

function madeUpSources(series: readonly ModelSeries[]): Pick<MarketModel, 'madeUp'> {
  const names = sourcesOf(series).flatMap(({ source }) => (syntheticSource.test(source) ? [source] : []))
  return names.length === 0 ? {} : { madeUp: names.join('; ') }
}

function originNotes(series: readonly ModelSeries[]): readonly string[] {
  const made = sourcesOf(series).filter(({ source }) => syntheticSource.test(source))
  return made.map(({ source, bars, assets }) => {
    const all = series.reduce((sum, one) => sum + one.bars.length, 0)
    return `${bars} of ${all} bars (${assets} assets) are made up (${source}): no figure here says anything of a real market`
  })
}

/** Remarks of single assets stand with the assets. */
function ownRemarks(remarks: readonly string[], assets: readonly ModelAsset[]): readonly string[] {
  const ofAssets = new Set(assets.flatMap(({ asset, remarks: own }) => own.map((text) => `${asset}: ${text}`)))
  return remarks.filter((text) => !ofAssets.has(text)).map((text) => `covariance: ${text}`)
}
