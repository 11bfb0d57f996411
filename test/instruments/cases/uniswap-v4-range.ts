import fc from 'fast-check'
import type { InstrumentCase } from '../instrument-case.ts'
import { isInsideOfARange, rangeGross, rangeTerms, refusedRanges, wildRangeTerms } from './uniswap-v3-range.ts'

const key = fc.record({
  hooks: fc
    .bigInt({ min: 0n, max: 2n ** 160n - 1n })
    .map((address) => `0x${address.toString(16).padStart(40, '0')}` as const),
  fee: fc.constantFrom('static', 'dynamic'),
})

export const uniswapV4RangeCase: InstrumentCase<'uniswap-v4-range'> = {
  terms: fc.tuple(rangeTerms, key).map(([range, pool]) => ({ ...range, ...pool })),
  wild: fc.tuple(wildRangeTerms, key).map(([range, pool]) => ({ ...range, ...pool })),
  gross: rangeGross,
  isSmooth: isInsideOfARange,
  refused: [
    ...refusedRanges,
    { change: { hooks: '0x1234' }, says: /hooks: must be an address/ },
    { change: { hooks: true }, says: /hooks: must be an address/ },
    { change: { fee: 3_000 }, says: /fee: must be static or dynamic/ },
  ],
}
