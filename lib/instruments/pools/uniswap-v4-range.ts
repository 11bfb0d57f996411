// A Uniswap v4 position: the curve of v3, in a pool that a hook may watch, charge for, or change.

import * as z from '../../base/schema.ts'
import { defineInstrument } from '../define-instrument.ts'
import { choiceTerm, termNotes } from '../term-schemas.ts'
import { hookWarnings } from './hook-warnings.ts'
import { rangePosition, rangeRules, rangeTerms } from './range-position.ts'

function hooksTerm() {
  const schema = z.pipe(z.string('must be an address: 0x and 40 hexadecimal digits'), z.addressSchema)
  termNotes.add(schema, {
    unit: 'address, 0x and 40 hexadecimal digits',
    meaning: "the hook of the pool's key; the zero address is none. Its last bits say what it may do",
  })
  return schema
}

/** As `uniswapV3Range`; native ETH is an asset like any other. Adams et al. (2024), Uniswap v4 whitepaper. */
export const uniswapV4Range = defineInstrument({
  kind: 'uniswap-v4-range',
  family: 'pool',
  title: 'Uniswap v4 range position, with its hook',
  method:
    'the curve of v3 (Adams et al. 2021) at the market price; closed-form Greeks; hooks that may change it are told (Adams et al. 2024)',
  terms: z
    .strictObject({
      ...rangeTerms(),
      hooks: hooksTerm(),
      fee: choiceTerm(['static', 'dynamic'], 'who sets the fee of a swap: the pool, once, or its hook, at any time'),
    })
    .check(...rangeRules()),
  example: {
    asset0: 'ETH',
    asset1: 'USDC',
    liquidity: 12_000,
    lowerPrice: 2_700,
    upperPrice: 3_400,
    owed0: 0.05,
    owed1: 180,
    hooks: '0x0000000000000000000000000000000000000000',
    fee: 'static',
    poolPrice: 3_001,
    entryPrice: 3_050,
    feeRate: 0.2,
  },
  ...rangePosition,
  warnings: (terms, market) => {
    const { liquidity, hooks, fee, feeRate } = terms
    const isPast = liquidity > 0 && fee === 'dynamic' && feeRate !== undefined
    return [
      ...rangePosition.warnings(terms, market),
      ...(liquidity > 0 ? hookWarnings(hooks) : []),
      ...(isPast ? ['its fee is set by its hook and may change: the stated feeRate is of the past'] : []),
    ]
  },
})
