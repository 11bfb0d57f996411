// The configuration of the demo: the world's addresses as the same homeostat.yaml that a desk writes by hand.

import { stringify } from 'yaml'
import type { WorldAddresses } from './world/addresses.ts'

/** Names of the secrets that the demo's configuration refers to. */
export const localSecrets = { rpc: 'homeostat/rpc/local', slack: 'homeostat/notify/desk-slack' } as const

/** The portfolio of the demo. */
export const localPortfolioId = 'treasury'

/** The YAML text; it goes through the same validation as everybody's. */
export function localConfiguration(params: { readonly chainId: number; readonly addresses: WorldAddresses }): string {
  const { aave, assets, multicall3, safe, treasury, uniswap } = params.addresses
  const heartbeatSeconds = 3_600
  return stringify({
    chains: [
      {
        id: 'local',
        chainId: params.chainId,
        rpc: [{ name: 'anvil', secret: localSecrets.rpc }],
        quorum: 1,
        multicall3,
        maxBlockAgeSeconds: 120,
        confirmations: 2,
        assets: Object.entries(assets).map(([underlying, asset]) => ({
          symbol: asset.symbol,
          address: asset.token,
          decimals: asset.decimals,
          underlying,
          feed: { address: asset.feed, heartbeatSeconds, graceSeconds: 60, decimals: asset.feedDecimals },
        })),
        aaveV3: { pool: aave.pool, dataProvider: aave.dataProvider, oracle: aave.oracle },
        uniswapV3: {
          factory: uniswap.factory,
          positions: uniswap.positions,
          router: uniswap.router,
          quoter: uniswap.quoter,
          feeTiers: [500, 3000],
        },
        safe: { multiSendCallOnly: safe.multiSendCallOnly, universalRouter: uniswap.universalRouter },
      },
    ],
    portfolios: [
      {
        id: localPortfolioId,
        name: 'Demo treasury',
        chain: 'local',
        account: treasury.safe,
        everySeconds: 1,
        rules: [
          {
            id: 'health',
            when: 'healthFactor < 1.3',
            severity: 'critical',
            message: 'The loan nears liquidation',
            plan: { kind: 'restore-health', target: 1.5 },
          },
          { id: 'eth-delta', when: 'abs(netDelta.ETH) * price.ETH > 2 * nav', severity: 'warning' },
        ],
        approvers: treasury.owners.map((_, index) => `owner-${index + 1}`),
        notifiers: ['log', 'duty-phone', 'desk-slack'],
        limits: {
          maxSlippageBps: 100,
          maxGasUsd: 100,
          maxPriceMoveBps: 300,
          validitySeconds: 900,
          maxOrderUsd: 2_000_000,
        },
      },
    ],
    approvers: treasury.owners.map((address, index) => ({ id: `owner-${index + 1}`, address })),
    notifiers: [
      { id: 'log', kind: 'console', minSeverity: 'info' },
      { id: 'duty-phone', kind: 'sms', minSeverity: 'critical', phone: '+41790000000' },
      { id: 'desk-slack', kind: 'slack', minSeverity: 'warning', secret: localSecrets.slack },
    ],
  })
}
