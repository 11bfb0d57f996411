// Series of Opyn's Gamma protocol as the chain tells them, and what becomes of them: an option, or a claim once it has settled.

import { parseAbi } from 'viem/utils'
import { toDecimal } from '../../base/amount.ts'
import { isoDate } from '../../base/calendar.ts'
import type { AssetConfig, ChainConfig } from '../../model/configuration.ts'
import type { Address } from '../../model/identity.ts'
import type { PositionReading } from '../../model/reading.ts'
import type { ChainReader } from '../chain/chain-session.ts'
import type { Answer } from '../chain/contract-call.ts'
import { firstRefusal, type Refusal, refusal } from './as-configured.ts'
import type { ReadingPart } from './define-protocol.ts'
import { positionPart } from './position-part.ts'

export const otokenAbi = parseAbi([
  'function balanceOf(address account) view returns (uint256)',
  'function controller() view returns (address)',
  'function getOtokenDetails() view returns (address collateral, address underlying, address strikeAsset, uint256 strikePrice, uint256 expiry, bool isPut)',
])
export const gammaControllerAbi = parseAbi([
  'struct Vault { address[] shortOtokens; address[] longOtokens; address[] collateralAssets; uint256[] shortAmounts; uint256[] longAmounts; uint256[] collateralAmounts; }',
  'function getAccountVaultCounter(address owner) view returns (uint256)',
  'function getVaultWithDetails(address owner, uint256 vaultId) view returns (Vault vault, uint256 vaultType, uint256 updatedAt)',
  'function getPayout(address otoken, uint256 amount) view returns (uint256)',
  'function getProceed(address owner, uint256 vaultId) view returns (uint256)',
  'function isSettlementAllowed(address otoken) view returns (bool)',
])

/** Of oTokens and of strikes; one oToken is an option on one unit of its underlying. */
export const gammaDecimals = 8
/** The end of the year 9999. */
const lastInstant = 253_402_300_799n
const settlementPending = 'it has expired and its settlement price is not final yet'

export interface Place {
  readonly reader: ChainReader
  readonly chain: ChainConfig
  readonly controller: Address
  readonly strikeAssets: readonly string[]
  readonly series: (otoken: Address) => Promise<SeriesAnswers>
}

export interface SeriesAnswers {
  readonly details: Answer<readonly [Address, Address, Address, bigint, bigint, boolean]>
  readonly settled: Answer<boolean>
}

/** What a series is, asked once for each. */
export function seriesBook(reader: ChainReader, controller: Address): Place['series'] {
  const known = new Map<Address, Promise<SeriesAnswers>>()
  return (otoken) => {
    const asked = known.get(otoken) ?? askSeries(reader, { controller, otoken })
    known.set(otoken, asked)
    return asked
  }
}

async function askSeries(
  reader: ChainReader,
  { controller, otoken }: { readonly controller: Address; readonly otoken: Address },
): Promise<SeriesAnswers> {
  const [details, settled] = await Promise.all([
    reader.ask({ to: otoken, abi: otokenAbi, functionName: 'getOtokenDetails', args: [] }),
    reader.ask({ to: controller, abi: gammaControllerAbi, functionName: 'isSettlementAllowed', args: [otoken] }),
  ])
  return { details, settled }
}

export interface Series {
  readonly underlying: AssetConfig
  readonly strikeAsset: AssetConfig
  /** Payouts are made in it. */
  readonly collateral: AssetConfig
  readonly strike: number
  readonly expiry: number
  readonly type: 'put' | 'call'
  readonly isExpired: boolean
}

export type Result<T> = { readonly ok: true; readonly value: T } | Refusal

/** The series by the chain's assets, or why it cannot be told. */
export function seriesOf({ reader, chain, strikeAssets }: Place, { details, settled }: SeriesAnswers): Result<Series> {
  if (!details.ok) return details
  const [collateral, underlying, strikeAsset, strikePrice, expiry, isPut] = details.value
  const found = [underlying, strikeAsset, collateral].map((token) => assetAt(chain, token))
  const unknown = firstRefusal(...found)
  if (unknown !== undefined) return unknown
  const [base, strikeToken, payout] = found.flatMap((one) => (one.ok ? [one.value] : []))
  if (base === undefined || strikeToken === undefined || payout === undefined)
    return refusal('unknown-asset', 'it has no assets')
  if (!strikeAssets.includes(strikeToken.symbol)) {
    const reason = `its strike is in ${strikeToken.symbol}, which is not among the strike assets (${strikeAssets.join(', ')})`
    return refusal('strike-not-in-dollars', reason)
  }
  if (expiry === 0n || expiry > lastInstant)
    return refusal('impossible-terms', `it says that it expires at ${expiry}, which is no time`)
  const isExpired = expiry <= BigInt(reader.block.timestamp)
  if (isExpired && !settled.ok) return settled
  if (isExpired && settled.ok && !settled.value) return refusal('settlement-pending', settlementPending)
  return {
    ok: true,
    value: {
      underlying: base,
      strikeAsset: strikeToken,
      collateral: payout,
      strike: toDecimal(strikePrice, gammaDecimals),
      expiry: Number(expiry),
      type: isPut ? 'put' : 'call',
      isExpired,
    },
  }
}

export function assetAt({ assets }: ChainConfig, token: Address): Result<AssetConfig> {
  const value = assets.find(({ address }) => address === token.toLowerCase())
  if (value !== undefined) return { ok: true, value }
  return refusal(
    'unknown-asset',
    `it is written with ${token.toLowerCase()}, which is not among the assets of the chain`,
  )
}

/** An option that pays in what it is written on is an inverse one; whatever else it pays in is worth the same dollars. */
export function optionPosition(id: string, series: Series, units: bigint): PositionReading {
  const { underlying, strikeAsset, collateral, strike, expiry, type } = series
  const kind = collateral.address === underlying.address ? 'inverse-option' : 'vanilla-option'
  return {
    id,
    label: nameOf(series),
    instrument: {
      kind,
      terms: { asset: underlying.symbol, type, strike, expiry, quantity: toDecimal(units, gammaDecimals) },
    },
    needs: [...new Set([underlying.symbol, strikeAsset.symbol])],
  }
}

export function nameOf({ underlying, strike, type, expiry }: Series): string {
  return `${underlying.symbol} ${strike} ${type} of ${isoDate(expiry)}`
}

interface Claim {
  readonly id: string
  readonly label: string
  readonly asset: AssetConfig
  readonly units: bigint
}

/** What can be taken out; of nothing there is no position. */
export function claimPart({ id, label, asset, units }: Claim): ReadingPart {
  if (units === 0n) return {}
  const terms = { asset: asset.symbol, quantity: toDecimal(units, asset.decimals) }
  return positionPart({ id, label, instrument: { kind: 'spot', terms }, needs: [asset.symbol] })
}
