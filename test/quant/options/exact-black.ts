// European prices and Greeks from the textbook formula in 60-digit arithmetic, sharing nothing with the code under
// test.
import type { BigNumber } from 'mathjs'
import type { EuropeanOption } from '../../../lib/quant/options/black.ts'
import { bigCdf, bigPdf, exactly } from '../big-normal.ts'

export type BigGreeks = Readonly<
  Record<
    | 'price'
    | 'delta'
    | 'gamma'
    | 'vega'
    | 'theta'
    | 'rho'
    | 'carryRho'
    | 'vanna'
    | 'volga'
    | 'thetaTerms'
    | 'priceTerms',
    BigNumber
  >
>

export function exactBlack(p: EuropeanOption): BigGreeks {
  const [S, K, T] = [exactly(p.spot), exactly(p.strike), exactly(p.time)]
  const [sigma, r, b] = [exactly(p.volatility), exactly(p.rate), exactly(p.carry)]
  const w = p.kind === 'call' ? 1 : -1
  const s = sigma.times(T.sqrt())
  const d1 = S.div(K).ln().plus(b.times(T)).div(s).plus(s.div(2))
  const d2 = d1.minus(s)
  const e1 = b.minus(r).times(T).exp()
  const e2 = r.times(T).neg().exp()
  const asset = S.times(e1)
    .times(bigCdf(d1.times(w)))
    .times(w)
  const cash = K.times(e2)
    .times(bigCdf(d2.times(w)))
    .times(w)
  const density = S.times(e1).times(bigPdf(d1))
  const decay = density.times(sigma).div(T.sqrt()).div(2)
  const carried = b.minus(r).times(asset)
  return {
    price: asset.minus(cash),
    priceTerms: asset.abs().plus(cash.abs()),
    delta: asset.div(S),
    gamma: density.div(S).div(S).div(s),
    vega: density.times(T.sqrt()),
    theta: decay.plus(carried).plus(r.times(cash)).neg(),
    thetaTerms: decay.plus(carried.abs()).plus(r.times(cash).abs()),
    rho: T.times(cash),
    carryRho: T.times(asset),
    vanna: density.div(S).times(d2).div(sigma).neg(),
    volga: density.times(T.sqrt()).times(d1).times(d2).div(sigma),
  }
}
