// One chain of the configuration with everybody who has an account there: what the door that follows the chain needs.

import type { ChainConfig } from './configuration.ts'
import type { Address } from './identity.ts'

/** One chain at one version of the configuration. */
export interface ChainSettings {
  readonly version: string
  readonly chain: ChainConfig
  /** Portfolios with an account on the chain, at home or elsewhere; one may have several. */
  readonly portfolios: readonly { readonly id: string; readonly account: Address }[]
}

/** A provider that may tell us of a chain, at one version of the configuration. */
export interface WebhookInForce {
  /** Its path at the door. */
  readonly id: string
  /** Name in the registry of webhooks. */
  readonly kind: string
  readonly chainId: number
  /** Name of the secret that it signs with. */
  readonly secret: string
}
