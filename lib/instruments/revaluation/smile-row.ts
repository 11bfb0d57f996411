// A smile's volatilities at many moneynesses of one expiry, with the search for its slices done once.

import { secondsPerYear } from '../../base/time.ts'
import type { UnixSeconds } from '../../base/units.ts'
import type { SviParameters } from '../../quant/surface/svi.ts'
import { type AssetVolatility, scaleAt, surfaceVolatility } from '../market/volatility-surface.ts'

/** `level`: the same for every strike. `svi`: total variance (1 - part) before + part after, over `years`. */
export type ExpirySmile =
  | { readonly kind: 'level'; readonly volatility: number }
  | {
      readonly kind: 'svi'
      readonly before: SviParameters
      readonly after: SviParameters
      readonly part: number
      readonly years: number
    }

/** The smile of an expiry as `surfaceVolatility` has it, with the scale and without the shift. */
export function expirySmile(held: AssetVolatility, expiry: UnixSeconds): ExpirySmile {
  const { surface, asOf } = held
  if (surface.kind !== 'svi') return { kind: 'level', volatility: surfaceVolatility(held, 0, expiry).volatility }
  const { slices } = surface
  const after = slices.find((slice) => slice.expiry >= expiry) ?? slices.at(-1)
  const before = slices.findLast((slice) => slice.expiry <= expiry) ?? slices[0]
  if (after === undefined || before === undefined) return { kind: 'level', volatility: 0 }
  const part = after.expiry > before.expiry ? (expiry - before.expiry) / (after.expiry - before.expiry) : 0
  const years = (one: number) => (one - asOf) / secondsPerYear
  const factor = held.scale === undefined ? 1 : scaleAt(held.scale, expiry)
  // Volatilities k times as high are a total variance k^2 times as high.
  const scaled = ({ a, b, ...shape }: SviParameters) => ({ ...shape, a: factor * factor * a, b: factor * factor * b })
  return {
    kind: 'svi',
    before: factor === 1 ? before.parameters : scaled(before.parameters),
    after: factor === 1 ? after.parameters : scaled(after.parameters),
    part,
    years: (1 - part) * years(before.expiry) + part * years(after.expiry),
  }
}

/** Writes the volatility at k = from - x for each x, with the shift: n and n. Never below 0. */
export function smileRow(
  smile: ExpirySmile,
  params: { readonly from: number; readonly x: Float64Array; readonly shift: number },
  out: Float64Array,
): void {
  const { from, x, shift } = params
  if (smile.kind === 'level') {
    out.fill(Math.max(smile.volatility + shift, 0))
    return
  }
  const { before, after, part, years } = smile
  sviRow(before, 1 - part, from, x, out)
  if (part > 0) {
    const late = new Float64Array(x.length)
    sviRow(after, part, from, x, late)
    for (let j = 0; j < out.length; j += 1) out[j] = (out[j] as number) + (late[j] as number)
  }
  for (let j = 0; j < out.length; j += 1) {
    const w = out[j] as number
    out[j] = Math.max((w <= 0 ? 0 : Math.sqrt(w / years)) + shift, 0)
  }
}

/** share x total variance, as `sviTotalVariance`. */
function sviRow(
  { a, b, rho, m, sigma }: SviParameters,
  share: number,
  from: number,
  x: Float64Array,
  out: Float64Array,
): void {
  const variance = sigma * sigma
  for (let j = 0; j < out.length; j += 1) {
    const y = from - (x[j] as number) - m
    out[j] = share * (a + b * (rho * y + Math.sqrt(y * y + variance)))
  }
}
