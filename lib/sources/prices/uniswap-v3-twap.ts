// What people paid over a while: the time-weighted price of one Uniswap v3 pool, which nobody moves within a block.

import { parseAbi } from 'viem/utils'
import * as z from '../../base/schema.ts'
import { describeSpan } from '../../base/time.ts'
import { assetTerm, quantityTerm } from '../../instruments/term-schemas.ts'
import type { AssetConfig } from '../../model/configuration.ts'
import type { Address } from '../../model/identity.ts'
import type { ChainReader } from '../chain/chain-session.ts'
import { addressSetting } from '../protocols/address-setting.ts'
import { assetsBySymbol, firstRefusal, pinned, type Refusal, refusal } from '../protocols/as-configured.ts'
import { definePriceSource } from './define-price-source.ts'
import { uniswapV3PoolAbi } from './uniswap-v3-pool.ts'

export const observationAbi = parseAbi([
  'function observe(uint32[] secondsAgos) view returns (int56[] tickCumulatives, uint160[] secondsPerLiquidityCumulativeX128s)',
  'function token0() view returns (address)',
  'function token1() view returns (address)',
])

/** How far the price moves while the depth is sold. */
const reach = 0.02
const halfAnHour = 1_800
const secondsMessage = 'must be whole seconds, 60 up to 86,400'

export const uniswapV3Twap = definePriceSource({
  kind: 'uniswap-v3-twap',
  title: 'The time-weighted price of a Uniswap v3 pool, with its depth',
  evidence: 'real contracts',
  settings: z.strictObject({
    pool: addressSetting('the pool'),
    per: assetTerm('the other asset of the pool, in which the price is told'),
    windowSeconds: z._default(
      z.int(secondsMessage).check(z.gte(60, secondsMessage), z.lte(86_400, secondsMessage)),
      halfAnHour,
    ),
    minDepthUsd: z._default(
      quantityTerm('a pool from which selling fetches less until its price is 2 % lower says nothing', 'USD'),
      100_000,
    ),
  }),
  read: async (reader, { chain, asset, settings }) => {
    const { per, pool, windowSeconds, minDepthUsd } = settings
    const found = assetsBySymbol(chain, [per])
    if (!found.ok) return found
    const [other] = found.value
    if (other === undefined || other.address === asset.address) {
      return refusal('not-as-configured', `a pool has two assets, and ${per} is ${asset.symbol} itself.`)
    }
    const mean = await readMean(reader, { pool, windowSeconds, tokens: sortedTokens(asset, other) })
    if (!mean.ok) return mean
    const isToken0 = BigInt(asset.address) < BigInt(other.address)
    // As a fall of the asset's own price, whichever of the two tokens it is.
    const root = Math.sqrt(tickPrice(isToken0 ? mean.tick : -mean.tick))
    const whole = 10 ** ((asset.decimals + other.decimals) / 2)
    return {
      ok: true,
      quote: {
        label: `Uniswap v3 TWAP of ${describeSpan(windowSeconds)}`,
        role: 'market',
        price: root * root * 10 ** (asset.decimals - other.decimals),
        per,
        updatedAt: reader.block.timestamp,
        goodForSeconds: windowSeconds,
        depth:
          (mean.liquidity / whole) * root * 10 ** ((asset.decimals - other.decimals) / 2) * (1 - Math.sqrt(1 - reach)),
        minDepthUsd,
      },
      doubts: [],
    }
  },
})

function sortedTokens(a: AssetConfig, b: AssetConfig): readonly [AssetConfig, AssetConfig] {
  return BigInt(a.address) < BigInt(b.address) ? [a, b] : [b, a]
}

function tickPrice(tick: number): number {
  return Math.exp(tick * Math.log(1.0001))
}

interface MeanParams {
  readonly pool: Address
  readonly windowSeconds: number
  readonly tokens: readonly [AssetConfig, AssetConfig]
}

type Mean = { readonly ok: true; readonly tick: number; readonly liquidity: number } | Refusal

/**
 * The mean tick, not rounded, and the liquidity that was there all the time: the less of the harmonic mean and of what is in range now.
 * Adams et al. (2021), Uniswap v3 Core, sections 5.2 and 5.3.
 */
async function readMean(reader: ChainReader, { pool, windowSeconds, tokens }: MeanParams): Promise<Mean> {
  const at = { to: pool, abi: observationAbi } as const
  const [observed, token0, token1, slot0, liquidity] = await Promise.all([
    reader.ask({ ...at, functionName: 'observe', args: [[windowSeconds, 0]] }),
    reader.ask({ ...at, functionName: 'token0', args: [] }),
    reader.ask({ ...at, functionName: 'token1', args: [] }),
    reader.ask({ to: pool, abi: uniswapV3PoolAbi, functionName: 'slot0', args: [] }),
    reader.ask({ to: pool, abi: uniswapV3PoolAbi, functionName: 'liquidity', args: [] }),
  ])
  const wrong = firstRefusal(
    pinned('first token', tokens[0].address, token0),
    pinned('second token', tokens[1].address, token1),
    slot0,
    liquidity,
  )
  if (wrong !== undefined) return wrong
  if (!slot0.ok || !liquidity.ok) return refusal('malformed-return', 'its pool was not read.')
  if (!observed.ok) return tooShort(observed, { windowSeconds, cardinality: slot0.value[3] })
  const [ticks, perLiquidity] = observed.value
  const [before, now] = ticks
  const [perBefore, perNow] = perLiquidity
  if (before === undefined || now === undefined || perBefore === undefined || perNow === undefined) {
    return refusal('malformed-return', 'observe answered fewer observations than it was asked for.')
  }
  const perUnit = Number(BigInt.asUintN(160, perNow - perBefore)) / 2 ** 128
  const harmonic = perUnit > 0 ? windowSeconds / perUnit : Number.POSITIVE_INFINITY
  return {
    ok: true,
    tick: Number(BigInt.asIntN(56, now - before)) / windowSeconds,
    liquidity: Math.min(harmonic, Number(liquidity.value)),
  }
}

/** The pool reverts with OLD where it has forgotten what was so long ago. */
function tooShort(
  unread: Refusal,
  { windowSeconds, cardinality }: { readonly windowSeconds: number; readonly cardinality: number },
): Refusal {
  if (!/\bOLD\b/.test(unread.reason)) return unread
  const reason = `it remembers ${cardinality} observation${cardinality === 1 ? '' : 's'}, which does not reach back ${describeSpan(windowSeconds)}: raise its cardinality (increaseObservationCardinalityNext), or shorten the window.`
  return refusal('window-too-short', reason)
}
