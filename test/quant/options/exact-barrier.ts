// The barrier and lookback formulas as their papers print them, in 60 digits, so that neither overflow nor cancellation matters.
import type { BigNumber } from 'mathjs'
import { bigCdf, exactly } from '../big-normal.ts'

export interface ExactMarket {
  readonly kind: 'call' | 'put'
  readonly spot: number
  readonly strike: number
  readonly rate: number
  readonly carry: number
  readonly volatility: number
  readonly time: number
}

const one = exactly(1)
const power = (base: BigNumber, exponent: BigNumber) => base.ln().times(exponent).exp()

function exactMarket(p: ExactMarket) {
  const [S, X, r, b, v, T] = [p.spot, p.strike, p.rate, p.carry, p.volatility, p.time].map(exactly) as [
    BigNumber,
    BigNumber,
    BigNumber,
    BigNumber,
    BigNumber,
    BigNumber,
  ]
  const s = v.times(T.sqrt())
  const variance = v.times(v)
  return { S, X, r, b, T, s, variance, carried: b.minus(r).times(T).exp(), discount: r.times(T).neg().exp() }
}

/** Reiner & Rubinstein (1991), terms A to F, as in Haug (1998), section 2.10.1. */
export function exactBarrier(
  p: ExactMarket & { direction: 'down' | 'up'; knock: 'in' | 'out'; barrier: number; rebate: number },
): BigNumber {
  const { S, X, r, b, s, variance, carried, discount } = exactMarket(p)
  const [H, K] = [exactly(p.barrier), exactly(p.rebate)]
  const phi = p.kind === 'call' ? 1 : -1
  const eta = p.direction === 'down' ? 1 : -1
  const N = (x: BigNumber, sign: number) => bigCdf(x.times(sign))
  const mu = b.minus(variance.div(2)).div(variance)
  const lambda = mu.times(mu).plus(r.times(2).div(variance)).sqrt()
  const shift = mu.plus(1).times(s)
  const HS = H.div(S)
  const x1 = S.div(X).ln().div(s).plus(shift)
  const x2 = S.div(H).ln().div(s).plus(shift)
  const y1 = H.times(H).div(S.times(X)).ln().div(s).plus(shift)
  const y2 = H.div(S).ln().div(s).plus(shift)
  const z = H.div(S).ln().div(s).plus(lambda.times(s))
  const asset = S.times(carried).times(phi)
  const cost = X.times(discount).times(phi)
  const direct = (x: BigNumber) => asset.times(N(x, phi)).minus(cost.times(N(x.minus(s), phi)))
  const reflected = (y: BigNumber) =>
    asset
      .times(power(HS, mu.plus(1).times(2)))
      .times(N(y, eta))
      .minus(cost.times(power(HS, mu.times(2))).times(N(y.minus(s), eta)))
  const [A, B, C, D] = [direct(x1), direct(x2), reflected(y1), reflected(y2)]
  const E = K.times(discount).times(N(x2.minus(s), eta).minus(power(HS, mu.times(2)).times(N(y2.minus(s), eta))))
  const F = K.times(
    power(HS, mu.plus(lambda))
      .times(N(z, eta))
      .plus(power(HS, mu.minus(lambda)).times(N(z.minus(lambda.times(s).times(2)), eta))),
  )
  const above = p.strike > p.barrier
  const cases: Record<string, readonly [BigNumber, BigNumber]> = {
    'down call': above ? [C, A.minus(C)] : [A.minus(B).plus(D), B.minus(D)],
    'up call': above ? [A, exactly(0)] : [B.minus(C).plus(D), A.minus(B).plus(C).minus(D)],
    'down put': above ? [B.minus(C).plus(D), A.minus(B).plus(C).minus(D)] : [A, exactly(0)],
    'up put': above ? [A.minus(B).plus(D), B.minus(D)] : [C, A.minus(C)],
  }
  const [into, out] = cases[`${p.direction} ${p.kind}`] ?? [one, one]
  return p.knock === 'in' ? into.plus(E) : out.plus(F)
}

/** Ikeda & Kunitomo (1992) without curvature, as in Haug (1998), section 2.10.3, summed until nothing is left. */
export function exactDoubleKnockOut(p: ExactMarket & { lower: number; upper: number }): BigNumber {
  const { S, X, b, s, variance, carried, discount } = exactMarket(p)
  const [L, U] = [exactly(p.lower), exactly(p.upper)]
  const mu = b.times(2).div(variance).plus(1)
  const drift = b.div(variance).plus(0.5).times(s)
  const reach = Math.ceil((6 * p.volatility * Math.sqrt(p.time)) / Math.log(p.upper / p.lower)) + 1
  const call = p.kind === 'call'
  const clamp = X.lt(L) ? L : X.gt(U) ? U : X
  const [from, to] = call ? [clamp, U] : [L, clamp]
  let asset = exactly(0)
  let cash = exactly(0)
  for (let n = -reach; n <= reach; n += 1) {
    const ratio = U.div(L).pow(2 * n)
    const image = L.times(L).div(S.times(S)).div(ratio)
    const d = (level: BigNumber) => S.times(ratio).div(level).ln().div(s).plus(drift)
    const e = (level: BigNumber) => S.times(image).div(level).ln().div(s).plus(drift)
    const between = (at: (level: BigNumber) => BigNumber, shift: BigNumber) =>
      bigCdf(at(from).minus(shift)).minus(bigCdf(at(to).minus(shift)))
    const [direct, mirrored] = [power(U.div(L), mu.times(n)), power(L.div(S).times(L.div(U).pow(n)), mu)]
    asset = asset.plus(direct.times(between(d, exactly(0)))).minus(mirrored.times(between(e, exactly(0))))
    const [direct2, mirrored2] = [direct.div(ratio), mirrored.div(image)]
    cash = cash.plus(direct2.times(between(d, s))).minus(mirrored2.times(between(e, s)))
  }
  return S.times(carried)
    .times(asset)
    .minus(X.times(discount).times(cash))
    .times(call ? 1 : -1)
}

/** Goldman, Sosin & Gatto (1979), as in Haug (1998), section 2.7.1: floating strike, carry not 0. */
export function exactFloatingLookback(p: Omit<ExactMarket, 'strike'> & { extremum: number }): BigNumber {
  const { S, b, r, T, s, variance, carried, discount } = exactMarket({ ...p, strike: p.extremum })
  const M = exactly(p.extremum)
  const phi = p.kind === 'call' ? 1 : -1
  const a1 = S.div(M)
    .ln()
    .plus(b.plus(variance.div(2)).times(T))
    .div(s)
  const a2 = a1.minus(s)
  const N = (x: BigNumber, sign: number) => bigCdf(x.times(sign))
  const ratio = variance.div(b.times(2))
  const mirrored = power(S.div(M), ratio.pow(-1).neg()).times(N(a1.minus(b.times(T).times(2).div(s)), -phi))
  const grown = b.times(T).exp().times(N(a1, -phi))
  return S.times(carried)
    .times(N(a1, phi))
    .minus(M.times(discount).times(N(a2, phi)))
    .plus(S.times(r.times(T).neg().exp()).times(ratio).times(mirrored.minus(grown)))
    .times(phi)
}
