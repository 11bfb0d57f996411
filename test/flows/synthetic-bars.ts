// Days and hours of made-up prices for tests of the model: seeded, with one market factor, on the ends of whole bars.

import { type Bar, type BarInterval, barSeconds } from '../../lib/model/history.ts'
import { random } from '../../lib/quant/random.ts'

/** `count` bars that end before `to`; close of each is seen at its end. */
export function syntheticBars(params: {
  readonly interval: BarInterval
  readonly count: number
  readonly to: number
  readonly assets: readonly string[]
  readonly seed: number
  readonly source?: string
}): ReadonlyMap<string, readonly Bar[]> {
  const { interval, count, to, assets, seed, source = 'import' } = params
  const length = barSeconds[interval]
  const deviation = 0.6 * Math.sqrt(length / (365 * 86_400))
  const stream = random(seed)
  const closes = assets.map(() => 100)
  const bars = assets.map((): Bar[] => [])
  for (let index = 0; index < count; index += 1) {
    const start = to - (count - index) * length
    const market = stream.normal()
    for (const [column, before] of closes.entries()) {
      const close = before * Math.exp(deviation * (Math.sqrt(0.6) * market + Math.sqrt(0.4) * stream.normal()))
      closes[column] = close
      const [high, low] = [Math.max(before, close), Math.min(before, close)]
      bars[column]?.push({
        start,
        open: before,
        high,
        low,
        close,
        firstAt: start,
        lastAt: start + length,
        observations: 1,
        source,
      })
    }
  }
  return new Map(assets.map((asset, column) => [asset, bars[column] ?? []]))
}
