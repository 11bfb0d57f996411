// WETH9 as it is on Ethereum, our own USDC and WBTC, and a dollar feed for each.

import { toUnits } from '../../base/amount.ts'
import type { AssetAddresses, AssetId } from './addresses.ts'
import { loadArtifact } from './artifact.ts'
import type { OwnContracts } from './compile.ts'
import type { Deployer } from './deployer.ts'

const feedDecimals = 8

/** Queues three tokens and three feeds that start at the given dollar prices. */
export function deployTokens(
  { deployer, own }: { readonly deployer: Deployer; readonly own: OwnContracts },
  prices: Readonly<Record<AssetId, number>>,
): Readonly<Record<AssetId, AssetAddresses>> {
  const weth = deployer.deploy(loadArtifact('canonical-weth/build/contracts/WETH9.json'))
  const usdc = deployer.deploy(own.mintableToken, ['USD Coin', 'USDC', 6])
  const wbtc = deployer.deploy(own.mintableToken, ['Wrapped BTC', 'WBTC', 8])
  const feed = (asset: AssetId) =>
    deployer.deploy(own.priceFeed, [feedDecimals, `${asset} / USD`, toUnits(prices[asset], feedDecimals)])
  return {
    ETH: { symbol: 'WETH', token: weth, decimals: 18, feed: feed('ETH'), feedDecimals },
    BTC: { symbol: 'WBTC', token: wbtc, decimals: 8, feed: feed('BTC'), feedDecimals },
    USDC: { symbol: 'USDC', token: usdc, decimals: 6, feed: feed('USDC'), feedDecimals },
  }
}
