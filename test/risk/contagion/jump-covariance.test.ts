import { describe, expect, it } from 'vitest'
import { randomFrom } from '../../../lib/quant/random.ts'
import { annualLoss } from '../../../lib/risk/contagion/annual-loss.ts'
import { balanceSheets } from '../../../lib/risk/contagion/balance-sheets.ts'
import { jumpCovariance, jumpDrift } from '../../../lib/risk/contagion/jump-covariance.ts'

const components = [
  { id: 'bridge', hazard: 0.03, loss: [0.9, 0.8, 0] },
  { id: 'issuer', hazard: 0.01, loss: [0, 0.1, 0.12] },
]
const covariance = [0.04, 0.01, 0, 0.01, 0.09, 0.002, 0, 0.002, 0.01]

describe('jump covariance', () => {
  it('equals a Monte Carlo stratified by what fails, within 1 % and four standard errors', () => {
    const years = 1
    const weights = [0.5, 0.3, 0.2]
    const random = randomFrom([1, 2, 3, 4])
    const root = cholesky3(covariance)
    // Strata: which components fail (0 or 1 times; twice in a year has a probability below 5e-4 and is a stratum of its own).
    const strata = [0, 1, 2].flatMap((b) => [0, 1, 2].map((i) => [b, i] as const))
    const poisson = (rate: number, k: number) => (Math.exp(-rate) * rate ** k) / (k === 2 ? 2 : 1)
    let [mean, square, error] = [0, 0, 0]
    for (const [b, i] of strata) {
      const p = poisson(0.03, b) * poisson(0.01, i)
      const count = 40_000
      let [s1, s2, s4] = [0, 0, 0]
      for (let k = 0; k < count; k += 1) {
        const z = [random.normal(), random.normal(), random.normal()]
        const jump = (j: number) => b * (components[0]?.loss[j] ?? 0) + i * (components[1]?.loss[j] ?? 0)
        const r = weights.reduce(
          (sum, w, j) => sum + w * (root.slice(3 * j, 3 * j + 3).reduce((x, c, q) => x + c * (z[q] ?? 0), 0) - jump(j)),
          0,
        )
        s1 += r
        s2 += r * r
        s4 += r ** 4
      }
      mean += (p * s1) / count
      square += (p * s2) / count
      error += (p * p * (s4 / count - (s2 / count) ** 2)) / count
    }
    const total = jumpCovariance({ covariance, components, years })
    const drift = jumpDrift({ size: 3, components, years })
    const variance = weights.reduce(
      (sum, w, i) => sum + weights.reduce((x, v, j) => x + w * v * (total[3 * i + j] ?? 0), 0),
      0,
    )
    const expected = weights.reduce((sum, w, i) => sum + w * (drift[i] ?? 0), 0)
    expect(Math.abs(mean - expected)).toBeLessThan(4 * Math.sqrt(variance / 40_000) + 0.01 * Math.abs(expected))
    expect(Math.abs(square - mean * mean - variance)).toBeLessThan(0.01 * variance + 4 * Math.sqrt(error))
  })

  it('shows a shared bridge as correlation between what came over it', () => {
    const independent = [0.04, 0, 0, 0.04]
    const total = jumpCovariance({
      covariance: independent,
      components: [{ id: 'bridge', hazard: 0.05, loss: [1, 1] }],
      years: 1,
    })
    expect((total[1] ?? 0) / Math.sqrt((total[0] ?? 0) * (total[3] ?? 0))).toBeCloseTo(0.05 / 0.09, 12)
  })
})

it('sums the expected annual loss over what can fail, as a range, with its concentration', () => {
  const hazard = (mid: number) => ({ low: mid / 2, mid, high: mid * 2, reasons: ['planted'] })
  const sheets = balanceSheets({
    nodes: [
      { id: 'bridge', kind: 'bridge', hazard: hazard(0.02) },
      { id: 'market', kind: 'market', externalAssetsUsd: 60, hazard: hazard(0.01) },
      { id: 'me', kind: 'portfolio', externalAssetsUsd: 5 },
    ],
    edges: [
      { from: 'bridge', to: 'market', kind: 'bridged-by', usd: 40 },
      { from: 'market', to: 'me', kind: 'holds', usd: 100 },
    ],
  })
  const { components, low, mid, high, concentration } = annualLoss({ sheets, holder: 'me', method: 'eisenberg-noe' })
  expect(components.map(({ node, lossUsd }) => [node, lossUsd])).toEqual([
    ['market', 100],
    ['bridge', 40],
  ])
  expect([low, mid, high].map(({ expectedUsd }) => expectedUsd)).toEqual(
    [0.9, 1.8, 3.6].map((value) => expect.closeTo(value, 12)),
  )
  expect(mid.at99Usd).toBeCloseTo(40, 0)
  expect(concentration).toBeCloseTo((1 + 0.64) / 1.8 ** 2, 12)
})

function cholesky3(m: readonly number[]): readonly number[] {
  const at = (i: number, j: number) => m[3 * i + j] ?? 0
  const a = Math.sqrt(at(0, 0))
  const [b, d] = [at(1, 0) / a, at(2, 0) / a]
  const c = Math.sqrt(at(1, 1) - b * b)
  const e = (at(2, 1) - d * b) / c
  return [a, 0, 0, b, c, 0, d, e, Math.sqrt(at(2, 2) - d * d - e * e)]
}
