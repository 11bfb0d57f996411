// The one border between a chain's whole numbers and the doubles that the models compute with.

import { HomeostatError } from './homeostat-error.ts'
import type { TokenUnits } from './units.ts'

/**
 * A token amount as a double, through its decimal text, so that the result is the double nearest to the exact value.
 * @param units whole number of the smallest unit
 * @param decimals the token's decimals, 0..77
 */
export function toDecimal(units: bigint | TokenUnits, decimals: number): number {
  const value = BigInt(units)
  const digits = (value < 0n ? -value : value).toString().padStart(decimals + 1, '0')
  const whole = digits.slice(0, digits.length - decimals)
  const fraction = digits.slice(digits.length - decimals)
  return Number(`${value < 0n ? '-' : ''}${whole}.${fraction || '0'}`)
}

/**
 * A double as a whole number of the smallest unit, rounded towards zero: one never promises more than there is.
 * @throws HomeostatError `amount-not-finite` for NaN and infinities
 */
export function toUnits(amount: number, decimals: number): bigint {
  if (!Number.isFinite(amount)) {
    throw new HomeostatError('amount-not-finite', {
      message: `An amount must be a finite number, not ${amount}.`,
      retry: 'never',
      facts: { amount: String(amount) },
      hint: 'This is a defect upstream: a gap was used as a number.',
    })
  }
  const [mantissa = '0', exponentText = '0'] = Math.abs(amount).toExponential().split('e')
  const [whole = '0', fraction = ''] = mantissa.split('.')
  const shift = Number(exponentText) - fraction.length + decimals
  const digits = BigInt(whole + fraction)
  const magnitude = shift >= 0 ? digits * 10n ** BigInt(shift) : digits / 10n ** BigInt(-shift)
  return amount < 0 ? -magnitude : magnitude
}
