import { describe, expect, it } from 'vitest'
import { normalCdf } from '../../../lib/quant/normal.ts'
import { random } from '../../../lib/quant/random.ts'
import type { Paths } from '../../../lib/risk/tail/draw-paths.ts'
import { healthMinima, type LinearAccount, levelsOf } from '../../../lib/risk/tail/health-minima.ts'

const sigma = 0.1

/** Brownian log prices of total deviation `sigma` in so many steps; correlation 0.5 with the first. */
function brownian(names: readonly string[], steps: number, count: number, seed = 3): Paths {
  const rng = random(seed)
  const n = names.length
  const moves = new Float64Array(steps * n * count)
  const volatility = new Float64Array(moves.length).fill(sigma / Math.sqrt(steps))
  for (let s = 0; s < steps; s += 1)
    for (let p = 0; p < count; p += 1) {
      const first = rng.normal()
      for (let f = 0; f < n; f += 1) {
        const z = f === 0 ? first : 0.5 * first + Math.sqrt(0.75) * rng.normal()
        const before = s === 0 ? 0 : (moves[((s - 1) * n + f) * count + p] ?? 0)
        moves[(s * n + f) * count + p] = before + (sigma / Math.sqrt(steps)) * z
      }
    }
  return { factors: names, steps, count, stepSeconds: 86_400, moves, volatility, jumped: [], notes: [] }
}

function minimaOf(
  account: LinearAccount,
  paths: Paths,
  bridge: 'bridge' | 'none' = 'bridge',
  checkpoints = [paths.steps],
) {
  const rng = random(17)
  const reaches = new Float64Array(paths.steps * paths.count).map(() =>
    bridge === 'none' ? 0 : Math.sqrt(-Math.log(rng.uniform()) / 2),
  )
  return healthMinima({ account, paths, levels: levelsOf(paths, paths.factors), reaches, checkpoints })
}

const share = (underlying: string, borrowingPowerUsd: number, debtUsd: number) => ({
  underlying,
  borrowingPowerUsd,
  debtUsd,
})
const simple: LinearAccount = { shares: [share('ETH', 130, 0)], unmovedDebtUsd: 100 }
const below = (minima: Float64Array | undefined, depth: number) =>
  (minima ?? new Float64Array()).filter((least) => least < -depth).length / (minima?.length ?? 1)

describe('the least health factor along paths', () => {
  const depth = 0.15
  /** Reflection: twice the chance of ending below. */
  const exact = 2 * normalCdf(-depth / sigma)

  it.each([1, 4, 24])('has the chance of first passage that reflection gives, in %i steps', (steps) => {
    const count = 40_000
    const [minima] = minimaOf(simple, brownian(['ETH'], steps, count))
    expect(Math.abs(below(minima, depth) - exact)).toBeLessThan(4 * Math.sqrt(exact / count))
  })

  it('is missed by half or more where only whole steps are looked at', () => {
    const [minima] = minimaOf(simple, brownian(['ETH'], 1, 40_000), 'none')
    expect(below(minima, depth)).toBeLessThan(0.6 * exact)
  })

  it('is that of many fine steps for two collaterals and a debt that moves', () => {
    const mixed: LinearAccount = { shares: [share('ETH', 80, 0), share('BTC', 50, 20)], unmovedDebtUsd: 80 }
    const count = 20_000
    const [coarse] = minimaOf(mixed, brownian(['ETH', 'BTC'], 2, count))
    const [fine] = minimaOf(mixed, brownian(['ETH', 'BTC'], 128, count, 4))
    const [a, b] = [below(coarse, 0.12), below(fine, 0.12)]
    expect(Math.abs(a - b)).toBeLessThan(4 * Math.sqrt((a + b) / count))
    expect(b).toBeGreaterThan(0.02)
  })

  it('does not move for a loop whose debt is its collateral’s underlying, nor without a factor that moves', () => {
    const loop: LinearAccount = { shares: [share('ETH', 95, 90)], unmovedDebtUsd: 0 }
    const still: LinearAccount = { shares: [share('USDC', 95, 90)], unmovedDebtUsd: 0 }
    for (const account of [loop, still]) {
      const [minima] = minimaOf(account, brownian(['ETH'], 4, 500))
      expect(Math.min(...(minima ?? []))).toBeGreaterThan(-1e-12)
    }
  })

  it('does not depend on the size of the loan, and falls from checkpoint to checkpoint', () => {
    const paths = brownian(['ETH'], 6, 2_000)
    const [two, all] = minimaOf(simple, paths, 'bridge', [2, 6])
    const [larger] = minimaOf({ ...simple, unmovedDebtUsd: 127 }, paths)
    for (let p = 0; p < 2_000; p += 1) {
      expect(all?.[p]).toBeLessThanOrEqual(two?.[p] ?? Number.NaN)
      expect(larger?.[p]).toBeCloseTo(all?.[p] ?? Number.NaN, 12)
    }
  })
})
