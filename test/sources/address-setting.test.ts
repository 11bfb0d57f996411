// Addresses in a protocol's settings: what is refused, and in which words.

import { expect, it } from 'vitest'
import * as z from '../../lib/base/schema.ts'
import { addressSetting } from '../../lib/sources/protocols/address-setting.ts'

const schema = z.object({ address: addressSetting('somewhere') })
const right = '0xcA11bde05977b3631167028862bE2a173976CA11'
const complaint = (address: unknown) =>
  z.safeParse(schema, { address }).error?.issues.map(({ message }) => message) ?? []

it.each([right, right.toLowerCase(), `0x${right.slice(2).toUpperCase()}`])(
  'takes %s and keeps it in lower case',
  (address) => {
    expect(z.parse(schema, { address }, 'settings')).toEqual({ address: right.toLowerCase() })
  },
)

it.each([
  ['a wrong checksum', right.replace('cA', 'Ca'), /checksum/],
  ['a digit too few', right.slice(0, -1), /40 hexadecimal digits/],
  ['the zero address', `0x${'0'.repeat(40)}`, /zero address/],
  ['a number, which an unquoted address is to YAML', 0xca11, /must be an address/],
])('refuses %s', (_, address, words) => {
  expect(complaint(address).join()).toMatch(words)
})
