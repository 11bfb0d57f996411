// Telling people: each channel once, again only where it failed for now, and what failed for good is on record.

import { describe, expect, it } from 'vitest'
import { notify } from '../../lib/flows/notify.ts'
import type { Delivery } from '../../lib/model/receipt.ts'
import { configuration, type Desk, portfolioId, twinDesk, untilProposed } from './twin-desk.ts'

const later: Delivery = { kind: 'failed', code: 'rate-limited', reason: 'HTTP 429', retry: 'later' }
const never: Delivery = { kind: 'failed', code: 'opted-out', reason: 'The number has opted out.', retry: 'never' }
const taken: Delivery = { kind: 'accepted', reference: 'taken' }
const raised = `${portfolioId}~health~1~raised`

/** How often each channel was asked to tell the alert, and what it answered. */
function answering(plan: (notifierId: string, time: number) => Delivery) {
  const asked: Record<string, number> = {}
  const desk = twinDesk({
    answer: (notifierId, notice) => {
      if (notice.id !== raised) return taken
      asked[notifierId] = (asked[notifierId] ?? 0) + 1
      return plan(notifierId, asked[notifierId])
    },
  })
  return { desk, asked }
}

const receiptsOf = async ({ house }: Desk) =>
  Promise.all(['log', 'phone', 'desk'].map((id) => house.watch.receipt(portfolioId, raised, id)))

it('a channel that fails for now is tried again, and only that one', async () => {
  const { desk, asked } = answering((id, time) => (id === 'desk' && time < 3 ? later : taken))
  await untilProposed(desk)
  expect(asked).toEqual({ log: 1, phone: 1, desk: 3 })
  expect((await receiptsOf(desk)).map((receipt) => receipt?.delivery)).toEqual([taken, taken, taken])
  expect(desk.house.bus.dead('notifications')).toEqual([])
  const attempts = (await desk.house.watch.latestReceipts(portfolioId, 100)).filter(
    ({ noticeId }) => noticeId === raised,
  )
  expect(attempts.filter(({ notifierId }) => notifierId === 'desk').map(({ delivery }) => delivery.kind)).toContain(
    'failed',
  )
})

it('a channel that goes on failing ends among the dead letters with its reason on record; the others were told', async () => {
  const { desk, asked } = answering((id) => (id === 'phone' ? later : taken))
  await untilProposed(desk)
  expect(asked).toEqual({ log: 1, phone: 5, desk: 1 })
  expect(desk.house.bus.dead('notifications')).toEqual([{ kind: 'alert-raised', portfolioId, alertId: raised }])
  expect((await receiptsOf(desk)).map((receipt) => receipt?.delivery)).toEqual([taken, later, taken])
})

it('a channel that fails for good is recorded, not asked again, and holds nobody up', async () => {
  const { desk, asked } = answering((id) => (id === 'phone' ? never : taken))
  await untilProposed(desk)
  await desk.house.handlers.notifications({ kind: 'alert-raised', portfolioId, alertId: raised })
  expect(asked).toEqual({ log: 1, phone: 1, desk: 1 })
  expect((await receiptsOf(desk)).map((receipt) => receipt?.delivery)).toEqual([taken, never, taken])
  expect(desk.house.bus.dead('notifications')).toEqual([])
})

describe('severity', () => {
  it('decides which channel hears what', async () => {
    const desk = twinDesk()
    await untilProposed(desk)
    const heard = (notifierId: string) =>
      new Set(desk.house.told.filter((one) => one.notifierId === notifierId).map(({ notice }) => notice.severity))
    expect(heard('phone')).toEqual(new Set(['critical']))
    expect(heard('desk')).toEqual(new Set(['critical', 'warning']))
  })

  it('decides what is told first, whatever the order of the rules', async () => {
    const [portfolio] = configuration.portfolios
    if (portfolio === undefined) throw new Error('the desk has one portfolio')
    const rules = portfolio.rules.toReversed()
    const desk = twinDesk({ configuration: { ...configuration, portfolios: [{ ...portfolio, rules }] } })
    await untilProposed(desk)
    const log = desk.house.told.filter(({ notifierId }) => notifierId === 'log').map(({ notice }) => notice.id)
    expect(log.slice(0, 2)).toEqual([raised, `${portfolioId}~size~1~raised`])
  })
})

it('says what, against which limit, why, how old the data is, what to do, and where to look', async () => {
  const desk = twinDesk()
  await untilProposed(desk)
  const notice = desk.house.told.find((one) => one.notice.id === raised)?.notice
  expect(notice).toMatchObject({
    severity: 'critical',
    title: 'Treasury: healthFactor < 1.3 (1.23 against a limit of 1.3)',
    link: 'https://page.example',
  })
  expect(notice?.lines.join('\n')).toMatch(/Data is fresh, \d+ s old\./)
  const request = desk.house.told.find((one) => one.notice.id.includes('~PROPOSED~'))?.notice
  const order = await desk.house.order()
  expect(request?.link).toBe(`https://approve.example/o/${encodeURIComponent(order.id)}/${order.linkKey}`)
  expect(request?.lines).toContain(`Compare before you sign: ${order.safeTransactionHash}`)
})

describe('a portfolio that was taken out of the configuration before its news could be told', () => {
  /** Raised and proposed while no channel could be reached, then the portfolio was renamed. */
  async function untold() {
    let isDown = true
    const desk = twinDesk({ answer: () => (isDown ? later : taken) })
    await untilProposed(desk)
    isDown = false
    const [portfolio] = configuration.portfolios
    if (portfolio === undefined) throw new Error('the desk has one portfolio')
    const renamed = { ...configuration, portfolios: [{ ...portfolio, id: 'treasury-2' }] }
    await desk.house.applyConfig({ version: 'v2', configuration: renamed })
    const order = await desk.house.order()
    const news = { kind: 'order-news', orderId: order.id, status: 'PROPOSED', quote: order.quote } as const
    const before = desk.house.told.length
    const heard = () => desk.house.told.slice(before).map(({ notifierId, notice }) => [notifierId, notice.id])
    return { house: desk.house, news, heard }
  }

  it('tells an alert to the people of the configuration that its report was made under', async () => {
    const { house, heard } = await untold()
    await house.handlers.notifications({ kind: 'alert-raised', portfolioId, alertId: raised })
    expect(heard()).toEqual(['log', 'phone', 'desk'].map((id) => [id, raised]))
  })

  it('tells news of an order to the people of the configuration that it was made under', async () => {
    const { house, heard, news } = await untold()
    await house.handlers.notifications(news)
    const id = `${news.orderId}~PROPOSED~${news.quote}`
    expect(heard()).toEqual(['log', 'phone', 'desk'].map((notifierId) => [notifierId, id]))
  })

  it('is named in the log where even that configuration is gone: never silence', async () => {
    const { house, heard, news } = await untold()
    const lines: unknown[] = []
    const deps = {
      config: { ...house.config, settings: async () => undefined },
      watch: house.watch,
      orders: house.orders,
      notifiers: { deliver: async () => taken },
      clock: house.clock,
      log: { line: (event: string, facts: object) => lines.push([event, facts]) },
      approveUrl: undefined,
      consoleUrl: undefined,
    }
    await notify(deps, { kind: 'alert-raised', portfolioId, alertId: raised })
    await notify(deps, news)
    expect(heard()).toEqual([])
    expect(lines).toEqual([
      ['notify.nobody', expect.objectContaining({ noticeId: raised, portfolioId })],
      ['notify.nobody', expect.objectContaining({ noticeId: `${news.orderId}~PROPOSED~${news.quote}`, portfolioId })],
    ])
  })
})

it('a dead letter that is redriven after the outage tells those whom it did not reach, and nobody twice', async () => {
  let isDown = true
  const { desk, asked } = answering((id) => (id === 'phone' && isDown ? later : taken))
  await untilProposed(desk)
  const [letter, ...more] = desk.house.bus.dead('notifications')
  if (letter === undefined) throw new Error('the outage left no dead letter')
  expect(more).toEqual([])
  isDown = false
  const before = { ...asked }
  await desk.house.handlers.notifications(letter)
  await desk.house.handlers.notifications(letter)
  expect(asked).toEqual({ ...before, phone: (before.phone ?? 0) + 1 })
  expect((await receiptsOf(desk)).map((receipt) => receipt?.delivery)).toEqual([taken, taken, taken])
})

it('an alert that is announced and cannot be found is no reason for silence: it fails, and comes again', async () => {
  const desk = twinDesk()
  await untilProposed(desk)
  const { notifications } = desk.house.handlers
  await expect(notifications({ kind: 'alert-raised', portfolioId, alertId: 'gone' })).rejects.toMatchObject({
    code: 'not-found',
    retry: 'later',
  })
  const news = { kind: 'order-news', orderId: 'treasury~restore-health~0099', status: 'PROPOSED', quote: 1 } as const
  await expect(notifications(news)).rejects.toMatchObject({ code: 'not-found' })
})
