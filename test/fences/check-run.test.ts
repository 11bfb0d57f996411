// The judge of `run.json` is itself judged: it accepts a whole story and names each part that is missing.

import { describe, expect, it } from 'vitest'
import { faultsOf } from '../../tools/check-run.ts'

const netGreeks = {
  delta: { ETH: 800 },
  vega: { ETH: { '2027-03-26': 5_000 } },
  theta: { decay: -4_000, funding: 3_000, interest: -900, fees: 0 },
}
const positions = [
  { kind: 'loan', greeks: { delta: { ETH: 850 } } },
  { kind: 'inverse-option', greeks: { delta: { ETH: -50 } } },
]
const moment = (healthFactor: number) => ({
  navUsd: 1e6,
  healthFactor,
  netDelta: { ETH: 800 },
  netGreeks,
  positions,
  dataState: 'FRESH',
})
const order = {
  id: 'treasury~restore-health~0001',
  status: 'CONFIRMED',
  approvals: [{ approver: '0x70', signature: '0x69' }],
  transactions: [{ hash: '0x54', raw: '0x02' }],
  predicted: { healthFactor: 1.5001, costUsd: 1_388.79 },
  actual: { healthFactor: 1.5001, costUsd: 1_388.3 },
}
const story = {
  before: moment(1.5),
  breach: moment(1.23),
  after: moment(1.5),
  alerts: [{ ruleId: 'health', state: 'raised' }],
  orders: [order],
  deliveries: [{ notifierId: 'log', delivery: { kind: 'accepted' } }],
  timingsMs: { rehearsal: 8_262 },
}

describe('faultsOf', () => {
  it('finds nothing wrong with a whole story', () => {
    expect(faultsOf(story)).toEqual([])
  })

  it.each<[string, object]>([
    ['a missing field', { timingsMs: undefined }],
    ['data that was not fresh', { breach: { ...moment(1.23), dataState: 'BLIND' } }],
    ['a market that did not fall', { breach: moment(1.5) }],
    ['a health factor that stayed down', { after: moment(1.23) }],
    ['no alert', { alerts: [{ ruleId: 'health', state: 'recovered' }] }],
    ['no order', { orders: [] }],
    ['an order that expired', { orders: [{ ...order, status: 'EXPIRED' }] }],
    ['no approval', { orders: [{ ...order, approvals: [] }] }],
    ['no transaction', { orders: [{ ...order, transactions: [] }] }],
    ['no actual figures', { orders: [{ ...order, actual: undefined }] }],
    ['a wrong prediction', { orders: [{ ...order, actual: { healthFactor: 1.4, costUsd: 1 } }] }],
    ['no option', { before: { ...moment(1.5), netGreeks: { ...netGreeks, vega: {} } } }],
    [
      'no perpetual',
      { before: { ...moment(1.5), netGreeks: { ...netGreeks, theta: { ...netGreeks.theta, funding: 0 } } } },
    ],
    ['parts that do not sum', { before: { ...moment(1.5), positions: positions.slice(1) } }],
    ['nobody told', { deliveries: [{ notifierId: 'log', delivery: { kind: 'failed' } }] }],
  ])('names %s', (_what, change) => {
    expect(faultsOf({ ...story, ...change })).not.toEqual([])
  })
})
