import * as fc from 'fast-check'
import { encodeErrorResult, parseAbi } from 'viem'
import { describe, expect, it } from 'vitest'
import { revertReason } from '../../lib/actions/revert-reason.ts'

const abi = parseAbi([
  'error Error(string)',
  'error Panic(uint256)',
  'error TransactionDeadlinePassed()',
  'error Odd()',
])
const said = (text: string) => encodeErrorResult({ abi, errorName: 'Error', args: [text] })

describe('a reason', () => {
  it.each([
    [said('GS026'), /^GS026 \(Safe: a signature is not an owner’s/],
    [said('35'), /^35 \(Aave: the health factor would fall below 1\)$/],
    [said('Too little received'), /^Too little received \(Uniswap/],
    [said('something else'), /^something else$/],
    [said(''), /^without a reason$/],
    [encodeErrorResult({ abi, errorName: 'Panic', args: [0x11n] }), /^panic 0x11$/],
    [encodeErrorResult({ abi, errorName: 'TransactionDeadlinePassed' }), /^TransactionDeadlinePassed \(/],
    [encodeErrorResult({ abi, errorName: 'Odd' }), /^unknown error 0x[0-9a-f]{8}$/],
    ['0x', /^without a reason$/],
    ['0x08c379', /^without a reason$/],
    ['0x08c379a0ff', /^unknown error 0x08c379a0$/],
  ] as const)('of %s is said in words', (data, words) => {
    expect(revertReason(data)).toMatch(words)
  })

  it('is short and on one line, whatever a contract says', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (text) => {
        const reason = revertReason(said(text))
        expect(reason.length).toBeLessThan(400)
        expect(reason).not.toMatch(/\p{Cc}/u)
      }),
    )
  })
})
