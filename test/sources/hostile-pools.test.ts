// Pools that answer well-formed nonsense in place of some of what they should: no adapter throws, and none makes an impossible position.

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
import { poolIdOf } from '../../lib/sources/protocols/uniswap-v4.ts'
import { account, at, chainConfig, usdc, weth } from './fixture/treasury.ts'

const address = (digits: string): `0x${string}` => `0x${digits.repeat(20)}`
const pool = address('a1')
const zero = address('00')
const one = 10n ** 18n
const key = { currency0: weth, currency1: usdc, fee: 500, tickSpacing: 10, hooks: zero }
const info = ((BigInt(poolIdOf(key)) >> 56n) << 56n) | (200n << 32n) | (100n << 8n)

const settings: Readonly<Record<string, unknown>> = {
  'uniswap-v2': { pairs: [{ address: pool, assets: ['WETH', 'USDC'] }] },
  'uniswap-v4': { positionManager: address('a2'), stateView: address('a3'), tokenIds: [7] },
  curve: { pools: [{ address: pool, gauge: address('a4'), coins: ['WETH', 'USDC'], rates: 'stored' }] },
  balancer: {
    vault: address('a5'),
    pools: [
      { address: pool, kind: 'stable', coins: ['WETH', 'USDC'] },
      { address: address('a6'), kind: 'weighted', coins: ['WETH', 'USDC'] },
    ],
  },
}

/** What a healthy contract would say, by the function's name and its contract or last argument. */
function healthy(to: string, functionName: string, last: unknown): readonly unknown[] {
  const answers: Readonly<Record<string, readonly unknown[]>> = {
    balanceOf: [one],
    totalSupply: [1_000n * one],
    getActualSupply: [1_000n * one],
    getReserves: [500n * one, 10n ** 12n, 0],
    token0: [weth],
    token1: [usdc],
    kLast: [10n ** 30n],
    factory: [address('b1')],
    feeTo: [address('b2')],
    decimals: [to === usdc ? 6 : 18],
    ownerOf: [account],
    poolManager: [address('b3')],
    getPoolAndPositionInfo: [weth, usdc, 500, 10, zero, info],
    getPositionLiquidity: [one],
    getSlot0: [2n ** 96n, 0, 0, 500],
    getFeeGrowthInside: [2n ** 128n, 2n ** 128n],
    getPositionInfo: [one, 0n, 0n],
    lp_token: [pool],
    coins: [last === 0n ? weth : usdc],
    balances: [last === 0n ? 500n * one : 500_000000n],
    A_precise: [20_000n],
    get_virtual_price: [one],
    stored_rates: [[one, 10n ** 30n]],
    getPoolId: [`${to}${'0'.repeat(24)}`],
    getPoolTokens: [[weth, usdc], [one, 10n ** 6n], 1n],
    getNormalizedWeights: [[one / 2n, one / 2n]],
    getSwapFeePercentage: [one / 1_000n],
    getAmplificationParameter: [1_000n, false, 1_000n],
    getScalingFactors: [[one, 10n ** 30n]],
  }
  return answers[functionName] ?? []
}

function nonsense({ type }: AbiParameter, roll: number): unknown {
  if (type.endsWith('[]'))
    return Array.from({ length: roll % 4 }, (_, i) => nonsense({ type: type.slice(0, -2) }, roll + i))
  if (/\[\d\]$/.test(type)) return [one, one]
  if (type === 'address') return [zero, weth, usdc][roll % 3]
  if (type === 'bool') return roll % 2 === 0
  if (type === 'bytes32') return `0x${'e'.repeat(64)}`
  const bits = BigInt(/\d+$/.exec(type)?.[0] ?? 256)
  const isSigned = type.startsWith('int')
  const max = isSigned ? 2n ** (bits - 1n) - 1n : 2n ** bits - 1n
  const chosen = [0n, 1n, max, isSigned ? -max - 1n : max / 3n, one, 10n ** 40n][roll % 6] ?? 0n
  const bounded = chosen > max ? max : chosen
  return bits <= 48n ? Number(bounded) : bounded
}

/** One function of eight or so lies; `liars` says which, and how. */
function readerOf(liars: ReadonlyMap<string, number>, asked: Set<string>): ChainReader {
  return {
    block: { chainId: 1, number: 1_000, hash: `0x${'ab'.repeat(32)}`, timestamp: at - 5, baseFeeGwei: 1 },
    async ask({ to, abi, functionName, args }) {
      asked.add(functionName)
      const item = getAbiItem({ abi, name: functionName } as Parameters<typeof getAbiItem>[0])
      const outputs: readonly AbiParameter[] = item?.type === 'function' ? item.outputs : []
      const roll = liars.get(functionName)
      const good = healthy(to, functionName, (args as readonly unknown[] | undefined)?.[0])
      const values = roll === undefined ? good : outputs.map((output, i) => nonsense(output, roll + i))
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
    expect(honest.gaps.filter(({ touches }) => touches.kind !== 'context')).toEqual([])
    expect(honest.positions.length).toBeGreaterThan(0)
    const names = [...asked]
    const lie = fc.tuple(fc.constantFrom(...names), fc.nat({ max: 60 }))
    await fc.assert(
      fc.asyncProperty(fc.array(lie, { minLength: 1, maxLength: 3 }), async (lies) => {
        const { positions, telemetry } = await read(new Map(lies))
        // JSON writes null for what is no finite number.
        expect(JSON.stringify(telemetry)).not.toContain('null')
        for (const { id, instrument } of positions) {
          expect(id.startsWith(`${name}:`)).toBe(true)
          expect(parsePosition(instrument)).toEqual(instrument)
        }
      }),
      { numRuns: 500 },
    )
  },
)
