import { describe, expect, it } from 'vitest'
import { advanceOrder, isEnded } from '../../lib/model/advance-order.ts'
import { type OrderStatus, orderArrows } from '../../lib/model/order.ts'
import { chainHolds } from '../../lib/model/order-hash.ts'
import { sampleOrder } from './fixture/sample-order.ts'

const statuses = Object.keys(orderArrows) as readonly OrderStatus[]
const step = { kind: 'test', note: 'a test', at: 1_722_787_300 } as const

describe('advancing an order', () => {
  it('goes along each arrow, with one more event that fits the chain', () => {
    for (const from of statuses) {
      for (const to of orderArrows[from]) {
        const next = advanceOrder({ ...sampleOrder(), status: from }, { ...step, to })
        expect(next.status).toBe(to)
        expect(next.events).toHaveLength(1)
        expect(chainHolds(next.events)).toBe(true)
      }
    }
  })

  it('refuses every other step', () => {
    for (const from of statuses) {
      const arrows: readonly OrderStatus[] = orderArrows[from]
      for (const to of statuses.filter((status) => !arrows.includes(status))) {
        const advance = () => advanceOrder({ ...sampleOrder(), status: from }, { ...step, to })
        expect(advance, `${from} to ${to}`).toThrowError(expect.objectContaining({ code: 'no-such-arrow' }))
      }
    }
  })

  it('lets no change rewrite the status or the events', () => {
    const change = { status: 'CONFIRMED', events: [], why: 'because' } as const
    const next = advanceOrder(sampleOrder(), { ...step, to: 'APPROVED', change })
    expect(next).toMatchObject({ status: 'APPROVED', why: 'because' })
    expect(next.events).toHaveLength(1)
  })

  it('knows the ends: no arrow leads out of them', () => {
    expect(statuses.filter(isEnded)).toEqual(['CONFIRMED', 'REJECTED', 'EXPIRED', 'VOID', 'REVERTED', 'FAILED'])
  })
})
