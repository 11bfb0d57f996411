// A market of one asset as textbooks state it: spot, rate, carry, one volatility and a time in years.

import { secondsPerYear } from '../../lib/base/time.ts'
import type { Market } from '../../lib/instruments/market/market.ts'
import { parseMarket } from '../../lib/instruments/market/parse-market.ts'

export const at = Date.parse('2026-11-24T12:00:00Z') / 1000

interface Textbook {
  readonly spot: number
  readonly rate: number
  readonly carry: number
  /** A number, or a surface as `parseMarket` takes it. */
  readonly volatility: unknown
}

/** The asset is ETH. */
export function oneAssetMarket({ spot, rate, carry, volatility }: Textbook): Market {
  return parseMarket({
    at,
    spot: { ETH: spot },
    interest: rate,
    carry: { ETH: carry },
    volatility: { ETH: volatility },
  })
}

/** Unix seconds, with fractions. */
export function expiryIn(years: number): number {
  return at + years * secondsPerYear
}

/** A row of the published tables on one asset. */
export interface PublishedRow {
  readonly type: 'Call' | 'Put'
  readonly strike: number
  readonly spot: number
  readonly q: number
  readonly r: number
  readonly t: number
  readonly volatility: number
  readonly value: number
  readonly tol: number
  readonly group: string
}

export function marketOf({ spot, r, q, volatility }: PublishedRow): Market {
  return oneAssetMarket({ spot, rate: r, carry: r - q, volatility })
}

/** The terms that every option has; `as const` where the type is read. */
export function termsOf({ type, strike, t }: PublishedRow) {
  return {
    asset: 'ETH',
    type: type === 'Call' ? ('call' as const) : ('put' as const),
    strike,
    expiry: expiryIn(t),
    quantity: 1,
  }
}
