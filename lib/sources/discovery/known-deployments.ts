// The book: deployments on the large chains, each with the place where its own people publish it.

import type { Address } from '../../model/identity.ts'
import { type Deployment, lowerCase } from './findings.ts'

/** When the sources were read. */
export const bookDate = '2026-11-24'

const chains = { ethereum: 1, optimism: 10, polygon: 137, base: 8_453, arbitrum: 42_161 } as const
type Chain = keyof typeof chains

/** What chains are called in a configuration. */
export const chainNames: Readonly<Record<number, string>> = Object.fromEntries(
  Object.entries(chains).map(([name, chainId]) => [chainId, name]),
)

type Entry = readonly [chain: Chain, contracts: Readonly<Record<string, Address>>]

function entries(protocol: string, source: string, list: readonly Entry[]): readonly Deployment[] {
  return list.map(([chain, contracts]) => ({
    chainId: chains[chain],
    protocol,
    contracts: Object.fromEntries(Object.entries(contracts).map(([role, address]) => [role, lowerCase(address)])),
    source,
  }))
}

const uniswapV3 = {
  factory: '0x1F98431c8aD98523631AE4a59f267346ea31F984',
  positions: '0xC36442b4a4522E871399CD717aBDD847Ab11FE88',
  router: '0xE592427A0AEce92De3Edee1F18E0157C05861564',
  quoter: '0x61fFE014bA17989E743c5F6cB21bF9697530B21e',
} as const

const multiSendCallOnly = '0x9641d764fc13c8B624c04430C7356C1C7C8102e2'

export const knownDeployments: readonly Deployment[] = [
  ...entries('aave-v3', 'bgd-labs/aave-address-book, POOL_ADDRESSES_PROVIDER', [
    ['ethereum', { addressesProvider: '0x2f39d218133AFaB8F2B819B1066c7E434Ad94E9e' }],
    ['ethereum', { addressesProvider: '0xcfBf336fe147D643B9Cb705648500e101504B16d' }],
    ['optimism', { addressesProvider: '0xa97684ead0e402dC232d5A977953DF7ECBaB3CDb' }],
    ['polygon', { addressesProvider: '0xa97684ead0e402dC232d5A977953DF7ECBaB3CDb' }],
    ['base', { addressesProvider: '0xe20fCBdBfFC4Dd138cE8b2E6FBb6CB49777ad64D' }],
    ['arbitrum', { addressesProvider: '0xa97684ead0e402dC232d5A977953DF7ECBaB3CDb' }],
  ]),
  ...entries('uniswap-v3', 'Uniswap/v3-periphery, deploys.md', [
    ['ethereum', uniswapV3],
    ['optimism', uniswapV3],
    ['polygon', uniswapV3],
    ['arbitrum', uniswapV3],
    // Its only router is SwapRouter02, whose calls are others.
    [
      'base',
      {
        factory: '0x33128a8fC17869897dcE68Ed026d694621f6FDfD',
        positions: '0x03a520b32C04BF3bEEf7BEb72E919cf822Ed34f1',
        quoter: '0x3d4e44Eb1374240CE5F1B871ab261CD16335B76a',
      },
    ],
  ]),
  ...entries('uniswap-v4', 'docs.uniswap.org, v4 deployments', [
    [
      'ethereum',
      {
        positionManager: '0xbD216513d74C8cf14cf4747E6AaA6420FF64ee9e',
        stateView: '0x7fFE42C4a5DEeA5b0feC41C94C136Cf115597227',
      },
    ],
    [
      'optimism',
      {
        positionManager: '0x3C3Ea4B57a46241e54610e5f022E5c45859A1017',
        stateView: '0xc18a3169788F4F75A170290584ECA6395C75Ecdb',
      },
    ],
    [
      'polygon',
      {
        positionManager: '0x1Ec2eBf4F37E7363FDfe3551602425af0B3ceef9',
        stateView: '0x5eA1bD7974c8A611cBAB0bDCAFcB1D9CC9b3BA5a',
      },
    ],
    [
      'base',
      {
        positionManager: '0x7C5f5A4bBd8fD63184577525326123B519429bDc',
        stateView: '0xA3c0c9b65baD0b08107Aa264b0f3dB444b867A71',
      },
    ],
    [
      'arbitrum',
      {
        positionManager: '0xd88F38F930b7952f2DB2432Cb002E7abbF3dD869',
        stateView: '0x76Fd297e2D437cd7f76d50F01AfE6160f86e9990',
      },
    ],
  ]),
  ...entries('uniswap-v2', 'docs.uniswap.org, v2 deployments', [
    ['ethereum', { factory: '0x5C69bEe701ef814a2B6a3EDD4B1652CB9cc5aA6f' }],
    ['optimism', { factory: '0x0c3c1c532F1e39EdF36BE9Fe0bE1410313E074Bf' }],
    ['polygon', { factory: '0x9e5A52f57b3038F1B8EeE45F28b3C1967e22799C' }],
    ['base', { factory: '0x8909Dc15e40173Ff4699343b6eB8132c65e18eC6' }],
    ['arbitrum', { factory: '0xf1D7CC64Fb4452F05c498126312eBE29f30Fbcf9' }],
  ]),
  ...entries('compound-v3', 'compound-finance/comet, deployments/*/roots.json', [
    ['ethereum', { address: '0xc3d688B66703497DAA19211EEdff47f25384cdc3' }],
    ['ethereum', { address: '0x3Afdc9BCA9213A35503b077a6072F3D0d5AB0840' }],
    ['base', { address: '0xb125E6687d4313864e53df431d5425969c15Eb2F' }],
    ['base', { address: '0x46e6b214b524310239732D51387075E0e70970bf' }],
    ['arbitrum', { address: '0x9c4ec768c28520B50860ea7a15bd7213a9fF58bf' }],
    ['arbitrum', { address: '0xd98Be00b5D27fc98112BdE293e487f8D4cA57d07' }],
    ['arbitrum', { address: '0x6f7D514bbD4aFf3BcD1140B7344b32f063dEe486' }],
  ]),
  ...entries('morpho-blue', 'docs.morpho.org, addresses', [
    ['ethereum', { address: '0xBBBBBbbBBb9cC5e90e3b3Af64bdAF62C37EEFFCb' }],
    ['optimism', { address: '0xce95AfbB8EA029495c66020883F87aaE8864AF92' }],
    ['polygon', { address: '0x1bF0c2541F820E775182832f06c0B7Fc27A25f67' }],
    ['base', { address: '0xBBBBBbbBBb9cC5e90e3b3Af64bdAF62C37EEFFCb' }],
    ['arbitrum', { address: '0x6c247b1F6182318877311737BaC0844bAa518F5e' }],
  ]),
  ...entries('balancer', 'balancer/balancer-deployments, addresses/mainnet.json', [
    ['ethereum', { vault: '0xBA12222222228d8Ba445958a75a0704d566BF2C8' }],
  ]),
  ...entries('rate-wrapper', 'docs.lido.fi, deployed contracts', [
    ['ethereum', { address: '0x7f39C581F595B53c5cb19bD0b3f8dA6c935E2Ca0' }],
  ]),
  ...entries('safe', 'safe-global/safe-deployments v1.4.1; docs.uniswap.org, v4 deployments', [
    ['ethereum', { multiSendCallOnly, universalRouter: '0x66a9893cC07D91D95644AEDD05D03f95e1dBA8Af' }],
    ['optimism', { multiSendCallOnly, universalRouter: '0x851116D9223fabED8E56C0E6b8Ad0c31d98B3507' }],
    ['polygon', { multiSendCallOnly, universalRouter: '0x1095692A6237d83C6a72F3F5eFEdb9A670C49223' }],
    ['base', { multiSendCallOnly, universalRouter: '0x6fF5693b99212Da76ad316178A184AB56D299b43' }],
    ['arbitrum', { multiSendCallOnly, universalRouter: '0xA51afAFe0263b40EdaEf0Df8781eA9aa03E381a3' }],
  ]),
  ...entries('sequencer', 'docs.chain.link, L2 sequencer uptime feeds', [
    ['optimism', { feed: '0x371EAD81c9102C9BF4874A9075FFFf170F2Ee389' }],
    ['base', { feed: '0xBCF85224fc0756B9Fa45aA7892530B47e10b6433' }],
    ['arbitrum', { feed: '0xFdB631F5EE196F0ed6FAa767959853A9F217697D' }],
  ]),
]
