// The account on Aave v3: its legs with the reserves' terms, the protocol's own summary, and the prices by which it liquidates.

import { toDecimal } from '../../base/amount.ts'
import type { AaveV3Config, AssetConfig } from '../../model/configuration.ts'
import type { Gap, GapReach } from '../../model/data-state.ts'
import type { Address } from '../../model/identity.ts'
import type { LendingLegReading, LendingReading, ProtocolPriceReading } from '../../model/reading.ts'
import type { ChainReader } from '../chain/chain-session.ts'
import type { Answer, Unread } from '../chain/contract-call.ts'
import { aaveDataProviderAbi, aaveOracleAbi, aavePoolAbi } from './aave-v3-abi.ts'
import { aaveV3Dependencies } from './aave-v3-dependencies.ts'
import { discoverAaveV3 } from './aave-v3-discovery.ts'
import { excessOf, readEMode } from './aave-v3-e-mode.ts'
import { askCaps, readIsolation, reserveTelemetry } from './aave-v3-telemetry.ts'
import { defineProtocol, gapOf, joinParts, type ReadingPart } from './define-protocol.ts'
import { erc20Abi } from './erc20.ts'

const wholeAccount = { kind: 'position', positionId: 'aave-v3' } as const satisfies GapReach
const context = { kind: 'context' } as const satisfies GapReach
/** Aave's markets that we support count in dollars with eight decimals. */
const baseDecimals = 8
const rayDecimals = 27
const noDebtHealthFactor = 2n ** 256n - 1n

/** If any leg cannot be read, there is no account at all: an account without one of its legs would be a wrong number, not a gap. */
export const aaveV3 = defineProtocol({
  name: 'aave-v3',
  title: 'Aave v3 account and oracle',
  lends: true,
  evidence: 'real contracts',
  discover: discoverAaveV3,
  dependencies: aaveV3Dependencies,
  read: async (reader, { chain, account }): Promise<ReadingPart> => {
    const { aaveV3: contracts, assets } = chain
    if (contracts === undefined) return {}
    const params = { contracts, account }
    const [summary, eMode, reserves, prices] = await Promise.all([
      readSummary(reader, params),
      readEMode(reader, { ...params, assets }),
      Promise.all(assets.map((asset) => readReserve(reader, { ...params, asset }))),
      readPrices(reader, { contracts, assets }),
    ])
    const listed = reserves.flatMap((reserve) => (reserve.kind === 'unlisted' ? [] : [reserve]))
    const unread = listed.flatMap((reserve) => (reserve.kind === 'unread' ? reserve.gaps : []))
    const legs = listed.flatMap((reserve) => (reserve.kind === 'leg' ? [reserve.leg] : []))
    const priced = pricesOf(
      prices,
      listed.map(({ asset }) => asset),
      legs,
    )
    const gaps = [...unread, ...(legs.length > 0 ? eMode.gaps : []), ...priced.gaps]
    if (!summary.ok) gaps.push(gapOf(summary, { subject: 'aave-v3 account', touches: wholeAccount }))
    const isUnread = !summary.ok || unread.some(({ touches }) => touches.kind !== 'context')
    const { telemetry, gaps: untold } = joinParts(
      reserves.flatMap((reserve) => (reserve.kind === 'leg' ? [reserve.market] : [])),
    )
    const known = { protocolPrices: priced.prices, telemetry, gaps: [...gaps, ...untold] }
    if (isUnread) return known
    const isEmpty = legs.length === 0 && summary.value.collateralUsd === 0 && summary.value.debtUsd === 0
    const withEMode = legs.map((leg) => eMode.adjust(leg))
    const lending = { protocol: 'aave-v3', account, legs: withEMode, reported: summary.value } as const
    return { ...known, lending: isEmpty ? [] : [lending] }
  },
})

interface AccountParams {
  readonly contracts: AaveV3Config
  readonly account: Address
}

async function readSummary(
  reader: ChainReader,
  { contracts, account }: AccountParams,
): Promise<Answer<LendingReading['reported']>> {
  const call = { to: contracts.pool, abi: aavePoolAbi, functionName: 'getUserAccountData', args: [account] } as const
  const answer = await reader.ask(call)
  if (!answer.ok) return answer
  const [collateral, debt, , threshold, , healthFactor] = answer.value
  const reported = {
    collateralUsd: toDecimal(collateral, baseDecimals),
    debtUsd: toDecimal(debt, baseDecimals),
    liquidationThreshold: toDecimal(threshold, 4),
  }
  const hasNoDebt = healthFactor === noDebtHealthFactor
  return { ok: true, value: hasNoDebt ? reported : { ...reported, healthFactor: toDecimal(healthFactor, 18) } }
}

type ReserveReading =
  | { readonly kind: 'unlisted' }
  | { readonly kind: 'empty'; readonly asset: AssetConfig }
  | {
      readonly kind: 'leg'
      readonly asset: AssetConfig
      readonly leg: LendingLegReading
      readonly market: ReadingPart
    }
  | { readonly kind: 'unread'; readonly asset: AssetConfig; readonly gaps: readonly Gap[] }

async function readReserve(
  reader: ChainReader,
  { contracts, account, asset }: AccountParams & { readonly asset: AssetConfig },
): Promise<ReserveReading> {
  const at = { to: contracts.dataProvider, abi: aaveDataProviderAbi } as const
  const [terms, user, state, paused, tokens] = await Promise.all([
    reader.ask({ ...at, functionName: 'getReserveConfigurationData', args: [asset.address] }),
    reader.ask({ ...at, functionName: 'getUserReserveData', args: [asset.address, account] }),
    reader.ask({ ...at, functionName: 'getReserveData', args: [asset.address] }),
    reader.ask({ ...at, functionName: 'getPaused', args: [asset.address] }),
    reader.ask({ ...at, functionName: 'getReserveTokensAddresses', args: [asset.address] }),
  ])
  const unread = (answer: Unread, what: string, touches: GapReach): ReserveReading => {
    return { kind: 'unread', asset, gaps: [gapOf(answer, { subject: `aave-v3 ${what} of ${asset.symbol}`, touches })] }
  }
  if (!terms.ok) return unread(terms, 'terms', wholeAccount)
  const [decimals, ltv, threshold, bonus, reserveFactor, , , , , frozen] = terms.value
  // The data provider answers zeros for what is no reserve, and then reverts in the user's part.
  if (decimals === 0n) return { kind: 'unlisted' }
  if (!user.ok) return unread(user, 'holdings', wholeAccount)
  const [supplied, stableDebt, variableDebt, , , , , , usedAsCollateral] = user.value
  const isEmpty = supplied === 0n && stableDebt === 0n && variableDebt === 0n
  const touches = isEmpty ? context : wholeAccount
  if (!state.ok) return unread(state, 'state', touches)
  if (!paused.ok) return unread(paused, 'pause', touches)
  if (!tokens.ok) return unread(tokens, 'tokens', touches)
  if (isEmpty) return { kind: 'empty', asset }
  const aToken = tokens.value[0].toLowerCase() as Address
  const [cash, caps, isolation] = await Promise.all([
    reader.ask({ to: asset.address, abi: erc20Abi, functionName: 'balanceOf', args: [aToken] }),
    askCaps(reader, contracts, asset),
    readIsolation(reader, contracts, asset),
  ])
  if (!cash.ok) return unread(cash, 'liquidity', wholeAccount)
  const whole = (units: bigint) => toDecimal(units, asset.decimals)
  const leg = {
    asset: asset.symbol,
    supplied: whole(supplied),
    usedAsCollateral,
    variableDebt: whole(variableDebt),
    stableDebt: whole(stableDebt),
    liquidationThreshold: toDecimal(threshold, 4),
    loanToValue: toDecimal(ltv, 4),
    liquidationBonus: excessOf(bonus),
    supplyRate: toDecimal(state.value[5], rayDecimals),
    borrowRate: toDecimal(state.value[6], rayDecimals),
    availableLiquidity: whole(cash.value),
    frozen,
    paused: paused.value,
  }
  const read = { caps, isolation, frozen, paused: paused.value }
  const market = reserveTelemetry({ asset, state: state.value, cash: cash.value, reserveFactor, ...read })
  return { kind: 'leg', asset, leg, market }
}

type PriceAnswers = readonly { readonly asset: AssetConfig; readonly answer: Answer<bigint> }[]

async function readPrices(
  reader: ChainReader,
  { contracts, assets }: { readonly contracts: AaveV3Config; readonly assets: readonly AssetConfig[] },
): Promise<PriceAnswers> {
  const at = { to: contracts.oracle, abi: aaveOracleAbi } as const
  const unit = reader.ask({ ...at, functionName: 'BASE_CURRENCY_UNIT', args: [] })
  return await Promise.all(
    assets.map(async (asset) => {
      const [base, price] = await Promise.all([
        unit,
        reader.ask({ ...at, functionName: 'getAssetPrice', args: [asset.address] }),
      ])
      if (!base.ok) return { asset, answer: base }
      if (base.value === 10n ** BigInt(baseDecimals)) return { asset, answer: price }
      const reason = `its oracle counts in units of ${base.value}, not in dollars with ${baseDecimals} decimals`
      return { asset, answer: { ok: false, code: 'malformed-return', reason } as const }
    }),
  )
}

/** Only reserves have a price here. One that is missing matters where the account has a leg, and is context elsewhere. */
function pricesOf(
  answers: PriceAnswers,
  listed: readonly AssetConfig[],
  legs: readonly LendingLegReading[],
): { readonly prices: readonly ProtocolPriceReading[]; readonly gaps: readonly Gap[] } {
  const prices: ProtocolPriceReading[] = []
  const gaps: Gap[] = []
  for (const { asset, answer } of answers.filter(({ asset: one }) => listed.includes(one))) {
    const touches = legs.some((leg) => leg.asset === asset.symbol) ? wholeAccount : context
    const place = { subject: `aave-v3 price of ${asset.symbol}`, touches }
    if (!answer.ok) gaps.push(gapOf(answer, place))
    else if (answer.value === 0n) gaps.push(gapOf({ code: 'price-not-positive', reason: 'it is zero' }, place))
    else prices.push({ protocol: 'aave-v3', asset: asset.symbol, usd: toDecimal(answer.value, baseDecimals) })
  }
  return { prices, gaps }
}
