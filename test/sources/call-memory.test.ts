// What is asked again at once: the last reading's calls, within a bound of memory.

import { expect, it } from 'vitest'
import { callMemory } from '../../lib/sources/chain/call-memory.ts'

const call = (digit: string) => ({ to: `0x${digit.repeat(40)}`, data: '0x' }) as const
const [a, b, c] = [call('a'), call('b'), call('c')]

it('a reading is remembered by its name, and the next one takes its place', () => {
  const memory = callMemory()
  memory.keep('one', [a, b])
  memory.keep('one', [b, c])
  expect([memory.recall('one'), memory.recall('two')]).toEqual([[b, c], []])
})

it('beyond the limit those that were not repeated for longest are forgotten', () => {
  const memory = callMemory(4)
  memory.keep('one', [a, b])
  memory.keep('two', [a])
  memory.keep('one', [a, b])
  memory.keep('three', [a, b])
  expect(['one', 'two', 'three'].map((name) => memory.recall(name).length)).toEqual([2, 0, 2])
})

it('a reading that is larger than the limit is not kept', () => {
  const memory = callMemory(1)
  memory.keep('one', [a, b])
  expect(memory.recall('one')).toEqual([])
})
