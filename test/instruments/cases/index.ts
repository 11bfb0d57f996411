// One case for each registered instrument; the compiler asks for it when a kind is added.

import type { InstrumentKind } from '../../../lib/instruments/index.ts'
import type { InstrumentCase } from '../instrument-case.ts'
import { americanOptionCase } from './american-option.ts'
import { asianOptionCase } from './asian-option.ts'
import { barrierOptionCase } from './barrier-option.ts'
import { digitalOptionCase } from './digital-option.ts'
import { doubleBarrierOptionCase } from './double-barrier-option.ts'
import { everlastingOptionCase } from './everlasting-option.ts'
import { exchangeOptionCase } from './exchange-option.ts'
import { futureCase } from './future.ts'
import { inverseOptionCase } from './inverse-option.ts'
import { inversePerpCase } from './inverse-perp.ts'
import { linearPerpCase } from './linear-perp.ts'
import { liquidStakingCase } from './liquid-staking.ts'
import { loanCase } from './loan.ts'
import { lookbackOptionCase } from './lookback-option.ts'
import { perpetualAmericanOptionCase } from './perpetual-american-option.ts'
import { powerPerpCase } from './power-perp.ts'
import { principalTokenCase } from './principal-token.ts'
import { rwaCase } from './rwa.ts'
import { spotCase } from './spot.ts'
import { stablePoolCase } from './stable-pool.ts'
import { syntheticCase } from './synthetic.ts'
import { touchOptionCase } from './touch-option.ts'
import { uniswapV2PoolCase } from './uniswap-v2-pool.ts'
import { uniswapV3RangeCase } from './uniswap-v3-range.ts'
import { uniswapV4RangeCase } from './uniswap-v4-range.ts'
import { vanillaOptionCase } from './vanilla-option.ts'
import { varianceSwapCase } from './variance-swap.ts'
import { vaultShareCase } from './vault-share.ts'
import { weightedPoolCase } from './weighted-pool.ts'
import { yieldTokenCase } from './yield-token.ts'

export const instrumentCases: { readonly [K in InstrumentKind]: InstrumentCase<K> } = {
  spot: spotCase,
  loan: loanCase,
  'uniswap-v3-range': uniswapV3RangeCase,
  'digital-option': digitalOptionCase,
  'stable-pool': stablePoolCase,
  'weighted-pool': weightedPoolCase,
  'uniswap-v2-pool': uniswapV2PoolCase,
  'uniswap-v4-range': uniswapV4RangeCase,
  'vanilla-option': vanillaOptionCase,
  'inverse-option': inverseOptionCase,
  'barrier-option': barrierOptionCase,
  'lookback-option': lookbackOptionCase,
  'asian-option': asianOptionCase,
  'double-barrier-option': doubleBarrierOptionCase,
  'liquid-staking': liquidStakingCase,
  'vault-share': vaultShareCase,
  'american-option': americanOptionCase,
  rwa: rwaCase,
  synthetic: syntheticCase,
  'linear-perp': linearPerpCase,
  'inverse-perp': inversePerpCase,
  'power-perp': powerPerpCase,
  'principal-token': principalTokenCase,
  'yield-token': yieldTokenCase,
  'touch-option': touchOptionCase,
  'everlasting-option': everlastingOptionCase,
  'perpetual-american-option': perpetualAmericanOptionCase,
  'exchange-option': exchangeOptionCase,
  'variance-swap': varianceSwapCase,
  future: futureCase,
}
