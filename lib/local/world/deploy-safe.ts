// Safe 1.5 from its npm artifacts: singleton, factory, fallback handler, and the one batch contract that orders may use.

import type { Address } from 'viem'
import { loadArtifact } from './artifact.ts'
import type { Deployer } from './deployer.ts'

export interface SafeDeployment {
  readonly singleton: Address
  readonly proxyFactory: Address
  readonly fallbackHandler: Address
  readonly multiSendCallOnly: Address
}

const contracts = '@safe-global/safe-smart-account/build/artifacts/contracts'

/** Queues the shared contracts; a Safe itself is made by the factory. */
export function deploySafe({ deployer }: { readonly deployer: Deployer }): SafeDeployment {
  const deploy = (path: string) =>
    deployer.deploy(loadArtifact(`${contracts}/${path}.sol/${path.split('/').at(-1)}.json`))
  return {
    singleton: deploy('Safe'),
    proxyFactory: deploy('proxies/SafeProxyFactory'),
    fallbackHandler: deploy('handler/CompatibilityFallbackHandler'),
    multiSendCallOnly: deploy('libraries/MultiSendCallOnly'),
  }
}
