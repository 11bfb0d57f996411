// Every value that a desk need not write, in one place; docs/configuration.md lists them.

import type { Address } from '../../model/identity.ts'

export const defaults = {
  chain: {
    /** The same address on nearly every chain. */
    multicall3: '0xca11bde05977b3631167028862be2a173976ca11' as Address,
    maxBlockAgeSeconds: 120,
    confirmations: 3,
    /** More than half of the providers. */
    quorum: (providers: number) => Math.floor(providers / 2) + 1,
  },
  feed: { graceSeconds: 300, decimals: 8 },
  /** What Chainlink's documentation suggests. */
  sequencer: { graceSeconds: 3_600 },
  uniswapV3: { feeTiers: [100, 500, 3_000, 10_000] as readonly number[] },
  venue: { url: { deribit: 'https://www.deribit.com' } },
  portfolio: { everySeconds: 60 },
  rule: { severity: 'warning', deadBand: 0.03, calmSamples: 3 },
  /** A week for what a person compares with a venue, a day for a market. */
  declared: { positionGoodForSeconds: 604_800, marketGoodForSeconds: 86_400 },
  limits: {
    maxSlippageBps: 100,
    maxGasUsd: 200,
    maxPriceMoveBps: 100,
    validitySeconds: 900,
    maxOrderUsd: 100_000,
  },
  notifier: { minSeverity: 'warning' },
} as const
