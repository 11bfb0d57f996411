import { describe, expect, it } from 'vitest'
import { waitBefore } from '../../lib/wiring/doors/retry-soon.ts'

describe('a message that failed for now', () => {
  it('comes back after 10 s, then three times as long each, at most ten minutes', () => {
    expect([1, 2, 3, 4, 5, 6, 7].map((received) => waitBefore(received, 0))).toEqual([10, 30, 90, 270, 600, 600, 600])
  })

  it('is spread by a fifth, so that many do not come back together', () => {
    expect(waitBefore(2, 0.5)).toBe(33)
    expect(waitBefore(5, 0.999)).toBeLessThanOrEqual(720)
  })
})
