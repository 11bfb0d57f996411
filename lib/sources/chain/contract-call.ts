// Contract calls with strict answers: viem accepts trailing bytes and tells an empty answer only by an exception.

import type { Abi, AbiParameter, ContractFunctionArgs, ContractFunctionName, ContractFunctionReturnType } from 'viem'
import { decodeErrorResult, decodeFunctionResult, encodeAbiParameters, getAbiItem, size } from 'viem/utils'
import type { Address, Hex } from '../../model/identity.ts'

/** A view function of a contract with its arguments. */
export interface ContractCall<
  abi extends Abi = Abi,
  name extends ContractFunctionName<abi, 'view' | 'pure'> = ContractFunctionName<abi, 'view' | 'pure'>,
> {
  readonly to: Address
  readonly abi: abi
  readonly functionName: name
  readonly args: ContractFunctionArgs<abi, 'view' | 'pure', name>
}

/** Why one item could not be read, while the chain could. */
export interface Unread {
  readonly ok: false
  readonly code: 'reverted' | 'empty-return' | 'malformed-return' | 'providers-disagree'
  readonly reason: string
}

/** Undecoded. */
export type RawAnswer = { readonly ok: true; readonly data: Hex } | Unread
export type Answer<T> = { readonly ok: true; readonly value: T } | Unread

export type ReturnOf<
  abi extends Abi,
  name extends ContractFunctionName<abi, 'view' | 'pure'>,
> = ContractFunctionReturnType<abi, 'view' | 'pure', name>

/** The value of an answer, or why there is none; if all outputs have a fixed size, the answer must have exactly that many bytes. */
export function decodeAnswer<abi extends Abi, name extends ContractFunctionName<abi, 'view' | 'pure'>>(
  { abi, functionName }: { readonly abi: abi; readonly functionName: name },
  raw: RawAnswer,
): Answer<ReturnOf<abi, name>> {
  if (!raw.ok) return raw
  const bytes = size(raw.data)
  if (bytes === 0) return unread('empty-return', `${functionName} returned nothing: is there a contract?`)
  const outputs = outputsOf(abi, functionName)
  const expected = fixedSize(outputs)
  if (expected !== undefined && bytes !== expected) {
    return unread('malformed-return', `${functionName} returned ${bytes} bytes instead of ${expected}.`)
  }
  const misfit = unread('malformed-return', `${functionName} returned bytes that do not fit its type.`)
  try {
    const value: unknown = decodeFunctionResult({
      abi: abi as Abi,
      functionName: functionName as string,
      data: raw.data,
    })
    // Encoding refuses what exceeds its type, and shows dirty bits: decoding minds neither.
    const values = outputs.length === 1 ? [value] : (value as readonly unknown[])
    if (expected !== undefined && encodeAbiParameters(outputs, values) !== raw.data.toLowerCase()) return misfit
    return { ok: true, value: value as ReturnOf<abi, name> }
  } catch {
    return misfit
  }
}

export function unread(code: Unread['code'], reason: string): Unread {
  return { ok: false, code, reason }
}

/** What a reverted call said, as far as it can be read. */
export function revertReason(data: Hex): string {
  if (data === '0x') return 'reverted without a reason'
  try {
    const { errorName, args } = decodeErrorResult({ data, abi: [] })
    if (errorName === 'Error') return `reverted: ${printable(String(args?.[0]))}`
    if (errorName === 'Panic') return `reverted: panic ${String(args?.[0])}`
  } catch {
    // Not one of the two errors that every contract has.
  }
  return `reverted with ${data.slice(0, 10)}`
}

function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?').slice(0, 120)
}

function outputsOf(abi: Abi, functionName: string): readonly AbiParameter[] {
  const item = getAbiItem({ abi, name: functionName })
  return item?.type === 'function' ? item.outputs : []
}

/** Bytes of outputs that are all of one word; undefined if any is of another kind. */
function fixedSize(outputs: readonly AbiParameter[]): number | undefined {
  const isWord = ({ type }: AbiParameter) => /^(u?int\d*|address|bool|bytes\d+)$/.test(type)
  return outputs.every(isWord) ? outputs.length * 32 : undefined
}
