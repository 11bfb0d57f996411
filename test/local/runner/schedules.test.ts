import { describe, expect, it } from 'vitest'
import { everySecondsOf } from '../../../lib/local/runner/schedules.ts'

describe('a schedule expression', () => {
  it.each([
    ['rate(1 minute)', 60],
    ['rate(5 minutes)', 300],
    ['rate(1 hour)', 3_600],
    ['rate(2 days)', 172_800],
  ])('%s is every %i seconds', (expression, seconds) => {
    expect(everySecondsOf(expression)).toBe(seconds)
  })

  it.each(['cron(0 12 * * ? *)', 'at(2030-01-01T00:00:00)', 'rate(1 fortnight)', 'rate(1.5 hours)'])(
    '%s is refused',
    (expression) => {
      expect(() => everySecondsOf(expression)).toThrowError(
        expect.objectContaining({ code: 'schedule-expression-unknown' }),
      )
    },
  )
})
