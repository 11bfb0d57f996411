// Every contract that the configuration of a chain names, with the path by which people know it there.

import type { Address } from '../../model/identity.ts'
import type { Scope } from './define-event.ts'

export interface NamedContract {
  readonly address: Address
  /** `asset WETH`, `aaveV3.pool`, `protocols.curve.pools.0.address`. */
  readonly subject: string
}

/** Tokens, feeds and venues by their first mention; providers and Multicall3 are not among them. */
export function configuredContracts({ chain }: Scope): readonly NamedContract[] {
  const { assets, aaveV3, uniswapV3, safe, sequencer, protocols } = chain
  const found = new Map<Address, string>()
  const add = (address: Address, subject: string) => {
    if (!found.has(address) && !/^0x0{40}$/.test(address)) found.set(address, subject)
  }
  for (const { symbol, address, feed } of assets) {
    add(address, `asset ${symbol}`)
    if (feed !== undefined) add(feed.address, `feed ${symbol}`)
  }
  const walk = (value: unknown, path: string) => {
    if (typeof value === 'string' && /^0x[0-9a-f]{40}$/.test(value)) add(value as Address, path)
    else if (typeof value === 'object' && value !== null) {
      for (const [key, inner] of Object.entries(value)) walk(inner, `${path}.${key}`)
    }
  }
  for (const [name, place] of Object.entries({ aaveV3, uniswapV3, safe, sequencer, protocols })) walk(place, name)
  return [...found].map(([address, subject]) => ({ address, subject }))
}
