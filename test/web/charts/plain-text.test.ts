import { describe, expect, test } from 'vitest'
import { columnsOf, fitted, pixelsOf, plainText, wrapped } from '../../../lib/web/charts/plain-text.ts'

describe('text from anywhere', () => {
  test('becomes one line of characters that can be seen', () => {
    expect(plainText('  a\n\tb\u0000c\u001b[31m ')).toBe('a b c [31m')
    expect(plainText('\ufeffdrow\u202e\u2066')).toBe('drow')
    expect(plainText('x\ud800y')).toBe('x\ufffdy')
    expect(plainText('z'.repeat(10_000))).toHaveLength(500)
  })

  test('is cut between what readers see as characters', () => {
    expect(fitted('abcdef', 6, columnsOf)).toBe('abcdef')
    expect(fitted('abcdef', 5, columnsOf)).toBe('abcd…')
    expect(fitted('漢字漢字', 6, columnsOf)).toBe('漢字…')
    expect(fitted('👩‍👩‍👧‍👦👩‍👩‍👧‍👦', 3, columnsOf)).toBe('👩‍👩‍👧‍👦…')
    expect(fitted('abc', 0, columnsOf)).toBe('')
  })

  test('is wrapped between words, and the last line that there is room for is cut', () => {
    expect(wrapped('one two three', 7, columnsOf)).toEqual(['one two', 'three'])
    expect(wrapped('one two three four', 7, columnsOf, 2)).toEqual(['one two', 'three…'])
    expect(wrapped('extraordinarily long', 7, columnsOf)).toEqual(['extrao…'])
    expect(wrapped('', 7, columnsOf)).toEqual([])
  })
})

/** Widths of Helvetica in thousandths of its size, from Adobe's font metrics (1989). */
test.each([
  ['0123456789', 5560],
  ['$1,234,567', 278 * 2 + 556 * 8],
  ['WMwm', 944 + 833 + 722 + 833],
  ['Value, USD', 667 + 556 + 222 + 556 + 556 + 278 + 278 + 722 + 667 + 722],
])('is measured rather too wide than too narrow: %s', (text, thousandths) => {
  const ratio = pixelsOf(text, 1000) / thousandths
  expect(ratio).toBeGreaterThan(1)
  expect(ratio).toBeLessThan(1.2)
})
