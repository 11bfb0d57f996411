// The headline of an order against its actions.

import { describe, expect, it } from 'vitest'
import { orderInWords } from '../../lib/flows/order-in-words.ts'
import type { Action } from '../../lib/model/order.ts'
import { configuration, twinDesk, untilProposed } from './twin-desk.ts'

const assets = configuration.chains[0]?.assets ?? []
const contract = `0x${'1'.repeat(40)}` as const
const withdraw = (asset: string, units: string) => ({ kind: 'aave-v3-withdraw', asset, units }) as const
const repay = (asset: string, units: string) => ({ kind: 'aave-v3-repay', asset, units }) as const
const swap = (unitsIn: string, minUnitsOut: string): Action => ({
  kind: 'uniswap-v3-swap',
  assetIn: 'WETH',
  assetOut: 'USDC',
  feeTier: 500,
  unitsIn,
  minUnitsOut,
  quotedUnitsOut: '999999000000',
})

describe('the headline of an order', () => {
  it('sums withdrawals, least swap results and repayments over the passes', () => {
    const actions: readonly Action[] = [
      { kind: 'deadline', contract, validUntil: 1 },
      withdraw('WETH', '200000000000000000000'),
      swap('200000000000000000000', '471750000000'),
      { kind: 'approve', asset: 'USDC', spender: contract, units: '471750000000' },
      repay('USDC', '471750000000'),
      withdraw('WETH', '7200000000000000000'),
      swap('7200000000000000000', '17000000000'),
      repay('USDC', '17000000000'),
    ]
    expect(orderInWords(actions, assets)).toBe(
      'withdraw 207.2 WETH in 2 passes, swap for at least 488,750 USDC, repay 488,750 USDC',
    )
  })

  it('names each asset that is repaid, and no step that is not there', () => {
    expect(orderInWords([repay('USDC', '800000000000'), repay('WBTC', '250000000')], assets)).toBe(
      'repay 800,000 USDC and 2.5 WBTC',
    )
  })

  it('does not guess the decimals of an asset that is not configured', () => {
    expect(() => orderInWords([repay('DOGE', '1')], assets)).toThrow(/DOGE/)
  })

  it('is what a proposed order says of itself, whatever the plan estimated', async () => {
    const desk = twinDesk()
    await untilProposed(desk)
    const order = await desk.house.order()
    expect(order.summary).toBe(orderInWords(order.actions, assets))
    expect(order.summary).toMatch(/^withdraw [\d.,]+ WETH.*, swap for at least [\d,]+ USDC, repay [\d,]+ USDC$/)
    expect(order.summary).not.toBe(order.chosen.summary)
  })
})
