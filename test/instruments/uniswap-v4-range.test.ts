import { describe, expect, it } from 'vitest'
import { exampleMarket } from '../../lib/instruments/example-market.ts'
import { greeksOf } from '../../lib/instruments/greeks/greeks-of.ts'
import { parseMarket } from '../../lib/instruments/market/parse-market.ts'
import { parsePosition } from '../../lib/instruments/parse-position.ts'
import { uniswapV4Range } from '../../lib/instruments/pools/uniswap-v4-range.ts'
import { detailsOf, value, warningsOf } from '../../lib/instruments/value.ts'

const market = parseMarket(exampleMarket)
const v4 = (change: object = {}) =>
  parsePosition({ kind: 'uniswap-v4-range', terms: { ...uniswapV4Range.example, ...change } })

it('is worth, and moves as, the v3 range of the same liquidity and prices', () => {
  const { hooks: _hooks, fee: _fee, ...range } = uniswapV4Range.example
  const v3 = parsePosition({ kind: 'uniswap-v3-range', terms: range })
  expect(value(v4(), market)).toBe(value(v3, market))
  expect(greeksOf(v4(), market)).toEqual(greeksOf(v3, market))
  expect(detailsOf(v4(), market)).toEqual(detailsOf(v3, market))
})

describe('what a hook may do is read off its address', () => {
  const clauses = {
    curve: 'its hook may change what a swap gives and takes: the curve, and with it value and Greeks, may not hold',
    keeps: 'its hook may keep a part of what is withdrawn',
    refuses: 'its hook runs when liquidity is withdrawn and may refuse it',
  }

  it.each([
    ['no hook', '0x0000000000000000000000000000000000000000', []],
    // Bits 13 to 10 and 7 to 4: before and after initialisation, adding, swapping and donating.
    ['one that watches', '0x5a1e00000000000000000000000000000000bcf0', []],
    // Bits 7 and 3: before a swap, with a delta of its own (a custom curve).
    ['one that replaces the curve', '0xF00000000000000000000000000000000000c088', [clauses.curve]],
    // Bits 6 and 2: after a swap, with a delta (a fee of the hook's own).
    ['one that takes from swaps', '0x0000000000000000000000000000000000000044', [clauses.curve]],
    // Bits 8 and 0: after a removal, with a delta (an exit fee).
    ['one that charges an exit fee', '0x0000000000000000000000000000000000000101', [clauses.keeps, clauses.refuses]],
    ['one that locks liquidity', '0x0000000000000000000000000000000000000200', [clauses.refuses]],
  ])('%s', (_, hooks, says) => {
    expect(warningsOf(v4({ hooks }), market)).toEqual(says)
  })

  it('an address is the same in any case of its letters, and an empty position has nothing to fear', () => {
    expect(v4({ hooks: '0xF00000000000000000000000000000000000C088' })).toEqual(
      v4({ hooks: '0xf00000000000000000000000000000000000c088' }),
    )
    expect(
      warningsOf(v4({ hooks: '0x0000000000000000000000000000000000000088', liquidity: 0, fee: 'dynamic' }), market),
    ).toEqual([])
  })
})

it('a fee that a hook sets makes a stated fee rate one of the past', () => {
  expect(warningsOf(v4({ fee: 'dynamic' }), market)).toEqual([
    'its fee is set by its hook and may change: the stated feeRate is of the past',
  ])
  expect(warningsOf(v4({ fee: 'dynamic', feeRate: undefined }), market)).toEqual([])
})
