// Which assets the configuration in force knows: symbols of tokens, and what their prices follow.

import type { Connection } from '../../lib/wiring/connect.ts'

/** Undefined as long as no configuration is in force. */
export async function knownAssets({ config }: Pick<Connection, 'config'>): Promise<ReadonlySet<string> | undefined> {
  const pointer = await config.pointer()
  if (pointer === undefined) return undefined
  const portfolios = await config.portfolios(pointer.version)
  const settings = await Promise.all(portfolios.map(({ id }) => config.settings(pointer.version, id)))
  return new Set(
    settings.flatMap((one) => one?.chain.assets.flatMap(({ symbol, underlying }) => [symbol, underlying]) ?? []),
  )
}
