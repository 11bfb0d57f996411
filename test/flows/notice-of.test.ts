// Alerts and order news in words.

import { expect, it } from 'vitest'
import { noticeOfAlert, noticeOfOrder } from '../../lib/flows/notice-of.ts'
import { alertAt, orderAt, settingsAt, start } from '../web/desk.ts'

const settings = settingsAt('v1')
const news = { kind: 'order-news', orderId: 'treasury~restore-health~0001', status: 'PROPOSED', quote: 1 } as const

it('an alarm says what to do before why; a recovery is good news and says why first', () => {
  const alarm = noticeOfAlert(alertAt(start), settings, undefined)
  expect(alarm.mood).toBeUndefined()
  expect(alarm.lines[0]).toMatch(/^An order is on its way/)
  const over = alertAt(start, {
    state: 'recovered',
    why: 'It was 1.23 when told; it is 1.5 now.',
    todo: 'Nothing to do.',
  })
  const calm = noticeOfAlert(over, settings, undefined)
  expect(calm).toMatchObject({ mood: 'good', severity: 'critical' })
  expect(calm.lines[0]).toBe('It was 1.23 when told; it is 1.5 now.')
  expect(calm.lines.at(-1)).toBe('Nothing to do.')
})

it('a request for approval names the health factors and what to sign in its title, which is never cut in a number', () => {
  expect(noticeOfOrder(orderAt(start), news, settings, undefined).title).toBe(
    'DAO treasury <main>: approve? health factor 1.214 -> 1.503: withdraw 12.5 WETH, swap it for USDC and repay 28,900 USDC',
  )
  for (let extra = 0; extra < 30; extra++) {
    const summary = `${'x'.repeat(extra)} withdraw 207.2461 WETH in 2 passes, swap for at least 488,750 USDC, repay 488,750 USDC`
    const { title } = noticeOfOrder(orderAt(start, { summary }), news, settings, undefined)
    expect(title.length).toBeLessThanOrEqual(140)
    const kept = title.replace(/ …$/, '')
    const whole = `DAO treasury <main>: approve? health factor 1.214 -> 1.503: ${summary}`
    expect(whole.startsWith(kept)).toBe(true)
    expect(['', ' ', ',']).toContain(whole.charAt(kept.length))
  }
})
