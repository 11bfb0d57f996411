// The registry of what can be held: one line an instrument; unions, schemas and tables are derived from it.

import type * as z from '../base/schema.ts'
import { principalToken } from './fixed-yield/principal-token.ts'
import { yieldToken } from './fixed-yield/yield-token.ts'
import { liquidStaking } from './holdings/liquid-staking.ts'
import { rwa } from './holdings/rwa.ts'
import { spot } from './holdings/spot.ts'
import { synthetic } from './holdings/synthetic.ts'
import { vaultShare } from './holdings/vault-share.ts'
import { loan } from './lending/loan.ts'
import { americanOption } from './options/american-option.ts'
import { asianOption } from './options/asian-option.ts'
import { barrierOption } from './options/barrier-option.ts'
import { digitalOption } from './options/digital-option.ts'
import { doubleBarrierOption } from './options/double-barrier-option.ts'
import { everlastingOption } from './options/everlasting-option.ts'
import { exchangeOption } from './options/exchange-option.ts'
import { inverseOption } from './options/inverse-option.ts'
import { lookbackOption } from './options/lookback-option.ts'
import { perpetualAmericanOption } from './options/perpetual-american-option.ts'
import { touchOption } from './options/touch-option.ts'
import { vanillaOption } from './options/vanilla-option.ts'
import { varianceSwap } from './options/variance-swap.ts'
import { future } from './perpetuals/future.ts'
import { inversePerp } from './perpetuals/inverse-perp.ts'
import { linearPerp } from './perpetuals/linear-perp.ts'
import { powerPerp } from './perpetuals/power-perp.ts'
import { stablePool } from './pools/stable-pool.ts'
import { uniswapV2Pool } from './pools/uniswap-v2-pool.ts'
import { uniswapV3Range } from './pools/uniswap-v3-range.ts'
import { uniswapV4Range } from './pools/uniswap-v4-range.ts'
import { weightedPool } from './pools/weighted-pool.ts'

export const instruments = [
  spot,
  loan,
  uniswapV3Range,
  stablePool,
  weightedPool,
  uniswapV2Pool,
  uniswapV4Range,
  vanillaOption,
  inverseOption,
  barrierOption,
  lookbackOption,
  asianOption,
  doubleBarrierOption,
  liquidStaking,
  vaultShare,
  americanOption,
  rwa,
  synthetic,
  linearPerp,
  inversePerp,
  powerPerp,
  principalToken,
  yieldToken,
  digitalOption,
  touchOption,
  everlastingOption,
  perpetualAmericanOption,
  exchangeOption,
  varianceSwap,
  future,
] as const

type Registered = (typeof instruments)[number]
export type InstrumentKind = Registered['kind']
/** A position's kind and terms, one alternative for each registered instrument. */
export type PositionTerms = {
  [K in InstrumentKind]: { readonly kind: K; readonly terms: z.output<Extract<Registered, { kind: K }>['terms']> }
}[InstrumentKind]
