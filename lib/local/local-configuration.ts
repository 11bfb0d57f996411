// The configuration of the demo: the world's addresses as the same homeostat.yaml that a desk writes by hand.

import { stringify } from 'yaml'
import type { UnixSeconds } from '../base/units.ts'
import { localProviderNames, providerSecret } from './providers.ts'
import type { WorldAddresses } from './world/addresses.ts'
import type { Outpost } from './world/outpost.ts'

/** Names of the secrets that the demo's configuration refers to. */
export const localSecrets = { slack: 'homeostat/notify/desk-slack' } as const

/** Where the demo's provider would call, and what it would sign with: a made-up key that opens nothing. */
export const localWebhook = { id: 'desk', secret: 'homeostat/webhook/desk', key: 'local-signing-key' } as const

/** The portfolio of the demo. */
export const localPortfolioId = 'treasury'

/** The YAML text; it goes through the same validation as everybody's. `at`: the instant of the declared positions and market. */
export function localConfiguration(params: {
  readonly chainId: number
  readonly addresses: WorldAddresses
  readonly outpost: Pick<Outpost, 'chainId' | 'multicall3' | 'usdc'>
  readonly at: UnixSeconds
}): string {
  const { aave, assets, multicall3, safe, treasury, uniswap } = params.addresses
  const heartbeatSeconds = 3_600
  return stringify({
    chains: [
      {
        id: 'local',
        chainId: params.chainId,
        rpc: rpcOf(localProviderNames.local),
        quorum: 2,
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
        // Not WETH: a deposit makes some without a transfer, so that no count of it adds up.
        protocols: {
          holders: { tokens: [assets.USDC, assets.BTC].map(({ symbol: asset }) => ({ asset, fromBlock: 0 })) },
        },
      },
      outpostChain(params.outpost),
    ],
    portfolios: [
      {
        id: localPortfolioId,
        name: 'Demo treasury',
        chain: 'local',
        account: treasury.safe,
        elsewhere: [{ chain: 'outpost', account: treasury.safe }],
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
          {
            id: 'liquidation-odds',
            when: 'liquidationProbability > 0.01',
            severity: 'warning',
            message: 'More than 1 % to be liquidated within a day',
          },
          { id: 'crisis', when: 'regime == "crisis"', severity: 'warning', message: 'The market is in a crisis' },
          {
            id: 'bad-day',
            when: 'es99d1 > 0.5 * nav',
            severity: 'warning',
            message: 'The worst day in a hundred costs too much',
          },
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
        ...declaredBook(params.at),
      },
    ],
    webhooks: [{ id: localWebhook.id, kind: 'alchemy', chain: 'local', secret: localWebhook.secret }],
    approvers: treasury.owners.map((address, index) => ({ id: `owner-${index + 1}`, address })),
    notifiers: [
      { id: 'log', kind: 'console', minSeverity: 'info' },
      { id: 'duty-phone', kind: 'sms', minSeverity: 'critical', phone: '+41790000000' },
      { id: 'desk-slack', kind: 'slack', minSeverity: 'warning', secret: localSecrets.slack },
    ],
  })
}

function rpcOf(names: readonly string[]) {
  return names.map((name) => ({ name, secret: providerSecret(name) }))
}

function outpostChain({ chainId, multicall3, usdc }: Pick<Outpost, 'chainId' | 'multicall3' | 'usdc'>) {
  const { symbol, token, decimals, feed, feedDecimals } = usdc
  const promised = { heartbeatSeconds: 86_400, graceSeconds: 60, decimals: feedDecimals }
  return {
    id: 'outpost',
    chainId,
    rpc: rpcOf(localProviderNames.outpost),
    quorum: 1,
    multicall3,
    maxBlockAgeSeconds: 120,
    confirmations: 2,
    assets: [{ symbol, address: token, decimals, underlying: 'USDC', feed: { address: feed, ...promised } }],
  }
}

/** What the demo's desk holds at venues that no source reads yet: made up, and shown as declared. */
function declaredBook(at: UnixSeconds) {
  const day = 86_400
  // The Friday-like expiry of a venue: 08:00 UTC, about four months away.
  const expiry = (Math.floor(at / day) + 120) * day + day / 3
  const goodForSeconds = 365 * day
  return {
    positions: [
      {
        id: 'eth-puts',
        label: '100 ETH puts at 2,500',
        kind: 'inverse-option',
        terms: { asset: 'ETH', type: 'put', strike: 2_500, expiry, quantity: 100 },
        confirmedAt: at,
        goodForSeconds,
      },
      {
        id: 'eth-perp',
        label: 'Short 120 ETH perpetual',
        kind: 'linear-perp',
        terms: {
          asset: 'ETH',
          settlement: 'USDC',
          quantity: -120,
          entryPrice: 2_914,
          margin: [{ asset: 'USDC', quantity: 60_000 }],
          maintenance: [{ floor: 0, rate: 0.01 }],
        },
        confirmedAt: at,
        goodForSeconds,
      },
    ],
    marketData: {
      asOf: at,
      goodForSeconds,
      interest: 0.04,
      volatility: {
        ETH: {
          dynamics: 'sticky-delta',
          svi: [
            { expiry: expiry - 90 * day, a: 0.008, b: 0.07, rho: -0.25, m: 0.01, sigma: 0.16 },
            { expiry: expiry + 90 * day, a: 0.1, b: 0.16, rho: -0.25, m: 0.02, sigma: 0.35 },
          ],
        },
        BTC: 0.5,
        USDC: 0.01,
      },
      funding: { ETH: 0.11 },
      correlation: { 'BTC/ETH': 0.82, 'ETH/USDC': 0, 'BTC/USDC': 0 },
    },
  }
}
