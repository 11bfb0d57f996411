// A whole Aave v3 market from its npm artifacts: registry, rights, oracle, pool behind proxies, three reserves with mainnet's limits.

import { type Address, getContractAddress, zeroAddress } from 'viem'
import { type AssetAddresses, type AssetId, assetIds } from './addresses.ts'
import { type Artifact, loadArtifact } from './artifact.ts'
import type { Deployer } from './deployer.ts'

export interface ReserveLimits {
  /** Basis points, as Aave has them; the bonus is what a liquidator gets for each 10,000 repaid. */
  readonly ltvBps: number
  readonly liquidationThresholdBps: number
  readonly liquidationBonusBps: number
  readonly reserveFactorBps: number
  /** Fractions a year at zero and at optimal use, and what is added beyond it. */
  readonly rates: {
    readonly optimalUse: number
    readonly base: number
    readonly slope1: number
    readonly slope2: number
  }
}

export const reserveLimits: Readonly<Record<AssetId, ReserveLimits>> = {
  ETH: {
    ltvBps: 8_050,
    liquidationThresholdBps: 8_300,
    liquidationBonusBps: 10_500,
    reserveFactorBps: 1_500,
    rates: { optimalUse: 0.8, base: 0, slope1: 0.027, slope2: 0.8 },
  },
  BTC: {
    ltvBps: 7_300,
    liquidationThresholdBps: 7_800,
    liquidationBonusBps: 10_500,
    reserveFactorBps: 2_000,
    rates: { optimalUse: 0.45, base: 0, slope1: 0.04, slope2: 3 },
  },
  USDC: {
    ltvBps: 7_700,
    liquidationThresholdBps: 8_000,
    liquidationBonusBps: 10_450,
    reserveFactorBps: 1_000,
    rates: { optimalUse: 0.9, base: 0, slope1: 0.055, slope2: 0.6 },
  },
}

export interface AaveDeployment {
  readonly addressesProvider: Address
  readonly pool: Address
  readonly poolConfigurator: Address
  readonly oracle: Address
  readonly aclManager: Address
  readonly dataProvider: Address
  readonly interestRateStrategies: Readonly<Record<AssetId, Address>>
}

type Assets = Readonly<Record<AssetId, AssetAddresses>>

const contracts = '@aave/core-v3/artifacts/contracts'
const artifact = (path: string): Artifact => loadArtifact(`${contracts}/${path}.sol/${path.split('/').at(-1)}.json`)

/** Queues the market and its reserves; the deployer is its administrator. */
export function deployAave({ deployer }: { readonly deployer: Deployer }, assets: Assets): AaveDeployment {
  const providerArtifact = artifact('protocol/configuration/PoolAddressesProvider')
  const addressesProvider = deployer.deploy(providerArtifact, ['Homeostat local market', deployer.address])
  const register = (functionName: string, address: Address) =>
    deployer.call({
      name: `Aave ${functionName}`,
      to: addressesProvider,
      abi: providerArtifact.abi,
      functionName,
      args: [address],
    })

  const dataProvider = deployer.deploy(artifact('misc/AaveProtocolDataProvider'), [addressesProvider])
  register('setPoolDataProvider', dataProvider)
  const aclManager = deployAccessControl(deployer, addressesProvider, register)
  const tokens = assetIds.map((id) => assets[id].token)
  const feeds = assetIds.map((id) => assets[id].feed)
  const oracleArguments = [addressesProvider, tokens, feeds, zeroAddress, zeroAddress, 100_000_000n]
  const oracle = deployer.deploy(artifact('misc/AaveOracle'), oracleArguments)
  register('setPriceOracle', oracle)

  register('setPoolImpl', deployPool(deployer, addressesProvider))
  const configuratorArtifact = artifact('protocol/pool/PoolConfigurator')
  const ConfiguratorLogic = deployer.deploy(artifact('protocol/libraries/logic/ConfiguratorLogic'))
  register('setPoolConfiguratorImpl', deployer.deploy(configuratorArtifact, [], { ConfiguratorLogic }))
  // The provider creates one proxy for each of the two, in this order: its first two creations.
  const pool = getContractAddress({ from: addressesProvider, nonce: 1n })
  const poolConfigurator = getContractAddress({ from: addressesProvider, nonce: 2n })

  const strategy = artifact('protocol/pool/DefaultReserveInterestRateStrategy')
  const strategyOf = (id: AssetId) =>
    deployer.deploy(strategy, [addressesProvider, ...rateArguments(reserveLimits[id])])
  const interestRateStrategies = { ETH: strategyOf('ETH'), BTC: strategyOf('BTC'), USDC: strategyOf('USDC') }
  const market = { addressesProvider, pool, poolConfigurator, oracle, aclManager, dataProvider, interestRateStrategies }
  listReserves(deployer, configuratorArtifact, market, assets)
  return market
}

function deployAccessControl(
  deployer: Deployer,
  addressesProvider: Address,
  register: (functionName: string, address: Address) => void,
): Address {
  register('setACLAdmin', deployer.address)
  const aclArtifact = artifact('protocol/configuration/ACLManager')
  const aclManager = deployer.deploy(aclArtifact, [addressesProvider])
  register('setACLManager', aclManager)
  for (const functionName of ['addPoolAdmin', 'addEmergencyAdmin']) {
    deployer.call({
      name: `Aave ${functionName}`,
      to: aclManager,
      abi: aclArtifact.abi,
      functionName,
      args: [deployer.address],
    })
  }
  return aclManager
}

function deployPool(deployer: Deployer, addressesProvider: Address): Address {
  const logic = (library: string) => artifact(`protocol/libraries/logic/${library}`)
  const BorrowLogic = deployer.deploy(logic('BorrowLogic'))
  return deployer.deploy(artifact('protocol/pool/Pool'), [addressesProvider], {
    BorrowLogic,
    FlashLoanLogic: deployer.deploy(logic('FlashLoanLogic'), [], { BorrowLogic }),
    BridgeLogic: deployer.deploy(logic('BridgeLogic')),
    EModeLogic: deployer.deploy(logic('EModeLogic')),
    LiquidationLogic: deployer.deploy(logic('LiquidationLogic')),
    PoolLogic: deployer.deploy(logic('PoolLogic')),
    SupplyLogic: deployer.deploy(logic('SupplyLogic')),
  })
}

function listReserves(deployer: Deployer, { abi }: Artifact, market: AaveDeployment, assets: Assets): void {
  const implementation = (name: string) => deployer.deploy(artifact(`protocol/tokenization/${name}`), [market.pool])
  const implementations = {
    aTokenImpl: implementation('AToken'),
    stableDebtTokenImpl: implementation('StableDebtToken'),
    variableDebtTokenImpl: implementation('VariableDebtToken'),
  }
  const reserves = assetIds.map((id) => {
    const { symbol, token, decimals } = assets[id]
    return {
      ...implementations,
      underlyingAssetDecimals: decimals,
      interestRateStrategyAddress: market.interestRateStrategies[id],
      underlyingAsset: token,
      treasury: deployer.address,
      incentivesController: zeroAddress,
      aTokenName: `Aave local ${symbol}`,
      aTokenSymbol: `a${symbol}`,
      variableDebtTokenName: `Aave local variable debt ${symbol}`,
      variableDebtTokenSymbol: `variableDebt${symbol}`,
      stableDebtTokenName: `Aave local stable debt ${symbol}`,
      stableDebtTokenSymbol: `stableDebt${symbol}`,
      params: '0x',
    }
  })
  const configure = (functionName: string, args: readonly unknown[]) =>
    deployer.call({ name: `Aave ${functionName}`, to: market.poolConfigurator, abi, functionName, args })
  configure('initReserves', [reserves])
  for (const id of assetIds) {
    const { token } = assets[id]
    const limits = reserveLimits[id]
    const { ltvBps, liquidationThresholdBps, liquidationBonusBps } = limits
    configure('configureReserveAsCollateral', [token, ltvBps, liquidationThresholdBps, liquidationBonusBps])
    configure('setReserveBorrowing', [token, true])
    configure('setReserveFactor', [token, limits.reserveFactorBps])
    configure('setReserveFlashLoaning', [token, true])
  }
}

/** In rays, in the constructor's order. Stable borrowing stays off, so its rates only have to be legal. */
function rateArguments({ rates }: ReserveLimits): readonly bigint[] {
  const ray = (fraction: number) => BigInt(Math.round(fraction * 1e9)) * 10n ** 18n
  const stable = [ray(0.005), ray(0.75), ray(0.01), ray(0.08), ray(0.2)]
  return [ray(rates.optimalUse), ray(rates.base), ray(rates.slope1), ray(rates.slope2), ...stable]
}
