// Uniswap v3: exact-input swaps through the first SwapRouter, quoted by QuoterV2 at the order's block.

import { encodeFunctionData, parseAbi } from 'viem'
import { readContract } from 'viem/actions'
import { toDecimal, toUnits } from '../../base/amount.ts'
import { HomeostatError } from '../../base/homeostat-error.ts'
import type { Ratio } from '../../base/units.ts'
import type { AssetConfig } from '../../model/configuration.ts'
import { amountText, assetOf, venueOf } from '../configured.ts'
import { withoutDust } from './aave-v3.ts'
import { type Draft, defineVenue, type IntentOf, type PlanContext, type Step } from './define-venue.ts'

/** SwapRouter, whose parameters carry a deadline; SwapRouter02's do not. */
const routerAbi = parseAbi([
  'struct ExactInputSingleParams { address tokenIn; address tokenOut; uint24 fee; address recipient; uint256 deadline; uint256 amountIn; uint256 amountOutMinimum; uint160 sqrtPriceLimitX96; }',
  'function exactInputSingle(ExactInputSingleParams params) payable returns (uint256 amountOut)',
])
/** Declared as a view: it reverts inside whatever it did, and is only ever called. */
const quoterAbi = parseAbi([
  'struct QuoteExactInputSingleParams { address tokenIn; address tokenOut; uint256 amountIn; uint24 fee; uint160 sqrtPriceLimitX96; }',
  'function quoteExactInputSingle(QuoteExactInputSingleParams params) view returns (uint256 amountOut, uint160 sqrtPriceX96After, uint32 initializedTicksCrossed, uint256 gasEstimate)',
])

type SwapIntent = IntentOf<'uniswap-v3'>

export const uniswapV3 = defineVenue({
  kind: 'uniswap-v3',
  title: 'Uniswap v3: exact-input swap in one pool',
  encode: {
    'uniswap-v3-swap': (action, { settings, validUntil }) => {
      const [assetIn, assetOut] = [assetOf(settings, action.assetIn), assetOf(settings, action.assetOut)]
      const [amountIn, amountOutMinimum] = [BigInt(action.unitsIn), BigInt(action.minUnitsOut)]
      if (amountIn <= 0n || amountOutMinimum <= 0n || amountOutMinimum > BigInt(action.quotedUnitsOut))
        throw unprotected(action.assetIn, action.assetOut)
      const args = [
        {
          tokenIn: assetIn.address,
          tokenOut: assetOut.address,
          fee: action.feeTier,
          recipient: settings.portfolio.account,
          deadline: BigInt(validUntil),
          amountIn,
          amountOutMinimum,
          sqrtPriceLimitX96: 0n,
        },
      ] as const
      const least = amountText(assetOut, amountOutMinimum)
      return {
        to: venueOf(settings, 'uniswapV3').router,
        value: '0',
        data: encodeFunctionData({ abi: routerAbi, functionName: 'exactInputSingle', args }),
        label: `swap ${amountText(assetIn, amountIn)} for at least ${least} on Uniswap v3 (${action.feeTier / 10_000} % pool)`,
      }
    },
  },
  look: async (context, intent) => {
    const [assetIn, assetOut] = [assetOf(context.settings, intent.assetIn), assetOf(context.settings, intent.assetOut)]
    const unitsIn = toUnits(intent.quantityIn, assetIn.decimals)
    const { quoted, impact } = await marginalQuote(context, { assetIn, assetOut, unitsIn, intent })
    mustBeNear(context, intent, impact)
    const fairUsd = intent.quantityIn * priceOf(context, assetIn)
    const quotedUsd = toDecimal(quoted, assetOut.decimals) * priceOf(context, assetOut)
    return swapStep(context, { intent, assetIn, assetOut, unitsIn, quoted, costUsd: fairUsd - quotedUsd })
  },
})

interface Swap {
  readonly assetIn: AssetConfig
  readonly assetOut: AssetConfig
  readonly unitsIn: bigint
  readonly intent: SwapIntent
}

/**
 * What the pool would pay for exactly these units after the plan's earlier swaps. A v3 pool moves along one curve, so the same
 * way in two steps pays the same in sum: the quote for all less the quote for the earlier ones. Earlier swaps the other way are
 * not counted: they only make this one better.
 * @returns the quote, and the impact of all swaps of this way together: what the pool pays less than the given prices, its fee
 * left aside. The fee is known and part of the plan's cost; the impact may be a thin pool, a stale price or somebody in front of us.
 */
async function marginalQuote(
  context: PlanContext,
  swap: Swap,
): Promise<{ readonly quoted: bigint; readonly impact: Ratio }> {
  const { assetIn, assetOut, unitsIn, intent } = swap
  const before = context.earlier.reduce((sum, other) => {
    const same = other.kind === 'swap' && other.assetIn === intent.assetIn && other.assetOut === intent.assetOut
    return same && other.feeTier === intent.feeTier ? sum + toUnits(other.quantityIn, assetIn.decimals) : sum
  }, 0n)
  const [all, earlier] = await Promise.all([
    quote(context, { ...swap, unitsIn: before + unitsIn }),
    before === 0n ? 0n : quote(context, { ...swap, unitsIn: before }),
  ])
  const fairUsd = toDecimal(before + unitsIn, assetIn.decimals) * priceOf(context, assetIn)
  const paidUsd = toDecimal(all, assetOut.decimals) * priceOf(context, assetOut)
  return { quoted: all - earlier, impact: 1 - paidUsd / (fairUsd * (1 - intent.feeTier / 1_000_000)) }
}

/** What the pool would pay at this block. */
async function quote({ chain, settings, blockNumber }: PlanContext, swap: Swap): Promise<bigint> {
  const { assetIn, assetOut, unitsIn, intent } = swap
  const at = { address: venueOf(settings, 'uniswapV3').quoter, abi: quoterAbi, blockNumber } as const
  const route = { tokenIn: assetIn.address, tokenOut: assetOut.address, fee: intent.feeTier }
  const args = [{ ...route, amountIn: unitsIn, sqrtPriceLimitX96: 0n }] as const
  const what = `quote ${amountText(assetIn, unitsIn)} for ${assetOut.symbol} in the ${intent.feeTier / 10_000} % pool`
  const [amountOut] = await chain.ask(what, (client) =>
    readContract(client, { ...at, functionName: 'quoteExactInputSingle', args }),
  )
  return amountOut
}

function mustBeNear({ settings }: PlanContext, intent: SwapIntent, impact: Ratio): void {
  const limit = settings.portfolio.limits.maxSlippageBps / 10_000
  if (impact <= limit) return
  const percent = (ratio: number) => `${(ratio * 100).toFixed(2)} %`
  throw new HomeostatError('quote-too-far', {
    message: `Uniswap v3 pays ${percent(impact)} less for ${intent.assetIn} in ${intent.assetOut} than it is worth; the limit is ${percent(limit)}.`,
    retry: 'later',
    facts: { assetIn: intent.assetIn, assetOut: intent.assetOut, impact, limit },
    hint: 'The pool is thin or prices disagree; it is tried again. A smaller plan or another fee tier may fit.',
  })
}

function swapStep(
  { settings }: PlanContext,
  params: {
    readonly intent: SwapIntent
    readonly assetIn: AssetConfig
    readonly assetOut: AssetConfig
    readonly unitsIn: bigint
    readonly quoted: bigint
    readonly costUsd: number
  },
): Step {
  const { intent, assetIn, assetOut, quoted, costUsd } = params
  const { router } = venueOf(settings, 'uniswapV3')
  const least = (quoted * BigInt(10_000 - settings.portfolio.limits.maxSlippageBps)) / 10_000n
  if (least <= 0n) throw unprotected(intent.assetIn, intent.assetOut)
  return (draft: Draft): Draft => {
    const held = draft.holdings[assetIn.symbol] ?? 0n
    const unitsIn = withoutDust(params.unitsIn, held)
    if (unitsIn > held) throw notHeld(assetIn, unitsIn, held)
    const swap = {
      kind: 'uniswap-v3-swap',
      assetIn: assetIn.symbol,
      assetOut: assetOut.symbol,
      feeTier: intent.feeTier,
      unitsIn: unitsIn.toString(),
      minUnitsOut: least.toString(),
      quotedUnitsOut: quoted.toString(),
    } as const
    const before = draft.bought[assetOut.symbol] ?? { least: 0n, expected: 0n }
    const expected = before.expected + toUnits(intent.expectedOut, assetOut.decimals)
    return {
      ...draft,
      actions: [
        ...draft.actions,
        { kind: 'approve', asset: assetIn.symbol, spender: router, units: swap.unitsIn },
        swap,
        { kind: 'approve', asset: assetIn.symbol, spender: router, units: '0' },
      ],
      holdings: {
        ...draft.holdings,
        [assetIn.symbol]: held - unitsIn,
        [assetOut.symbol]: (draft.holdings[assetOut.symbol] ?? 0n) + least,
      },
      bought: { ...draft.bought, [assetOut.symbol]: { least: before.least + least, expected } },
      costUsd: draft.costUsd + costUsd,
    }
  }
}

function priceOf({ prices }: PlanContext, { symbol }: AssetConfig): number {
  const price = prices[symbol]
  if (price !== undefined && price > 0) return price
  throw new HomeostatError('no-price', {
    message: `There is no price of ${symbol} to compare a quote with.`,
    retry: 'later',
    facts: { asset: symbol },
    hint: 'An order needs fresh prices of all that it moves.',
  })
}

function notHeld(asset: AssetConfig, wanted: bigint, held: bigint): HomeostatError {
  return new HomeostatError('spare-too-small', {
    message: `The plan swaps ${amountText(asset, wanted)}, but the account will hold ${amountText(asset, held)}.`,
    retry: 'never',
    facts: { asset: asset.symbol, wanted: wanted.toString(), held: held.toString() },
    hint: 'The balance has changed since the plan; the next snapshot makes another one.',
  })
}

function unprotected(assetIn: string, assetOut: string): HomeostatError {
  return new HomeostatError('swap-unprotected', {
    message: `The swap of ${assetIn} for ${assetOut} has no minimum out between zero and its quote.`,
    retry: 'never',
    facts: { assetIn, assetOut },
    hint: 'Amounts have to be large enough for a minimum, and maxSlippageBps below 10000.',
  })
}
