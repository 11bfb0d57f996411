import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { isHomeostatError } from '../../lib/base/homeostat-error.ts'
import { erfc, erfcx } from '../../lib/quant/error-function.ts'
import { normalCdf, normalLogCdf, normalPdf, normalQuantile, normalQuantileFromMedian } from '../../lib/quant/normal.ts'
import { bigCdf, bigPdf, exactly, relativeError } from './big-normal.ts'

const points = Array.from({ length: 186 }, (_, i) => -37 + i * 0.1998)

describe('the normal distribution', () => {
  it('has its distribution function to 1e-15 relative down to x = -37', () => {
    for (const x of points) expect(relativeError(normalCdf(x), bigCdf(exactly(x))), `x = ${x}`).toBeLessThan(1e-15)
  })

  it('has its density to 1e-15 relative', () => {
    for (const x of points) expect(relativeError(normalPdf(x), bigPdf(exactly(x))), `x = ${x}`).toBeLessThan(1e-15)
  })

  it('has both so at the edges of the series that they are summed by, and where those end', () => {
    const edges = Array.from({ length: 150 }, (_, i) => Math.round(6 * i - 320) / 64 + 1 / 128)
    for (const x of [-8, -5, 8, 8.5, ...edges].flatMap((edge) => [edge - 1e-12, edge, edge + 1e-12])) {
      expect(relativeError(normalCdf(x), bigCdf(exactly(x))), `x = ${x}`).toBeLessThan(1e-15)
      expect(relativeError(normalPdf(x), bigPdf(exactly(x))), `x = ${x}`).toBeLessThan(1e-15)
    }
  })

  it('has the logarithm of its distribution function where that itself is no double any more', () => {
    for (const x of points.filter((_, i) => i % 7 === 0))
      expect(relativeError(normalLogCdf(x), bigCdf(exactly(x)).ln()), `x = ${x}`).toBeLessThan(1e-15)
    expect(normalLogCdf(-1e10)).toBeCloseTo(-5e19, -5)
    expect(normalLogCdf(Number.NEGATIVE_INFINITY)).toBe(Number.NEGATIVE_INFINITY)
  })

  it('has erfc and erfcx consistent with it', () => {
    for (const x of points.filter((_, i) => i % 5 === 0)) {
      const y = exactly(-x)
      const tail = bigCdf(exactly(-x).times(exactly(2).sqrt()).neg()).times(2)
      if (x > -26) expect(relativeError(erfc(-x), tail), `erfc ${-x}`).toBeLessThan(1e-15)
      expect(relativeError(erfcx(-x), y.times(y).exp().times(tail)), `erfcx ${-x}`).toBeLessThan(1e-15)
    }
    expect(erfc(-1)).toBeCloseTo(1.8427007929497148, 15)
    expect(erfcx(-1)).toBeCloseTo(5.008980080762283, 14)
    expect(erfcx(1e8)).toBeCloseTo(5.641895835477563e-9, 22)
    expect(erfcx(-30)).toBe(Number.POSITIVE_INFINITY)
  })

  it('has a quantile that its distribution function turns back into the probability', () => {
    for (let e = 0; e < 300; e += 3) {
      const p = 0.4999 * 10 ** -e
      const z = normalQuantile(p)
      const newton = bigCdf(exactly(z)).minus(exactly(p)).div(normalPdf(z)).abs().toNumber()
      expect(newton / Math.abs(z), `p = ${p}`).toBeLessThan(1e-15)
      if (e < 3) expect(normalQuantile(1 - p)).toBeCloseTo(-z, 12)
    }
  })

  it('reaches its limits instead of failing at them', () => {
    expect([normalCdf(-1e300), normalCdf(1e300), normalPdf(1e300), erfc(1e300), erfc(-1e300)]).toEqual([0, 1, 0, 0, 2])
    expect([normalQuantile(0), normalQuantile(0.5), normalQuantile(1)]).toEqual([-Infinity, 0, Infinity])
    expect(normalCdf(-38)).toBe(2.88542835e-316)
  })

  it('refuses what is no number or no probability by name', () => {
    for (const call of [erfc, erfcx, normalPdf, normalCdf, normalLogCdf, normalQuantile, normalQuantileFromMedian])
      expect(() => call(Number.NaN)).toThrow(expect.objectContaining({ code: 'out-of-domain' }))
    for (const p of [-1e-300, 1.0000001]) {
      const refused = (() => {
        try {
          return normalQuantile(p)
        } catch (error) {
          return error
        }
      })()
      expect(isHomeostatError(refused) && refused.facts.p).toBe(p)
    }
  })
})

const TABLE = new URL('../../../shared/tables/normal_cdf_highprec.json', import.meta.url)

describe.skipIf(!existsSync(TABLE))('the table of the normal distribution (../shared/tables)', () => {
  const table = JSON.parse(existsSync(TABLE) ? readFileSync(TABLE, 'utf8') : '{"rows":[],"quantile":[]}') as {
    readonly rows: readonly { readonly x: number; readonly cdf: number; readonly pdf: number }[]
    readonly quantile: readonly { readonly p: number; readonly z: number }[]
  }

  it('is met row by row', () => {
    expect(table.rows.length).toBeGreaterThan(10)
    for (const row of table.rows) {
      expect(Math.abs(normalCdf(row.x) - row.cdf), `cdf ${row.x}`).toBeLessThanOrEqual(1e-15 * row.cdf)
      expect(Math.abs(normalPdf(row.x) - row.pdf), `pdf ${row.x}`).toBeLessThanOrEqual(
        Math.max(1e-15 * row.pdf, 5e-324),
      )
    }
    for (const row of table.quantile)
      expect(Math.abs(normalQuantile(row.p) - row.z), `p ${row.p}`).toBeLessThanOrEqual(1e-15 * Math.abs(row.z) + 1e-57)
  })
})
