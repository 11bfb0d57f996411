import { describe, expect, it } from 'vitest'
import { exampleMarket } from '../../lib/instruments/example-market.ts'
import { parseMarket } from '../../lib/instruments/market/parse-market.ts'
import { parsePosition } from '../../lib/instruments/parse-position.ts'
import { deleveragingStress, type PerpetualPosition } from '../../lib/instruments/perpetuals/deleveraging-stress.ts'
import { value } from '../../lib/instruments/value.ts'

const { perpetualPremium: _none, ...market } = parseMarket(exampleMarket)
const perp = (kind: PerpetualPosition['kind'], terms: object) => parsePosition({ kind, terms }) as PerpetualPosition

describe('auto-deleveraging', () => {
  it('costs the winner of a linear perpetual the distance to the price at which the loser was bankrupt, and the hedge', () => {
    const margin = [{ asset: 'ETH', quantity: 7 }]
    const position = perp('linear-perp', { asset: 'ETH', quantity: -100, entryPrice: 4_000, margin })
    const { forgoneUsd, deltaLost } = deleveragingStress({ position, market, fraction: 0.4, bankruptcyPriceUsd: 3_100 })
    expect(forgoneUsd).toBeCloseTo(40 * 100, 9)
    expect(deltaLost).toEqual({ ETH: -40 })
    expect(deleveragingStress({ position, market, fraction: 1, bankruptcyPriceUsd: 2_900 }).forgoneUsd).toBe(0)
  })

  it('costs an inverse one what closing there instead of at the mark pays less, in coins at the spot', () => {
    const terms = { asset: 'BTC', quantity: 500_000, entryPrice: 60_000 }
    const position = perp('inverse-perp', terms)
    const { forgoneUsd, deltaLost } = deleveragingStress({
      position,
      market,
      fraction: 0.5,
      bankruptcyPriceUsd: 85_000,
    })
    const closedAt = (mark: number) => 250_000 * (1 / 60_000 - 1 / mark) * 90_000
    expect(forgoneUsd).toBeCloseTo(closedAt(90_000) - closedAt(85_000), 6)
    expect(deltaLost.BTC).toBeCloseTo(250_000 / 60_000, 12)
  })

  it('costs a power one the same on the price of its contract', () => {
    const terms = {
      asset: 'BTC',
      power: 2,
      scale: 0.0001,
      quantity: -1,
      fundingConvention: 'continuous',
      fundingDays: 1,
    }
    const position = perp('power-perp', terms)
    const mark = -value(position, market)
    const { forgoneUsd } = deleveragingStress({ position, market, fraction: 0.25, bankruptcyPriceUsd: mark * 1.1 })
    expect(forgoneUsd / mark).toBeCloseTo(0.25 * 0.1, 12)
  })

  it('takes nothing from what is closed, and refuses more than all', () => {
    const closed = perp('linear-perp', { asset: 'ETH', quantity: 0, entryPrice: 1 })
    const params = { market, fraction: 1, bankruptcyPriceUsd: 1 }
    expect(deleveragingStress({ position: closed, ...params })).toEqual({ forgoneUsd: 0, deltaLost: {} })
    const open = perp('linear-perp', { asset: 'ETH', quantity: 1, entryPrice: 1 })
    expect(() => deleveragingStress({ position: open, ...params, fraction: 1.5 })).toThrow(
      expect.objectContaining({ code: 'out-of-domain' }),
    )
  })
})
