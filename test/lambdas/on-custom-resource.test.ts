import { createServer } from 'node:http'
import { afterEach, describe, expect, it } from 'vitest'
import { HomeostatError } from '../../lib/base/homeostat-error.ts'
import { listenOnLoopback } from '../../lib/local/stand-ins/listen-on-loopback.ts'
import { onCustomResource } from '../../lib/wiring/doors/on-custom-resource.ts'
import { logged } from './fixture/logged.ts'

const lines = logged()

interface Put {
  readonly method: string | undefined
  readonly contentType: string | undefined
  readonly body: Record<string, unknown>
}

const undo: (() => unknown)[] = []
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step()
})

/** CloudFormation's side: an address that answers with each status in turn, then 200, and keeps what was put there. */
async function cloudFormation(...statuses: readonly number[]) {
  const puts: Put[] = []
  const waiting = [...statuses]
  const server = createServer(async (request, response) => {
    let text = ''
    for await (const chunk of request) text += chunk
    puts.push({ method: request.method, contentType: request.headers['content-type'], body: JSON.parse(text) })
    response.writeHead(waiting.shift() ?? 200).end()
  })
  const { port, stop } = await listenOnLoopback(server)
  undo.push(stop)
  const event = (more: object = {}) => ({
    RequestType: 'Create',
    ResponseURL: `http://127.0.0.1:${port}/signed`,
    StackId: 'arn:aws:cloudformation:eu-west-1:111111111111:stack/homeostat/1',
    RequestId: 'request-1',
    ResourceType: 'Custom::RelayerAddress',
    LogicalResourceId: 'Address',
    ResourceProperties: { ServiceToken: 'arn', KeyId: 'key-1' },
    ...more,
  })
  return { puts, event }
}

describe('the door for custom resources', () => {
  it.each(['Create', 'Update'])(
    'answers %s with what was looked up, in the words of CloudFormation',
    async (RequestType) => {
      const { puts, event } = await cloudFormation()
      await onCustomResource(async ({ KeyId }) => ({ Address: `of ${KeyId}` }))(event({ RequestType }))
      expect(puts).toEqual([
        {
          method: 'PUT',
          // The address is signed for a request without one.
          contentType: undefined,
          body: {
            Status: 'SUCCESS',
            Data: { Address: 'of key-1' },
            StackId: 'arn:aws:cloudformation:eu-west-1:111111111111:stack/homeostat/1',
            RequestId: 'request-1',
            LogicalResourceId: 'Address',
            PhysicalResourceId: 'Address',
          },
        },
      ])
    },
  )

  it('keeps the physical id, so that an update replaces nothing', async () => {
    const { puts, event } = await cloudFormation()
    await onCustomResource(async () => ({}))(event({ RequestType: 'Update', PhysicalResourceId: 'made-before' }))
    expect(puts[0]?.body).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: 'made-before' })
  })

  it('lets Delete succeed without looking, also after a Create that failed', async () => {
    const { puts, event } = await cloudFormation()
    const door = onCustomResource(() => Promise.reject(new Error('the key is gone')))
    await door(event({ RequestType: 'Delete', PhysicalResourceId: 'Address' }))
    expect(puts.map(({ body }) => body.Status)).toEqual(['SUCCESS'])
  })

  it('answers FAILED with reason and hint when it cannot look', async () => {
    const { puts, event } = await cloudFormation()
    const failure = new HomeostatError('key-store-refused', { message: 'No.', retry: 'never', hint: 'Grant it.' })
    await onCustomResource(() => Promise.reject(failure), [])(event())
    expect(puts[0]?.body).toMatchObject({ Status: 'FAILED', Reason: 'No. Grant it.', PhysicalResourceId: 'Address' })
    expect(lines()).toMatchObject([{ event: 'custom-resource.failed', code: 'key-store-refused' }])
  })

  it('shortens a reason that CloudFormation would not take', async () => {
    const { puts, event } = await cloudFormation()
    await onCustomResource(() => Promise.reject(new Error('x'.repeat(9_000))), [])(event())
    expect(JSON.stringify(puts[0]?.body).length).toBeLessThan(4_096)
  })

  it('looks again for a while: a role that was made seconds ago is not known everywhere', async () => {
    const { puts, event } = await cloudFormation()
    let looks = 0
    const look = async () => {
      looks += 1
      if (looks < 3) throw new Error('AccessDeniedException')
      return { Address: '0x1' }
    }
    await onCustomResource(look, [1, 1])(event())
    expect([looks, puts[0]?.body.Status]).toEqual([3, 'SUCCESS'])
  })

  it('puts its answer again when the address fails', async () => {
    const { puts, event } = await cloudFormation(503, 503)
    await onCustomResource(async () => ({}))(event())
    expect(puts).toHaveLength(3)
  })

  it('fails, for Lambda to repeat it, when the answer cannot be delivered', async () => {
    const { event } = await cloudFormation(403, 403, 403)
    await expect(onCustomResource(async () => ({}))(event())).rejects.toThrow('403')
  })

  it('refuses what is no event of CloudFormation', async () => {
    await expect(onCustomResource(async () => ({}))({ Records: [] })).rejects.toMatchObject({ code: 'invalid-input' })
  })
})
