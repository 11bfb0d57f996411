// A Uniswap v3 position: closed-form value and Greeks from its liquidity and price range.

import * as z from '../../base/schema.ts'
import { defineInstrument } from '../define-instrument.ts'
import { rangePosition, rangeRules, rangeTerms } from './range-position.ts'

/**
 * The pool is taken to stand at the market's own price ratio (arbitraged); with `poolPrice` the details tell what it holds at its own. Uniswap v3 whitepaper
 * (Adams et al. 2021), eqs. 6.29 and 6.30.
 */
export const uniswapV3Range = defineInstrument({
  kind: 'uniswap-v3-range',
  family: 'pool',
  title: 'Uniswap v3 range position',
  method:
    'Adams et al. 2021 (6.29, 6.30) at the market price; closed-form delta, gamma, cross-gamma; LVR of Milionis et al. 2022',
  terms: z.strictObject(rangeTerms()).check(...rangeRules()),
  example: {
    asset0: 'WETH',
    asset1: 'USDC',
    liquidity: 5_000,
    lowerPrice: 2_500,
    upperPrice: 3_600,
    owed0: 0.2,
    owed1: 640,
    entryPrice: 2_900,
    feeRate: 0.12,
  },
  ...rangePosition,
})
