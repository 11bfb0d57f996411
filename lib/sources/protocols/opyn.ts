// Options of Opyn's Gamma protocol: oTokens that the account holds, and vaults in which it has written some.

import * as z from '../../base/schema.ts'
import { assetTerm, listTerm, optionalTerm } from '../../instruments/term-schemas.ts'
import type { Address } from '../../model/identity.ts'
import { addressSetting } from './address-setting.ts'
import { assetsBySymbol, decimalsDiffer, firstRefusal, pinned } from './as-configured.ts'
import { countedAsAsset } from './counted-as-asset.ts'
import { defineProtocol, joinParts, type ReadingPart } from './define-protocol.ts'
import {
  claimPart,
  gammaControllerAbi,
  gammaDecimals,
  nameOf,
  optionPosition,
  otokenAbi,
  type Place,
  seriesBook,
  seriesOf,
} from './opyn-series.ts'
import { readVaults } from './opyn-vaults.ts'
import { positionPart, refusedPart } from './position-part.ts'

const otokenSetting = z.strictObject({
  address: addressSetting('the oToken'),
  underlying: assetTerm("what it is written on, one of the chain's assets"),
})

export const opyn = defineProtocol({
  name: 'opyn',
  title: 'Options of Opyn Gamma: oTokens held, vaults with written ones',
  evidence: 'fixture',
  settings: z.strictObject({
    controller: addressSetting('the Controller'),
    otokens: optionalTerm(
      listTerm(otokenSetting, 'oTokens that the account may hold; those in its vaults are found').check(
        z.refine(
          (tokens) => new Set(tokens.map(({ address }) => address)).size === tokens.length,
          'must name each once',
        ),
      ),
    ),
    vaultOwner: optionalTerm(addressSetting('who owns the vaults, where it is not the account itself')),
    strikeAssets: optionalTerm(
      listTerm(assetTerm('an asset of the chain'), 'in which strikes are taken for dollars; without it USDC').check(
        z.minLength(1, 'must name one, or be left out'),
      ),
    ),
  }),
  read: async (reader, { chain, account, settings }) => {
    const { controller, otokens = [], vaultOwner = account, strikeAssets = ['USDC'] } = settings
    const place = { reader, chain, controller, strikeAssets, series: seriesBook(reader, controller) }
    const held = otokens.map((otoken) => readHeld(place, { account, ...otoken }))
    return joinParts(await Promise.all([...held, readVaults(place, vaultOwner)]))
  },
})

interface HeldParams {
  readonly account: Address
  readonly address: Address
  /** Symbol of the asset that the settings pin. */
  readonly underlying: string
}

/** An oToken in the account: the option, and once it has settled what it pays. */
async function readHeld(place: Place, { account, address, underlying }: HeldParams): Promise<ReadingPart> {
  const { reader, chain, controller } = place
  const id = `opyn:${address}`
  const counted = countedAsAsset(chain, address, id)
  if (counted !== undefined) return counted
  const found = assetsBySymbol(chain, [underlying])
  const at = { to: address, abi: otokenAbi } as const
  const [balance, ofController, answers, misfit] = await Promise.all([
    reader.ask({ ...at, functionName: 'balanceOf', args: [account] }),
    reader.ask({ ...at, functionName: 'controller', args: [] }),
    place.series(address),
    decimalsDiffer(reader, [{ symbol: 'the oToken', address, decimals: gammaDecimals }]),
  ])
  if (!balance.ok) return refusedPart(id, balance)
  const meant = found.ok ? (found.value[0]?.address ?? '') : ''
  const ofUnderlying = answers.details.ok ? { ok: true as const, value: answers.details.value[1] } : answers.details
  const wrong = firstRefusal(
    found,
    pinned('controller', controller, ofController),
    pinned('underlying', meant, ofUnderlying),
    misfit,
  )
  if (wrong !== undefined) return refusedPart(id, wrong)
  if (balance.value === 0n) return {}
  const series = seriesOf(place, answers)
  if (!series.ok) return refusedPart(id, series)
  if (!series.value.isExpired) return positionPart(optionPosition(id, series.value, balance.value))
  const call = {
    to: controller,
    abi: gammaControllerAbi,
    functionName: 'getPayout',
    args: [address, balance.value],
  } as const
  const payout = await reader.ask(call)
  if (!payout.ok) return refusedPart(id, payout)
  return claimPart({
    id,
    label: `Payout of ${nameOf(series.value)}`,
    asset: series.value.collateral,
    units: payout.value,
  })
}
