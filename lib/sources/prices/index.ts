// The registry of what can tell an asset's price beside its feed: one line a source.

import { exchangeRate } from './exchange-rate.ts'
import { navFeed } from './nav-feed.ts'
import { secondFeed } from './second-feed.ts'
import { uniswapV3Twap } from './uniswap-v3-twap.ts'

export const priceSources = [secondFeed, uniswapV3Twap, exchangeRate, navFeed] as const
