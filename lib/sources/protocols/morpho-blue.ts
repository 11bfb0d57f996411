// Positions on markets of Morpho Blue that the settings name: what is supplied, what secures and what is owed, with interest to the block.

import { encodeAbiParameters, keccak256, parseAbi, parseAbiParameters } from 'viem/utils'
import { toDecimal, toUnits } from '../../base/amount.ts'
import * as z from '../../base/schema.ts'
import { secondsPerYear } from '../../base/time.ts'
import { assetTerm, fractionTerm, listTerm } from '../../instruments/term-schemas.ts'
import type { AssetConfig, ChainConfig } from '../../model/configuration.ts'
import type { Address } from '../../model/identity.ts'
import type { ChainReader } from '../chain/chain-session.ts'
import type { Answer } from '../chain/contract-call.ts'
import { addressSetting } from './address-setting.ts'
import { assetsBySymbol, decimalsDiffer, firstRefusal, refusal } from './as-configured.ts'
import { defineProtocol, joinParts, type ReadingPart } from './define-protocol.ts'
import { discoverMorphoBlue } from './morpho-blue-discovery.ts'
import { accruedTo, borrowedAssets, type MarketTotals, suppliedAssets } from './morpho-blue-interest.ts'
import { morphoTelemetry } from './morpho-blue-telemetry.ts'
import { positionPart, refusedPart } from './position-part.ts'

export const morphoAbi = parseAbi([
  'function market(bytes32 id) view returns (uint128 totalSupplyAssets, uint128 totalSupplyShares, uint128 totalBorrowAssets, uint128 totalBorrowShares, uint128 lastUpdate, uint128 fee)',
  'function position(bytes32 id, address user) view returns (uint256 supplyShares, uint128 borrowShares, uint128 collateral)',
])
export const morphoIrmAbi = parseAbi([
  'struct MarketParams { address loanToken; address collateralToken; address oracle; address irm; uint256 lltv; }',
  'struct Market { uint128 totalSupplyAssets; uint128 totalSupplyShares; uint128 totalBorrowAssets; uint128 totalBorrowShares; uint128 lastUpdate; uint128 fee; }',
  'function borrowRateView(MarketParams marketParams, Market market) view returns (uint256)',
])
const paramsType = parseAbiParameters('address, address, address, address, uint256')

/** Fractions and rates of the protocol have 18 decimals. */
const wadDecimals = 18
const wad = 10n ** BigInt(wadDecimals)
const zeroAddress = '0x0000000000000000000000000000000000000000'

/** A market is told by its parameters, of which its id is the hash: an id in the file would look like a private key. */
const marketSetting = z.strictObject({
  loan: assetTerm("the asset that is lent there, one of the chain's assets"),
  collateral: assetTerm("the asset that secures it, one of the chain's assets"),
  oracle: addressSetting('who tells its price'),
  irm: z.optional(addressSetting('its rate model; a market without one charges no interest')),
  lltv: fractionTerm('the loan-to-value ratio at which it liquidates'),
})
type MarketSetting = z.output<typeof marketSetting>

export const morphoBlue = defineProtocol({
  name: 'morpho-blue',
  title: 'Morpho Blue positions',
  lends: true,
  evidence: 'fixture',
  discover: discoverMorphoBlue,
  witness: 'address',
  settings: z.strictObject({
    address: addressSetting('Morpho itself'),
    markets: listTerm(marketSetting, 'markets to look in').check(
      z.minLength(1, 'must name a market, or be left out with its protocol'),
      z.refine((markets) => new Set(markets.map(nameOf)).size === markets.length, 'must name each once'),
    ),
  }),
  read: async (reader, { chain, account, settings: { address, markets } }) =>
    joinParts(
      await Promise.all(markets.map((market) => readMarket(reader, { chain, account, morpho: address, market }))),
    ),
})

function nameOf({ loan, collateral, oracle, irm = zeroAddress, lltv }: MarketSetting): string {
  return `${collateral}/${loan} ${lltv} ${oracle} ${irm}`
}

interface MarketParams {
  readonly chain: ChainConfig
  readonly account: Address
  readonly morpho: Address
  readonly market: MarketSetting
}

type Terms = readonly [loanToken: Address, collateralToken: Address, oracle: Address, irm: Address, lltv: bigint]

/** If anything of a position cannot be read there is no position: interest that is not counted is a wrong debt. */
async function readMarket(reader: ChainReader, params: MarketParams): Promise<ReadingPart> {
  const { chain, account, morpho, market } = params
  const found = assetsBySymbol(chain, [market.loan, market.collateral])
  if (!found.ok) return refusedPart(`morpho-blue:${market.collateral}/${market.loan}`, found)
  const [loan, collateral] = found.value
  if (loan === undefined || collateral === undefined) return {}
  const lltv = toUnits(market.lltv, wadDecimals)
  const terms: Terms = [loan.address, collateral.address, market.oracle, market.irm ?? zeroAddress, lltv]
  const hash = keccak256(encodeAbiParameters(paramsType, terms))
  const id = `morpho-blue:${hash}`
  const at = { to: morpho, abi: morphoAbi } as const
  const [position, state, misfit] = await Promise.all([
    reader.ask({ ...at, functionName: 'position', args: [hash, account] }),
    reader.ask({ ...at, functionName: 'market', args: [hash] }),
    decimalsDiffer(reader, found.value),
  ])
  const wrong = firstRefusal(position, state, misfit)
  if (wrong !== undefined) return refusedPart(id, wrong)
  if (!position.ok || !state.ok) return {}
  const totals = totalsOf(state.value)
  // A mistyped oracle or ratio is another market: what the account holds would go unseen.
  if (totals.lastUpdate === 0n) return refusedPart(id, refusal('no-market', `nobody has created ${nameOf(market)}`))
  if (position.value.every((units) => units === 0n)) return {}
  if (totals.fee > wad) return refusedPart(id, refusal('impossible-fee', 'its fee is more than all of the interest'))
  const rate = await readBorrowRate(reader, terms, totals)
  if (!rate.ok) return refusedPart(id, rate)
  const accrued = accruedTo(BigInt(reader.block.timestamp), totals, rate.value)
  const label = `Morpho Blue ${collateral.symbol}/${loan.symbol} at ${+(market.lltv * 100).toFixed(2)} %`
  const held = { label, market, loan, collateral, position: position.value, accrued, borrowRate: rate.value }
  const telemetry = [morphoTelemetry({ id, label, loan, accrued, borrowRate: rate.value })]
  return joinParts([accountPart(id, held), { telemetry }])
}

function totalsOf(state: readonly [bigint, bigint, bigint, bigint, bigint, bigint]): MarketTotals {
  const [supplyAssets, supplyShares, borrowAssets, borrowShares, lastUpdate, fee] = state
  return { supplyAssets, supplyShares, borrowAssets, borrowShares, lastUpdate, fee }
}

/** Per second, 18 decimals; a market without a rate model charges nothing. */
async function readBorrowRate(reader: ChainReader, terms: Terms, totals: MarketTotals): Promise<Answer<bigint>> {
  const [loanToken, collateralToken, oracle, irm, lltv] = terms
  if (irm === zeroAddress) return { ok: true, value: 0n }
  const { supplyAssets, supplyShares, borrowAssets, borrowShares, lastUpdate, fee } = totals
  const state = {
    totalSupplyAssets: supplyAssets,
    totalSupplyShares: supplyShares,
    totalBorrowAssets: borrowAssets,
    totalBorrowShares: borrowShares,
    lastUpdate,
    fee,
  }
  const args = [{ loanToken, collateralToken, oracle, irm, lltv }, state] as const
  return await reader.ask({ to: irm, abi: morphoIrmAbi, functionName: 'borrowRateView', args })
}

interface Account {
  readonly label: string
  readonly market: MarketSetting
  readonly loan: AssetConfig
  readonly collateral: AssetConfig
  readonly position: readonly [supplyShares: bigint, borrowShares: bigint, collateral: bigint]
  readonly accrued: MarketTotals
  /** Per second, continuous, 18 decimals. */
  readonly borrowRate: bigint
}

/** What is lent earns and secures nothing; collateral secures and earns nothing. */
function accountPart(id: string, account: Account): ReadingPart {
  const { label, market, loan, collateral, position, accrued, borrowRate } = account
  const [supplyShares, borrowShares, secured] = position
  const borrowing = toDecimal(borrowRate, wadDecimals) * secondsPerYear
  const utilization = accrued.supplyAssets === 0n ? 0 : Number(accrued.borrowAssets) / Number(accrued.supplyAssets)
  const lending = borrowing * utilization * (1 - toDecimal(accrued.fee, wadDecimals))
  const leg = (asset: AssetConfig, units: bigint) => ({
    asset: asset.symbol,
    quantity: toDecimal(units, asset.decimals),
  })
  const lent = leg(loan, suppliedAssets(supplyShares, accrued))
  const supplied = [
    ...(supplyShares === 0n ? [] : [{ ...lent, liquidationThreshold: 0, rate: lending }]),
    ...(secured === 0n ? [] : [{ ...leg(collateral, secured), liquidationThreshold: market.lltv, rate: 0 }]),
  ]
  const debt = borrowShares === 0n ? [] : [{ ...leg(loan, borrowedAssets(borrowShares, accrued)), rate: borrowing }]
  return positionPart({
    id,
    label,
    instrument: { kind: 'loan', terms: { collateral: supplied, debt } },
    needs: [...new Set([...supplied, ...debt].map(({ asset }) => asset))],
  })
}
