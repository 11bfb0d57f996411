import { describe, expect, it } from 'vitest'
import { HomeostatError } from '../../lib/base/homeostat-error.ts'
import { Redacted } from '../../lib/base/redacted.ts'
import { type HttpRequest, jsonResponse, maxBodyBytes } from '../../lib/flows/http.ts'
import { onHttp, type UrlEvent } from '../../lib/wiring/doors/on-http.ts'
import { logged } from './fixture/logged.ts'

const lines = logged()

const event = (more: Partial<UrlEvent> & { readonly method?: string } = {}): UrlEvent => {
  const { method = 'GET', ...rest } = more
  return { rawPath: '/', requestContext: { http: { method, sourceIp: '192.0.2.7' } }, ...rest }
}

/** What the flow behind the door is handed. */
async function requestOf(given: UrlEvent): Promise<HttpRequest> {
  let seen: HttpRequest | undefined
  await onHttp(async (request) => {
    seen = request
    return jsonResponse(200, {})
  })(given)
  if (seen === undefined) throw new Error('the flow was not asked')
  return seen
}

describe('the door for function URLs', () => {
  it('turns payload 2.0 into a plain request', async () => {
    const request = await requestOf(
      event({
        method: 'post',
        rawPath: '/o/treasury%7E1/ab',
        rawQueryString: 'x=1&y=a%20b&x=2',
        headers: { 'Content-Type': 'application/json', 'X-Odd': undefined },
        cookies: ['session=abc=def', ' theme=dark', 'nonsense', '=empty'],
        body: '{"a":1}',
        isBase64Encoded: false,
      }),
    )
    expect(request).toEqual({
      method: 'POST',
      path: '/o/treasury%7E1/ab',
      query: { x: '2', y: 'a b' },
      headers: { 'content-type': 'application/json' },
      cookies: { session: 'abc=def', theme: 'dark' },
      body: '{"a":1}',
      sourceIp: '192.0.2.7',
    })
  })

  it('decodes a body in base64, with every character of it', async () => {
    const body = '{"who":"Zoë — ☂"}'
    const request = await requestOf(
      event({ method: 'POST', body: Buffer.from(body).toString('base64'), isBase64Encoded: true }),
    )
    expect(request.body).toBe(body)
  })

  it('takes cookies from the header where the payload has none of its own', async () => {
    const request = await requestOf(event({ headers: { cookie: 'session=1; theme=2' } }))
    expect(request.cookies).toEqual({ session: '1', theme: '2' })
  })

  it('takes an event without any of what is optional', async () => {
    const bare: UrlEvent = { rawPath: '', requestContext: { http: { method: 'GET' } } }
    expect(await requestOf(bare)).toEqual({
      method: 'GET',
      path: '/',
      query: {},
      headers: {},
      cookies: {},
      body: '',
      sourceIp: '',
    })
  })

  it('hands out status, headers, body and cookies', async () => {
    const door = onHttp(async () => ({ status: 303, headers: { location: '/x' }, cookies: ['a=1'], body: '' }))
    expect(await door(event())).toEqual({ statusCode: 303, headers: { location: '/x' }, cookies: ['a=1'], body: '' })
  })

  it.each([
    ['as text', { body: 'x'.repeat(maxBodyBytes * 2) }],
    ['in base64', { body: Buffer.alloc(maxBodyBytes * 2).toString('base64'), isBase64Encoded: true }],
  ])('refuses a body that is too long %s, without asking the flow', async (_, more) => {
    let asked = 0
    const door = onHttp(async () => {
      asked += 1
      return jsonResponse(200, {})
    })
    const answer = await door(event({ method: 'POST', ...more }))
    expect([answer.statusCode, JSON.parse(answer.body).error.code, asked]).toEqual([413, 'body-too-long', 0])
  })

  it('lets a body of the allowed length in, also in base64', async () => {
    const body = 'x'.repeat(maxBodyBytes)
    const request = await requestOf(
      event({ method: 'POST', body: Buffer.from(body).toString('base64'), isBase64Encoded: true }),
    )
    expect(request.body).toHaveLength(maxBodyBytes)
  })

  const secret = 'https://rpc.example/v2/0123456789abcdef-key'
  const failures: readonly (readonly [string, () => Promise<never>])[] = [
    ['a foreign error', () => Promise.reject(new Error(`connect ECONNREFUSED ${secret}`))],
    [
      'our own error with facts',
      () =>
        Promise.reject(
          new HomeostatError('store-refused', { message: 'No.', retry: 'never', facts: { arn: secret }, hint: secret }),
        ),
    ],
    ['a thrown text', () => Promise.reject(secret)],
    [
      'an error that is thrown at once',
      () => {
        throw new TypeError(secret)
      },
    ],
  ]
  it.each(failures)(
    'never lets %s out: nothing of it is in the answer, and the log says what failed',
    async (_, fail) => {
      const answer = await onHttp(fail)(event())
      expect(answer.statusCode).toBe(503)
      expect(JSON.stringify(answer)).not.toContain('rpc.example')
      expect(JSON.parse(answer.body).error).toEqual({
        code: 'unavailable',
        message: expect.stringContaining('nothing was changed'),
        hint: expect.any(String),
      })
      expect(lines()).toMatchObject([{ event: 'http.failed', method: 'GET', path: '/', code: expect.any(String) }])
    },
  )

  it('logs each request with its status, and never the key that a link carries, a query, a cookie or a body', async () => {
    const key = 'c0ffee'.repeat(6)
    const given = event({
      method: 'POST',
      rawPath: `/o/treasury/${key}/approvals`,
      rawQueryString: `k=${key}`,
      cookies: [`session=${key}`],
      headers: { authorization: key },
      body: key,
    })
    await onHttp(async () => jsonResponse(200, { secret: new Redacted(key) }))(given)
    await onHttp(() => Promise.reject(new Error('no')))(given)
    expect(lines()).toMatchObject([
      { event: 'http', method: 'POST', path: '/o/treasury/[key]/approvals', status: 200 },
      { event: 'http.failed', path: '/o/treasury/[key]/approvals' },
    ])
    expect(JSON.stringify(lines())).not.toContain(key)
  })
})
