// Staking tokens that are worth ever more of what was staked (wstETH, rETH, weETH, cbETH): their balance at their protocol's own rate.

import { parseAbi } from 'viem/utils'
import { toDecimal } from '../../base/amount.ts'
import * as z from '../../base/schema.ts'
import { describeSpan } from '../../base/time.ts'
import type { UnixSeconds } from '../../base/units.ts'
import { assetTerm, choiceTerm, listTerm, priceTerm, quantityTerm } from '../../instruments/term-schemas.ts'
import type { ChainConfig } from '../../model/configuration.ts'
import type { Address } from '../../model/identity.ts'
import type { ChainReader } from '../chain/chain-session.ts'
import type { Answer } from '../chain/contract-call.ts'
import type { FoundLink } from '../dependencies/found.ts'
import { feedAbi } from '../prices/chainlink-feed.ts'
import { addressSetting } from './address-setting.ts'
import { decimalsDiffer, firstRefusal, type Refusal, refusal } from './as-configured.ts'
import { countedAsAsset } from './counted-as-asset.ts'
import { decimalsSetting } from './decimals-setting.ts'
import { defineProtocol, joinParts, type ReadingPart } from './define-protocol.ts'
import { erc20Abi } from './erc20.ts'
import { positionPart, refusedPart } from './position-part.ts'
import { discoverRateWrapper } from './rate-wrapper-discovery.ts'

export const rateAbi = parseAbi([
  // wstETH, rETH, weETH and Balancer's rate providers, cbETH, sfrxETH.
  'function stEthPerToken() view returns (uint256)',
  'function getExchangeRate() view returns (uint256)',
  'function getRate() view returns (uint256)',
  'function exchangeRate() view returns (uint256)',
  'function pricePerShare() view returns (uint256)',
])
export const reportAbi = parseAbi([
  // Rocket Pool's RocketNetworkBalances, Lido's AccountingOracle.
  'function getBalancesTimestamp() view returns (uint256)',
  'function getLastProcessingRefSlot() view returns (uint256)',
])
const getters = ['stEthPerToken', 'getExchangeRate', 'getRate', 'exchangeRate', 'pricePerShare'] as const
const reports = ['getBalancesTimestamp', 'getLastProcessingRefSlot'] as const

/** Rates are reported once a day. */
const defaultMaxAgeSeconds = 129_600
/** How far the clock of a report may run ahead. */
const skewSeconds = 60
/** The beacon chain of Ethereum: its first slot, and how long each is. */
const beacon = { chainId: 1, genesis: 1_606_824_023, slotSeconds: 12 } as const

const tokenSetting = z.strictObject({
  address: addressSetting('the token'),
  symbol: assetTerm('what people call it'),
  underlying: assetTerm('what it is worth so much of: an asset of the chain, or an underlying such as ETH'),
  decimals: decimalsSetting('of the token'),
  rate: z.strictObject({
    call: choiceTerm([...getters, 'latestRoundData'], 'what tells the rate; latestRoundData is that of a rate feed'),
    address: z.optional(addressSetting('who tells it; the token itself if left out')),
    decimals: z._default(decimalsSetting('of the rate'), 18),
    min: z.optional(priceTerm('a rate below is not believed', 'underlying per token')),
    max: z.optional(priceTerm('a rate above is not believed', 'underlying per token')),
  }),
  report: z.optional(
    z.strictObject({
      call: choiceTerm(reports, 'what tells when the rate was reported'),
      address: addressSetting('who tells it'),
    }),
  ),
  maxRateAgeSeconds: z._default(quantityTerm('a rate that is older is stale', 'seconds'), defaultMaxAgeSeconds),
})
type TokenSetting = z.output<typeof tokenSetting>

export const rateWrapper = defineProtocol({
  name: 'rate-wrapper',
  title: 'Staking tokens at their exchange rate',
  evidence: 'fixture',
  discover: discoverRateWrapper,
  dependencies: async (_, { account, settings: { tokens } }) => ({
    nodes: tokens.map(({ address, symbol }) => ({ address, kind: 'token', label: symbol })),
    links: tokens.flatMap(({ address, symbol, rate, report }): readonly FoundLink[] => {
      const priced = { to: address, kind: 'priced-by', role: 'oracle' } as const
      const teller = rate.address === undefined || rate.address === address ? [] : [rate.address]
      return [
        { from: address, to: account, kind: 'holds', role: 'position', evidence: 'configured protocols.rate-wrapper' },
        ...teller.map((from) => ({ from, ...priced, evidence: `configured rate of ${symbol}: ${rate.call}()` })),
        ...(report === undefined
          ? []
          : [{ from: report.address, ...priced, evidence: `configured report of ${symbol}` }]),
      ]
    }),
    unseen: [],
  }),
  settings: z.strictObject({
    tokens: listTerm(tokenSetting, 'tokens to look for').check(
      z.minLength(1, 'must name a token, or be left out with its protocol'),
      z.refine((tokens) => new Set(tokens.map(({ address }) => address)).size === tokens.length, 'must name each once'),
    ),
  }),
  read: async (reader, { chain, account, at, settings }) =>
    joinParts(await Promise.all(settings.tokens.map((token) => readToken(reader, { chain, account, at, token })))),
})

interface TokenParams {
  readonly chain: ChainConfig
  readonly account: Address
  readonly at: UnixSeconds
  readonly token: TokenSetting
}

/** The position counts in the underlying: the balance times the rate. A stale rate is still the last known one, with the gap `rate-stale`. */
async function readToken(reader: ChainReader, params: TokenParams): Promise<ReadingPart> {
  const { chain, account, at, token } = params
  const id = `rate-wrapper:${token.address}`
  const counted = countedAsAsset(chain, token.address, id)
  if (counted !== undefined) return counted
  const [balance, rate, reportedAt, misfit] = await Promise.all([
    reader.ask({ to: token.address, abi: erc20Abi, functionName: 'balanceOf', args: [account] }),
    readRate(reader, token),
    readReport(reader, chain, token),
    decimalsDiffer(reader, [token]),
  ])
  if (!balance.ok) return refusedPart(id, balance)
  if (misfit !== undefined) return refusedPart(id, misfit)
  if (balance.value === 0n) return {}
  if (!rate.ok) return refusedPart(id, rate)
  const asOf = reportedAt?.ok === true ? reportedAt.value : rate.asOf
  const age = asOf === undefined ? 0 : at - asOf
  if (-age > skewSeconds) {
    return refusedPart(id, refusal('rate-in-future', `its rate is dated ${describeSpan(age)} ahead of our clock`))
  }
  const position = positionPart({
    id,
    label: `${token.symbol} as ${token.underlying}`,
    instrument: {
      kind: 'liquid-staking',
      terms: { asset: token.underlying, quantity: toDecimal(balance.value, token.decimals) * rate.value },
    },
    needs: [token.underlying],
  })
  const doubts = [reportedAt?.ok === false ? reportedAt : undefined, stale(token, rate.value, age)]
  return joinParts([position, ...doubts.flatMap((doubt) => (doubt === undefined ? [] : [refusedPart(id, doubt)]))])
}

function stale({ maxRateAgeSeconds }: TokenSetting, rate: number, age: number): Refusal | undefined {
  if (age <= maxRateAgeSeconds) return undefined
  const reason = `its rate of ${rate} is ${describeSpan(age)} old, at most ${describeSpan(maxRateAgeSeconds)} are expected`
  return refusal('rate-stale', reason)
}

type Rate = { readonly ok: true; readonly value: number; readonly asOf?: UnixSeconds } | Refusal

async function readRate(reader: ChainReader, { address, rate }: TokenSetting): Promise<Rate> {
  const to = rate.address ?? address
  if (rate.call === 'latestRoundData') return bounded(await readRateFeed(reader, to, rate.decimals), rate)
  const answer = await reader.ask({ to, abi: rateAbi, functionName: rate.call, args: [] })
  return bounded(answer.ok ? { ok: true, value: toDecimal(answer.value, rate.decimals) } : answer, rate)
}

/** The checks of a price feed: complete, of the pinned decimals, and dated. */
async function readRateFeed(reader: ChainReader, feed: Address, decimals: number): Promise<Rate> {
  const [round, misfit] = await Promise.all([
    reader.ask({ to: feed, abi: feedAbi, functionName: 'latestRoundData', args: [] }),
    decimalsDiffer(reader, [{ symbol: 'its rate', address: feed, decimals }]),
  ])
  const wrong = firstRefusal(round, misfit)
  if (wrong !== undefined) return wrong
  if (!round.ok) return round
  const [roundId, answer, , updatedAt, answeredIn] = round.value
  if (updatedAt === 0n || answeredIn < roundId)
    return refusal('round-incomplete', 'its rate feed has no complete round')
  return { ok: true, value: toDecimal(answer, decimals), asOf: Number(updatedAt) }
}

function bounded(rate: Rate, { min = 0, max = Number.POSITIVE_INFINITY }: TokenSetting['rate']): Rate {
  if (!rate.ok) return rate
  if (rate.value <= 0) return refusal('rate-not-positive', `its rate is ${rate.value}`)
  if (rate.value >= min && rate.value <= max) return rate
  return refusal('rate-out-of-bounds', `its rate is ${rate.value}, believed from ${min} to ${max}`)
}

/** When the rate was reported; undefined where nothing tells it, and the rate is that of the block. */
async function readReport(
  reader: ChainReader,
  chain: ChainConfig,
  { report }: TokenSetting,
): Promise<Answer<UnixSeconds> | Refusal | undefined> {
  if (report === undefined) return undefined
  const answer = await reader.ask({ to: report.address, abi: reportAbi, functionName: report.call, args: [] })
  if (!answer.ok) return answer
  if (report.call === 'getBalancesTimestamp') return { ok: true, value: Number(answer.value) }
  if (chain.chainId === beacon.chainId) {
    return { ok: true, value: beacon.genesis + beacon.slotSeconds * Number(answer.value) }
  }
  return refusal('unknown-clock', `slots count time on chain ${beacon.chainId} only, this is chain ${chain.chainId}`)
}
