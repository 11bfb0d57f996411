// Vaults of Opyn's Gamma protocol: options written against collateral, and what is left of them after expiry.

import type { Address } from '../../model/identity.ts'
import { firstRefusal, refusal } from './as-configured.ts'
import { joinParts, type ReadingPart } from './define-protocol.ts'
import {
  assetAt,
  claimPart,
  gammaControllerAbi,
  optionPosition,
  type Place,
  type Result,
  type Series,
  seriesOf,
} from './opyn-series.ts'
import { positionPart, refusedPart } from './position-part.ts'

/** Only the owner opens vaults; settled ones stay, empty. */
const mostVaults = 200

/** The owner's vaults, numbered from 1. */
export async function readVaults(place: Place, owner: Address): Promise<ReadingPart> {
  const { reader, controller } = place
  const call = {
    to: controller,
    abi: gammaControllerAbi,
    functionName: 'getAccountVaultCounter',
    args: [owner],
  } as const
  const counter = await reader.ask(call)
  if (!counter.ok) return refusedPart('opyn:vaults', counter)
  // Numbered from 1; beyond the bound the newest are read.
  const first = counter.value > BigInt(mostVaults) ? counter.value - BigInt(mostVaults) + 1n : 1n
  const numbers = Array.from({ length: Number(counter.value - first + 1n) }, (_, index) => first + BigInt(index))
  const parts = await Promise.all(numbers.map((number) => readVault(place, { owner, number })))
  if (first === 1n) return joinParts(parts)
  const reason = `of ${counter.value} vaults the newest ${mostVaults} are read`
  return joinParts([...parts, refusedPart('opyn:vaults', refusal('too-many-vaults', reason))])
}

interface VaultParams {
  readonly owner: Address
  readonly number: bigint
}

interface Leg {
  readonly side: 'short' | 'long'
  readonly units: bigint
  readonly otoken: Address
  readonly series: Series
}

/** A vault is read whole or not at all: without one of its legs it would be a wrong number. */
async function readVault(place: Place, { owner, number }: VaultParams): Promise<ReadingPart> {
  const { reader, chain, controller } = place
  const id = `opyn:vault:${number}`
  const at = { to: controller, abi: gammaControllerAbi, args: [owner, number] } as const
  const [details, proceed] = await Promise.all([
    reader.ask({ ...at, functionName: 'getVaultWithDetails' }),
    reader.ask({ ...at, functionName: 'getProceed' }),
  ])
  if (!details.ok) return refusedPart(id, details)
  const [vault, vaultType] = details.value
  const collateral = pairs(vault.collateralAssets, vault.collateralAmounts)
  const written = pairs(vault.shortOtokens, vault.shortAmounts)
  const bought = pairs(vault.longOtokens, vault.longAmounts)
  if (collateral === undefined || written === undefined || bought === undefined)
    return refusedPart(id, refusal('malformed-return', 'its tokens and their amounts are not as many'))
  const posted = collateral.map(([token, units]) => ({ asset: assetAt(chain, token), units }))
  const legs = await Promise.all([
    ...written.map(([otoken, units]) => readLeg(place, { side: 'short', otoken, units })),
    ...bought.map(([otoken, units]) => readLeg(place, { side: 'long', otoken, units })),
  ])
  const wrong = firstRefusal(...legs, ...posted.map(({ asset }) => asset))
  if (wrong !== undefined) return refusedPart(id, wrong)
  const options = legs.flatMap((leg) => (leg.ok ? [leg.value] : []))
  const claims = posted.flatMap(({ asset, units }) => (asset.ok ? [{ asset: asset.value, units }] : []))
  const name = `Opyn vault ${number}${vaultType === 1n ? ' (naked margin)' : ''}`
  const expired = options.find(({ series }) => series.isExpired)
  if (expired !== undefined) {
    if (!proceed.ok) return refusedPart(id, proceed)
    const asset = claims[0]?.asset ?? expired.series.collateral
    return claimPart({ id, label: `Proceeds of ${name}`, asset, units: proceed.value })
  }
  return joinParts([
    ...claims.map(({ asset, units }) =>
      claimPart({ id: `${id}:collateral:${asset.symbol}`, label: `Collateral of ${name}`, asset, units }),
    ),
    ...options.map(({ side, otoken, series, units }) => {
      const position = optionPosition(`${id}:${side}:${otoken}`, series, side === 'short' ? -units : units)
      return positionPart({ ...position, label: `${position.label}, ${side} in ${name}` })
    }),
  ])
}

async function readLeg(
  place: Place,
  { side, otoken, units }: Pick<Leg, 'side' | 'otoken' | 'units'>,
): Promise<Result<Leg>> {
  const series = seriesOf(place, await place.series(otoken))
  return series.ok ? { ok: true, value: { side, otoken, units, series: series.value } } : series
}

/** A vault keeps the place of what has left it, empty; undefined if the lists differ in length. */
function pairs(
  tokens: readonly Address[],
  amounts: readonly bigint[],
): readonly (readonly [Address, bigint])[] | undefined {
  if (tokens.length !== amounts.length) return undefined
  return tokens.flatMap((token, index) => {
    const units = amounts[index] ?? 0n
    return units === 0n ? [] : [[token.toLowerCase() as Address, units] as const]
  })
}
