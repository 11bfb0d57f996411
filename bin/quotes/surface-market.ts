// The fitted surfaces as the part of a market that `homeostat price` reads.

import { secondsPerYear } from '../../lib/base/time.ts'
import type { UnixSeconds } from '../../lib/base/units.ts'
import type { MarketInput } from '../../lib/instruments/market/market-schema.ts'
import type { LineError } from '../line-outcome.ts'
import type { ComparedSurface, NamedSlice } from './compare-expiries.ts'

/** Keys are those of a market; without `spot` where the lines state none. */
export type SurfaceMarket = Pick<MarketInput, 'at' | 'forward' | 'volatility'> & Partial<Pick<MarketInput, 'spot'>>

/**
 * One market of all surfaces: volatility by SVI, and the forwards that its moneyness refers to. An error where a surface
 * has no name, no instant, or an arbitrage that was to be refused or repaired, or where there are two instants.
 */
export function surfaceMarket(surfaces: readonly ComparedSurface[]): SurfaceMarket | { readonly error: LineError } {
  const [first] = surfaces
  if (first === undefined) return noMarket('surface', 'must have a slice that could be fitted')
  const nameless = surfaces.find(({ surface }) => surface === undefined)
  if (nameless !== undefined)
    return noMarket('surface', 'must be named: by `surface` in the lines, or by --surface ETH')
  if (first.at === undefined || surfaces.some(({ at }) => at === undefined))
    return noMarket('at', 'must be given, with expiry or time: a market has an instant')
  const other = surfaces.find(({ at }) => at !== first.at)
  if (other !== undefined) return noMarket('at', `must be one instant; there are ${first.at} and ${other.at}`)
  const refused = surfaces.find(({ line }) => line.error !== undefined)
  if (refused !== undefined)
    return noMarket('calendar', `must be without arbitrage: see the line above about ${refused.surface}`)
  const { at } = first
  const named = <T>(entry: (surface: ComparedSurface) => T) =>
    Object.fromEntries(surfaces.map((one) => [one.surface ?? '', entry(one)] as const))
  const spots = surfaces.flatMap((one) => {
    const spot = spotOf(one)
    return spot === undefined ? [] : [[one.surface ?? '', spot] as const]
  })
  return {
    at,
    ...(spots.length === 0 ? {} : { spot: Object.fromEntries(spots) }),
    forward: named(({ slices }) => slices.map((one) => ({ expiry: expiryOf(one, at), price: one.fit.forward }))),
    volatility: named((surface) => {
      const anchor = spotOf(surface)
      return {
        svi: surface.slices.map((one) => ({ expiry: expiryOf(one, at), ...one.parameters })),
        dynamics: 'sticky-strike' as const,
        asOf: at,
        ...(anchor === undefined ? {} : { anchor }),
      }
    }),
  }
}

function expiryOf({ fit: { expiry, time } }: NamedSlice, at: UnixSeconds): UnixSeconds {
  return expiry ?? at + time * secondsPerYear
}

function spotOf({ slices }: ComparedSurface): number | undefined {
  return slices.find(({ fit }) => fit.spot !== undefined)?.fit.spot
}

function noMarket(field: string, rule: string): { readonly error: LineError } {
  return { error: { code: 'no-market', message: `There is no market to print: ${field} ${rule}.`, field, rule } }
}
