// The configuration of a chain as the local world deploys it, for tests that read real contracts.

import type { WorldAddresses } from '../../lib/local/world/addresses.ts'
import type { ChainConfig, PortfolioSettings } from '../../lib/model/configuration.ts'
import type { Address } from '../../lib/model/identity.ts'

const lower = (address: string) => address.toLowerCase() as Address

export function settingsOfWorld(world: {
  readonly rpcUrl: string
  readonly chainId: number
  readonly addresses: WorldAddresses
}): PortfolioSettings {
  const { assets, aave, uniswap, treasury, safe, multicall3 } = world.addresses
  const chain: ChainConfig = {
    id: 'local',
    chainId: world.chainId,
    rpc: [{ name: 'anvil', url: `${world.rpcUrl}/?key=SECRETKEY123` }],
    quorum: 1,
    multicall3: lower(multicall3),
    maxBlockAgeSeconds: 60,
    confirmations: 2,
    assets: Object.entries(assets).map(([underlying, asset]) => ({
      symbol: asset.symbol,
      address: lower(asset.token),
      decimals: asset.decimals,
      underlying,
      feed: {
        address: lower(asset.feed),
        heartbeatSeconds: 3_600,
        graceSeconds: 60,
        decimals: asset.feedDecimals,
      },
    })),
    aaveV3: { pool: lower(aave.pool), dataProvider: lower(aave.dataProvider), oracle: lower(aave.oracle) },
    uniswapV3: {
      factory: lower(uniswap.factory),
      positions: lower(uniswap.positions),
      router: lower(uniswap.router),
      quoter: lower(uniswap.quoter),
      feeTiers: [500, 3_000],
    },
    safe: {
      multiSendCallOnly: lower(safe.multiSendCallOnly),
      universalRouter: lower(uniswap.universalRouter),
    },
  }
  return {
    version: 'v1',
    portfolio: {
      id: 'treasury',
      name: 'Treasury',
      chain: 'local',
      account: lower(treasury.safe),
      everySeconds: 60,
      rules: [],
      approvers: [],
      notifiers: [],
      limits: { maxSlippageBps: 50, maxGasUsd: 50, maxPriceMoveBps: 200, validitySeconds: 900, maxOrderUsd: 1_000_000 },
    },
    chain,
    approvers: [],
    notifiers: [],
  }
}
