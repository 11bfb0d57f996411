// The curated registry: who stands behind tokens where no chain read shows it. One entry a token and chain, each with its source and the day it was read.

import type { EdgeKind, NodeKind } from '../../../model/dependency-graph.ts'
import type { Address } from '../../../model/identity.ts'

export interface CuratedEntry {
  readonly chainId: number
  readonly address: Address
  /** For people. */
  readonly token: string
  /** What the token stands on. */
  readonly standsOn: readonly {
    /** `issuer:circle`; of a token on another chain `chainId:address`. */
    readonly id: string
    readonly kind: NodeKind
    readonly label: string
    readonly edge: EdgeKind
    readonly fact: string
  }[]
  readonly source: string
  /** When the source was read: YYYY-MM-DD. */
  readonly date: string
}

const read = '2026-11-24'

const circle = {
  id: 'issuer:circle',
  kind: 'issuer',
  label: 'Circle',
  edge: 'backed-by',
  fact: 'issued and redeemed by Circle, which can freeze balances',
} as const
const lido = {
  id: 'issuer:lido',
  kind: 'issuer',
  label: 'Lido',
  edge: 'backed-by',
  fact: 'ether staked with the validators of Lido; its balance comes from an oracle report',
} as const

const usdc = (chainId: number, address: Address): CuratedEntry => ({
  chainId,
  address,
  token: 'USDC',
  standsOn: [circle],
  source: 'developers.circle.com/stablecoins/usdc-contract-addresses',
  date: read,
})

export const curatedEntries: readonly CuratedEntry[] = [
  usdc(1, '0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48'),
  usdc(10, '0x0b2c639c533813f4aa9d7837caf62653d097ff85'),
  usdc(137, '0x3c499c542cef5e3811e1192ce70d8cc03d5c3359'),
  usdc(8_453, '0x833589fcd6edb6e08f4c7c32d4f71b54bda02913'),
  usdc(42_161, '0xaf88d065e77c8cc2239327c5edb3a432268e5831'),
  {
    chainId: 42_161,
    address: '0xff970a61a04b1ca14834a43f5de4533ebddb5cc8',
    token: 'USDC.e',
    standsOn: [
      {
        id: 'bridge:arbitrum',
        kind: 'bridge',
        label: 'canonical bridge of Arbitrum',
        edge: 'bridged-by',
        fact: 'USDC of Ethereum that is locked in the bridge; Circle does not redeem it',
      },
      {
        id: '1:0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48',
        kind: 'token',
        label: 'USDC of Ethereum',
        edge: 'backed-by',
        fact: 'what is locked in the bridge',
      },
    ],
    source:
      'docs.arbitrum.io/launch-orbit-chain/how-tos/usdc-standard-bridge; github.com/Uniswap/v3-subgraph/issues/174',
    date: read,
  },
  {
    chainId: 1,
    address: '0xdac17f958d2ee523a2206206994597c13d831ec7',
    token: 'USDT',
    standsOn: [
      {
        id: 'issuer:tether',
        kind: 'issuer',
        label: 'Tether',
        edge: 'backed-by',
        fact: 'issued and redeemed by Tether, the owner of the contract',
      },
    ],
    source: 'ethereum-optimism.github.io, data/USDT/data.json; verified source of the contract',
    date: read,
  },
  {
    chainId: 1,
    address: '0xae7ab96520de3a18e5e111b5eaab095312d7fe84',
    token: 'stETH',
    standsOn: [lido],
    source: 'docs.lido.fi/deployed-contracts',
    date: read,
  },
  {
    chainId: 1,
    address: '0x7f39c581f595b53c5cb19bd0b3f8da6c935e2ca0',
    token: 'wstETH',
    standsOn: [lido],
    source: 'docs.lido.fi/deployed-contracts',
    date: read,
  },
  {
    chainId: 1,
    address: '0xae78736cd615f374d3085123a210448e74fc6393',
    token: 'rETH',
    standsOn: [
      {
        id: 'issuer:rocket-pool',
        kind: 'issuer',
        label: 'Rocket Pool',
        edge: 'backed-by',
        fact: 'ether staked by the node operators of Rocket Pool, redeemable as far as there is liquidity',
      },
    ],
    source: 'github.com/rocket-pool/rocketpool, RocketTokenRETH.sol; docs.chain.link/ccip/directory/mainnet/token/RETH',
    date: read,
  },
  {
    chainId: 1,
    address: '0x2260fac5e5542a773aa44fbcfedf7c193bc2c599',
    token: 'WBTC',
    standsOn: [
      {
        id: 'issuer:wbtc-custodian',
        kind: 'issuer',
        label: 'custodian of WBTC (BitGo)',
        edge: 'backed-by',
        fact: 'a bitcoin in custody for each token',
      },
    ],
    source: 'github.com/WrappedBTC/DAO; Coinspect, audit of WBTC for BitGo (2018)',
    date: read,
  },
  {
    chainId: 1,
    address: '0xcbb7c0000ab88b473b1f5afd9ef808440eed33bf',
    token: 'cbBTC',
    standsOn: [
      {
        id: 'issuer:coinbase',
        kind: 'issuer',
        label: 'Coinbase',
        edge: 'backed-by',
        fact: 'a bitcoin held by Coinbase for each token',
      },
    ],
    source: 'etherscan.io/token/0xcbB7C0000aB88B473b1f5aFd9ef808440eed33Bf',
    date: read,
  },
  {
    chainId: 1,
    address: '0x4c9edd5852cd905f086c759e8383e09bff1e68b3',
    token: 'USDe',
    standsOn: [
      {
        id: 'issuer:ethena',
        kind: 'issuer',
        label: 'Ethena',
        edge: 'backed-by',
        fact: 'hedged positions at exchanges with custody outside of them; only Ethena calls mint and redeem',
      },
    ],
    source:
      'docs.ethena.fi/solution-design/overview/github-overview; docs.privy.io/recipes/yield/ethena-guide (address)',
    date: read,
  },
]
