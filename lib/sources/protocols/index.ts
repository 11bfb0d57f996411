// The registry of what is read in every run: one line a protocol.

import { assetPrices } from '../prices/asset-prices.ts'
import { chainlinkFeed } from '../prices/chainlink-feed.ts'
import { uniswapV3Pool } from '../prices/uniswap-v3-pool.ts'
import { aaveV3 } from './aave-v3.ts'
import { balancer } from './balancer.ts'
import { compoundV3 } from './compound-v3.ts'
import { curve } from './curve.ts'
import { erc20 } from './erc20.ts'
import { erc4626 } from './erc4626.ts'
import { gmxV2 } from './gmx-v2.ts'
import { holders } from './holders.ts'
import { morphoBlue } from './morpho-blue.ts'
import { native } from './native.ts'
import { opyn } from './opyn.ts'
import { perpV2 } from './perp-v2.ts'
import { rateWrapper } from './rate-wrapper.ts'
import { uniswapV2 } from './uniswap-v2.ts'
import { uniswapV3 } from './uniswap-v3.ts'
import { uniswapV4 } from './uniswap-v4.ts'

export const protocols = [
  chainlinkFeed,
  uniswapV3Pool,
  assetPrices,
  erc20,
  aaveV3,
  uniswapV3,
  native,
  erc4626,
  rateWrapper,
  compoundV3,
  morphoBlue,
  uniswapV2,
  uniswapV4,
  curve,
  balancer,
  opyn,
  perpV2,
  gmxV2,
  holders,
] as const
