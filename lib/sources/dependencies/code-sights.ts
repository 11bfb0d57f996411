// What code by itself tells: where a minimal proxy points, whom a key is delegated to, and which addresses are written into it.

import { hexToBytes, slice } from 'viem/utils'
import type { Address, Hex } from '../../model/identity.ts'
import { isPlace } from './found.ts'

/** Of libraries and immutables in one code; a table of more is data. */
const mostEmbedded = 32

/** EIP-1167 and the shorter and longer forms of it in use (0age's, Solady's, Vyper's): the address between the same two halves. */
const minimalProxies = [
  /^0x363d3d373d3d3d363d73([0-9a-f]{40})5af43d82803e903d91602b57fd5bf3/,
  /^0x3d3d3d3d363d3d37363d73([0-9a-f]{40})5af43d3d93803e602a57fd5bf3/,
  /^0x363d3d373d3d363d7f0{24}([0-9a-f]{40})5af43d82803e903d91603857fd5bf3/,
  /^0x366000600037611000600036600073([0-9a-f]{40})5af4/,
  /^0x36603057343d52307f[0-9a-f]{64}593da1005b363d3d373d3d3d3d610016806062363936013d73([0-9a-f]{40})5af4/,
]

/** The implementation of a minimal proxy. */
export function minimalProxyTarget(head: Hex): Address | undefined {
  for (const form of minimalProxies) {
    const [, target] = form.exec(head) ?? []
    if (target !== undefined) return `0x${target}`
  }
  return undefined
}

/** The contract whose code a key runs (EIP-7702): its own code is a designator of 23 bytes. */
export function delegateOf({ head, size }: { readonly head: Hex; readonly size: number }): Address | undefined {
  return size === 23 && head.startsWith('0xef0100') ? slice(head, 3, 23) : undefined
}

const delegateCall = 0xf4
const push1 = 0x60
const push20 = 0x73
const push32 = 0x7f

export interface CodeSights {
  /** Constants that may be contracts. Whether anything is there has to be asked: numbers may look the same. */
  readonly embedded: readonly Address[]
  /** The functions that it can answer at most; undefined where it may hand a call on to other code. */
  readonly functions: readonly string[] | undefined
}

/**
 * Addresses are linked libraries (PUSH20) and immutables (PUSH32 with twelve zero bytes); instructions are walked in order, so that no constant is taken for
 * another. A function is told apart by its selector, which stands somewhere in the code that answers it.
 * @param selectors names by selector, as a number
 */
export function sightsOfCode(code: Hex, selectors: ReadonlyMap<number, string>): CodeSights {
  const bytes = hexToBytes(code)
  const embedded = new Set<Address>()
  let handsOn = false
  for (let at = 0; at < bytes.length; at++) {
    const op = bytes[at] ?? 0
    if (op === delegateCall) handsOn = true
    if (op < push1 || op > push32) continue
    const length = op - push1 + 1
    if (at + length < bytes.length && (op === push20 || op === push32)) {
      const digits = code.slice(2 + 2 * (at + 1), 2 + 2 * (at + 1 + length)).toLowerCase()
      const address: Address = `0x${digits.slice(-40)}`
      const isAlone = digits.length === 40 || digits.startsWith('0'.repeat(24))
      if (isAlone && looksLikeAddress(address)) embedded.add(address)
    }
    at += length
  }
  const functions = handsOn ? undefined : functionsIn(bytes, selectors)
  return { embedded: [...embedded].slice(0, mostEmbedded), functions }
}

/** Compilers leave out leading zeros of a selector: such functions are always possible. */
function functionsIn(bytes: Uint8Array, selectors: ReadonlyMap<number, string>): readonly string[] {
  const found = new Set([...selectors].flatMap(([selector, name]) => (selector < 0x1_00_00_00 ? [name] : [])))
  let word = 0
  for (const byte of bytes) {
    word = ((word << 8) | byte) >>> 0
    const name = selectors.get(word)
    if (name !== undefined) found.add(name)
  }
  return [...found]
}

/** Masks and small numbers are written the same way: an address has neither long runs of zeros at both ends nor of ones. */
function looksLikeAddress(address: Address): boolean {
  return isPlace(address) && !/^0x(?:f{12}|0{12})|(?:f{16}|0{16})$/.test(address)
}
