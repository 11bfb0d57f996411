import { describe, expect, it } from 'vitest'
import { HomeostatError } from '../../lib/base/homeostat-error.ts'
import { onSchedule } from '../../lib/wiring/doors/on-schedule.ts'
import { logged } from './fixture/logged.ts'

const lines = logged()

describe('the door for schedules', () => {
  it('runs the flow once and is silent', async () => {
    let runs = 0
    await onSchedule(async () => {
      runs += 1
    })()
    expect([runs, lines()]).toEqual([1, []])
  })

  it('says what failed and fails itself, so that the alarm sees it', async () => {
    const failure = new HomeostatError('bus-refused', { message: 'No.', retry: 'later', facts: { count: 2 } })
    await expect(onSchedule(() => Promise.reject(failure))()).rejects.toBe(failure)
    expect(lines()).toEqual([
      { event: 'schedule.failed', code: 'bus-refused', message: 'No.', retry: 'later', facts: { count: 2 } },
    ])
  })
})
