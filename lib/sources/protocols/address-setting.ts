// Settings of protocols name contracts; a digit that was mistyped is found where it enters, not where its calls fail.

import { getAddress } from 'viem/utils'
import * as z from '../../base/schema.ts'
import { noted } from '../../instruments/term-schemas.ts'
import type { Address } from '../../model/identity.ts'

const notAnAddress = 'must be an address: 0x and 40 hexadecimal digits'

/** A contract's address, in lower case afterwards. Mixed case carries a checksum (EIP-55), which must be right; zero is no contract. */
export function addressSetting(meaning: string) {
  const schema = z.pipe(
    z.string(notAnAddress).check(z.regex(/^0x[0-9a-fA-F]{40}$/, notAnAddress)),
    z.transform((given: string, context): Address => {
      const fault = faultOf(given)
      if (fault === undefined) return given.toLowerCase() as Address
      context.issues.push({ code: 'custom', message: fault, input: given })
      return z.NEVER
    }),
  )
  return noted(schema, 'address', meaning)
}

function faultOf(given: string): string | undefined {
  // The regular expression has complained already.
  if (!/^0x[0-9a-fA-F]{40}$/.test(given)) return undefined
  if (/^0x0{40}$/.test(given)) return 'must not be the zero address'
  const hasCase = /[a-f]/.test(given.slice(2)) && /[A-F]/.test(given.slice(2))
  if (!hasCase || given === getAddress(given.toLowerCase())) return undefined
  return 'has a wrong checksum (EIP-55), so a digit may be mistyped: copy it again from its source'
}
