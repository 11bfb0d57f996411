// What contracts of the treasury's chain are made to say, by names that a run-book uses.

import type { Abi } from 'viem'
import { encodeErrorResult, encodeFunctionResult } from 'viem/utils'
import type { Address, Hex } from '../../lib/model/identity.ts'
import { aggregatorAbi, feedAbi } from '../../lib/sources/prices/feed-round.ts'
import { uniswapV3PoolAbi } from '../../lib/sources/prices/uniswap-v3-pool.ts'
import { observationAbi } from '../../lib/sources/prices/uniswap-v3-twap.ts'
import { aaveDataProviderAbi, aaveOracleAbi, aavePoolAbi } from '../../lib/sources/protocols/aave-v3-abi.ts'
import { erc20Abi } from '../../lib/sources/protocols/erc20.ts'
import { uniswapV3PositionsAbi } from '../../lib/sources/protocols/uniswap-v3.ts'
import type { ScriptedChain } from '../sources/fixture/scripted-chain.ts'
import * as treasury from '../sources/fixture/treasury.ts'
import { aggregators, observed, secondFeeds, windowSeconds } from './price-contracts.ts'
import type { Bend } from './run-book.ts'

const { aave, account, at, pool, tokenId, uniswap, usdc, weth } = treasury

export const sequencerFeed: Address = `0x${'5e'.repeat(20)}`

interface Named {
  readonly to: Address
  readonly abi: Abi
  readonly functionName: string
  readonly args: readonly unknown[]
  /** What it says on a healthy chain; needed where its bytes are spoilt. */
  readonly healthy?: unknown
  /** The answer that a run-book's text stands for. */
  readonly result?: (value: string) => unknown
}

const feeds = Object.fromEntries(
  treasury.chainConfig([]).assets.flatMap(({ symbol, feed }) => (feed === undefined ? [] : [[symbol, feed.address]])),
)
const tokens: Readonly<Record<string, Address>> = { WETH: weth, USDC: usdc }
const answers: Readonly<Record<string, bigint>> = { WETH: 3_000_00000000n, USDC: 1_00000000n }
const balances: Readonly<Record<string, bigint>> = { WETH: 15n * 10n ** 17n, USDC: 2_000_000000n }

const ofAsset = (symbol: string): Readonly<Record<string, Named>> => {
  const token = tokens[symbol] as Address
  const feed = feeds[symbol] as Address
  const updated = BigInt(at - 100)
  return {
    [`round ${symbol}`]: {
      to: feed,
      abi: feedAbi,
      functionName: 'latestRoundData',
      args: [],
      healthy: [9n, answers[symbol], updated, updated, 9n],
    },
    [`second round ${symbol}`]: {
      to: secondFeeds[symbol] as Address,
      abi: feedAbi,
      functionName: 'latestRoundData',
      args: [],
      healthy: [9n, answers[symbol], updated, updated, 9n],
    },
    [`aggregator ${symbol}`]: { to: feed, abi: aggregatorAbi, functionName: 'aggregator', args: [], result: String },
    ...Object.fromEntries(
      ['minAnswer', 'maxAnswer'].map((functionName) => [
        `${functionName} ${symbol}`,
        { to: aggregators[symbol] as Address, abi: aggregatorAbi, functionName, args: [], result: BigInt },
      ]),
    ),
    [`decimals ${symbol}`]: { to: feed, abi: feedAbi, functionName: 'decimals', args: [], healthy: 8, result: Number },
    [`balance ${symbol}`]: {
      to: token,
      abi: erc20Abi,
      functionName: 'balanceOf',
      args: [account],
      healthy: balances[symbol],
      result: BigInt,
    },
    [`oracle ${symbol}`]: {
      to: aave.oracle,
      abi: aaveOracleAbi,
      functionName: 'getAssetPrice',
      args: [token],
      result: BigInt,
    },
    [`leg ${symbol}`]: {
      to: aave.dataProvider,
      abi: aaveDataProviderAbi,
      functionName: 'getUserReserveData',
      args: [token, account],
    },
  }
}

const named: Readonly<Record<string, Named>> = {
  ...ofAsset('WETH'),
  ...ofAsset('USDC'),
  /** 0 is up; its age is that of the last change. */
  sequencer: { to: sequencerFeed, abi: feedAbi, functionName: 'latestRoundData', args: [] },
  account: { to: aave.pool, abi: aavePoolAbi, functionName: 'getUserAccountData', args: [account] },
  /** Its price, USDC for one WETH. */
  pool: {
    to: pool,
    abi: uniswapV3PoolAbi,
    functionName: 'slot0',
    args: [],
    result: (price) => [BigInt(Math.round(Math.sqrt(Number(price) * 1e-12) * 2 ** 96)), -196_256, 0, 1, 1, 0, true],
  },
  /** What it was on average over half an hour, USDC for one WETH. */
  'pool mean': {
    to: pool,
    abi: observationAbi,
    functionName: 'observe',
    args: [[windowSeconds, 0]],
    result: (price) => observed(Number(price)),
  },
  'pool liquidity': { to: pool, abi: uniswapV3PoolAbi, functionName: 'liquidity', args: [], result: BigInt },
  range: { to: uniswap.positions, abi: uniswapV3PositionsAbi, functionName: 'positions', args: [tokenId] },
}

/** @param when ages count from here */
export function bendContract(chain: ScriptedChain, bend: Bend, when = at): void {
  const call = named[bend.of]
  if (call === undefined) throw new Error(`Nothing is called ${bend.of}: known are ${Object.keys(named).join(', ')}.`)
  const { to, abi, functionName, args } = call
  if (bend.round !== undefined) sayRound(chain, to, { bend, when })
  if (bend.value !== undefined) {
    if (call.result === undefined) throw new Error(`${bend.of} has no value to set.`)
    chain.say(to, abi, functionName, args, call.result(bend.value))
  }
  if (bend.raw !== undefined) chain.sayRaw(to, abi, functionName, args, spoilt(bend.raw, call))
  if (bend.says !== undefined) chain.revertReasons.set(to, errorOf(bend.says))
}

function sayRound(
  chain: ScriptedChain,
  feed: Address,
  { bend: { of, round }, when }: { readonly bend: Bend; readonly when: number },
): void {
  const { answer, ageSeconds = 100, roundId, answeredInRound } = round ?? {}
  treasury.sayRound(chain, feed, {
    answer: answer === undefined ? (answers[of.split(' ').at(-1) ?? ''] ?? 0n) : BigInt(answer),
    updatedAt: BigInt(when - ageSeconds),
    ...(roundId === undefined ? {} : { roundId: BigInt(roundId) }),
    ...(answeredInRound === undefined ? {} : { answeredInRound: BigInt(answeredInRound) }),
  })
}

function spoilt(raw: NonNullable<Bend['raw']>, { abi, functionName, healthy }: Named): Hex | undefined {
  if (raw === 'reverts') return undefined
  if (raw === 'empty') return '0x'
  if (healthy === undefined) throw new Error(`What ${functionName} says on a healthy chain is not known here.`)
  const data = encodeFunctionResult({ abi, functionName, result: healthy } as Parameters<
    typeof encodeFunctionResult
  >[0])
  if (raw === 'trailing') return `${data}${'0'.repeat(128)}`
  if (raw === 'short') return data.slice(0, -64) as Hex
  return `0x${'f'.repeat(8)}${data.slice(10)}`
}

function errorOf(text: string): Hex {
  const abi = [{ type: 'error', name: 'Error', inputs: [{ type: 'string', name: 'reason' }] }] as const
  return encodeErrorResult({ abi, errorName: 'Error', args: [text] })
}
