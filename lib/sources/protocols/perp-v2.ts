// Accounts on Perp v2 (Perpetual Protocol Curie): a contract a market, behind each its part of the one vault that secures them all.

import * as z from '../../base/schema.ts'
import { assetTerm, listTerm } from '../../instruments/term-schemas.ts'
import type { AssetConfig, ChainConfig } from '../../model/configuration.ts'
import type { Address, Hex } from '../../model/identity.ts'
import type { ChainReader } from '../chain/chain-session.ts'
import { addressSetting } from './address-setting.ts'
import { assetsBySymbol, decimalsDiffer, firstRefusal, pinned, type Refusal, refusal } from './as-configured.ts'
import { defineProtocol, joinParts, type ReadingPart } from './define-protocol.ts'
import {
  perpAccountBalanceAbi,
  perpBaseTokenAbi,
  perpClearingHouseAbi,
  perpCollateralAbi,
  perpConfigAbi,
  perpExchangeAbi,
  perpOrderBookAbi,
  perpVaultAbi,
} from './perp-v2-abi.ts'
import { accountParts, doubtOf, type PerpAccount, type PerpCollateral } from './perp-v2-account.ts'
import { magnitude, type OpenMarket, perpDecimals, profitOf } from './perp-v2-margin.ts'
import { readOrders } from './perp-v2-orders.ts'
import { refusedPart } from './position-part.ts'

const marketSetting = z.strictObject({
  baseToken: addressSetting('the virtual token of the market'),
  underlying: assetTerm('what it is a future on, such as ETH'),
})
type MarketSetting = z.output<typeof marketSetting>

export const perpV2 = defineProtocol({
  name: 'perp-v2',
  title: 'Perp v2 accounts',
  evidence: 'real contracts',
  settings: z.strictObject({
    clearingHouse: addressSetting('the clearing house'),
    accountBalance: addressSetting('its account balance'),
    vault: addressSetting('its vault'),
    exchange: addressSetting('its exchange'),
    orderBook: addressSetting('its order book'),
    settlement: assetTerm("what its profits are paid in, one of the chain's assets"),
    markets: listTerm(marketSetting, 'markets to look in').check(
      z.minLength(1, 'must name a market, or be left out with its protocol'),
      z.refine((all) => new Set(all.map(({ baseToken }) => baseToken)).size === all.length, 'must name each once'),
    ),
  }),
  read: async (reader, { chain, account, settings }) => {
    const found = assetsBySymbol(chain, [settings.settlement])
    if (!found.ok) return refusedPart(accountId, found)
    const [settlement] = found.value
    if (settlement === undefined) return {}
    if (settlement.decimals > perpDecimals) {
      const reason = `a vault of a token with ${settlement.decimals} decimals cannot be, ${perpDecimals} are the most`
      return refusedPart(accountId, refusal('not-as-configured', reason))
    }
    return await readAccount(reader, { chain, account, settings, settlement })
  },
})

interface Contracts {
  readonly clearingHouse: Address
  readonly accountBalance: Address
  readonly vault: Address
  readonly exchange: Address
  readonly orderBook: Address
}

interface AccountParams {
  readonly chain: ChainConfig
  readonly account: Address
  readonly settings: Contracts & { readonly markets: readonly MarketSetting[] }
  readonly settlement: AssetConfig
}

const accountId = 'perp-v2:account'
const lower = (address: string) => address.toLowerCase() as Address

/** If any market or balance cannot be read there is no account at all: one vault secures everything, so that each contract would be wrong. */
async function readAccount(reader: ChainReader, params: AccountParams): Promise<ReadingPart> {
  const { settings, settlement } = params
  const [wiring, of, markets] = await Promise.all([
    askWiring(reader, settings),
    askAccount(reader, params),
    Promise.all(settings.markets.map((market) => askMarket(reader, params, market))),
  ])
  const { baseTokens, collateralTokens, balance, profits } = of
  const wrong = firstRefusal(
    pinned('account balance', settings.accountBalance, wiring.accountBalance),
    pinned('vault', settings.vault, wiring.vault),
    pinned('exchange', settings.exchange, wiring.exchange),
    pinned('order book', settings.orderBook, wiring.orderBook),
    pinned('settlement token', settlement.address, wiring.settlement),
    pinned("vault's number of decimals", settlement.decimals, wiring.decimals),
    ...Object.values(wiring),
    baseTokens,
    collateralTokens,
    balance,
    profits,
  )
  if (wrong !== undefined) return refusedPart(accountId, wrong)
  if (!baseTokens.ok || !collateralTokens.ok || !balance.ok || !profits.ok) return {}
  const [owedProfit, , pendingFee] = profits.value
  const paid = balance.value * 10n ** BigInt(perpDecimals - settlement.decimals) + owedProfit + pendingFee
  const entered = baseTokens.value.map(lower)
  if (entered.length === 0 && collateralTokens.value.length === 0 && paid === 0n) return {}
  const strange = entered.find((base) => !settings.markets.some(({ baseToken }) => baseToken === base))
  if (strange !== undefined) {
    const reason = `it is in a market that is not configured (base token ${strange})`
    return refusedPart(accountId, refusal('unknown-market', reason))
  }
  const held = markets.filter(({ setting }) => entered.includes(setting.baseToken))
  const unread = firstRefusal(...held.map(({ state }) => state))
  if (unread !== undefined) return refusedPart(accountId, unread)
  return await readMargin(reader, { ...params, wiring, of, held, collateral: collateralTokens.value.map(lower), paid })
}

async function askWiring(reader: ChainReader, { clearingHouse, accountBalance: balance, vault: safe }: Contracts) {
  const house = { to: clearingHouse, abi: perpClearingHouseAbi, args: [] } as const
  const vaultCall = { to: safe, abi: perpVaultAbi, args: [] } as const
  const balanceCall = { to: balance, abi: perpAccountBalanceAbi, args: [] } as const
  const [accountBalance, vault, exchange, settlement, decimals, collateralManager, config, orderBook] =
    await Promise.all([
      reader.ask({ ...house, functionName: 'getAccountBalance' }),
      reader.ask({ ...house, functionName: 'getVault' }),
      reader.ask({ ...house, functionName: 'getExchange' }),
      reader.ask({ ...vaultCall, functionName: 'getSettlementToken' }),
      reader.ask({ ...vaultCall, functionName: 'decimals' }),
      reader.ask({ ...vaultCall, functionName: 'getCollateralManager' }),
      reader.ask({ ...balanceCall, functionName: 'getClearingHouseConfig' }),
      reader.ask({ ...balanceCall, functionName: 'getOrderBook' }),
    ])
  return { accountBalance, vault, exchange, settlement, decimals, collateralManager, config, orderBook }
}

/** What the account has, and what the protocol makes of it all. */
async function askAccount(reader: ChainReader, { account, settings }: AccountParams) {
  const { clearingHouse, accountBalance, vault } = settings
  const inVault = { to: vault, abi: perpVaultAbi, args: [account] } as const
  const inBalance = { to: accountBalance, abi: perpAccountBalanceAbi, args: [account] } as const
  const [baseTokens, collateralTokens, balance, profits, requirement, value] = await Promise.all([
    reader.ask({ ...inBalance, functionName: 'getBaseTokens' }),
    reader.ask({ ...inVault, functionName: 'getCollateralTokens' }),
    reader.ask({ ...inVault, functionName: 'getBalance' }),
    reader.ask({ ...inBalance, functionName: 'getPnlAndPendingFee' }),
    reader.ask({ ...inBalance, functionName: 'getMarginRequirementForLiquidation' }),
    reader.ask({ to: clearingHouse, abi: perpClearingHouseAbi, functionName: 'getAccountValue', args: [account] }),
  ])
  return { baseTokens, collateralTokens, balance, profits, requirement, value }
}

interface Entered extends OpenMarket {
  readonly isOpen: boolean
  readonly orderIds: readonly Hex[]
}

interface Market {
  readonly setting: MarketSetting
  readonly state: { readonly ok: true; readonly value: Entered } | Refusal
}

/** Sizes and notionals count what makers' orders hold at the block. A market that is not open any more has a value, too: at the price at which it was paused or closed. */
async function askMarket(
  reader: ChainReader,
  { account, settings }: AccountParams,
  setting: MarketSetting,
): Promise<Market> {
  const { baseToken } = setting
  const args = [account, baseToken] as const
  const balance = { to: settings.accountBalance, abi: perpAccountBalanceAbi, args } as const
  const [size, value, openNotional, pendingFunding, isOpen, orderIds] = await Promise.all([
    reader.ask({ ...balance, functionName: 'getTotalPositionSize' }),
    reader.ask({ ...balance, functionName: 'getTotalPositionValue' }),
    reader.ask({ ...balance, functionName: 'getTotalOpenNotional' }),
    reader.ask({ to: settings.exchange, abi: perpExchangeAbi, functionName: 'getPendingFundingPayment', args }),
    reader.ask({ to: baseToken, abi: perpBaseTokenAbi, functionName: 'isOpen', args: [] }),
    reader.ask({ to: settings.orderBook, abi: perpOrderBookAbi, functionName: 'getOpenOrderIds', args }),
  ])
  if (!size.ok) return { setting, state: size }
  if (!value.ok) return { setting, state: value }
  if (!openNotional.ok) return { setting, state: openNotional }
  if (!pendingFunding.ok) return { setting, state: pendingFunding }
  if (!isOpen.ok) return { setting, state: isOpen }
  if (!orderIds.ok) return { setting, state: orderIds }
  const amounts = { size: size.value, value: value.value, openNotional: openNotional.value }
  const state = { pendingFunding: pendingFunding.value, isOpen: isOpen.value, orderIds: orderIds.value }
  return { setting, state: { ok: true, value: { ...amounts, ...state } } }
}

interface MarginParams extends AccountParams {
  readonly wiring: Awaited<ReturnType<typeof askWiring>>
  readonly of: Awaited<ReturnType<typeof askAccount>>
  readonly held: readonly Market[]
  readonly collateral: readonly Address[]
  /** Settlement tokens without profits that are not realised. */
  readonly paid: bigint
}

async function readMargin(reader: ChainReader, params: MarginParams): Promise<ReadingPart> {
  const { chain, account, settings, settlement, wiring, of, held, collateral, paid } = params
  const { config, collateralManager } = wiring
  if (!config.ok || !collateralManager.ok) return {}
  const markets = held.flatMap(({ setting, state }) => (state.ok ? [{ ...setting, ...state.value }] : []))
  const live = markets.filter(({ isOpen }) => isOpen)
  const known = chain.assets.filter(({ address }) => collateral.includes(address))
  const asked = { account, vault: settings.vault, manager: lower(collateralManager.value) }
  const [ratio, collaterals, misfit, orders] = await Promise.all([
    reader.ask({ to: lower(config.value), abi: perpConfigAbi, functionName: 'getMmRatio', args: [] }),
    Promise.all(known.map((asset) => askCollateral(reader, { ...asked, asset }))),
    decimalsDiffer(reader, known),
    Promise.all(live.map((market) => readOrders(reader, { ...settings, ...market, account, settlement }))),
  ])
  const wrong = firstRefusal(ratio, misfit, ...collaterals)
  if (wrong !== undefined || !ratio.ok) return wrong === undefined ? {} : refusedPart(accountId, wrong)
  const open = live.filter(({ size, value }) => size !== 0n && value !== 0n)
  // A market that is not open any more owes what it is worth, whatever the price does.
  const settled = markets.filter((market) => !open.includes(market))
  const perp: PerpAccount = {
    settlement,
    cash: settled.reduce((sum, market) => sum + profitOf(market), paid),
    open,
    posted: collaterals.flatMap((one) => (one.ok ? [one.value] : [])),
    notional: markets.reduce((sum, { value }) => sum + magnitude(value), 0n),
    mmRatio: ratio.value,
  }
  const doubt = doubtOf(perp, { ...of, hasCollateral: collateral.length > 0 })
  return joinParts([
    ...accountParts(perp),
    ...orders,
    ...collateral.filter((token) => !known.some(({ address }) => address === token)).map(strangeCollateral),
    ...(doubt === undefined ? [] : [refusedPart(accountId, doubt)]),
  ])
}

interface CollateralParams {
  readonly account: Address
  readonly vault: Address
  readonly manager: Address
  readonly asset: AssetConfig
}

async function askCollateral(
  reader: ChainReader,
  { account, vault, manager, asset }: CollateralParams,
): Promise<{ readonly ok: true; readonly value: PerpCollateral } | Refusal> {
  const { address: token } = asset
  const [units, terms] = await Promise.all([
    reader.ask({ to: vault, abi: perpVaultAbi, functionName: 'getBalanceByToken', args: [account, token] }),
    reader.ask({ to: manager, abi: perpCollateralAbi, functionName: 'getCollateralConfig', args: [token] }),
  ])
  if (!units.ok) return units
  if (!terms.ok) return terms
  return { ok: true, value: { asset, units: units.value, ratio: terms.value[1] } }
}

/** Anybody can deposit for anybody: it degrades nothing. */
function strangeCollateral(token: Address): ReadingPart {
  const reason = `its vault holds collateral in a token that is not configured (${token}), which is not counted`
  return refusedPart(accountId, refusal('unknown-asset', reason), { kind: 'context' })
}
