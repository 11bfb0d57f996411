// Returns whose law is known: GARCH volatilities, heavy tails and one common factor, so that what is estimated can be held against the truth.

import { random } from '../../../lib/quant/random.ts'
import type { ReturnPanel } from '../../../lib/risk/market/return-panel.ts'

export const day = 86_400
export const firstDay = 1_514_764_800

/** A panel of daily returns, column by column; undefined is a gap. */
export function panelOf(columns: Readonly<Record<string, readonly (number | undefined)[]>>): ReturnPanel {
  const assets = Object.keys(columns)
  const dates = Math.max(0, ...Object.values(columns).map((column) => column.length))
  const starts = Array.from({ length: dates }, (_, t) => firstDay + t * day)
  return {
    interval: '1d',
    assets,
    starts,
    rows: starts.map((_, t) => assets.map((asset) => columns[asset]?.[t])),
    last: assets.map(() => 1),
    remarks: [],
  }
}

/** So many assets with correlation 0.6, variance by GARCH(1, 1) about (4 % a day)^2, shocks Student t with 6 degrees of freedom. */
export function plantedReturns(seed: number, names: readonly string[], dates: number): Record<string, number[]> {
  const stream = random(seed)
  const shock = () => {
    let squares = 0
    for (let k = 0; k < 6; k += 1) squares += stream.normal() ** 2
    return Math.sqrt(6 / squares) * Math.sqrt(4 / 6)
  }
  const mean = 0.04 ** 2
  const variance = names.map(() => mean)
  const columns: Record<string, number[]> = Object.fromEntries(names.map((name) => [name, []]))
  for (let t = 0; t < dates; t += 1) {
    const mix = shock()
    const common = stream.normal()
    for (const [i, name] of names.entries()) {
      const z = mix * (Math.sqrt(0.6) * common + Math.sqrt(0.4) * stream.normal())
      const value = Math.sqrt(variance[i] ?? mean) * z
      columns[name]?.push(value)
      variance[i] = 0.04 * mean + 0.06 * value * value + 0.9 * (variance[i] ?? mean)
    }
  }
  return columns
}
