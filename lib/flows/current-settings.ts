// The settings in force for a portfolio: the pointer first, then the item under its version.

import type { PortfolioSettings } from '../model/configuration.ts'
import type { ConfigStore } from '../model/ports.ts'

/** Undefined if nothing is configured, or the portfolio was taken out of the configuration. */
export async function currentSettings(
  config: ConfigStore,
  portfolioId: string,
): Promise<PortfolioSettings | undefined> {
  const pointer = await config.pointer()
  return pointer === undefined ? undefined : config.settings(pointer.version, portfolioId)
}
