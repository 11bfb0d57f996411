// Where everything is on the local chain: what `startWorld` gives, what the CLI writes to a file and another process drives by.

import type { Address } from 'viem'

/** What has a price; the token that carries it may be a wrapped one. */
export type AssetId = 'ETH' | 'BTC' | 'USDC'
export const assetIds: readonly AssetId[] = ['ETH', 'BTC', 'USDC']

export interface AssetAddresses {
  readonly symbol: string
  readonly token: Address
  readonly decimals: number
  /** AggregatorV3 interface, USD, see `feedDecimals`. */
  readonly feed: Address
  readonly feedDecimals: number
}

export interface ReserveAddresses {
  readonly aToken: Address
  readonly stableDebtToken: Address
  readonly variableDebtToken: Address
  readonly interestRateStrategy: Address
}

export interface PoolAddresses {
  readonly address: Address
  /** Hundredths of a basis point: 500 is 0.05%. */
  readonly fee: number
}

/** Plain JSON: it goes through a file to other processes. */
export interface WorldAddresses {
  readonly multicall3: Address
  readonly assets: Readonly<Record<AssetId, AssetAddresses>>
  readonly aave: {
    readonly addressesProvider: Address
    readonly pool: Address
    readonly poolConfigurator: Address
    readonly oracle: Address
    readonly aclManager: Address
    readonly dataProvider: Address
    readonly reserves: Readonly<Record<AssetId, ReserveAddresses>>
  }
  readonly uniswap: {
    readonly factory: Address
    readonly positions: Address
    /** The first SwapRouter: its parameters carry a deadline. SwapRouter02 is in no installed package. */
    readonly router: Address
    readonly quoter: Address
    readonly universalRouter: Address
    /** Against USDC, by the asset on the other side. */
    readonly pools: Readonly<Record<'ETH' | 'BTC', PoolAddresses>>
  }
  readonly safe: {
    readonly singleton: Address
    readonly proxyFactory: Address
    readonly fallbackHandler: Address
    readonly multiSendCallOnly: Address
  }
  readonly treasury: {
    readonly safe: Address
    readonly owners: readonly Address[]
    readonly threshold: number
    /** The treasury's WETH/USDC range on Uniswap, as decimal text. */
    readonly rangeTokenId: string
  }
  /** Unlocked accounts of the chain and their parts. */
  readonly accounts: {
    readonly deployer: Address
    readonly feedKeeper: Address
    readonly liquidityProvider: Address
    readonly arbitrageur: Address
  }
}
