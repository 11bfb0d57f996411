// The corridor's door to the chain side of this room: plans become exact calls, are tried in advance and measured afterwards.

import { toDecimal } from '../base/amount.ts'
import type { Venues } from '../model/ports.ts'
import { agreedSimulation } from './agreed-simulation.ts'
import { atBlock, type ChainDeps, chainOpener, eachOpener } from './chain-client.ts'
import { encodeActions } from './encode-actions.ts'
import { prepareOrder, readBalances } from './prepare-order.ts'
import { readHealth, readNetReserves, readOraclePrices } from './venues/aave-v3.ts'
import { readSafe } from './venues/safe.ts'

/** The real venues. Connections are kept for the process's life and hold no keys but the RPC's. */
export function chainVenues(deps: ChainDeps): Venues {
  const open = chainOpener(deps)
  const openEach = eachOpener(deps)
  return {
    encode: encodeActions,
    async prepare(params) {
      return await prepareOrder({ chain: await open(params.settings.chain) }, params)
    },
    async simulate(params) {
      return await agreedSimulation({ openEach }, params)
    },
    async account({ settings }) {
      const chain = await open(settings.chain)
      return await atBlock(chain, { chainId: settings.chain.chainId }, async ({ pinned, blockNumber }) => ({
        block: pinned,
        ...(await readSafe(chain, settings.portfolio.account, blockNumber)),
      }))
    },
    async health({ settings, blockNumber }) {
      const chain = await open(settings.chain)
      const at = { chainId: settings.chain.chainId, ...(blockNumber === undefined ? {} : { blockNumber }) }
      return await atBlock(chain, at, async (block) => {
        const [health, prices, units, reserves] = await Promise.all([
          readHealth(chain, settings, block.blockNumber),
          readOraclePrices(chain, settings, block.blockNumber),
          readBalances(chain, settings, block.blockNumber),
          readNetReserves(chain, settings, block.blockNumber),
        ])
        const whole = (unitsOf: (symbol: string) => bigint) =>
          Object.fromEntries(
            settings.chain.assets.map(({ symbol, decimals }) => [symbol, toDecimal(unitsOf(symbol), decimals)]),
          )
        return {
          block: block.pinned,
          ...health,
          prices,
          balances: whole((symbol) => units[symbol] ?? 0n),
          holdings: whole((symbol) => (units[symbol] ?? 0n) + (reserves[symbol] ?? 0n)),
        }
      })
    },
  }
}
