// What it does when an asset leaves its underlying, such as a staked token that trades below its exchange rate: spot moves do not show it.

import type { Ratio } from '../../base/units.ts'
import { withExchangeRate } from '../../instruments/market/bump.ts'
import type { Market } from '../../instruments/market/market.ts'
import type { AssetSymbol } from '../../model/identity.ts'
import type { StressRow } from '../../model/report.ts'
import { heldRates, type StressParams, stressRow } from './revalue.ts'

const rateShocks: readonly Ratio[] = [-0.05, -0.1]

/** Each held asset whose rate to its underlying is not 1, alone; the underlying and the other assets stay. `wstETH/ETH -5 %`. */
export function rateStress(params: StressParams): readonly StressRow[] {
  const followers = [...heldRates(params)].filter(([, { rate }]) => rate !== 1).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return followers.flatMap(([asset, { underlying }]) =>
    rateShocks.map((shock) =>
      stressRow(params, {
        name: `${asset}/${underlying}`,
        shock,
        move: (market) => withRateMoved(market, asset, shock),
      }),
    ),
  )
}

function withRateMoved(market: Market, asset: AssetSymbol, shock: Ratio): Market {
  const known = market.exchangeRates[asset]
  return known === undefined ? market : withExchangeRate(market, asset, known.rate * (1 + shock))
}
