// How a protocol's settings pin the decimals of a number: what the chain answers is compared with them.

import * as z from '../../base/schema.ts'
import { noted } from '../../instruments/term-schemas.ts'

/** A whole number from 0 to 36. */
export function decimalsSetting(meaning: string) {
  const message = 'must be a whole number, 0 to 36'
  const schema = z.int(message).check(z.gte(0, message), z.lte(36, message))
  return noted(schema, 'decimals', meaning)
}
