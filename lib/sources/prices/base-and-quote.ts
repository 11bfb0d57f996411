// Which of two assets is priced, and in which: the same in every pool, so that pools of one pair can be compared.

import type { AssetConfig } from '../../model/configuration.ts'

export interface Pair {
  readonly base: AssetConfig
  readonly quote: AssetConfig
}

/** The quote is the one that stands for a dollar, else the second. */
export function baseAndQuote(first: AssetConfig, second: AssetConfig): Pair {
  return standsForDollar(first) && !standsForDollar(second)
    ? { base: second, quote: first }
    : { base: first, quote: second }
}

function standsForDollar({ underlying }: AssetConfig): boolean {
  return /USD|DAI/.test(underlying)
}
