// What variance is worth by the options that replicate it, from quotes at strikes or from a whole smile.
import { outOfDomain } from '../out-of-domain.ts'
import { blackScholesPrice } from './black.ts'
import { normalisedBlack } from './normalised-black.ts'

export interface StripQuote {
  readonly strike: number
  /** Black volatility at the strike. */
  readonly volatility: number
}

export interface VarianceStrip {
  /** Annual variance at which a swap costs nothing. */
  readonly fairVariance: number
  /** Options to hold per unit of variance notional: puts by falling strike from the boundary, calls by rising strike. */
  readonly puts: readonly WeightedOption[]
  readonly calls: readonly WeightedOption[]
}

export interface WeightedOption extends StripQuote {
  /** Number of options. */
  readonly weight: number
  /** Undiscounted price. */
  readonly price: number
}

/** Slopes of the log payoff between neighbouring strikes, less those already held (Demeterfi et al., appendix A). */
function weigh(
  kind: 'call' | 'put',
  quotes: readonly StripQuote[],
  { forward, time, boundary, end }: Record<'forward' | 'time' | 'boundary' | 'end', number>,
): readonly WeightedOption[] {
  const payoff = (K: number) => (2 / time) * ((K - boundary) / boundary - Math.log(K / boundary))
  let held = 0
  return quotes.map(({ strike, volatility }, i) => {
    const next = quotes[i + 1]?.strike ?? end
    const slope = (payoff(next) - payoff(strike)) / Math.abs(next - strike)
    const weight = slope - held
    held = slope
    return {
      strike,
      volatility,
      weight,
      price: blackScholesPrice({ kind, spot: forward, strike, time, volatility, rate: 0, carry: 0 }),
    }
  })
}

/**
 * Fair variance from puts at and below and calls at and above a boundary strike. The log payoff is replaced by its chords between
 * strikes, so the strip costs a little too much for strikes far apart, and what lies beyond `lowest` and `highest` is left out.
 * `quotes.puts` fall from the boundary, `quotes.calls` rise from it; both hold the boundary itself. Throws `out-of-domain`.
 * Demeterfi, Derman, Kamal & Zou (1999), "More than you ever wanted to know about volatility swaps", eqs. 26-27, A1-A7.
 */
export function varianceStrip(params: {
  readonly forward: number
  /** Years, above 0. */
  readonly time: number
  readonly puts: readonly StripQuote[]
  readonly calls: readonly StripQuote[]
  /** Where the last chords end, beyond the outermost strikes. */
  readonly lowest: number
  readonly highest: number
}): VarianceStrip {
  const { forward, time, puts, calls, lowest, highest } = params
  const boundary = puts[0]?.strike ?? Number.NaN
  const falling = [...puts.map(({ strike }) => strike), lowest]
  const rising = [...calls.map(({ strike }) => strike), highest]
  const isOrdered =
    falling.every((K, i) => K > 0 && (i === 0 || K < (falling[i - 1] ?? 0))) &&
    rising.every((K, i) => K > (i === 0 ? 0 : (rising[i - 1] ?? 0))) &&
    highest < Infinity
  const isSound = forward > 0 && forward < Infinity && time > 0 && time < Infinity
  if (!(isOrdered && isSound && calls[0]?.strike === boundary))
    throw outOfDomain(
      'varianceStrip',
      'forward and time above 0; puts falling to lowest > 0, calls rising to highest, both beginning at the same strike.',
      { forward, time, puts: falling.join(' '), calls: rising.join(' ') },
    )
  const held = {
    puts: weigh('put', puts, { forward, time, boundary, end: lowest }),
    calls: weigh('call', calls, { forward, time, boundary, end: highest }),
  }
  const cost = [...held.puts, ...held.calls].reduce((sum, { weight, price }) => sum + weight * price, 0)
  const gap = forward / boundary - 1
  return { fairVariance: cost + (2 / time) * (Math.log1p(gap) - gap), ...held }
}

/** The step of the double exponential rule below. */
const STEP = 1 / 16

/**
 * Fair variance of a whole smile: (2/T) times the integral of out-of-the-money prices over K^2 (Carr & Madan 1998, "Towards a theory
 * of volatility trading", eq. 18), in k = ln(K/F), each side by the double exponential rule k = s exp(u - e^{-u}).
 * `volatility` gives the Black volatility at k and is called at about 250 points to abs(k) = 60 s. Flat smiles come out to 1e-12 relative.
 * Wings must not exceed what a finite variance allows (slope of total variance below 2). Throws `out-of-domain`.
 */
export function smileVariance(params: { readonly time: number; readonly volatility: (k: number) => number }): number {
  const { time, volatility } = params
  const rootT = Math.sqrt(time)
  const atm = volatility(0) * rootT
  if (!(time > 0 && time < Infinity && atm >= 0 && atm < Infinity))
    throw outOfDomain('smileVariance', 'time above 0, volatilities 0 or more and finite.', { time, atm })
  if (atm === 0) return 0
  let sum = 0
  for (const side of [-1, 1]) {
    let term = 0
    for (let j = -64; j <= 6 / STEP; j += 1) {
      const u = j * STEP
      const k = side * atm * Math.exp(u - Math.exp(-u))
      const sigma = volatility(k)
      if (!(sigma >= 0 && sigma < Infinity))
        throw outOfDomain('smileVariance', 'Volatilities have to be 0 or more and finite.', { k, sigma })
      const price = normalisedBlack(-Math.abs(k), sigma * rootT)
      term = price > 0 ? price * Math.exp(-k / 2) * Math.abs(k) * (1 + Math.exp(-u)) : 0
      sum += term
    }
    if (!(term <= 1e-10 * sum))
      throw outOfDomain('smileVariance', 'The wings of the smile have to leave variance finite.', { time, atm, side })
  }
  return (2 * STEP * sum) / time
}
