// What a word of the rule language is, and how it says that it found its value, that there is none, or that it should be there and is not.

import type { PositionRisk, Report } from '../../model/report.ts'

/** A value is there, does not exist for this portfolio (no debt, no health factor), or should be there and is not. */
export type Found =
  | { readonly kind: 'value'; readonly value: number }
  /** A minimum of which a part is unknown: it can only be lower. */
  | { readonly kind: 'at-most'; readonly value: number; readonly code: string; readonly reason: string }
  /** A maximum, or a sum of what is never below 0, of which a part is unknown: it can only be higher. */
  | { readonly kind: 'at-least'; readonly value: number; readonly code: string; readonly reason: string }
  | { readonly kind: 'not-applicable'; readonly reason: string }
  | { readonly kind: 'missing'; readonly code: string; readonly reason: string }

export type Missing = Extract<Found, { readonly kind: 'missing' }>
export type NotApplicable = Extract<Found, { readonly kind: 'not-applicable' }>

/**
 * What a word's key names: an underlying (`ETH`), an asset (`WETH`), a macro series (`SPX`), or one of a few fixed keys.
 * An account by its position or protocol (`aave`); that key may be left out, which asks for all accounts: `read` is given ''.
 */
type Keys = 'none' | 'underlying' | 'asset' | 'series' | 'account' | readonly string[]

export interface Term {
  readonly name: string
  readonly unit: string
  readonly meaning: string
  readonly keys: Keys
  /** Its values, where they are words and not numbers, from the least to the most severe: `read` gives a place in this list. */
  readonly levels?: readonly string[]
  readonly read: (report: Report, key: string) => Found
}

export function defineTerm<const Name extends string>(
  term: Term & { readonly name: Name },
): Term & { readonly name: Name } {
  return term
}

export const found = (value: number): Found => ({ kind: 'value', value })
export const absent = (reason: string): NotApplicable => ({ kind: 'not-applicable', reason })
export const missing = (code: string, reason: string): Missing => ({ kind: 'missing', code, reason })

/** The least of what is known, where some is not. */
export const atMost = (value: number, unknown: Missing | undefined): Found =>
  unknown === undefined ? found(value) : { ...unknown, kind: 'at-most', value }

/** The greatest of what is known, where some is not. */
export const atLeast = (value: number, unknown: Missing | undefined): Found =>
  unknown === undefined ? found(value) : { ...unknown, kind: 'at-least', value }

/** The portfolio does not have what a key names. */
export const unknownKey = (key: string, what: string): Missing =>
  missing('unknown-key', `the portfolio knows no ${what} ${key}`)

/** Positions that `risk` left out of its sums say so by being BLIND while the report is not. */
export function leftOut(report: Report): readonly PositionRisk[] {
  return report.positions.filter((position) => position.dataState.kind === 'BLIND')
}
