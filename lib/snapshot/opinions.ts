// Who says what of one asset's price, in dollars, and who only repeats somebody else.

import type { Ratio, UnixSeconds, Usd } from '../base/units.ts'

/** One view of a price. */
export interface Opinion {
  /** For people: `the feed`, `the market`, `the second feed`. */
  readonly name: string
  readonly kind: 'oracle' | 'protocol' | 'market'
  readonly usd: Usd
}

export interface DatedOpinion extends Opinion {
  readonly kind: 'oracle' | 'market'
  readonly updatedAt: UnixSeconds
  /** Older than it promises to be. */
  readonly isLate: boolean
  readonly roundId?: string
  /** Of a market: what selling fetches until the price is 2 % lower. */
  readonly depthUsd?: Usd
}

/** A protocol that asks the same feed repeats it to the last digits. */
const echo: Ratio = 0.001

export const apart = (a: Usd, b: Usd): Ratio => Math.abs(a / b - 1)

/**
 * Those that can contradict `first`: a protocol that says the same reads the same feed, and several markets count as one, the nearest, so that
 * nobody is accused by a market that was pushed for a moment or by a mean that lags.
 */
export function independentOf(first: Opinion, others: readonly Opinion[]): readonly Opinion[] {
  const markets = others.filter(({ kind }) => kind === 'market')
  const nearest = markets.toSorted((a, b) => apart(a.usd, first.usd) - apart(b.usd, first.usd))[0]
  const heard = others.filter(({ kind, usd }) => {
    if (kind === 'market') return false
    return kind !== 'protocol' || apart(usd, first.usd) > echo
  })
  return first.kind === 'market' || nearest === undefined ? heard : [...heard, nearest]
}

/** Of three or more, the one that all others contradict while they agree among themselves. */
export function outlierOf(opinions: readonly Opinion[], tolerance: Ratio): Opinion | undefined {
  if (opinions.length < 3) return undefined
  return opinions.find((one) => {
    const others = opinions.filter((other) => other !== one)
    return others.every(({ usd }) => apart(one.usd, usd) > tolerance) && agree(others, tolerance)
  })
}

function agree(opinions: readonly Opinion[], tolerance: Ratio): boolean {
  const usd = opinions.map((one) => one.usd)
  return Math.max(...usd) / Math.min(...usd) - 1 <= tolerance
}
