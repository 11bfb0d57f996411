// The deployments that a configuration names, as the book would: what a person has checked is known.

import type { ChainConfig } from '../../model/configuration.ts'
import type { Address } from '../../model/identity.ts'
import type { Deployment } from './findings.ts'

/** @param source what the configuration is called */
export function deploymentsIn(chain: ChainConfig, source: string): readonly Deployment[] {
  const { chainId, aaveV3, uniswapV3, safe, sequencer, protocols = {} } = chain
  const deployment = (protocol: string, contracts: Readonly<Record<string, Address>>): Deployment => {
    return { chainId, protocol, contracts, source }
  }
  const { feeTiers: _, ...uniswap } = uniswapV3 ?? { feeTiers: [] }
  const { graceSeconds: __, address: feed } = sequencer ?? { graceSeconds: 0, address: undefined }
  return [
    ...(aaveV3 === undefined ? [] : [deployment('aave-v3', { ...aaveV3 })]),
    ...(uniswapV3 === undefined ? [] : [deployment('uniswap-v3', uniswap)]),
    ...(safe === undefined ? [] : [deployment('safe', { ...safe })]),
    ...(feed === undefined ? [] : [deployment('sequencer', { feed })]),
    ...Object.entries(protocols).flatMap(([protocol, settings]) =>
      addressesIn(settings).map((contracts) => deployment(protocol, contracts)),
    ),
  ]
}

/** Every map of settings that holds addresses, by key: how each protocol names them is its own affair. */
function addressesIn(settings: unknown): readonly Readonly<Record<string, Address>>[] {
  if (typeof settings !== 'object' || settings === null) return []
  const entries = Object.entries(settings)
  const own = entries.filter((entry): entry is [string, Address] => /^0x[0-9a-f]{40}$/.test(String(entry[1])))
  const inner = entries.flatMap(([, value]) => addressesIn(value))
  return own.length === 0 ? inner : [Object.fromEntries(own), ...inner]
}
