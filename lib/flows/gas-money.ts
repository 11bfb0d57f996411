// Gas in dollars: the chain's coin needs a price, and without one nothing that costs gas is decided.

import { HomeostatError } from '../base/homeostat-error.ts'
import type { Usd } from '../base/units.ts'
import type { Underlying } from '../model/identity.ts'

/** The coin that pays for gas on every chain that we act on so far. */
const gasCoin: Underlying = 'ETH'

/** @throws HomeostatError `no-gas-price`: free gas would pass every cap. */
export function gasCoinUsd(prices: Readonly<Record<Underlying, Usd>>): Usd {
  const usd = prices[gasCoin]
  if (usd !== undefined) return usd
  throw new HomeostatError('no-gas-price', {
    message: `There is no price for ${gasCoin}, so the cost of gas is unknown.`,
    retry: 'later',
    facts: { underlying: gasCoin },
    hint: `Configure an asset whose underlying is ${gasCoin}, and see the gaps of the snapshot.`,
  })
}

/** @param gwei price of one gas */
export function gasCostUsd(gas: number, gwei: number, coinUsd: Usd): Usd {
  return gas * gwei * 1e-9 * coinUsd
}
