// The fields that terms are made of, each with its rule in words, so that a refusal names both.

import * as z from '../base/schema.ts'

export const assetTerm = z.string('must be an asset symbol').check(z.minLength(1, 'must be an asset symbol, not empty'))

/** Any finite number; below 0 is short. */
export const signedTerm = z.number('must be a finite number')

export const quantityTerm = z.number('must be a finite number').check(z.gte(0, 'must be 0 or more'))

export const priceTerm = z.number('must be a finite number').check(z.gt(0, 'must be above 0'))

export const fractionTerm = z
  .number('must be a finite number')
  .check(z.gte(0, 'must be a fraction, 0 or more'), z.lte(1, 'must be a fraction, at most 1'))

/** A list of parts of which there may be none. */
export function listTerm<Part extends z.ZodMiniType>(part: Part) {
  return z.array(part, 'must be a list')
}
