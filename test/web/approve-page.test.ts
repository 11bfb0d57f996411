import { expect, test } from 'vitest'
import { approveJson, approvePage } from '../../lib/web/approve-page.ts'
import { addressOf, alice, orderAt, start } from './desk.ts'

const names = { [addressOf(alice)]: 'alice' }
const make = (change = {}) =>
  approvePage({ order: orderAt(start, change), at: start + 60, names, nonce: 'n', demoSignUrl: undefined })

test('the page shows what, why, cost, the case of doing nothing, every step, its bytes and both hashes', () => {
  const order = orderAt(start)
  const page = make()
  for (const text of [
    order.summary,
    order.why,
    order.doNothing.text,
    '$48.90',
    'of which gas $4.21',
    'at most 0.50%',
  ]) {
    expect(page).toContain(text)
  }
  for (const call of order.calls) {
    expect(page).toContain(call.label)
    expect(page).toContain(call.data)
    expect(page).toContain(call.to)
  }
  for (const hash of [order.digest, order.safeTransactionHash]) {
    expect(page).toContain(`${hash.slice(0, 8)}…${hash.slice(-6)}`)
    expect(page).toContain(`>${hash}<`)
  }
  expect(page).toContain('short of the target')
  expect(page).toContain('alice')
})

test('an order that can no longer be approved has no buttons', () => {
  expect(make()).toContain('data-act="approve"')
  for (const status of ['APPROVED', 'EXPIRED', 'VOID', 'CONFIRMED']) {
    expect(make({ status })).not.toContain('data-act="approve"')
  }
})

test('a simulation that fails and an allowance that stays are said in plain words', () => {
  const { simulation } = orderAt(start)
  const after = { ...simulation.after, leftoverAllowances: ['USDC for the router'] }
  const page = make({ simulation: { ...simulation, ok: false, reason: 'step 3 reverts', after } })
  expect(page).toContain('fails: step 3 reverts')
  expect(page).toContain('USDC for the router')
})

test('text that came from a chain or a plan stays text', () => {
  const evil = `</script><img src=x onerror=alert(1)>"'`
  const order = orderAt(start)
  const page = make({
    summary: evil,
    why: evil,
    ending: evil,
    portfolioId: evil,
    doNothing: { text: evil },
    calls: order.calls.map((call) => ({ ...call, label: evil })),
    policyVersion: evil,
  })
  expect(page).not.toContain('<img')
  expect(page.match(/<\/script>/g)).toHaveLength(2)
})

test('the live parts do not change while only time passes', () => {
  const order = orderAt(start)
  expect(approveJson(order, start + 1, names).sections).toEqual(approveJson(order, start + 61, names).sections)
})
