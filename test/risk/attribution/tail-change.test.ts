import { describe, expect, it } from 'vitest'
import type { MarketModel } from '../../../lib/model/market-model.ts'
import { assess } from '../../../lib/risk/assess.ts'
import { valueAtRiskOf } from '../../../lib/risk/attribution/tail-change.ts'
import { fitReturns } from '../../../lib/risk/tail/return-model.ts'
import { aHolding, aSnapshot } from '../a-snapshot.ts'
import { panelOf, plantedReturns } from '../tail/planted-panel.ts'

const daily = fitReturns({ panel: panelOf(plantedReturns(5, ['ETH', 'BTC', 'LTC'], 600)) })
const modelOf = (id: string, residuals = daily): MarketModel => ({
  ...{ id, at: 0, madeAt: 0, assets: [], volatility: [], macro: [], notes: [] },
  ...(residuals === undefined ? {} : { daily: residuals }),
})
const louder = (factor: number) =>
  daily && {
    ...daily,
    columns: daily.columns.map(({ volatility, dynamics }) => ({
      volatility: volatility * factor,
      dynamics: { ...dynamics, ceiling: dynamics.ceiling * factor, omega: dynamics.omega * factor * factor },
    })),
  }
/** Every second date alone: other dependence, other tails. */
const fewer = daily && {
  ...daily,
  starts: daily.starts.filter((_, i) => i % 2 === 0),
  residuals: daily.residuals.filter((_, i) => Math.floor(i / daily.assets.length) % 2 === 0),
  market: { ...daily.market, residuals: daily.market.residuals.filter((_, i) => i % 2 === 0) },
}
const tail = { count: 1_000 }
const holding = (wbtc: number, at = 1_000) =>
  aSnapshot({ at, positions: [aHolding('WBTC', wbtc), aHolding('WETH', 20)] })

function changeOf(
  before: { readonly model: MarketModel; readonly wbtc: number },
  after: typeof before,
  isForgotten = false,
) {
  const [old, late] = [holding(before.wbtc), holding(after.wbtc, 2_000)]
  const report = assess({ snapshot: old, model: before.model, tail })
  const previous = { snapshot: old, report, ...(isForgotten ? {} : { model: before.model }) }
  const found = assess({ snapshot: late, model: after.model, tail, previous })
  const figure = found.changes?.figures.find((one) => one.figure === 'valueAtRisk')
  expect(found.tail?.seed).toBe(report.tail?.seed)
  if (figure !== undefined) {
    expect(figure.from).toBe(valueAtRiskOf(report.tail))
    expect(figure.to).toBe(valueAtRiskOf(found.tail))
    const off = figure.parts.reduce((sum, { change }) => sum + change, 0) - (figure.to - figure.from)
    expect(Math.abs(off)).toBeLessThan(1e-9 * figure.to)
  }
  return Object.fromEntries((figure?.parts ?? []).map(({ cause, change }) => [cause, change]))
}

describe('why a value at risk changed', () => {
  const model = modelOf('m1')

  it('is not at all where nothing did: the draw is the same', () => {
    expect(changeOf({ model, wbtc: 5 }, { model, wbtc: 5 })).toEqual({})
  })

  it('is what is held, under one model', () => {
    expect(Object.keys(changeOf({ model, wbtc: 5 }, { model, wbtc: 8 }))).toEqual(['exposure'])
  })

  it('is volatility where that alone is another in the new model, and correlation where the residuals are', () => {
    const loud = changeOf({ model, wbtc: 5 }, { model: modelOf('m2', louder(1.3)), wbtc: 5 })
    expect(Object.keys(loud)).toEqual(['volatility'])
    expect(loud.volatility).toBeGreaterThan(0)
    expect(Object.keys(changeOf({ model, wbtc: 5 }, { model: modelOf('m3', fewer), wbtc: 5 }))).toEqual(['correlation'])
  })

  it('is all of them at once, without a rest', () => {
    const both = louder(1.2)
    const mixed = both && fewer && { ...fewer, columns: both.columns }
    const found = changeOf({ model, wbtc: 5 }, { model: modelOf('m4', mixed), wbtc: 7 })
    expect(Object.keys(found).toSorted()).toEqual(['correlation', 'exposure', 'volatility'])
  })

  it('is one cause where the old model is not at hand', () => {
    const found = changeOf({ model, wbtc: 5 }, { model: modelOf('m2', louder(1.3)), wbtc: 8 }, true)
    expect(Object.keys(found)).toEqual(['exposure and model'])
  })
})
