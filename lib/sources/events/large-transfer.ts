// Very much of a token that we hold moved between others: a run on it, or somebody about to sell.

import { parseAbi } from 'viem/utils'
import type { AssetConfig } from '../../model/configuration.ts'
import type { ChainReader } from '../chain/chain-session.ts'
import { defineEvent, everybody } from './define-event.ts'
import { shortAddress } from './log-words.ts'

export const largeTransferAbi = parseAbi([
  'function latestRoundData() view returns (uint80 roundId, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound)',
  'function totalSupply() view returns (uint256)',
])

export const largeTransfer = defineEvent({
  name: 'large-transfer',
  title: 'Transfers of configured tokens beyond a sum or a share of the supply, where one is configured',
  signatures: ['Transfer(address,address,uint256)'],
  async speakers(reader, scope) {
    const { events = {}, assets } = scope.chain
    const speakers = await Promise.all(
      assets.map(async (asset) => {
        const least = await leastOf(reader, asset, events)
        const speaker = { address: asset.address, subject: `asset ${asset.symbol}`, portfolios: everybody(scope) }
        return least === undefined ? [] : [{ ...speaker, least }]
      }),
    )
    return speakers.flat()
  },
  meaning({ words, speaker, scope }) {
    const amount = words.unsigned(2)
    if (amount === undefined || speaker.least === undefined || amount < speaker.least) return undefined
    const asset = scope.chain.assets.find(({ address }) => address === speaker.address)
    const quantity = Number(amount) / 10 ** (asset?.decimals ?? 18)
    const [from, to] = [shortAddress(words.address(0)), shortAddress(words.address(1))]
    return { severity: 'warning', says: `moved ${quantity.toPrecision(3)} from ${from} to ${to}` }
  },
})

interface Limits {
  readonly largeTransferUsd?: number
  readonly largeTransferShare?: number
}

/** The smaller of both limits, in the token's units; undefined where none is configured or none can be read. */
async function leastOf(
  reader: ChainReader,
  { address, decimals, feed }: AssetConfig,
  { largeTransferUsd, largeTransferShare }: Limits,
): Promise<bigint | undefined> {
  const [round, supply] = await Promise.all([
    largeTransferUsd === undefined || feed === undefined
      ? undefined
      : reader.ask({ to: feed.address, abi: largeTransferAbi, functionName: 'latestRoundData', args: [] }),
    largeTransferShare === undefined
      ? undefined
      : reader.ask({ to: address, abi: largeTransferAbi, functionName: 'totalSupply', args: [] }),
  ])
  const usd = round?.ok && feed !== undefined ? Number(round.value[1]) / 10 ** feed.decimals : 0
  const bySum = usd > 0 && largeTransferUsd !== undefined ? (largeTransferUsd / usd) * 10 ** decimals : undefined
  const byShare = supply?.ok && largeTransferShare !== undefined ? Number(supply.value) * largeTransferShare : undefined
  const least = Math.min(bySum ?? Number.POSITIVE_INFINITY, byShare ?? Number.POSITIVE_INFINITY)
  return Number.isFinite(least) && least > 0 ? BigInt(Math.ceil(least)) : undefined
}
