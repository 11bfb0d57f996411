// An order's headline: what its exact actions move, so that what is read is what is signed.

import { toDecimal } from '../base/amount.ts'
import { HomeostatError } from '../base/homeostat-error.ts'
import { inWords } from '../decisions/number-in-words.ts'
import type { AssetConfig } from '../model/configuration.ts'
import type { Action } from '../model/order.ts'

interface Amount {
  readonly asset: string
  readonly units: bigint
}

/**
 * `withdraw 207.2 WETH in 2 passes, swap for at least 488,750 USDC, repay 488,750 USDC`: sums of the actions by asset.
 * @throws HomeostatError `unknown-asset` for an amount whose decimals are not configured
 */
export function orderInWords(actions: readonly Action[], assets: readonly AssetConfig[]): string {
  const withdrawn = actions.flatMap((one) => (one.kind === 'aave-v3-withdraw' ? [amount(one.asset, one.units)] : []))
  const bought = actions.flatMap((one) =>
    one.kind === 'uniswap-v3-swap' ? [amount(one.assetOut, one.minUnitsOut)] : [],
  )
  const repaid = actions.flatMap((one) => (one.kind === 'aave-v3-repay' ? [amount(one.asset, one.units)] : []))
  return [
    { verb: 'withdraw', amounts: withdrawn },
    { verb: 'swap for at least', amounts: bought },
    { verb: 'repay', amounts: repaid },
  ]
    .flatMap(({ verb, amounts }) =>
      amounts.length === 0 ? [] : [`${verb} ${sums(amounts, assets)}${verb === 'withdraw' ? passes(amounts) : ''}`],
    )
    .join(', ')
}

function amount(asset: string, units: string): Amount {
  return { asset, units: BigInt(units) }
}

function sums(amounts: readonly Amount[], assets: readonly AssetConfig[]): string {
  return [...new Set(amounts.map((one) => one.asset))]
    .map((asset) => {
      const units = amounts.reduce((sum, one) => (one.asset === asset ? sum + one.units : sum), 0n)
      return `${inWords(toDecimal(units, decimalsOf(asset, assets)))} ${asset}`
    })
    .join(' and ')
}

/** How often the same asset is withdrawn: each pass makes room for the next. */
function passes(withdrawn: readonly Amount[]): string {
  const most = Math.max(
    ...withdrawn.map(({ asset }) => withdrawn.reduce((count, one) => count + (one.asset === asset ? 1 : 0), 0)),
  )
  return most === 1 ? '' : ` in ${most} passes`
}

function decimalsOf(symbol: string, assets: readonly AssetConfig[]): number {
  const asset = assets.find((one) => one.symbol === symbol)
  if (asset !== undefined) return asset.decimals
  throw new HomeostatError('unknown-asset', {
    message: `${symbol} is no configured asset of the order's chain.`,
    retry: 'never',
    facts: { asset: symbol },
    hint: 'Add the asset to the chain in the configuration.',
  })
}
