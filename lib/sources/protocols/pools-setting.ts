// The list of pools that a protocol is read for: pools cannot be enumerated from an account, so they are named.

import * as z from '../../base/schema.ts'
import { listTerm, noted } from '../../instruments/term-schemas.ts'

const mostPools = 100

/** A list of 1 to 100 pools, each named once: a pool that stands twice would count twice. */
export function poolsSetting<Pool extends z.ZodMiniType>(
  pool: Pool,
  meaning: string,
  identity: (pool: z.output<Pool>) => string,
) {
  return listTerm(pool, meaning).check(
    z.minLength(1, 'must name a pool, or be left out with its protocol'),
    z.maxLength(mostPools, `must be at most ${mostPools} pools`),
    z.refine((pools) => new Set(pools.map(identity)).size === pools.length, 'must name each pool once'),
  )
}

export function symbolSetting(meaning: string) {
  const message = "must be the symbol of one of the chain's assets"
  return noted(z.string(message).check(z.minLength(1, message)), 'asset symbol', meaning)
}

/** Two to eight coins of a pool, each once. */
export function coinsSetting(meaning: string) {
  return listTerm(symbolSetting('a coin of the pool'), meaning).check(
    z.minLength(2, 'must be 2 to 8 coins'),
    z.maxLength(8, 'must be 2 to 8 coins'),
    z.refine((coins) => new Set(coins).size === coins.length, 'must name each coin once'),
  )
}
