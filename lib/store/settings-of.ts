// Cuts a whole configuration into what the flows of one portfolio need.

import { HomeostatError } from '../base/homeostat-error.ts'
import type { Configuration, PortfolioConfig, PortfolioSettings } from '../model/configuration.ts'

/**
 * The settings of every portfolio, in the order of the file.
 * @throws HomeostatError `unknown-reference` for a configuration that was never validated
 */
export function settingsOf(configuration: Configuration, version: string): readonly PortfolioSettings[] {
  return configuration.portfolios.map((portfolio) => ({
    version,
    portfolio,
    chain: found(configuration.chains, portfolio.chain, portfolio),
    ...(portfolio.elsewhere === undefined
      ? {}
      : {
          elsewhere: portfolio.elsewhere.map(({ chain, account }) => ({
            chain: found(configuration.chains, chain, portfolio),
            account,
          })),
        }),
    ...(portfolio.venues === undefined
      ? {}
      : { venues: portfolio.venues.map((id) => found(configuration.venues ?? [], id, portfolio)) }),
    approvers: portfolio.approvers.map((id) => found(configuration.approvers, id, portfolio)),
    notifiers: portfolio.notifiers.map((id) => found(configuration.notifiers, id, portfolio)),
  }))
}

function found<T extends { readonly id: string }>(all: readonly T[], id: string, portfolio: PortfolioConfig): T {
  const match = all.find((candidate) => candidate.id === id)
  if (match !== undefined) return match
  throw new HomeostatError('unknown-reference', {
    message: `Portfolio ${portfolio.id} refers to ${id}, which is not configured.`,
    retry: 'never',
    facts: { portfolioId: portfolio.id, reference: id },
    hint: 'Check the configuration with `homeostat config check`.',
  })
}
