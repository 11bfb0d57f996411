// Puts every protocol on an empty chain in two blocks: first the contracts and their liquidity, then the treasury that needs quotes from them.

import type { Address, Client } from 'viem'
import { readContract } from 'viem/actions'
import { toUnits } from '../../base/amount.ts'
import { aavePoolAbi, dataProviderAbi, positionsAbi, tokenAbi, uniswapFactoryAbi } from './abis.ts'
import type { AssetAddresses, AssetId, PoolAddresses, ReserveAddresses, WorldAddresses } from './addresses.ts'
import { compileOwnContracts } from './compile.ts'
import { type AaveDeployment, deployAave } from './deploy-aave.ts'
import { multicall3Address, setMulticall3 } from './deploy-multicall.ts'
import { deploySafe } from './deploy-safe.ts'
import { deployTokens } from './deploy-tokens.ts'
import { approveAll, deployUniswap, openPool, type PoolAsset, poolTerms } from './deploy-uniswap.ts'
import { type Deployer, makeDeployer } from './deployer.ts'
import type { Rpc } from './rpc.ts'
import { seedTreasury, type TreasuryParams, type TreasuryWorld } from './seed-treasury.ts'

export interface MarketDeps {
  readonly rpc: Rpc
  readonly client: Client
  readonly accounts: WorldAddresses['accounts']
  readonly onProgress: (message: string, milliseconds: number) => void
}

/** What third parties lend out on Aave, so that there is something to borrow. */
const lent = { ETH: 5_000, BTC: 200, USDC: 20_000_000 } as const
/** With what the arbitrageur moves prices; it can bring either pool to any price that anybody will ask for. */
const arbitrageurHolds = { ETH: 1_000_000, BTC: 1_000_000, USDC: 1e12 } as const
const deploymentGasLimit = 1_000_000_000
const usualGasLimit = 36_000_000

/**
 * Expects a fresh chain; leaves it mining a block per transaction.
 * @throws HomeostatError `world-deployment-failed` naming the step
 */
export async function deployMarket(deps: MarketDeps, params: TreasuryParams): Promise<WorldAddresses> {
  const { rpc, accounts } = deps
  const timed = makeTimer(deps.onProgress)
  const own = compileOwnContracts()
  timed('compiled the price feed and the tokens')
  await rpc.batch([
    { method: 'evm_setAutomine', params: [false] },
    { method: 'evm_setBlockGasLimit', params: [`0x${deploymentGasLimit.toString(16)}`] },
    ...Object.values(accounts).map((account) => ({
      method: 'anvil_setBalance',
      params: [account, ethers(10_000_000)],
    })),
  ])
  await setMulticall3(deps)
  const deployer = await makeDeployer(deps, accounts.deployer)
  const assets = deployTokens({ deployer, own }, params.prices)
  const aave = deployAave({ deployer }, assets)
  const uniswap = deployUniswap({ deployer }, assets.ETH.token)
  const safe = deploySafe({ deployer })
  provideMoney(deployer, accounts, assets)
  for (const spender of [aave.pool, uniswap.positions, uniswap.router]) approveAll({ deployer }, assets, spender)
  lendOut(deployer, accounts.liquidityProvider, assets, aave.pool)
  for (const asset of ['ETH', 'BTC'] as const) {
    const pool = { asset, assets, prices: params.prices, provider: accounts.liquidityProvider }
    openPool({ deployer, positions: uniswap.positions }, pool)
  }
  timed('prepared the transactions')
  await deployer.flush()
  timed('deployed Aave v3, Uniswap v3, Safe 1.5 and their liquidity')

  const world = { deployer, client: deps.client, assets, aave, uniswap, safe }
  const treasury = await seedTreasury(world, params)
  await deployer.flush()
  await approveArbitrageur(deps, assets, uniswap.router)
  timed('seeded the treasury')
  await rpc.batch([
    { method: 'evm_setBlockGasLimit', params: [`0x${usualGasLimit.toString(16)}`] },
    { method: 'evm_setAutomine', params: [true] },
  ])
  const { interestRateStrategies: _, ...market } = aave
  const { owners, threshold } = params
  const { reserves, pools, rangeTokenId } = await readBack(world, treasury)
  return {
    multicall3: multicall3Address,
    assets,
    aave: { ...market, reserves },
    uniswap: { ...uniswap, pools },
    safe,
    treasury: { safe: treasury, owners, threshold, rangeTokenId },
    accounts,
  }
}

/** The addresses and numbers that the protocols chose themselves. */
async function readBack({ client, assets, aave, uniswap }: TreasuryWorld, treasury: Address) {
  const range = { address: uniswap.positions, abi: positionsAbi, functionName: 'tokenOfOwnerByIndex' } as const
  const [reserves, eth, btc, rangeTokenId] = await Promise.all([
    readReserves(client, assets, aave),
    readPool(client, assets, uniswap.factory, 'ETH'),
    readPool(client, assets, uniswap.factory, 'BTC'),
    readContract(client, { ...range, args: [treasury, 0n] }),
  ])
  return { reserves, pools: { ETH: eth, BTC: btc }, rangeTokenId: rangeTokenId.toString() }
}

type Assets = Readonly<Record<AssetId, AssetAddresses>>

function provideMoney(deployer: Deployer, accounts: WorldAddresses['accounts'], assets: Assets): void {
  const wrap = (ether: number) => {
    const value = toUnits(ether, 18)
    deployer.call({ name: 'wrap ether', to: assets.ETH.token, abi: tokenAbi, functionName: 'deposit', value })
  }
  wrap(100_000)
  wrap(arbitrageurHolds.ETH)
  const args = [accounts.arbitrageur, toUnits(arbitrageurHolds.ETH, 18)]
  deployer.call({ name: 'give WETH', to: assets.ETH.token, abi: tokenAbi, functionName: 'transfer', args })
  for (const asset of ['BTC', 'USDC'] as const) {
    const { symbol, token, decimals } = assets[asset]
    for (const owner of [deployer.address, accounts.arbitrageur]) {
      const mint = [owner, toUnits(arbitrageurHolds[asset], decimals)]
      deployer.call({ name: `mint ${symbol}`, to: token, abi: tokenAbi, functionName: 'mint', args: mint })
    }
  }
}

function lendOut(deployer: Deployer, provider: Address, assets: Assets, pool: Address): void {
  for (const asset of ['ETH', 'BTC', 'USDC'] as const) {
    const { symbol, token, decimals } = assets[asset]
    const args = [token, toUnits(lent[asset], decimals), provider, 0]
    deployer.call({ name: `lend ${symbol}`, to: pool, abi: aavePoolAbi, functionName: 'supply', args })
  }
}

async function approveArbitrageur({ rpc, accounts }: MarketDeps, assets: Assets, router: Address): Promise<void> {
  const deployer = await makeDeployer({ rpc }, accounts.arbitrageur)
  approveAll({ deployer }, assets, router)
  await deployer.flush()
}

async function readReserves(
  client: Client,
  assets: Assets,
  aave: AaveDeployment,
): Promise<Readonly<Record<AssetId, ReserveAddresses>>> {
  const read = async (asset: AssetId): Promise<ReserveAddresses> => {
    const at = { address: aave.dataProvider, abi: dataProviderAbi, functionName: 'getReserveTokensAddresses' } as const
    const [aToken, stableDebtToken, variableDebtToken] = await readContract(client, {
      ...at,
      args: [assets[asset].token],
    })
    return { aToken, stableDebtToken, variableDebtToken, interestRateStrategy: aave.interestRateStrategies[asset] }
  }
  const [eth, btc, usdc] = await Promise.all([read('ETH'), read('BTC'), read('USDC')])
  return { ETH: eth, BTC: btc, USDC: usdc }
}

async function readPool(client: Client, assets: Assets, factory: Address, asset: PoolAsset): Promise<PoolAddresses> {
  const { fee } = poolTerms[asset]
  const at = { address: factory, abi: uniswapFactoryAbi, functionName: 'getPool' } as const
  const address = await readContract(client, { ...at, args: [assets[asset].token, assets.USDC.token, fee] })
  return { address, fee }
}

function ethers(count: number): string {
  return `0x${toUnits(count, 18).toString(16)}`
}

function makeTimer(onProgress: MarketDeps['onProgress']): (message: string) => void {
  let since = performance.now()
  return (message) => {
    const now = performance.now()
    onProgress(message, Math.round(now - since))
    since = now
  }
}
