// Branded numbers, so that a dollar amount cannot be passed where a ratio or an instant is meant.

declare const unit: unique symbol
type Branded<Name extends string> = number & { readonly [unit]?: Name }

/** US dollars. */
export type Usd = Branded<'usd'>
/** A fraction: 0.05 is five per cent. */
export type Ratio = Branded<'ratio'>
/** Years of 365 days of 86,400 seconds. */
export type Years = Branded<'years'>
/** Whole seconds since 1970-01-01T00:00Z. */
export type UnixSeconds = Branded<'unix-seconds'>
/** A whole number of a token's smallest unit, as decimal text: JSON has no integer of this size. */
export type TokenUnits = string
