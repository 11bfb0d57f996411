// The calibration of one expiry's smile, quotes with noise included, arbitrage repaired.

import { random } from '../../../lib/quant/random.ts'
import { calibrateSvi, type SmileQuotes } from '../../../lib/quant/surface/calibrate-svi.ts'
import { type SviParameters, sviTotalVariance } from '../../../lib/quant/surface/svi.ts'
import { defineBench } from '../define-bench.ts'
import { between } from '../draw-options.ts'
import { eachRow } from '../each-row.ts'

const n = 24

/** Quotes at `strikes` strikes on a smile, each off by a tenth of a point or so. */
function quotesOn(svi: SviParameters, time: number, strikes: number, noise: () => number): SmileQuotes {
  const reach = 2.5 * Math.sqrt(sviTotalVariance(svi, 0))
  const logMoneyness = Float64Array.from({ length: strikes }, (_, i) => reach * ((2 * i) / (strikes - 1) - 1))
  const volatility = logMoneyness.map((k) => Math.sqrt(sviTotalVariance(svi, k) / time) + noise())
  return { time, logMoneyness, volatility }
}

function drawQuotes(seed: number): readonly SmileQuotes[] {
  const rng = random(seed)
  return Array.from({ length: n }, () => {
    const time = between(rng, 7, 365) / 365
    const variance = between(rng, 0.4, 0.9) ** 2 * time
    const b = between(rng, 0.3, 0.8) * Math.sqrt(variance)
    const sigma = between(rng, 0.3, 0.8) * Math.sqrt(variance)
    const rho = between(rng, -0.6, 0.2)
    const m = between(rng, -0.2, 0.2) * Math.sqrt(variance)
    const svi = { a: Math.max(variance - b * sigma, 0.1 * variance), b, rho, m, sigma }
    return quotesOn(svi, time, 15 + rng.below(20), () => 0.001 * rng.normal())
  })
}

export const sviBench = defineBench({
  name: 'svi-calibration',
  unit: 'one slice of 15 to 34 quotes fitted, checked for butterfly arbitrage and repaired where it has some',
  targetNs: 3e6,
  prepare: () => {
    const exact = quotesOn({ a: 0.02, b: 0.12, rho: -0.4, m: 0.02, sigma: 0.15 }, 0.5, 25, () => 0)
    return eachRow({
      rows: drawQuotes(6),
      price: (quotes) => calibrateSvi(quotes, 'repair').rmse,
      known: {
        got: calibrateSvi(exact, 'repair').rmse,
        expected: 0,
        tolerance: 1e-4,
        source: 'the fit of quotes that lie on a smile, in volatility',
      },
    })
  },
})
