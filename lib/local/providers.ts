// The providers of the local run: three of the world's chain, of which two must agree, and one of the outpost.

import { type ProviderProxy, startProviderProxy } from './world/provider-proxy.ts'

/** Plain JSON: it goes through a file to other processes. */
export interface LocalProvider {
  /** Id of its chain in the configuration. */
  readonly chain: 'local' | 'outpost'
  readonly name: string
  readonly url: string
}

export const localProviderNames = { local: ['anvil-1', 'anvil-2', 'anvil-3'], outpost: ['outpost-1'] } as const

/** The secret that holds a provider's URL. */
export function providerSecret(name: string): string {
  return `homeostat/rpc/${name}`
}

/** @param upstreams the URL of each chain itself */
export async function startProviders(upstreams: Readonly<Record<LocalProvider['chain'], string>>): Promise<{
  readonly providers: readonly LocalProvider[]
  stop(): Promise<void>
}> {
  const started: (LocalProvider & ProviderProxy)[] = []
  for (const chain of ['local', 'outpost'] as const)
    for (const name of localProviderNames[chain])
      started.push({ chain, ...(await startProviderProxy({ name, upstream: upstreams[chain] })) })
  return {
    providers: started.map(({ chain, name, url }) => ({ chain, name, url })),
    stop: async () => {
      for (const proxy of started) await proxy.stop()
    },
  }
}
