// A token that is worth ever more of another: its protocol's rate times that asset's price, believed only as fast as it may grow.

import { parseAbi } from 'viem/utils'
import { toDecimal } from '../../base/amount.ts'
import * as z from '../../base/schema.ts'
import type { UnixSeconds } from '../../base/units.ts'
import {
  assetTerm,
  choiceTerm,
  fractionTerm,
  groupTerm,
  instantTerm,
  priceTerm,
  quantityTerm,
} from '../../instruments/term-schemas.ts'
import type { AssetConfig } from '../../model/configuration.ts'
import type { ChainReader } from '../chain/chain-session.ts'
import { addressSetting } from '../protocols/address-setting.ts'
import { assetsBySymbol, type Refusal, refusal } from '../protocols/as-configured.ts'
import { decimalsSetting } from '../protocols/decimals-setting.ts'
import { definePriceSource } from './define-price-source.ts'
import { readFeedRound } from './feed-round.ts'

export const exchangeRateAbi = parseAbi([
  // wstETH, rETH and weETH, Balancer's rate providers, cbETH, sfrxETH; vaults by ERC-4626.
  'function stEthPerToken() view returns (uint256)',
  'function getExchangeRate() view returns (uint256)',
  'function getRate() view returns (uint256)',
  'function exchangeRate() view returns (uint256)',
  'function pricePerShare() view returns (uint256)',
  'function convertToAssets(uint256 shares) view returns (uint256)',
])
const getters = ['stEthPerToken', 'getExchangeRate', 'getRate', 'exchangeRate', 'pricePerShare'] as const

const secondsPerDay = 86_400
/** Rates are reported once a day. */
const dayAndHalf = 129_600

const schema = z
  .strictObject({
    per: assetTerm('the asset that it is worth so much of'),
    call: choiceTerm(
      [...getters, 'convertToAssets', 'latestRoundData'],
      'what tells the rate; convertToAssets is that of a vault (ERC-4626), latestRoundData that of a rate feed',
    ),
    address: z.optional(addressSetting('who tells it; the token itself if left out')),
    decimals: z.optional(decimalsSetting('of the rate; 18, of a vault those of its asset')),
    min: z.optional(priceTerm('a rate below is not believed', 'per per token')),
    max: z.optional(priceTerm('a rate above is not believed', 'per per token')),
    since: z.optional(
      groupTerm(
        z.strictObject({ rate: priceTerm('the rate then', 'per per token'), at: instantTerm('when it was so') }),
        'a rate that was right, from which it may grow',
      ),
    ),
    maxGrowthPerDay: z.optional(fractionTerm('it may grow by this part of the rate of `since`', 'fraction per day')),
    maxAgeSeconds: z._default(quantityTerm('a rate feed that is older is stale', 'seconds'), dayAndHalf),
  })
  .check(
    z.refine(
      ({ since, maxGrowthPerDay }) => (since === undefined) === (maxGrowthPerDay === undefined),
      'must have `since` and `maxGrowthPerDay` together, or neither',
    ),
    z.refine(({ min = 0, max = Number.POSITIVE_INFINITY }) => min < max, 'must have a min below its max'),
  )
type Settings = z.output<typeof schema>

export const exchangeRate = definePriceSource({
  kind: 'exchange-rate',
  title: "A token's rate at its protocol, times the price of what it stands for",
  evidence: 'fixture',
  settings: schema,
  read: async (reader, { chain, asset, at, settings }) => {
    const [of] = chain.assets.filter(({ symbol }) => symbol === settings.per)
    const known = assetsBySymbol(chain, [settings.per])
    if (!known.ok || of === undefined) return known.ok ? refusal('unknown-asset', `there is no ${settings.per}`) : known
    const rate = await readRate(reader, { asset, of, at, settings })
    if (!rate.ok) return rate
    const wrong = unbelievable(rate.value, settings, at)
    if (wrong !== undefined) return wrong
    const { per, maxAgeSeconds: goodForSeconds } = settings
    const quote = { label: `exchange rate to ${per}`, role: 'oracle', price: rate.value, per } as const
    return { ok: true, quote: { ...quote, updatedAt: rate.asOf, goodForSeconds }, doubts: rate.doubts }
  },
})

interface RateParams {
  readonly asset: AssetConfig
  readonly of: AssetConfig
  readonly at: UnixSeconds
  readonly settings: Settings
}

type Rate =
  | { readonly ok: true; readonly value: number; readonly asOf: UnixSeconds; readonly doubts: readonly Refusal[] }
  | Refusal

/** What a contract tells is told at the pinned block; a feed says how old its answer is. */
async function readRate(reader: ChainReader, { asset, of, at, settings }: RateParams): Promise<Rate> {
  const { call, address: to = asset.address, maxAgeSeconds: heartbeatSeconds } = settings
  const ofBlock = (units: bigint, decimals: number): Rate => ({
    ok: true,
    value: toDecimal(units, decimals),
    asOf: reader.block.timestamp,
    doubts: [],
  })
  if (call === 'latestRoundData') {
    const feed = { address: to, heartbeatSeconds, graceSeconds: 0, decimals: settings.decimals ?? 18 }
    const round = await readFeedRound(reader, { feed, at })
    return round.ok ? { ok: true, value: round.price, asOf: round.updatedAt, doubts: round.doubts } : round
  }
  if (call === 'convertToAssets') {
    const share = 10n ** BigInt(asset.decimals)
    const worth = await reader.ask({ to, abi: exchangeRateAbi, functionName: call, args: [share] })
    return worth.ok ? ofBlock(worth.value, settings.decimals ?? of.decimals) : worth
  }
  const answer = await reader.ask({ to, abi: exchangeRateAbi, functionName: call, args: [] })
  return answer.ok ? ofBlock(answer.value, settings.decimals ?? 18) : answer
}

/** As Aave caps prices of correlated assets (CAPO, BGD Labs 2024): what grows faster than its rewards allow was pushed. */
function unbelievable(rate: number, settings: Settings, at: UnixSeconds): Refusal | undefined {
  const { min = 0, max = Number.POSITIVE_INFINITY, since, maxGrowthPerDay = 0 } = settings
  if (rate <= 0) return refusal('rate-not-positive', `its rate is ${rate}.`)
  if (rate < min || rate > max) {
    return refusal('rate-out-of-bounds', `its rate is ${rate}, believed from ${min} to ${settings.max ?? '∞'}.`)
  }
  if (since === undefined) return undefined
  const days = Math.max(0, (at - since.at) / secondsPerDay)
  const highest = since.rate * (1 + maxGrowthPerDay * days)
  if (rate <= highest) return undefined
  return refusal('rate-grows-too-fast', `its rate is ${rate}, by now it can have grown to ${+highest.toPrecision(9)}.`)
}
