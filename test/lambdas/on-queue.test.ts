import { describe, expect, it } from 'vitest'
import { HomeostatError } from '../../lib/base/homeostat-error.ts'
import type { MessageOf } from '../../lib/model/messages.ts'
import { onQueue, type QueueEvent } from '../../lib/wiring/doors/on-queue.ts'
import { logged } from './fixture/logged.ts'

const lines = logged()

const record = (messageId: string, body: unknown, group?: string): QueueEvent['Records'][number] => ({
  messageId,
  body: typeof body === 'string' ? body : JSON.stringify(body),
  attributes: { ApproximateReceiveCount: '2', ...(group === undefined ? {} : { MessageGroupId: group }) },
})
const approved = (orderId: string) => ({ kind: 'order-approved', orderId })

/** A door for approved orders that notes what it was handed and fails for the orders named. */
function executions(failing: readonly string[] = []) {
  const done: string[] = []
  const door = onQueue({
    'order-approved': async ({ orderId }: MessageOf<'order-approved'>) => {
      if (failing.includes(orderId))
        throw new HomeostatError('busy', { message: 'Not now.', retry: 'later', hint: 'Wait.' })
      done.push(orderId)
    },
  })
  const failedOf = async (...records: QueueEvent['Records']) =>
    (await door({ Records: records })).batchItemFailures.map(({ itemIdentifier }) => itemIdentifier)
  return { done, failedOf }
}

describe('the door for queues', () => {
  it('hands over each message and reports no failure', async () => {
    const { done, failedOf } = executions()
    expect(await failedOf(record('1', approved('a')), record('2', approved('b')))).toEqual([])
    expect(done).toEqual(['a', 'b'])
  })

  it('reports exactly the message that failed, and does its neighbours', async () => {
    const { done, failedOf } = executions(['b'])
    expect(await failedOf(record('1', approved('a')), record('2', approved('b')), record('3', approved('c')))).toEqual([
      '2',
    ])
    expect(done).toEqual(['a', 'c'])
  })

  it('holds back the rest of a FIFO group behind a failure, and no other group', async () => {
    const { done, failedOf } = executions(['a1'])
    const failed = await failedOf(
      record('1', approved('a1'), '1:0xa'),
      record('2', approved('b1'), '1:0xb'),
      record('3', approved('a2'), '1:0xa'),
      record('4', approved('b2'), '1:0xb'),
    )
    expect(failed).toEqual(['1', '3'])
    expect(done).toEqual(['b1', 'b2'])
  })

  it('holds back a FIFO group also behind a message that cannot be read', async () => {
    const { done, failedOf } = executions()
    expect(await failedOf(record('1', '{', '1:0xa'), record('2', approved('a2'), '1:0xa'))).toEqual(['1', '2'])
    expect(done).toEqual([])
  })

  it.each([
    ['that is not JSON', '{"kind":', 'invalid-input', 'not JSON'],
    ['that is empty', '', 'invalid-input', 'not JSON'],
    ['that is null', 'null', 'invalid-input', 'unknown kind'],
    ['without a kind', { orderId: 'a' }, 'invalid-input', 'unknown kind'],
    ['of a kind that does not exist', { kind: 'order-denied', orderId: 'a' }, 'invalid-input', 'order-denied'],
    ['whose kind is a name of every object', { kind: 'constructor' }, 'invalid-input', 'constructor'],
    ['whose kind is __proto__', '{"kind":"__proto__"}', 'invalid-input', '__proto__'],
    [
      'of another queue',
      { kind: 'plan-made', portfolioId: 'p', planId: 'x', requote: false },
      'wrong-queue',
      'plan-made',
    ],
    ['without a field', { kind: 'order-approved' }, 'invalid-input', 'orderId'],
    ['with a field of another type', { kind: 'order-approved', orderId: 7 }, 'invalid-input', 'orderId'],
    ['with an endless id', approved('x'.repeat(10_000)), 'invalid-input', 'orderId'],
  ])('sends a message %s back, and says why in one line', async (_, body, code, named) => {
    const { done, failedOf } = executions()
    expect(await failedOf(record('poison', body), record('2', approved('b')))).toEqual(['poison'])
    expect(done).toEqual(['b'])
    expect(lines()).toHaveLength(1)
    expect(lines()[0]).toMatchObject({
      event: 'message.failed',
      messageId: 'poison',
      received: 2,
      code,
      retry: 'never',
    })
    expect(String(lines()[0]?.message)).toContain(named)
    expect(String(lines()[0]?.body).length).toBeLessThanOrEqual(500)
  })

  it('logs our error with its code, retry and hint, and a foreign one by name and message', async () => {
    const foreign = onQueue({ 'order-approved': () => Promise.reject(new TypeError('x is undefined')) })
    await foreign({ Records: [record('1', approved('a'))] })
    await executions(['b']).failedOf(record('2', approved('b')))
    expect(lines()).toMatchObject([
      { code: 'unexpected', message: 'TypeError: x is undefined' },
      { code: 'busy', message: 'Not now.', retry: 'later', hint: 'Wait.' },
    ])
  })

  it('takes an empty batch', async () => {
    expect(await executions().failedOf()).toEqual([])
  })
})
