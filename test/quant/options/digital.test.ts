import { describe, expect, it } from 'vitest'
import { gaussLegendre } from '../../../lib/quant/gauss-legendre.ts'
import {
  assetOrNothingValue,
  cashOrNothingValue,
  gapValue,
  noTouchValue,
  oneTouchAtExpiryValue,
  oneTouchAtHitValue,
  type TouchParams,
} from '../../../lib/quant/options/digital.ts'
import { random } from '../../../lib/quant/random.ts'
import { published } from './published.ts'

const cash = (amount: number) => ({ in: 'cash', amount }) as const
const asset = { in: 'asset' } as const
const touch = { spot: 105, barrier: 100, direction: 'down', rate: 0.1, carry: 0.1, volatility: 0.2, time: 0.5 } as const

interface Row {
  readonly type: string
  readonly strike: number
  readonly spot: number
  readonly q: number
  readonly r: number
  readonly t: number
  readonly volatility: number
  readonly value: number
  readonly tol: number
  readonly knockin: boolean
}

const common = (row: Row) => ({
  kind: row.type === 'Call' ? ('call' as const) : ('put' as const),
  direction: row.type === 'Call' ? ('up' as const) : ('down' as const),
  spot: row.spot,
  strike: row.strike,
  barrier: row.strike,
  rate: row.r,
  carry: row.r - row.q,
  volatility: row.volatility,
  time: row.t,
})

type Pricer = (row: Row) => number
const atExpiry = (pays: TouchParams['pays']): Pricer => {
  return (row) => (row.knockin ? oneTouchAtExpiryValue : noTouchValue)({ ...common(row), pays })
}
const tables: readonly (readonly [string, Pricer])[] = [
  ['digital_cash_european', (row) => cashOrNothingValue({ ...common(row), cash: 10 })],
  ['digital_asset_european', (row) => assetOrNothingValue(common(row))],
  ['digital_gap_european', (row) => gapValue({ ...common(row), payoffStrike: 57 })],
  ['digital_cash_at_hit', (row) => oneTouchAtHitValue({ ...common(row), pays: cash(15) })],
  ['digital_asset_at_hit', (row) => oneTouchAtHitValue({ ...common(row), pays: asset })],
  ['digital_cash_at_expiry', atExpiry(cash(15))],
  ['digital_asset_at_expiry', atExpiry(asset)],
]

/** E[exp(-r tau); tau <= T] by quadrature of the first passage's density, in x = distance / (sigma sqrt(t)) and then its square root's tail. */
function firstPassageByQuadrature({ spot, barrier, rate, carry, volatility, time }: TouchParams): number {
  const h = Math.abs(Math.log(barrier / spot)) / volatility
  const nu = ((carry - volatility ** 2 / 2) / volatility) * Math.sign(Math.log(barrier / spot))
  const { nodes, weights } = gaussLegendre(200)
  const from = h / Math.sqrt(time)
  const half = (from + 14 - from) / 2
  let sum = 0
  nodes.forEach((node, i) => {
    const x = from + half * (1 + node)
    const t = (h / x) ** 2
    sum += half * (weights[i] ?? 0) * Math.exp(-((h - nu * t) ** 2) / (2 * t) - rate * t)
  })
  return (2 * sum) / Math.sqrt(2 * Math.PI)
}

describe('a digital option', () => {
  it('is worth what Haug (1998), p. 88-95, prints', () => {
    const european = { spot: 100, strike: 80, rate: 0.06, carry: 0, volatility: 0.35, time: 0.75 }
    expect(cashOrNothingValue({ ...european, kind: 'put', cash: 10 })).toBeCloseTo(2.671, 4)
    const gap = { spot: 50, strike: 50, payoffStrike: 57, rate: 0.09, carry: 0.09, volatility: 0.2, time: 0.5 }
    expect(gapValue({ ...gap, kind: 'call' })).toBeCloseTo(-0.0053, 4)
    expect(oneTouchAtHitValue({ ...touch, pays: cash(15) })).toBeCloseTo(9.7264, 4)
    expect(oneTouchAtExpiryValue({ ...touch, pays: cash(15) })).toBeCloseTo(9.3604, 4)
    expect(noTouchValue({ ...touch, pays: cash(15) })).toBeCloseTo(4.9081, 4)
    expect(oneTouchAtExpiryValue({ ...touch, pays: asset })).toBeCloseTo(64.8426, 4)
  })

  for (const [name, price] of tables) {
    const table = published<Row>(name)
    it.skipIf(!table)(`agrees with ${name} (../shared/tables)`, () => {
      expect(table?.rows.length).toBeGreaterThan(0)
      for (const row of table?.rows ?? [])
        expect(Math.abs(price(row) - row.value), JSON.stringify(row)).toBeLessThanOrEqual(row.tol)
    })
  }

  it('splits its payment between touched and not touched, and between call and put', () => {
    const { uniform } = random(4)
    for (let i = 0; i < 2000; i += 1) {
      const direction = uniform() < 0.5 ? 'down' : 'up'
      const barrier = direction === 'down' ? 100 - 50 * uniform() : 100 + 80 * uniform()
      const rate = 0.2 * uniform() - 0.05
      const market = {
        spot: 100,
        barrier,
        strike: barrier,
        rate,
        carry: rate - 0.1 * uniform(),
        volatility: 0.02 + uniform(),
        time: uniform(),
      }
      for (const pays of [cash(1), asset]) {
        const whole =
          pays.in === 'cash' ? Math.exp(-rate * market.time) : 100 * Math.exp((market.carry - rate) * market.time)
        const both =
          oneTouchAtExpiryValue({ ...market, direction, pays }) + noTouchValue({ ...market, direction, pays })
        expect(both / whole, JSON.stringify(market)).toBeCloseTo(1, 13)
      }
      const [call, put] = [
        gapValue({ ...market, kind: 'call', payoffStrike: 90 }),
        gapValue({ ...market, kind: 'put', payoffStrike: 90 }),
      ]
      const forward = 100 * Math.exp((market.carry - rate) * market.time) - 90 * Math.exp(-rate * market.time)
      expect(call - put).toBeCloseTo(forward, 11)
    }
  })

  it('paid at the touch, is the discounted integral of the first passage’s density for rates of either sign', () => {
    for (const rate of [0.1, 0, 1e-9, -0.02, -0.2, -0.5, -2])
      for (const carry of [0.05, 0, 0.02 - 1e-12, 0.02, -0.3])
        for (const [direction, barrier] of [
          ['down', 90],
          ['up', 115],
        ] as const) {
          const p = { ...touch, spot: 100, direction, barrier, rate, carry, time: 2, pays: cash(1) } as const
          expect(oneTouchAtHitValue(p) / firstPassageByQuadrature(p), JSON.stringify(p)).toBeCloseTo(1, 11)
        }
  })

  it('paid at the touch, does not depend on the time once that is long', () => {
    const p = { ...touch, carry: 0.02, pays: cash(1) } as const
    const perpetual = (100 / 105) ** (Math.sqrt(2 * 0.1) / 0.2)
    expect(oneTouchAtHitValue({ ...p, time: 1e6 })).toBeCloseTo(perpetual, 12)
  })

  it('is continuous at its barrier', () => {
    for (const pays of [cash(3), asset])
      for (const direction of ['down', 'up'] as const) {
        const near = { ...touch, direction, pays, spot: direction === 'down' ? 100 * (1 + 1e-11) : 100 * (1 - 1e-11) }
        const at = { ...near, spot: 100 }
        for (const price of [oneTouchAtHitValue, oneTouchAtExpiryValue, noTouchValue])
          expect(price(near)).toBeCloseTo(price(at), 7)
      }
  })

  it('reaches its limits: no time, no volatility', () => {
    const option = {
      spot: 100,
      strike: 95,
      rate: 0.1,
      carry: 0.1,
      volatility: 0.2,
      time: 0.5,
      kind: 'call',
      cash: 10,
    } as const
    expect(cashOrNothingValue({ ...option, time: 0 })).toBe(10)
    expect(cashOrNothingValue({ ...option, time: 0, kind: 'put' })).toBe(0)
    expect(cashOrNothingValue({ ...option, time: 0, spot: 95 })).toBe(0)
    expect(assetOrNothingValue({ ...option, volatility: 0 })).toBeCloseTo(100, 12)
    const rising = { ...touch, spot: 95, direction: 'up', volatility: 0, pays: cash(1) } as const
    const tau = Math.log(100 / 95) / 0.1
    expect(oneTouchAtHitValue({ ...rising, time: 1 })).toBeCloseTo(Math.exp(-0.1 * tau), 12)
    expect(oneTouchAtHitValue({ ...rising, time: 1, volatility: 1e-9 })).toBeCloseTo(Math.exp(-0.1 * tau), 12)
    expect(oneTouchAtHitValue({ ...rising, time: 0.5 })).toBe(0)
    expect(noTouchValue({ ...rising, time: 0.5 })).toBeCloseTo(Math.exp(-0.05), 12)
    expect(noTouchValue({ ...rising, time: 0 })).toBe(1)
    expect(oneTouchAtExpiryValue({ ...rising, time: 0, volatility: 0.3 })).toBe(0)
  })

  it('refuses an argument by its name', () => {
    const option = { ...touch, kind: 'call', strike: 95, payoffStrike: 90, cash: 1, pays: cash(1) } as const
    for (const [price, field] of [
      [cashOrNothingValue, 'cash'],
      [assetOrNothingValue, 'strike'],
      [gapValue, 'payoffStrike'],
      [oneTouchAtHitValue, 'barrier'],
      [oneTouchAtExpiryValue, 'spot'],
      [noTouchValue, 'volatility'],
    ] as const)
      expect(() => price({ ...option, [field]: Number.NaN })).toThrow(
        expect.objectContaining({ code: 'out-of-domain', facts: expect.objectContaining({ field }) }),
      )
    expect(() => noTouchValue({ ...option, pays: cash(Number.NaN) })).toThrow(
      expect.objectContaining({ code: 'out-of-domain' }),
    )
  })
})
