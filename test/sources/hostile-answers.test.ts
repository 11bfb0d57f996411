// Contracts that answer well-formed nonsense: no adapter throws, which would blind the whole chain, and none makes an impossible position.

import * as fc from 'fast-check'
import type { AbiParameter } from 'viem'
import { encodeAbiParameters, getAbiItem } from 'viem/utils'
import { expect, it } from 'vitest'
import * as z from '../../lib/base/schema.ts'
import { parsePosition } from '../../lib/instruments/parse-position.ts'
import type { ChainReader } from '../../lib/sources/chain/chain-session.ts'
import { decodeAnswer, unread } from '../../lib/sources/chain/contract-call.ts'
import { joinParts, type Protocol } from '../../lib/sources/protocols/define-protocol.ts'
import { protocols } from '../../lib/sources/protocols/index.ts'
import { account, at, chainConfig, usdc, weth } from './fixture/treasury.ts'

const address = (digits: string) => `0x${digits.repeat(20)}`
const settings: Readonly<Record<string, unknown>> = {
  native: { underlying: 'ETH' },
  erc4626: { vaults: [{ address: address('b1'), asset: 'USDC', decimals: 18 }] },
  'rate-wrapper': {
    tokens: [
      {
        address: address('c1'),
        symbol: 'wstETH',
        underlying: 'ETH',
        decimals: 18,
        rate: { call: 'stEthPerToken' },
        report: { call: 'getLastProcessingRefSlot', address: address('c2') },
      },
      {
        address: address('c3'),
        symbol: 'rETH',
        underlying: 'ETH',
        decimals: 18,
        rate: { call: 'latestRoundData', address: address('c4') },
        report: { call: 'getBalancesTimestamp', address: address('c5') },
      },
    ],
  },
  'compound-v3': { comets: [{ address: address('d1'), base: 'USDC' }] },
  'morpho-blue': {
    address: address('e1'),
    markets: [{ loan: 'USDC', collateral: 'WETH', oracle: address('e3'), irm: address('e2'), lltv: 0.86 }],
  },
}

/** The same question gets the same answer; often what the settings expect, so that the nonsense behind it is reached. */
function readerOf(seed: number): ChainReader {
  return {
    block: { chainId: 1, number: 1_000, hash: `0x${'ab'.repeat(32)}`, timestamp: at - 5, baseFeeGwei: 1 },
    async ask({ to, abi, functionName, args }) {
      const key = `${seed} ${to} ${functionName} ${JSON.stringify(args, (_, value) => String(value))}`
      if (hashOf(key) % 17 === 0) return unread('reverted', 'reverted')
      const item = getAbiItem({ abi, name: functionName } as Parameters<typeof getAbiItem>[0])
      const outputs: readonly AbiParameter[] = item?.type === 'function' ? item.outputs : []
      const asset = String((args as readonly unknown[]).at(-1)).toLowerCase() === weth ? weth : usdc
      const values = outputs.map((output, index) => answerOf(output, `${key} ${index}`, asset))
      return decodeAnswer({ abi, functionName }, { ok: true, data: encodeAbiParameters(outputs, values) })
    },
  }
}

function answerOf({ type, name }: AbiParameter, key: string, asset: string): unknown {
  const roll = hashOf(key)
  if (type === 'address') return roll % 4 === 0 ? address('7f') : asset
  if (type === 'bool') return roll % 2 === 0
  const bits = BigInt(/\d+$/.exec(type)?.[0] ?? 256)
  const max = type.startsWith('int') ? 2n ** (bits - 1n) - 1n : 2n ** bits - 1n
  const min = type.startsWith('int') ? -max - 1n : 0n
  const fitting = /decimals/.test(key) ? [18n, 18n, 6n] : /scale/i.test(`${key}${name}`) ? [10n ** 18n, 10n ** 6n] : []
  const candidates = [
    0n,
    1n,
    max,
    min,
    max / 3n,
    10n ** 18n,
    BigInt(at),
    BigInt(roll),
    ...fitting,
    ...fitting,
    ...fitting,
  ]
  const chosen = candidates[(roll >>> 8) % candidates.length] ?? 0n
  const bounded = chosen > max ? max : chosen
  return bits <= 48n ? Number(bounded) : bounded
}

/** FNV-1a, mixed once more. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (const character of text) hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193)
  return Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d) >>> 0
}

const { aaveV3: _, uniswapV3: __, ...chain } = chainConfig([{ name: 'alpha', url: 'http://127.0.0.1' }])

it.each(Object.entries(settings))(
  '%s makes a possible position or a gap of whatever it is told',
  async (name, given) => {
    const all = protocols as unknown as readonly Protocol<string, z.ZodMiniType>[]
    const protocol = all.find((one) => one.name === name)
    if (protocol?.settings === undefined) throw new Error(`There is no protocol ${name}.`)
    const own = z.parse(protocol.settings, given, name) as never
    let made = 0
    await fc.assert(
      fc.asyncProperty(fc.nat(), async (seed) => {
        const part = joinParts([await protocol.read(readerOf(seed), { chain, account, at, settings: own })])
        for (const { id, instrument } of part.positions) {
          expect(id.startsWith(`${name}:`)).toBe(true)
          expect(parsePosition(instrument)).toEqual(instrument)
        }
        for (const { code, reason } of part.gaps) expect(code.length * reason.length).toBeGreaterThan(0)
        made += part.positions.length
      }),
      { numRuns: 1_000 },
    )
    expect(made).toBeGreaterThan(0)
  },
)
