// The registry of places that tell past prices: one line a source.

import { binance } from './binance.ts'
import { coinbase } from './coinbase.ts'

export const candleSources = [coinbase, binance] as const
