import * as fc from 'fast-check'
import { decodeFunctionData, erc20Abi, getAddress, parseAbi } from 'viem'
import { describe, expect, it } from 'vitest'
import { encodeActions } from '../../lib/actions/encode-actions.ts'
import { venues } from '../../lib/actions/venues/index.ts'
import type { Action } from '../../lib/model/order.ts'
import { deskSettings } from './fixture/desk-settings.ts'

const settings = deskSettings()
const { aaveV3, uniswapV3, safe } = settings.chain
const pool = aaveV3?.pool ?? '0x'
const router = uniswapV3?.router ?? '0x'
const deadline: Action = { kind: 'deadline', contract: safe?.universalRouter ?? '0x', validUntil: 1_722_788_100 }
const swap: Action = {
  kind: 'uniswap-v3-swap',
  assetIn: 'WETH',
  assetOut: 'USDC',
  feeTier: 500,
  unitsIn: '2000000000000000000',
  minUnitsOut: '4400000000',
  quotedUnitsOut: '4440000000',
}
const approve = (asset: string, spender: `0x${string}`, units: string): Action => ({
  kind: 'approve',
  asset,
  spender,
  units,
})
const whole: readonly Action[] = [
  deadline,
  { kind: 'aave-v3-withdraw', asset: 'WETH', units: swap.unitsIn },
  approve('WETH', router, swap.unitsIn),
  swap,
  approve('WETH', router, '0'),
  approve('USDC', pool, '4400000000'),
  { kind: 'aave-v3-repay', asset: 'USDC', units: '4400000000' },
  approve('USDC', pool, '0'),
]
const encode = (actions: readonly Action[]) => encodeActions({ settings, actions })
const code = (actions: readonly Action[]) => {
  try {
    encode(actions)
    return undefined
  } catch (error) {
    return (error as { code?: string }).code
  }
}

describe('typed actions as calls', () => {
  it('go to the contracts of the configuration only, with no ether', () => {
    const calls = encode(whole)
    const tokens = settings.chain.assets.map(({ address }) => address)
    const [weth, usdc] = tokens
    expect(calls.map(({ to }) => to)).toEqual([safe?.universalRouter, pool, weth, router, weth, usdc, pool, usdc])
    expect(calls.every(({ value }) => value === '0')).toBe(true)
  })

  it('say in people’s words exactly what they do', () => {
    expect(encode(whole).map(({ label }) => label)).toEqual([
      'nothing after 2024-08-04T16:15:00Z',
      'withdraw 2 WETH from Aave v3',
      'let Uniswap v3 take 2 WETH',
      'swap 2 WETH for at least 4400 USDC on Uniswap v3 (0.05 % pool)',
      'let Uniswap v3 take no WETH',
      'let Aave v3 take 4400 USDC',
      'repay 4400 USDC to Aave v3',
      'let Aave v3 take no USDC',
    ])
  })

  it('pay only to the account itself', () => {
    const calls = encode(whole)
    const abi = parseAbi([
      'function withdraw(address asset, uint256 amount, address to)',
      'function repay(address asset, uint256 amount, uint256 mode, address onBehalfOf)',
      'struct P { address tokenIn; address tokenOut; uint24 fee; address recipient; uint256 deadline; uint256 amountIn; uint256 least; uint160 limit; }',
      'function exactInputSingle(P params)',
      'function execute(bytes commands, bytes[] inputs, uint256 deadline)',
    ])
    const decoded = [0, 1, 3, 6].map((index) => decodeFunctionData({ abi, data: calls[index]?.data ?? '0x' }))
    const account = settings.portfolio.account
    expect(decoded.map(({ functionName }) => functionName)).toEqual([
      'execute',
      'withdraw',
      'exactInputSingle',
      'repay',
    ])
    expect(decoded[0]?.args).toEqual(['0x', [], 1_722_788_100n])
    expect(String(decoded[1]?.args?.[2]).toLowerCase()).toBe(account)
    expect(decoded[2]?.args?.[0]).toMatchObject({
      recipient: getAddress(account),
      deadline: 1_722_788_100n,
      amountIn: 2n * 10n ** 18n,
      least: 4_400_000_000n,
    })
    expect(decoded[3]?.args?.slice(1, 3)).toEqual([4_400_000_000n, 2n])
  })

  it('approve no more than a known spender takes, for any amounts', () => {
    const units = fc.bigInt({ min: 1n, max: 2n ** 127n }).map(String)
    fc.assert(
      fc.property(units, units, (approved, repaid) => {
        const actions: readonly Action[] = [
          deadline,
          approve('USDC', pool, approved),
          { kind: 'aave-v3-repay', asset: 'USDC', units: repaid },
          approve('USDC', pool, '0'),
        ]
        expect(code(actions)).toBe(approved === repaid ? undefined : 'approval-not-exact')
        if (approved !== repaid) return
        const data = encode(actions)[1]?.data ?? '0x'
        expect(decodeFunctionData({ abi: erc20Abi, data }).args?.[1]).toBe(BigInt(approved))
      }),
    )
  })

  it('are refused without their deadline, with two, or with one that is not first', () => {
    expect(code(whole.slice(1))).toBe('no-deadline')
    expect(code([...whole, deadline])).toBe('no-deadline')
    expect(code(whole.toReversed())).toBe('no-deadline')
    expect(code([])).toBe('no-deadline')
  })

  it('are refused whichever approval, reset or payment is left out', () => {
    for (const index of [2, 3, 4, 5, 6, 7])
      expect(code(whole.toSpliced(index, 1)), `without ${index}`).toBe('approval-not-exact')
  })

  it('are refused for what the configuration does not name', () => {
    const stranger = `0x${'99'.repeat(20)}` as const
    expect(code([{ ...deadline, contract: stranger }, ...whole.slice(1)])).toBe('unknown-deadline-contract')
    expect(code([deadline, approve('USDC', stranger, '0')])).toBe('unknown-spender')
    expect(code([deadline, { kind: 'aave-v3-withdraw', asset: 'DOGE', units: '1' }])).toBe('unknown-asset')
  })

  it('are refused for everything at once, nothing at all, or a swap without protection', () => {
    const everything = (2n ** 256n - 1n).toString()
    for (const units of ['0', everything]) {
      expect(code([deadline, { kind: 'aave-v3-withdraw', asset: 'WETH', units }])).toBe('amount-not-exact')
    }
    const bare = (change: object) => [...whole.slice(0, 3), { ...swap, ...change } as Action, ...whole.slice(4)]
    expect(code(bare({ minUnitsOut: '0' }))).toBe('swap-unprotected')
    expect(code(bare({ minUnitsOut: '4440000001' }))).toBe('swap-unprotected')
  })
})

describe('the registry of venues', () => {
  it('encodes each kind of action in exactly one venue', () => {
    const kinds = venues.flatMap(({ encode: encoders }) => Object.keys(encoders))
    expect(kinds.toSorted()).toEqual([...new Set(kinds)].toSorted())
    expect(new Set(whole.map(({ kind }) => kind))).toEqual(new Set(kinds))
  })
})
