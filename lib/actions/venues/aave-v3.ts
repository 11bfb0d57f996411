// Aave v3: exact withdrawals and repayments at the variable rate, and what the protocol says of an account.

import { encodeFunctionData, parseAbi } from 'viem'
import { multicall, readContract } from 'viem/actions'
import { toDecimal, toUnits } from '../../base/amount.ts'
import { HomeostatError } from '../../base/homeostat-error.ts'
import type { TokenUnits, Usd } from '../../base/units.ts'
import type { AssetConfig, PortfolioSettings } from '../../model/configuration.ts'
import type { AssetSymbol } from '../../model/identity.ts'
import type { Chain } from '../chain-client.ts'
import { amountText, assetOf, venueOf } from '../configured.ts'
import { type Draft, defineVenue, type IntentOf, type PlanContext, type Step } from './define-venue.ts'

export const poolAbi = parseAbi([
  'function withdraw(address asset, uint256 amount, address to) returns (uint256)',
  'function repay(address asset, uint256 amount, uint256 interestRateMode, address onBehalfOf) returns (uint256)',
  'function getUserAccountData(address user) view returns (uint256 totalCollateralBase, uint256 totalDebtBase, uint256 availableBorrowsBase, uint256 currentLiquidationThreshold, uint256 ltv, uint256 healthFactor)',
])
const dataProviderAbi = parseAbi([
  'function getUserReserveData(address asset, address user) view returns (uint256 currentATokenBalance, uint256 currentStableDebt, uint256 currentVariableDebt, uint256 principalStableDebt, uint256 scaledVariableDebt, uint256 stableBorrowRate, uint256 liquidityRate, uint40 stableRateLastUpdated, bool usageAsCollateralEnabled)',
])
const oracleAbi = parseAbi(['function getAssetPrice(address asset) view returns (uint256)'])

const variableRate = 2n
/** Decimals of Aave v3's base currency, US dollars. */
const baseDecimals = 8

export const aaveV3 = defineVenue({
  kind: 'aave-v3',
  title: 'Aave v3: withdraw, repay (variable rate)',
  encode: {
    'aave-v3-withdraw': ({ asset: symbol, units }, { settings }) => {
      const asset = assetOf(settings, symbol)
      const args = [asset.address, positive(symbol, units), settings.portfolio.account] as const
      return {
        to: venueOf(settings, 'aaveV3').pool,
        value: '0',
        data: encodeFunctionData({ abi: poolAbi, functionName: 'withdraw', args }),
        label: `withdraw ${amountText(asset, units)} from Aave v3`,
      }
    },
    'aave-v3-repay': ({ asset: symbol, units }, { settings }) => {
      const asset = assetOf(settings, symbol)
      const args = [asset.address, positive(symbol, units), variableRate, settings.portfolio.account] as const
      return {
        to: venueOf(settings, 'aaveV3').pool,
        value: '0',
        data: encodeFunctionData({ abi: poolAbi, functionName: 'repay', args }),
        label: `repay ${amountText(asset, units)} to Aave v3`,
      }
    },
  },
  look: async (context, intent) => {
    const asset = assetOf(context.settings, intent.asset)
    const { supplied, debt } = await readReserve(context, asset)
    return intent.kind === 'repay'
      ? repayStep(context.settings, { asset, intent, debt })
      : withdrawStep({ asset, intent, supplied })
  },
})

/** Zero reverts in Aave, and the largest number means "everything": neither is an exact amount. */
function positive(asset: AssetSymbol, units: TokenUnits): bigint {
  const value = BigInt(units)
  if (value > 0n && value < 2n ** 128n) return value
  throw new HomeostatError('amount-not-exact', {
    message: `${units} is no exact amount of ${asset}.`,
    retry: 'never',
    facts: { asset, units },
    hint: 'Actions carry what they move; zero and "everything" are not allowed.',
  })
}

async function readReserve({ chain, settings, blockNumber }: PlanContext, asset: AssetConfig) {
  const args = [asset.address, settings.portfolio.account] as const
  const at = { address: venueOf(settings, 'aaveV3').dataProvider, abi: dataProviderAbi, blockNumber } as const
  const data = await chain.ask(`read the account’s ${asset.symbol} on Aave v3`, (client) =>
    readContract(client, { ...at, functionName: 'getUserReserveData', args }),
  )
  return { supplied: data[0], debt: data[2] }
}

function withdrawStep(params: {
  readonly asset: AssetConfig
  readonly intent: Extract<IntentOf<'aave-v3'>, { kind: 'withdraw' }>
  readonly supplied: bigint
}): Step {
  const { asset, intent, supplied } = params
  return (draft) => {
    const before = draft.withdrawn[asset.symbol] ?? 0n
    const left = supplied - before
    const units = withoutDust(toUnits(intent.quantity, asset.decimals), left)
    if (units === 0n || units > left) throw notSupplied(asset, units, left)
    return {
      ...draft,
      actions: [...draft.actions, { kind: 'aave-v3-withdraw', asset: asset.symbol, units: units.toString() }],
      holdings: { ...draft.holdings, [asset.symbol]: (draft.holdings[asset.symbol] ?? 0n) + units },
      withdrawn: { ...draft.withdrawn, [asset.symbol]: before + units },
    }
  }
}

function notSupplied(asset: AssetConfig, wanted: bigint, supplied: bigint): HomeostatError {
  return new HomeostatError('withdraw-more-than-supplied', {
    message: `The plan withdraws ${amountText(asset, wanted)}, but ${amountText(asset, supplied)} are supplied.`,
    retry: 'never',
    facts: { asset: asset.symbol, wanted: wanted.toString(), supplied: supplied.toString() },
    hint: 'The position has changed since the plan; the next snapshot makes another one.',
  })
}

/**
 * A repayment is made of what swaps bring and, beyond that, of what the plan takes from spare holdings. Of a swap only the
 * guaranteed minimum is repaid: the batch then never reverts for a few missing units, and what the swap brings above its
 * minimum stays with the account as spare. More than the debt is never sent: the debt of this block is the cap (interest until
 * execution stays owed).
 */
function repayStep(
  settings: PortfolioSettings,
  params: {
    readonly asset: AssetConfig
    readonly intent: Extract<IntentOf<'aave-v3'>, { kind: 'repay' }>
    readonly debt: bigint
  },
): Step {
  const { asset, intent, debt } = params
  const { pool } = venueOf(settings, 'aaveV3')
  return (draft) => {
    const wanted = toUnits(intent.quantity, asset.decimals)
    const bought = draft.bought[asset.symbol] ?? { least: 0n, expected: 0n }
    const fromSpare = bought.expected === 0n ? wanted : withoutDust(wanted, bought.expected) - bought.expected
    const fromSwap = smaller(wanted, bought.least)
    const owed = debt - (draft.repaid[asset.symbol] ?? 0n)
    if (owed <= 0n) throw nothingOwed(asset)
    const units = smaller(fromSwap + (fromSpare > 0n ? fromSpare : 0n), owed)
    const held = draft.holdings[asset.symbol] ?? 0n
    const affordable = withoutDust(units, held)
    if (affordable === 0n || affordable > held) throw notEnough(asset, affordable, held)
    return pay(draft, { asset, units: affordable, held, pool })
  }
}

function pay(
  draft: Draft,
  params: {
    readonly asset: AssetConfig
    readonly units: bigint
    readonly held: bigint
    readonly pool: `0x${string}`
  },
): Draft {
  const { units, held, pool } = params
  const asset = params.asset.symbol
  return {
    ...draft,
    actions: [
      ...draft.actions,
      { kind: 'approve', asset, spender: pool, units: units.toString() },
      { kind: 'aave-v3-repay', asset, units: units.toString() },
      { kind: 'approve', asset, spender: pool, units: '0' },
    ],
    holdings: { ...draft.holdings, [asset]: held - units },
    bought: { ...draft.bought, [asset]: { least: 0n, expected: 0n } },
    repaid: { ...draft.repaid, [asset]: (draft.repaid[asset] ?? 0n) + units },
  }
}

function nothingOwed(asset: AssetConfig): HomeostatError {
  return new HomeostatError('repay-more-than-debt', {
    message: `There is no ${asset.symbol} debt at a variable rate left to repay.`,
    retry: 'never',
    facts: { asset: asset.symbol },
    hint: 'The position has changed since the plan; the next snapshot makes another one.',
  })
}

function notEnough(asset: AssetConfig, wanted: bigint, held: bigint): HomeostatError {
  return new HomeostatError('spare-too-small', {
    message: `The plan repays ${amountText(asset, wanted)}, but the account will hold ${amountText(asset, held)}.`,
    retry: 'never',
    facts: { asset: asset.symbol, wanted: wanted.toString(), held: held.toString() },
    hint: 'The balance has changed since the plan; the next snapshot makes another one.',
  })
}

/** The limit instead of the amount if the amount is above it by no more than a double's rounding (one in a thousand million). */
export function withoutDust(units: bigint, limit: bigint): bigint {
  return units > limit && units - limit <= limit / 1_000_000_000n ? limit : units
}

function smaller(a: bigint, b: bigint): bigint {
  return a < b ? a : b
}

export interface ReportedHealth {
  /** Absent without debt. */
  readonly healthFactor?: number
  readonly collateralUsd: Usd
  readonly debtUsd: Usd
}

/** `getUserAccountData` in dollars and a plain ratio. */
export function reportedHealth(data: readonly bigint[]): ReportedHealth {
  const [collateral = 0n, debt = 0n, , , , healthFactor = 0n] = data
  return {
    ...(debt === 0n ? {} : { healthFactor: toDecimal(healthFactor, 18) }),
    collateralUsd: toDecimal(collateral, baseDecimals),
    debtUsd: toDecimal(debt, baseDecimals),
  }
}

/** The account's health at a block, as the pool reports it. */
export async function readHealth(chain: Chain, settings: PortfolioSettings, blockNumber: bigint) {
  const at = { address: venueOf(settings, 'aaveV3').pool, abi: poolAbi, blockNumber } as const
  const args = [settings.portfolio.account] as const
  const data = await chain.ask('read the account’s health on Aave v3', (client) =>
    readContract(client, { ...at, functionName: 'getUserAccountData', args }),
  )
  return reportedHealth(data)
}

/**
 * What Aave's oracle believes of each configured asset; absent where it has no price. Assets that Aave does not list revert there,
 * so single failures are gaps; if all fail, the read as a whole has failed.
 */
export async function readOraclePrices(
  chain: Chain,
  settings: PortfolioSettings,
  blockNumber: bigint,
): Promise<Readonly<Record<AssetSymbol, Usd>>> {
  const { assets, multicall3 } = settings.chain
  const at = { address: venueOf(settings, 'aaveV3').oracle, abi: oracleAbi, functionName: 'getAssetPrice' } as const
  const contracts = assets.map(({ address }) => ({ ...at, args: [address] as const }))
  const answers = await chain.ask('read Aave’s oracle', (client) =>
    multicall(client, { contracts, allowFailure: true, blockNumber, multicallAddress: multicall3 }),
  )
  const priced = assets.flatMap(({ symbol }, index) => {
    const answer = answers[index]
    const known = answer?.status === 'success' && answer.result > 0n
    return known ? [[symbol, toDecimal(answer.result, baseDecimals)] as const] : []
  })
  if (priced.length > 0) return Object.fromEntries(priced)
  throw new HomeostatError('no-price', {
    message: `Aave's oracle gave no price for any asset of the chain ${settings.chain.id}.`,
    retry: 'later',
    facts: { chain: settings.chain.id },
    hint: 'Check the oracle’s address, and whether the provider fails whole multicalls.',
  })
}

/** What the account has supplied less what it owes, by asset, in the smallest units. */
export async function readNetReserves(
  chain: Chain,
  settings: PortfolioSettings,
  blockNumber: bigint,
): Promise<Readonly<Record<AssetSymbol, bigint>>> {
  const { assets, multicall3 } = settings.chain
  const at = { address: venueOf(settings, 'aaveV3').dataProvider, abi: dataProviderAbi } as const
  const contracts = assets.map(
    ({ address }) =>
      ({ ...at, functionName: 'getUserReserveData', args: [address, settings.portfolio.account] }) as const,
  )
  const reserves = await chain.ask('read the account’s reserves on Aave v3', (client) =>
    multicall(client, { contracts, allowFailure: true, blockNumber, multicallAddress: multicall3 }),
  )
  // An asset that Aave does not list reverts here and has no reserve; where all fail, the read itself has failed.
  if (reserves.every(({ status }) => status === 'failure')) throw unreadReserves(settings)
  return Object.fromEntries(
    assets.map(({ symbol }, index) => {
      const [supplied = 0n, stableDebt = 0n, variableDebt = 0n] = reserves[index]?.result ?? []
      return [symbol, supplied - stableDebt - variableDebt]
    }),
  )
}

function unreadReserves({ chain }: PortfolioSettings): HomeostatError {
  return new HomeostatError('reserves-unread', {
    message: `Aave's data provider answered for none of the assets of the chain ${chain.id}.`,
    retry: 'later',
    facts: { chain: chain.id },
    hint: 'Check aaveV3.dataProvider, and whether the provider fails whole multicalls.',
  })
}
