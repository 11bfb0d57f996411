// Exchanges of perpetuals that answer well-formed nonsense in place of some of what they should: no adapter throws, and none makes an impossible position.

import * as fc from 'fast-check'
import type { AbiParameter } from 'viem'
import { encodeAbiParameters, getAbiItem } from 'viem/utils'
import { expect, it } from 'vitest'
import * as z from '../../lib/base/schema.ts'
import { parsePosition } from '../../lib/instruments/parse-position.ts'
import type { ChainReader } from '../../lib/sources/chain/chain-session.ts'
import { decodeAnswer } from '../../lib/sources/chain/contract-call.ts'
import { joinParts, type Protocol } from '../../lib/sources/protocols/define-protocol.ts'
import { protocols } from '../../lib/sources/protocols/index.ts'
import { account, at, chainConfig, usdc, usdcFeed, weth } from './fixture/treasury.ts'

const contract = (digits: string): `0x${string}` => `0x${digits.repeat(20)}`
const [house, balance, vault, exchange, base] = [
  contract('a1'),
  contract('a2'),
  contract('a3'),
  contract('a4'),
  contract('a5'),
]
const market = contract('b1')
const wad = 10n ** 18n
const usd = 10n ** 30n

const settings: Readonly<Record<string, unknown>> = {
  'perp-v2': {
    clearingHouse: house,
    accountBalance: balance,
    vault,
    exchange,
    orderBook: contract('c3'),
    settlement: 'USDC',
    markets: [
      { baseToken: base, underlying: 'ETH' },
      { baseToken: contract('a6'), underlying: 'BTC' },
    ],
  },
  'gmx-v2': {
    reader: contract('b2'),
    dataStore: contract('b3'),
    referralStorage: contract('b4'),
    markets: [{ address: market, underlying: 'ETH', indexToken: weth, indexDecimals: 18, long: 'WETH', short: 'USDC' }],
  },
}

const position = {
  addresses: { account, market, collateralToken: usdc },
  numbers: { sizeInUsd: 29_000n * usd, sizeInTokens: 10n * wad, collateralAmount: 5_000_000000n },
  flags: { isLong: true },
}
const price = (min: bigint) => ({ min, max: min })

/** What a healthy contract would say, by the function's name and its contract. What is left out of a struct is 0. */
function healthy(to: string, functionName: string): readonly unknown[] {
  const isUsdc = to === usdc || to === usdcFeed
  const answers: Readonly<Record<string, readonly unknown[]>> = {
    decimals: [to === vault || to === usdc ? 6 : to === weth || to === market ? 18 : 8],
    latestRoundData: [9n, isUsdc ? 1_00000000n : 3_000_00000000n, 1n, 1n, 9n],
    balanceOf: [wad],
    totalSupply: [1_000n * wad],
    getUint: [10n ** 27n],
    getMarket: [{ marketToken: market, indexToken: weth, longToken: weth, shortToken: usdc }],
    getAccountPositions: [[position]],
    getPositionInfo: [
      {
        position,
        fees: { collateralTokenPrice: price(10n ** 24n), totalCostAmount: 9n },
        basePnlUsd: 1_000n * usd,
        uncappedBasePnlUsd: 1_000n * usd,
      },
    ],
    isPositionLiquidatable: [
      false,
      '',
      { remainingCollateralUsd: 6_000n * usd, minCollateralUsdForLeverage: 290n * usd },
    ],
    getMarketTokenPrice: [499n * usd, { longTokenAmount: wad, longTokenUsd: 3_000n * usd }],
    getAccountBalance: [balance],
    getVault: [vault],
    getExchange: [exchange],
    getSettlementToken: [usdc],
    getCollateralManager: [contract('c1')],
    getClearingHouseConfig: [contract('c2')],
    getOrderBook: [contract('c3')],
    getBaseTokens: [[base]],
    getCollateralTokens: [[weth]],
    getBalance: [4_000_000000n],
    getBalanceByToken: [wad],
    getCollateralConfig: [contract('c4'), 700_000, 100_000, 0n],
    getPnlAndPendingFee: [0n, 0n, 0n],
    getAccountValue: [7_000n * wad],
    getMarginRequirementForLiquidation: [1_875n * wad],
    getTotalPositionSize: [10n * wad],
    getTotalPositionValue: [30_000n * wad],
    getTotalOpenNotional: [-29_000n * wad],
    getPendingFundingPayment: [wad],
    isOpen: [true],
    getMmRatio: [62_500],
    getOpenOrderIds: [[`0x${'e'.repeat(64)}`]],
    getOpenOrderById: [wad, 78_000, 82_020, 0n, 0n, 0n, 0n, 0n, 0n],
    getTotalTokenAmountInPoolAndPendingFee: [wad, 0n],
  }
  return answers[functionName] ?? []
}

/** The value with its words replaced where `roll` says so; a struct lies in some of its words. */
function answerOf(output: AbiParameter, good: unknown, roll: (() => number) | undefined): unknown {
  const { type } = output
  if (type.endsWith('[]')) {
    const [one] = Array.isArray(good) ? good : []
    const length = roll === undefined ? (Array.isArray(good) ? good.length : 0) : roll() % 4
    return Array.from({ length }, () => answerOf({ ...output, type: type.slice(0, -2) }, one, roll))
  }
  if ('components' in output) {
    const fields = (good ?? {}) as Readonly<Record<string, unknown>>
    return Object.fromEntries(
      output.components.map((part) => [part.name, answerOf(part, fields[part.name ?? ''], roll)]),
    )
  }
  const lies = roll !== undefined && (good === undefined || roll() % 3 === 0)
  return lies ? nonsense(type, roll()) : (good ?? nothing(type))
}

function nothing(type: string): unknown {
  if (type === 'address') return contract('00')
  if (type === 'bool') return false
  if (type === 'string') return ''
  if (type === 'bytes32') return `0x${'0'.repeat(64)}`
  return Number(/\d+$/.exec(type)?.[0] ?? 256) <= 48 ? 0 : 0n
}

function nonsense(type: string, roll: number): unknown {
  if (type === 'address') return [contract('00'), weth, usdc, account, market, base][roll % 6]
  if (type === 'bool') return roll % 2 === 0
  if (type === 'string') return '\u0000 liquidate \u202e'
  if (type === 'bytes32') return `0x${'e'.repeat(64)}`
  const bits = BigInt(/\d+$/.exec(type)?.[0] ?? 256)
  const isSigned = type.startsWith('int')
  const max = isSigned ? 2n ** (bits - 1n) - 1n : 2n ** bits - 1n
  const min = isSigned ? -max - 1n : 0n
  const chosen = [0n, 1n, max, min, max / 3n, wad, -wad, 10n ** 40n][roll % 8] ?? 0n
  const bounded = chosen > max ? max : chosen < min ? min : chosen
  return bits <= 48n ? Number(bounded) : bounded
}

/** One function of a dozen or so lies; `liars` says which, and how. */
function readerOf(liars: ReadonlyMap<string, number>, asked: Set<string>): ChainReader {
  return {
    block: { chainId: 1, number: 1_000, hash: `0x${'ab'.repeat(32)}`, timestamp: at - 5, baseFeeGwei: 1 },
    async ask({ to, abi, functionName, args: _ }) {
      asked.add(functionName)
      const item = getAbiItem({ abi, name: functionName } as Parameters<typeof getAbiItem>[0])
      const outputs: readonly AbiParameter[] = item?.type === 'function' ? item.outputs : []
      let seed = liars.get(functionName)
      const roll =
        seed === undefined
          ? undefined
          : () => {
              seed = ((seed ?? 0) * 16_807 + 11) % 2_147_483_647
              return seed
            }
      const good = healthy(to, functionName)
      const values = outputs.map((output, i) => answerOf(output, good[i], roll))
      return decodeAnswer({ abi, functionName }, { ok: true, data: encodeAbiParameters(outputs, values) })
    },
  }
}

const { aaveV3: _, uniswapV3: __, ...chain } = chainConfig([{ name: 'alpha', url: 'http://127.0.0.1' }])

it.each(Object.entries(settings))(
  '%s makes a possible position or a gap of whatever it is told',
  async (name, given) => {
    const all = protocols as unknown as readonly Protocol<string, z.ZodMiniType>[]
    const protocol = all.find((one) => one.name === name)
    if (protocol?.settings === undefined) throw new Error(`There is no protocol ${name}.`)
    const own = z.parse(protocol.settings, given, name) as never
    const asked = new Set<string>()
    const read = async (liars: ReadonlyMap<string, number>) =>
      joinParts([await protocol.read(readerOf(liars, asked), { chain, account, at, settings: own })])
    const honest = await read(new Map())
    expect(honest.positions.length).toBeGreaterThan(0)
    expect(honest.gaps.filter(({ code, touches }) => touches.kind !== 'context' && !code.endsWith('-differs'))).toEqual(
      [],
    )
    const names = [...asked]
    const lie = fc.tuple(fc.constantFrom(...names), fc.nat({ max: 10_000 }))
    await fc.assert(
      fc.asyncProperty(fc.array(lie, { minLength: 1, maxLength: 3 }), async (lies) => {
        const { positions, gaps } = await read(new Map(lies))
        for (const { id, instrument } of positions) {
          expect(id.startsWith(`${name}:`)).toBe(true)
          expect(parsePosition(instrument)).toEqual(instrument)
        }
        for (const { reason } of gaps) expect(reason).not.toMatch(/NaN|undefined|\[object/)
      }),
      { numRuns: 300 },
    )
  },
)
