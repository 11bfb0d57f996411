import { SendMessageBatchCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { synthesizedFixture } from '../fixture/synthesized-fixture.ts'
import { type Watch, watchedHouse } from './watched-house.ts'

let watch: Watch
let sqs: SQSClient
const get = (pk: string) => watch.house.invoke('Page', { act: 'get', pk }) as Promise<Record<string, unknown> | null>
const doneBy = (door: string) =>
  watch.invocations.filter((each) => each.door === door && each.outcome === 'done').length
const send = (queue: string, ...jobs: object[]) =>
  sqs.send(
    new SendMessageBatchCommand({
      QueueUrl: watch.house.resourceName(queue),
      Entries: jobs.map((job, index) => ({ Id: String(index), MessageBody: JSON.stringify(job) })),
    }),
  )
const depth = async (queue: string) => (await watch.house.queueDepths())[queue]

beforeAll(async () => {
  watch = await watchedHouse({ cdkOut: await synthesizedFixture() })
  sqs = new SQSClient(watch.house.credentials())
})
afterAll(async () => {
  sqs?.destroy()
  await watch?.house.stop()
})

describe('a queue that feeds a function', () => {
  it('is reached through the scheduler', async () => {
    const before = doneBy('Worker')
    await watch.house.fireSchedules('EveryMinute')
    await watch.until(() => doneBy('Worker') > before)
    expect(doneBy('Tick')).toBe(1)
  })

  it('is reached through a topic', async () => {
    const before = doneBy('Worker')
    await watch.house.invoke('Page', { act: 'publish', text: JSON.stringify({ id: 'by-topic' }) })
    await watch.until(() => doneBy('Worker') > before)
    expect(await get('by-topic')).toMatchObject({ receives: { N: '1' } })
  })

  it('deletes what was done and brings back only what failed, which ends in the dead-letter queue', async () => {
    const lines = watch.lines.length
    await send('Jobs', { id: 'good' }, { do: 'fail' }, { id: 'also-good' })
    await expect.poll(async () => (await depth('JobsDead'))?.ready, { timeout: 10_000 }).toBe(1)
    expect(await get('good')).toMatchObject({ receives: { N: '1' } })
    expect(await get('also-good')).toMatchObject({ receives: { N: '1' } })
    const attempts = watch.lines.slice(lines).filter(({ text }) => text.startsWith('{"job":"fail"'))
    expect(attempts.map(({ text }) => JSON.parse(text).receives)).toEqual(['1', '2'])
    expect(await depth('Jobs')).toEqual({ ready: 0, inFlight: 0, delayed: 0 })
  })

  it('redelivers the message of a function that ran past its time limit and was killed', async () => {
    await send('Jobs', { do: 'hang', id: 'hung' })
    await watch.until(() =>
      watch.invocations.some(({ failure }) => failure?.includes('Task timed out after 1.00 seconds') ?? false),
    )
    const before = doneBy('Worker')
    await watch.until(() => doneBy('Worker') > before)
    expect(await get('hung')).toMatchObject({ receives: { N: '2' } })
  })

  it('brings the whole batch back when the report names a message that was not in it', async () => {
    await send('Jobs', { do: 'misreport', id: 'misreported' })
    await expect.poll(() => get('misreported'), { timeout: 10_000 }).toMatchObject({ receives: { N: '2' } })
  })

  it('survives a function that exits', async () => {
    await send('Jobs', { do: 'exit', id: 'exited' })
    await watch.until(() => watch.invocations.some(({ failure }) => failure?.includes('exit status 3') ?? false))
    const before = doneBy('Worker')
    await watch.until(() => doneBy('Worker') > before)
    expect(await get('exited')).toMatchObject({ receives: { N: '2' } })
  })
})

describe('a FIFO queue', () => {
  const order = (group: string, value: number, more: object = {}) =>
    sqs.send(
      new SendMessageCommand({
        QueueUrl: watch.house.resourceName('OrdersA9'),
        MessageBody: JSON.stringify({ group, value, ...more }),
        MessageGroupId: group,
        MessageDeduplicationId: `${group}-${value}`,
      }),
    )
  const seen = async (group: string) => {
    const { seen: list } = ((await get(group)) ?? {}) as { seen?: { L: { N: string }[] } }
    return list?.L.map(({ N }) => Number(N))
  }

  it('keeps the order within a group, also past a failure, while other groups go on', async () => {
    await order('a', 1)
    await order('a', 2, { failFirst: true })
    await order('b', 1)
    await order('a', 3)
    await order('b', 2)
    await order('a', 2, { failFirst: true })
    await expect.poll(() => seen('a'), { timeout: 10_000 }).toEqual([1, 2, 3])
    expect(await seen('b')).toEqual([1, 2])
    expect(await depth('OrdersDead')).toMatchObject({ ready: 0 })
  })
})

describe('a house that may redeliver sooner', () => {
  it('does not wait for two visibility timeouts of two seconds', async () => {
    const quick = await watchedHouse({ cdkOut: await synthesizedFixture(), redeliverySeconds: 0 })
    const client = new SQSClient(quick.house.credentials())
    try {
      const startedMs = performance.now()
      await client.send(
        new SendMessageCommand({ QueueUrl: quick.house.resourceName('JobsDF'), MessageBody: '{"do":"fail"}' }),
      )
      await expect
        .poll(async () => (await quick.house.queueDepths()).JobsDead?.ready, { interval: 5, timeout: 10_000 })
        .toBe(1)
      expect(performance.now() - startedMs).toBeLessThan(3_900)
    } finally {
      client.destroy()
      await quick.house.stop()
    }
  })
})
