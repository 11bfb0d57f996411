// The few calls that read what no getter tells: code of many contracts, and storage slots of many contracts, each in one request.

import {
  concatHex,
  encodeFunctionData,
  keccak256,
  numberToHex,
  padHex,
  parseAbi,
  size,
  slice,
  toBytes,
} from 'viem/utils'
import type { Address, Hash, Hex, PinnedBlock } from '../../model/identity.ts'
import { chainFault } from '../chain/chain-fault.ts'
import { decodeAggregate } from '../chain/decode-aggregate.ts'
import type { EncodedCall } from '../chain/provider.ts'

const word = 32
/** Bytes of its code that are looked at: a minimal proxy has 45, a delegated key 23. */
const headBytes = 64
/** What a creation returns is taken for code, which has at most 24,576 bytes: two words, then four for each. */
export const mostCodeFacts = 190

/** keccak256 of nothing: an account without code. */
const noCode = '0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470'
const unused = `0x${'0'.repeat(64)}`

export interface CodeFacts {
  readonly hash: Hash
  /** Bytes. */
  readonly size: number
  /** Its first 64 bytes, filled up with zeros. */
  readonly head: Hex
}

/** A zero word (code that begins with 0xef is refused), the block's time, then for each address the hash, the size and the head of its code. */
export function codeFactsCall(addresses: readonly Address[]): Hex {
  const at = (place: number) => `61${numberToHex(place, { size: 2 }).slice(2)}`
  const parts = addresses.map((address, index) => {
    const push = `73${address.slice(2)}`
    const start = (2 + 4 * index) * word
    // MSTORE the hash and the size; EXTCODECOPY(address, start + 64, 0, 64).
    return `${push}3f${at(start)}52${push}3b${at(start + word)}52${at(headBytes)}6000${at(start + 2 * word)}${push}3c`
  })
  return `0x4261002052${parts.join('')}${at((2 + 4 * addresses.length) * word)}6000f3`
}

/** The four words of each address. @throws HomeostatError `rpc-malformed`, `wrong-state` */
export function codeFactsIn(
  answer: unknown,
  { count, block }: { readonly count: number; readonly block: PinnedBlock },
): readonly Hex[] {
  const data = hexIn(answer, 'codes')
  if (size(data) !== (2 + 4 * count) * word || slice(data, 0, word) !== padHex('0x', { size: word }))
    throw chainFault('rpc-malformed', `The answer does not hold ${count} codes.`)
  if (slice(data, word, 2 * word) !== numberToHex(block.timestamp, { size: word }))
    throw chainFault('wrong-state', `The provider did not answer from block ${block.number}.`, { block: block.number })
  return Array.from({ length: count }, (_, index) => slice(data, (2 + 4 * index) * word, (6 + 4 * index) * word))
}

/** From the four words of an address. */
export function codeFactsOf(data: Hex): CodeFacts | undefined {
  const hash = slice(data, 0, word)
  const bytes = Number(BigInt(slice(data, word, 2 * word)))
  if (hash === noCode || hash === unused || bytes === 0) return undefined
  return { hash, size: bytes, head: slice(data, 2 * word) }
}

const multicallAbi = parseAbi([
  'struct Call3 { address target; bool allowFailure; bytes callData; }',
  'struct Result { bool success; bytes returnData; }',
  'function aggregate3(Call3[] calls) view returns (Result[] returnData)',
  'function getCurrentBlockTimestamp() view returns (uint256 timestamp)',
])
const timestampCall = encodeFunctionData({ abi: multicallAbi, functionName: 'getCurrentBlockTimestamp' })

export function aggregated(calls: readonly EncodedCall[]): Hex {
  const sub = calls.map(({ to, data }) => ({ target: to, allowFailure: true, callData: data }))
  return encodeFunctionData({ abi: multicallAbi, functionName: 'aggregate3', args: [sub] })
}

/** Returns the storage at each word of its call: `for (i = 0; i < calldatasize; i += 32) mem[i] = sload(calldata[i])`. */
const slotReader: Hex = '0x60005b3681101560155780355481526020016002565b366000f3'
/** Returns the code at the address in its call. */
const codeReader: Hex = '0x600035803b80600080843c6000f3'
const madeUp = (name: string): Address => `0x${keccak256(toBytes(`homeostat dependencies ${name}`)).slice(-40)}`
/** Addresses that nobody has: where code of ours stands for the time of a call. */
const [helper, canary] = [madeUp('helper'), madeUp('canary')]
const magic = keccak256(toBytes('homeostat dependencies magic'))
/** Returns the magic word: a provider that does not put it there puts nothing else in anybody's place either. */
const canaryCode = concatHex(['0x7f', magic, '0x60005260206000f3'])

export interface OverriddenCall {
  readonly calls: readonly EncodedCall[]
  readonly overrides: Readonly<Record<Address, { readonly code: Hex }>>
}

/** The same slots of many contracts, through code of ours that stands in their place for the time of the call. */
export function slotsCall(addresses: readonly Address[], slots: readonly Hash[]): OverriddenCall {
  const data = concatHex(slots)
  return {
    calls: addresses.map((to) => ({ to, data })),
    overrides: Object.fromEntries(addresses.map((address) => [address, { code: slotReader }])),
  }
}

/** The whole code of contracts. */
export function wholeCodesCall(addresses: readonly Address[]): OverriddenCall {
  return {
    calls: addresses.map((address) => ({ to: helper, data: padHex(address, { size: word }) })),
    overrides: { [helper]: { code: codeReader } },
  }
}

/** As the parameters of `eth_call`, with two calls before the others that prove that it was done as asked. */
export function overriddenParams(
  { calls, overrides }: OverriddenCall,
  { multicall3, block }: { readonly multicall3: Address; readonly block: PinnedBlock },
): readonly unknown[] {
  const proofs: readonly EncodedCall[] = [
    { to: multicall3, data: timestampCall },
    { to: canary, data: '0x' },
  ]
  const call = { to: multicall3, data: aggregated([...proofs, ...calls]) }
  return [call, numberToHex(block.number), { ...overrides, [canary]: { code: canaryCode } }]
}

/**
 * What each call returned; '0x' if it failed.
 * @throws HomeostatError `rpc-malformed`, `wrong-state`
 */
export function overriddenIn(
  answer: unknown,
  { count, block }: { readonly count: number; readonly block: PinnedBlock },
): readonly Hex[] {
  const [time, proof, ...results] = decodeAggregate(hexIn(answer, 'overridden calls')) ?? []
  if (time === undefined || proof === undefined || results.length !== count)
    throw chainFault('rpc-malformed', 'The answer to the overridden calls does not fit its type.')
  if (proof.returnData !== magic)
    throw chainFault('rpc-malformed', 'The provider does not put the given code in place of a contract.')
  if (time.returnData !== numberToHex(block.timestamp, { size: word }))
    throw chainFault('wrong-state', `The provider did not answer from block ${block.number}.`, { block: block.number })
  return results.map(({ success, returnData }) => (success ? returnData : '0x'))
}

/** @throws HomeostatError `rpc-malformed` */
export function hexIn(answer: unknown, what: string): Hex {
  if (typeof answer !== 'string' || !/^0x([0-9a-f]{2})*$/i.test(answer))
    throw chainFault('rpc-malformed', `The answer with ${what} is no bytes.`)
  return answer.toLowerCase() as Hex
}
