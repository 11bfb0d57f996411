import { expect, test } from 'vitest'
import {
  healthFactor,
  isoInstant,
  percent,
  percentChange,
  quantity,
  quantityChange,
  quantityShort,
  shortHex,
  usd,
  usdChange,
  usdShort,
} from '../../lib/web/figures.ts'

test.each([
  [1_234_567.4, '$1,234,567'],
  [-1_234.5, '-$1,235'],
  [999.994, '$999.99'],
  [12.5, '$12.50'],
  [0.000_412_34, '$0.0004123'],
  [0, '$0'],
  [Number.NaN, 'n/a'],
  [undefined, 'n/a'],
])('usd of %s is %s', (value, text) => {
  expect(usd(value)).toBe(text)
})

test.each([
  [12_345.678, '12,345.68'],
  [1_234.5, '1,234.5'],
  [-0.000_123_456_78, '-0.000123457'],
  [1e-15, '1.00e-15'],
  [0, '0'],
  [Number.POSITIVE_INFINITY, 'n/a'],
])('quantity of %s is %s', (value, text) => {
  expect(quantity(value)).toBe(text)
})

test.each([
  [16_726_360, '$16.73M', '16.73M'],
  [-2_500_000_000, '-$2.5B', '-2.5B'],
  [999_999, '$999,999', '999,999'],
  [12.5, '$12.50', '12.5'],
  [Number.NaN, 'n/a', 'n/a'],
  [undefined, 'n/a', 'n/a'],
])('the size %s of a market is %s, or in units %s', (value, dollars, units) => {
  expect(usdShort(value)).toBe(dollars)
  expect(quantityShort(value)).toBe(units)
})

test('a change carries its sign, and nothing that rounds to zero pretends to be one', () => {
  expect(usdChange(5)).toBe('+$5.00')
  expect(usdChange(-5)).toBe('-$5.00')
  expect(quantityChange(1.25)).toBe('+1.25')
  expect(percentChange(0.000_01)).toBe('0.0%')
  expect(percent(-0.000_001)).toBe('0.00%')
  expect(percentChange(-0.256)).toBe('-25.6%')
})

test('a health factor shows a third decimal where it decides, and says that there is no debt', () => {
  expect(healthFactor(1.523)).toBe('1.52')
  expect(healthFactor(1.0049)).toBe('1.005')
  expect(healthFactor(undefined)).toBe('no debt')
})

test('instants equal those of the platform over four centuries', () => {
  for (let at = -2_000_000_000; at < 12_000_000_000; at += 86_400 * 31.7 + 1) {
    const whole = Math.floor(at)
    expect(isoInstant(whole)).toBe(new Date(whole * 1000).toISOString().replace('.000', ''))
  }
})

test('a long hash is shown by its first and last characters, a short one whole', () => {
  expect(shortHex(`0x${'ab'.repeat(32)}`, 6)).toBe('0xababab…ababab')
  expect(shortHex('0x1234')).toBe('0x1234')
})
