// Any position at all in many scenarios: valued one by one in moved markets, which is slow and always possible.

import type { RevaluationKernel } from '../../quant/revaluation-kernel.ts'
import type { PositionTerms } from '../index.ts'
import { instrumentOf } from '../instrument-of.ts'
import { rateOf } from '../market/market.ts'
import { assetsOf, value } from '../value.ts'
import { shiftKinks } from './shift-kinks.ts'
import { movedMarket, rowOf, type Stage } from './stage.ts'

/**
 * One line. Its factors are the moving spots of the assets that it reads, the moving volatilities of its optionality, and the dollar rate if that moves: any
 * value may read it. NaN where the position has no value. @throws HomeostatError `no-price`
 */
export function scalarKernel(staged: Stage, position: PositionTerms): RevaluationKernel {
  const { market } = staged
  const volatile = instrumentOf(position.kind).optionality?.(position.terms as never) ?? []
  const underlyingOf = (asset: string) => rateOf(market, asset).underlying
  const read = new Set([...assetsOf(position), ...volatile.map(({ asset }) => asset)].map(underlyingOf))
  const spots = [...read].map((one) => rowOf(staged, 'spot', one))
  const volatilities = [...new Set(volatile.map(({ asset }) => underlyingOf(asset)))].map((one) =>
    rowOf(staged, 'volatility', one),
  )
  const interest = read.size === 0 ? undefined : rowOf(staged, 'interest')
  const factors = [...spots, ...volatilities, interest].filter((row) => row !== undefined)
  const isNettable = factors.length === 1 && spots.includes(factors[0])
  return {
    lines: 1,
    factors,
    netting: isNettable ? 'log-spot' : 'none',
    kinks: isNettable ? volatile.flatMap(({ asset }) => shiftKinks(staged, underlyingOf(asset))) : [],
    values: (rows, out) => {
      for (let j = 0; j < out.length; j += 1)
        out[j] = valueOrNaN(position, () => movedMarket(staged, factors, (index) => rows[index]?.[j] ?? Number.NaN))
    },
  }
}

/** Whoever finds the NaN values the position again and hears why. */
function valueOrNaN(position: PositionTerms, market: () => ReturnType<typeof movedMarket>): number {
  try {
    return value(position, market())
  } catch {
    return Number.NaN
  }
}
