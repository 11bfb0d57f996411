// Broken pegs as scenarios of their own: the calm history of a stablecoin says nothing of the day on which it breaks.

import type { Underlying } from '../../model/identity.ts'
import type { Jump } from './add-jumps.ts'

/**
 * Of eight stablecoins in dollars from 2021 to the middle of 2026 (some 42 years of coins, daily lows by DefiLlama and CoinGecko), four fell below 0.95 in March
 * 2023 (USDC 0.878, DAI 0.882, FRAX 0.941, USDP 0.934) and one died (UST, May 2022): about one break in ten years of a coin. That UST had nothing but its own
 * sister behind it is why a death counts less than once in 42 years here; both rates are assumptions, and `pegNote` says so.
 */
const breaks = { annualProbability: 0.1, to: 0.88 }
const deaths = { annualProbability: 0.005, to: 0.05 }

/** Each dollar breaks, and dies, on its own. */
export function pegJumps(dollars: readonly Underlying[]): readonly Jump[] {
  return dollars.flatMap((dollar) => [
    {
      name: `${dollar} leaves its peg`,
      annualProbability: breaks.annualProbability,
      moves: { [dollar]: Math.log(breaks.to) },
    },
    { name: `${dollar} dies`, annualProbability: deaths.annualProbability, moves: { [dollar]: Math.log(deaths.to) } },
  ])
}

export function pegNote(dollars: readonly Underlying[]): string {
  return `${dollars.join(', ')}: assumed to break to ${breaks.to} once in ${1 / breaks.annualProbability} years and to die once in ${1 / deaths.annualProbability}, as stablecoins did since 2021`
}
