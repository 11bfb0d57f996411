// An approved order is executed only while it is still what people approved.

import { describe, expect, it } from 'vitest'
import { whyOtherThanPromised } from '../../lib/flows/promised-outcome.ts'
import { outbidding } from '../../lib/flows/replace-transaction.ts'
import type { Order, Simulation } from '../../lib/model/order.ts'
import { sampleOrder } from '../model/fixture/sample-order.ts'

function anOrder(change: Partial<Order> = {}): Order {
  const order = sampleOrder()
  return {
    ...order,
    targetHealthFactor: 1.5,
    prices: { WETH: 2_000, USDC: 1 },
    predicted: { healthFactor: 1.5, balanceChanges: { USDC: 40 } },
    simulation: { ...order.simulation, healthFactorBefore: 1.2 },
    chosen: {
      ...order.chosen,
      intents: [
        {
          kind: 'swap',
          venue: 'uniswap-v3',
          assetIn: 'WETH',
          assetOut: 'USDC',
          feeTier: 500,
          quantityIn: 2,
          expectedOut: 4_000,
        },
      ],
    },
    ...change,
  }
}

function aSimulation(before: number, after: number, balanceChanges: Record<string, number> = { USDC: 40 }): Simulation {
  const { simulation } = sampleOrder()
  return {
    ...simulation,
    ok: true,
    healthFactorBefore: before,
    after: { healthFactor: after, leftoverAllowances: [], balanceChanges },
  }
}

describe('an approved order', () => {
  it('goes on where it does what it promised', () => {
    expect(whyOtherThanPromised(aSimulation(1.2, 1.5), anOrder())).toBeUndefined()
  })

  it('goes on where the market moved the start, and with it the end, a little', () => {
    expect(whyOtherThanPromised(aSimulation(1.17, 1.46), anOrder())).toBeUndefined()
  })

  it('stops where somebody else has brought health back already', () => {
    expect(whyOtherThanPromised(aSimulation(2.24, 2.4), anOrder())).toMatch(/not needed any more.*2\.240.*1\.5/)
  })

  it('stops where health would only be a shadow of the promise', () => {
    expect(whyOtherThanPromised(aSimulation(1.2, 1.21), anOrder())).toMatch(/only be 1\.210, 1\.500 was promised/)
  })

  it('stops where something else leaves the account', () => {
    const moved = aSimulation(1.2, 1.5, { USDC: 40, WETH: -90 })
    expect(whyOtherThanPromised(moved, anOrder())).toMatch(/WETH in the account would change by -90 instead of 0/)
  })

  it('stops where an asset moves whose price nobody looked at', () => {
    expect(whyOtherThanPromised(aSimulation(1.2, 1.5, { USDC: 40, DOGE: 1 }), anOrder())).toMatch(/DOGE/)
  })

  it('leaves room for the slippage and the price move that people allowed', () => {
    expect(whyOtherThanPromised(aSimulation(1.2, 1.5, { USDC: 70 }), anOrder())).toBeUndefined()
  })
})

describe('fees for a nonce whose old bytes hang unmined', () => {
  const fees = { gasLimit: 600_000, maxFeePerGasGwei: 20, maxPriorityFeePerGasGwei: 1, gasCostUsd: 24 }

  it('are at least an eighth above the old ones, tip included, and priced anew', () => {
    const raised = outbidding(fees, { maxFeePerGasGwei: 40, maxPriorityFeePerGasGwei: 2 }, 2_000)
    expect(raised).toEqual({
      gasLimit: 600_000,
      maxFeePerGasGwei: 45,
      maxPriorityFeePerGasGwei: 2.25,
      gasCostUsd: expect.closeTo(54, 9),
    })
  })

  it('stay as they are where they are higher, or where nothing hangs', () => {
    expect(outbidding(fees, undefined, 2_000)).toBe(fees)
    expect(outbidding(fees, { maxFeePerGasGwei: 5, maxPriorityFeePerGasGwei: 0.5 }, 2_000)).toMatchObject({
      maxFeePerGasGwei: 20,
      maxPriorityFeePerGasGwei: 1,
    })
  })
})
