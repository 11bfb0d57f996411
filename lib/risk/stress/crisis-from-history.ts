// Two crises out of anybody's own prices: the worst day of a window, and its worst run from a high to a low.

import { isoDate } from '../../base/calendar.ts'
import { HomeostatError } from '../../base/homeostat-error.ts'
import type { UnixSeconds } from '../../base/units.ts'
import type { Crisis } from '../../model/stress.ts'
import type { ReturnPanel } from '../market/return-panel.ts'

export interface HistoricalCrises {
  /** All assets on the one bar whose mean return is the lowest. */
  readonly worstBar: Crisis
  /** All assets from the high to the low that is the largest fall of the mean log return, summed. */
  readonly worstRun: Crisis
  /** Assets that have gaps there and are not named, by crisis, in words. */
  readonly notes: readonly string[]
}

/**
 * Moves that happened together, so that no asset is at its worst while another is at its best. The mean is over the assets that have a return on a bar; those
 * that are named need one on each bar of the run. An asset without is not named: it moves by the rule for those.
 * @param window bars that begin from `from` up to `to`
 * @throws HomeostatError `no-history` where the window holds no return
 */
export function crisisFromHistory(window: {
  readonly panel: ReturnPanel
  readonly from: UnixSeconds
  readonly to: UnixSeconds
}): HistoricalCrises {
  const { panel, from, to } = window
  const bars = [...panel.starts.keys()].filter((t) => {
    const start = panel.starts[t] ?? Number.NaN
    return start >= from && start <= to
  })
  const means = bars.map((t) => meanOf(panel.rows[t] ?? []))
  if (!means.some((mean) => mean !== undefined)) throw noHistory(window)
  const worst = means.reduce<number>((best, mean, i) => ((mean ?? 0) < (means[best] ?? 0) ? i : best), 0)
  const run = worstRun(means.map((mean) => mean ?? 0))
  const one = crisisOver(panel, bars.slice(worst, worst + 1), 'worst bar')
  const many = crisisOver(panel, bars.slice(run.from, run.to + 1), 'worst run')
  return { worstBar: one.crisis, worstRun: many.crisis, notes: [...one.notes, ...many.notes] }
}

function meanOf(row: readonly (number | undefined)[]): number | undefined {
  const known = row.flatMap((one) => (one !== undefined && Number.isFinite(one) ? [one] : []))
  return known.length === 0 ? undefined : known.reduce((sum, one) => sum + one, 0) / known.length
}

/** The contiguous run with the lowest sum (Kadane): from the high to the low. Without a fall: the single lowest. */
function worstRun(means: readonly number[]): { readonly from: number; readonly to: number } {
  let best = { from: 0, to: 0, sum: Number.POSITIVE_INFINITY }
  let current = { from: 0, sum: 0 }
  for (const [i, mean] of means.entries()) {
    current = current.sum < 0 ? { from: current.from, sum: current.sum + mean } : { from: i, sum: mean }
    if (current.sum < best.sum) best = { from: current.from, to: i, sum: current.sum }
  }
  return best
}

function crisisOver(panel: ReturnPanel, bars: readonly number[], what: string) {
  const spot: Record<string, number> = {}
  const unnamed: string[] = []
  for (const [i, asset] of panel.assets.entries()) {
    const returns = bars.map((t) => panel.rows[t]?.[i])
    const sum = returns.reduce<number>((total, one) => total + (one ?? Number.NaN), 0)
    if (Number.isFinite(sum)) spot[asset] = Math.expm1(sum)
    else unnamed.push(asset)
  }
  const [first, last] = [panel.starts[bars[0] ?? 0] ?? 0, panel.starts[bars.at(-1) ?? 0] ?? 0]
  const [begin, end] = [isoDate(first), isoDate(last)]
  const when = begin === end ? begin : `${begin} to ${end}`
  const crisis: Crisis = {
    id: `${begin === end ? begin : `${begin}..${end}`}`,
    name: `${what} of the history, ${when}`,
    date: begin,
    source: `closes of the history, ${when}, ${bars.length} x ${panel.interval}`,
    spot,
  }
  const notes =
    unnamed.length === 0
      ? []
      : [`${what}, ${when}: ${unnamed.join(', ')} have gaps and move by the rule for those that are not named`]
  return { crisis, notes }
}

function noHistory({ panel, from, to }: { readonly panel: ReturnPanel; readonly from: number; readonly to: number }) {
  const [first, last] = [panel.starts[0], panel.starts.at(-1)]
  return new HomeostatError('no-history', {
    message: `There is no return between ${isoDate(from)} and ${isoDate(to)}.`,
    retry: 'never',
    facts: { from, to, assets: panel.assets.length },
    hint:
      first === undefined || last === undefined
        ? 'The history has no returns at all.'
        : `The history has returns from ${isoDate(first)} to ${isoDate(last)}.`,
  })
}
