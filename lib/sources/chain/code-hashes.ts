// The hash of the code at each of many addresses in one request: a creation that is called, not sent, answers with whatever it returns.

import { concatHex, numberToHex, padHex, size, slice } from 'viem/utils'
import type { Address, Hash, Hex } from '../../model/identity.ts'
import { chainFault } from './chain-fault.ts'

/** What a creation returns is taken for code, which has at most 24,576 bytes. */
export const mostCodeHashes = 700

const word = 32

/**
 * PUSH20 address, EXTCODEHASH, PUSH2 offset, MSTORE for each; then PUSH2 length, PUSH1 0, RETURN. The first word stays zero: code that begins with 0xef is
 * refused (EIP-3541), and a hash may.
 */
export function codeHashesCall(addresses: readonly Address[]): Hex {
  if (addresses.length > mostCodeHashes)
    throw new RangeError(`At most ${mostCodeHashes} addresses, not ${addresses.length}.`)
  const offset = (index: number) => numberToHex(index * word, { size: 2 })
  const asked = addresses.map((address, index) => concatHex(['0x73', address, '0x3f61', offset(index + 1), '0x52']))
  return concatHex([...asked, '0x61', offset(addresses.length + 1), '0x6000f3'])
}

/** Zero for an address that nobody has used. @throws HomeostatError `rpc-malformed` */
export function codeHashesIn(answer: Hex | undefined, count: number): readonly Hash[] {
  const isWhole =
    answer !== undefined &&
    size(answer) === (count + 1) * word &&
    slice(answer, 0, word) === padHex('0x', { size: word })
  if (!isWhole) throw chainFault('rpc-malformed', `The answer does not hold ${count} hashes.`)
  return Array.from({ length: count }, (_, index) => slice(answer, (index + 1) * word, (index + 2) * word))
}
