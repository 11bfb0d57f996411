// Cuts a whole configuration into what the door that follows one chain needs.

import type { ChainSettings } from '../model/chain-settings.ts'
import type { Configuration } from '../model/configuration.ts'

/** The settings of every chain that a portfolio has an account on, in the order of the file. */
export function chainSettingsOf(configuration: Configuration, version: string): readonly ChainSettings[] {
  return configuration.chains.flatMap((chain) => {
    const portfolios = configuration.portfolios.flatMap(({ id, chain: home, account, elsewhere = [] }) =>
      [{ chain: home, account }, ...elsewhere].flatMap((one) =>
        one.chain === chain.id ? [{ id, account: one.account }] : [],
      ),
    )
    return portfolios.length === 0 ? [] : [{ version, chain, portfolios }]
  })
}
