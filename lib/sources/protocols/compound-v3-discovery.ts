// Finds accounts on Comets, known ones and those whose tokens the account met, and the feeds by which each counts.

import { parseAbi } from 'viem/utils'
import type { Address } from '../../model/identity.ts'
import type { ChainReader } from '../chain/chain-session.ts'
import {
  distinct,
  type Findings,
  type Holding,
  lowerCase,
  type PriceHint,
  type Surroundings,
} from '../discovery/findings.ts'

const cometAbi = parseAbi([
  'function baseToken() view returns (address)',
  'function baseTokenPriceFeed() view returns (address)',
  'function numAssets() view returns (uint8)',
  'function balanceOf(address account) view returns (uint256)',
  'function borrowBalanceOf(address account) view returns (uint256)',
  'function getAssetInfo(uint8 offset) view returns (uint8 offset, address asset, address priceFeed, uint64 scale, uint64 borrowCollateralFactor, uint64 liquidateCollateralFactor, uint64 liquidationFactor, uint128 supplyCap)',
  'function userCollateral(address account, address asset) view returns (uint128 balance, uint128 reserved)',
])

/** Comet itself holds at most 24. */
const mostAssets = 24

export async function discoverCompoundV3(reader: ChainReader, around: Surroundings): Promise<Findings> {
  const known = around.known('compound-v3').flatMap(({ contracts }) => contracts.address ?? [])
  const places = distinct([...known, ...around.candidates])
  const parts = await Promise.all(places.map((comet) => readComet(reader, around, comet)))
  return {
    holdings: parts.flatMap(({ holdings = [] }) => holdings),
    prices: parts.flatMap(({ prices = [] }) => prices),
    unseen: parts.flatMap(({ unseen = [] }) => unseen),
  }
}

async function readComet(reader: ChainReader, around: Surroundings, comet: Address): Promise<Findings> {
  const at = { to: comet, abi: cometAbi } as const
  const [base, feed, count, supplied, owed] = await Promise.all([
    reader.ask({ ...at, functionName: 'baseToken', args: [] }),
    reader.ask({ ...at, functionName: 'baseTokenPriceFeed', args: [] }),
    reader.ask({ ...at, functionName: 'numAssets', args: [] }),
    reader.ask({ ...at, functionName: 'balanceOf', args: [around.account] }),
    reader.ask({ ...at, functionName: 'borrowBalanceOf', args: [around.account] }),
  ])
  const isKnown = around.known('compound-v3').some(({ contracts }) => contracts.address === comet)
  if (!base.ok || !feed.ok || !count.ok || !supplied.ok || !owed.ok) {
    return isKnown ? { unseen: [`the Compound v3 market ${comet}: it does not answer as expected`] } : {}
  }
  const offsets = Array.from({ length: Math.min(count.value, mostAssets) }, (_, offset) => offset)
  const collateral = (
    await Promise.all(offsets.map((offset) => readCollateral(reader, around, { comet, offset })))
  ).flat()
  const held = collateral.filter(({ balance }) => balance > 0n)
  const baseToken = lowerCase(base.value)
  const prices = [{ asset: baseToken, priceFeed: lowerCase(feed.value) }, ...collateral].map(
    ({ asset, priceFeed }): PriceHint => ({
      token: asset,
      source: priceFeed,
      evidence: `feed of the Compound v3 market ${comet}`,
      restsOn: comet,
      unit: 'unknown',
    }),
  )
  if (supplied.value === 0n && owed.value === 0n && held.length === 0) return { prices }
  const holding: Holding = {
    what: `Compound v3 account with ${held.length} collaterals`,
    evidence: `balanceOf, borrowBalanceOf and userCollateral of all ${collateral.length} assets at ${comet}`,
    restsOn: comet,
    covers: [comet],
    needs: distinct([baseToken, ...held.map(({ asset }) => asset)]),
    unpriced: 'ask',
    settings: (name) => ({ comets: [{ address: comet, base: name(baseToken).symbol }] }),
  }
  return { holdings: [holding], prices }
}

async function readCollateral(
  reader: ChainReader,
  { account }: Surroundings,
  { comet, offset }: { readonly comet: Address; readonly offset: number },
) {
  const at = { to: comet, abi: cometAbi } as const
  const info = await reader.ask({ ...at, functionName: 'getAssetInfo', args: [offset] })
  if (!info.ok) return []
  const [asset, priceFeed] = [lowerCase(info.value[1]), lowerCase(info.value[2])]
  const user = await reader.ask({ ...at, functionName: 'userCollateral', args: [account, asset] })
  return [{ asset, priceFeed, balance: user.ok ? user.value[0] : 0n }]
}
