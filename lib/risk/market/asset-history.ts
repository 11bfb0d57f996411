// What is known of each asset of a panel, and by which rule a model therefore treats it: said once, the same for every model.

import { isoDate } from '../../base/calendar.ts'
import { unreachable } from '../../base/unreachable.ts'
import { barSeconds } from '../../model/history.ts'
import type { ModelAsset } from '../../model/market-model.ts'
import type { PanelRemark, ReturnPanel } from './return-panel.ts'

/** Fewer returns say next to nothing of a volatility (its standard error is above 16 %): the asset is left out. */
export const leastReturns = 20
/** Below, correlations are pooled with those of the others. */
export const enoughReturns = 60
/** An asset whose last return is older than so many bars has ended: what is known of it is as old. */
const endedBars = 30

/** One a column of the panel, in its order. Nothing is filled in; `remarks` say what is missing and what was left out. */
export function assetHistories(panel: ReturnPanel): readonly ModelAsset[] {
  const { assets, interval, starts, rows } = panel
  const length = barSeconds[interval]
  const end = starts.at(-1)
  return assets.map((asset, column): ModelAsset => {
    let [observations, moves] = [0, 0]
    let first: number | undefined
    let last: number | undefined
    for (const [t, row] of rows.entries()) {
      const value = row[column]
      if (value === undefined) continue
      observations += 1
      if (value !== 0) moves += 1
      first ??= starts[t]
      last = starts[t]
    }
    const own = panel.remarks.filter((one) => one.asset === asset).map((one) => remarkText(one, length))
    if (first === undefined || last === undefined || end === undefined)
      return { asset, interval, observations, missing: 0, state: 'new', remarks: own }
    const missing = Math.round((last - first) / length) + 1 - observations
    const range = { asset, interval, observations, firstAt: first, lastAt: last, missing }
    if (observations < leastReturns)
      return {
        ...range,
        state: 'new',
        remarks: [...own, `left out: ${observations} of ${leastReturns} returns needed`],
      }
    if (moves === 0) return { ...range, state: 'constant', remarks: own }
    if ((end - last) / length > endedBars)
      return {
        ...range,
        state: 'ended',
        remarks: [...own, `its last return is of ${isoDate(last)}: nothing newer is known of it`],
      }
    if (observations < enoughReturns)
      return {
        ...range,
        state: 'short',
        remarks: [...own, `its correlations rest on ${observations} returns and in part on those of the others`],
      }
    return { ...range, state: 'used', remarks: own }
  })
}

function remarkText({ kind, count, at }: PanelRemark, length: number): string {
  const when = at === undefined ? '' : length < 86_400 ? ` ${isoDate(at)} ${clockOf(at)}` : ` ${isoDate(at)}`
  const times = count === 1 ? 'once' : `${count} times`
  switch (kind) {
    case 'gap':
      return `bars are missing ${times}, first${when}: no return reaches over a gap`
    case 'wick':
      return `a bar stood far off and came back ${times}, first${when}: left out as a wrong figure`
    case 'new-unit':
      return `the price rose fivefold and stayed ${times}, first${when}: left out as a new unit`
    case 'unconfirmed':
      return `the last bar,${when}, stands fivefold above the one before: not used until another confirms it`
    case 'collapse':
      return `the price fell to a fifth or less and stayed ${times}, first${when}: kept`
    case 'constant':
      return 'the price never moved: volatility 0, correlation 0'
    case 'ended':
      return `its history ends ${barsIn(count)} before that of the others`
    case 'late-start':
      return `its history begins ${barsIn(count)} after that of the others`
    case 'no-price':
      return `a close was no price ${times}, first${when}: left out`
    case 'empty':
      return `left out: ${barsIn(count)} and no return`
    default:
      return unreachable(kind)
  }
}

const barsIn = (count: number) => `${count} ${count === 1 ? 'bar' : 'bars'}`

const clockOf = (at: number) =>
  `${String(Math.floor((at % 86_400) / 3_600)).padStart(2, '0')}:${String(Math.floor((at % 3_600) / 60)).padStart(2, '0')}`
