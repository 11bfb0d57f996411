import { createHmac } from 'node:crypto'
import { isAddressEqual, keccak256, recoverAddress, serializeSignature, toHex } from 'viem'
import { privateKeyToAccount, publicKeyToAddress } from 'viem/accounts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { synthesizedFixture } from '../fixture/synthesized-fixture.ts'
import { type Watch, watchedHouse } from './watched-house.ts'

const demoKey = keccak256(toHex('a demo key'))
const texts: string[] = []
let watch: Watch
const act = (event: object) => watch.house.invoke('Page', event)

beforeAll(async () => {
  watch = await watchedHouse({
    cdkOut: await synthesizedFixture(),
    demoKmsPrivateKey: demoKey,
    secrets: { 'fixture/hook': 'https://hook.example' },
    environmentOverrides: { TOPIC: 'arn:overridden', UNDECLARED: 'x' },
    onText: ({ message }) => texts.push(message),
  })
})
afterAll(() => watch?.house.stop())

describe('a started house', () => {
  it('resolves outputs and names', () => {
    const { outputs, functionUrls, resourceName } = watch.house
    expect(outputs.Greeting).toBe(`table ${resourceName('Table')} in us-east-1`)
    expect(outputs.PageUrl).toBe(functionUrls.Page)
    expect(() => resourceName('Jobs')).not.toThrow()
    expect(() => resourceName('Pag')).toThrowError(expect.objectContaining({ code: 'name-ambiguous' }))
    expect(() => resourceName('Nobody')).toThrowError(expect.objectContaining({ code: 'name-unknown' }))
  })

  it('has invoked the trigger once', async () => {
    expect(watch.invocations.filter(({ door }) => door === 'Setup')).toEqual([
      expect.objectContaining({ outcome: 'done' }),
    ])
    expect(await act({ act: 'get', pk: 'applied' })).toEqual({ pk: { S: 'applied' } })
  })

  it('gives a function its own environment and nothing of this process', async () => {
    const environment = (await act({ act: 'environment' })) as Record<string, string>
    expect(environment).toMatchObject({
      DOOR: 'Page',
      TOPIC: 'arn:overridden',
      AWS_ENDPOINT_URL: watch.house.endpointUrl,
    })
    expect(environment).not.toHaveProperty('UNDECLARED')
    expect(environment).not.toHaveProperty('PATH')
  })

  it('keeps a bundle loaded between invocations', async () => {
    const first = (await act({ act: 'count' })) as number
    expect(await act({ act: 'count' })).toBe(first + 1)
  })

  it('runs one invocation at a time in one environment', async () => {
    const [first, second] = (await Promise.all([act({ act: 'slowCount' }), act({ act: 'slowCount' })])) as number[]
    expect(second).toBe((first ?? 0) + 1)
  })

  it('writes on a condition once', async () => {
    await act({ act: 'put', pk: 'once' })
    await expect(act({ act: 'put', pk: 'once' })).rejects.toThrow('ConditionalCheckFailedException')
  })

  it('queries a sparse index that holds keys only', async () => {
    await act({ act: 'put', pk: 'due', more: { pendingShard: { N: '3' }, pendingSince: { N: '7' }, body: { S: 'x' } } })
    expect(await act({ act: 'query' })).toEqual([
      { pk: { S: 'due' }, pendingShard: { N: '3' }, pendingSince: { N: '7' } },
    ])
  })

  it('refuses a call without a grant as DynamoDB would, and lists it', async () => {
    await expect(act({ act: 'scan' })).rejects.toThrow(/AccessDeniedException: User: arn:aws:sts::.*dynamodb:Scan/)
    expect(watch.house.refusals()).toContainEqual(
      expect.objectContaining({ by: watch.house.resourceName('PageA'), action: 'dynamodb:Scan' }),
    )
  })

  it('stores objects', async () => {
    expect(await act({ act: 'object', text: 'kept' })).toBe('kept')
  })

  it('gives out secrets by name', async () => {
    expect(await act({ act: 'secret', by: 'SECRET' })).toBe('https://hook.example')
    expect(await act({ act: 'secret', by: 'OWN_SECRET' })).toMatch(/^[A-Za-z0-9]{40}$/)
  })

  it('keeps texts instead of sending them', async () => {
    await act({ act: 'sms', to: '+15550100', text: 'health 1.2' })
    expect(watch.house.smsOutbox()).toEqual([
      expect.objectContaining({ phoneNumber: '+15550100', message: 'health 1.2' }),
    ])
    expect(texts).toEqual(['health 1.2'])
  })

  it('authenticates messages', async () => {
    expect(await act({ act: 'mac', text: 'a' })).toBe(true)
    await expect(act({ act: 'mac', text: 'a', altered: 'b' })).rejects.toThrow('KMSInvalidMacException')
  })
})

/** r and s of a DER signature. */
function parseDer(hex: string): { r: bigint; s: bigint } {
  const der = Buffer.from(hex, 'hex')
  const rLength = der[3] ?? 0
  const r = BigInt(`0x${der.subarray(4, 4 + rLength).toString('hex')}`)
  const s = BigInt(`0x${der.subarray(6 + rLength).toString('hex')}`)
  return { r, s }
}
const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n

describe('a house with two environments per function', () => {
  it('runs two invocations at once, each in its own memory', async () => {
    const { house } = await watchedHouse({ cdkOut: await synthesizedFixture(), concurrency: 2 })
    try {
      expect(await Promise.all([1, 2].map(() => house.invoke('Page', { act: 'slowCount' })))).toEqual([1, 1])
    } finally {
      await house.stop()
    }
  })
})

describe("the relayer's key", () => {
  const { address } = privateKeyToAccount(demoKey)

  it('is the demo key, by id and by alias', async () => {
    for (const by of ['KEY', 'ALIAS']) {
      const spki = (await act({ act: 'publicKey', by })) as string
      expect(isAddressEqual(publicKeyToAddress(`0x${spki.slice(-130)}`), address)).toBe(true)
    }
    expect(watch.house.signerAddress('Relayer101')).toBe(address)
  })

  it('signs so that signatures recover to its address, in both halves of the group', async () => {
    const halves = new Set<string>()
    for (let each = 0; each < 12; each++) {
      const hash = keccak256(toHex(each))
      const { r, s } = parseDer((await act({ act: 'sign', by: 'ALIAS', digest: hash.slice(2) })) as string)
      halves.add(s > order / 2n ? 'high' : 'low')
      const low = s > order / 2n ? order - s : s
      const recovered = await Promise.all(
        [0, 1].map((yParity) =>
          recoverAddress({
            hash,
            signature: serializeSignature({ r: toHex(r, { size: 32 }), s: toHex(low, { size: 32 }), yParity }),
          }),
        ),
      )
      expect(recovered).toContain(address)
    }
    expect([...halves].sort()).toEqual(['high', 'low'])
  })

  it('refuses a digest of the wrong length', async () => {
    await expect(act({ act: 'sign', by: 'KEY', digest: 'abcd' })).rejects.toThrow('ValidationException')
  })
})

describe('a function URL', () => {
  const get = (path: string, init?: RequestInit) => fetch(new URL(path, watch.house.functionUrls.Page), init)

  it('hands over payload format 2.0 and answers what the function says', async () => {
    const response = await get('a/b%20c?x=1&y=2&x=3', { headers: { cookie: 'q=1; r=2', 'X-Custom': 'Yes' } })
    expect(response.status).toBe(201)
    expect(response.headers.get('x-seen')).toBe('yes')
    expect(response.headers.getSetCookie()).toEqual(['a=1; HttpOnly', 'b=2'])
    const event = (await response.json()) as Record<string, unknown>
    expect(event).toMatchObject({
      version: '2.0',
      rawPath: '/a/b%20c',
      rawQueryString: 'x=1&y=2&x=3',
      queryStringParameters: { x: '1,3', y: '2' },
      cookies: ['q=1', 'r=2'],
      headers: { 'x-custom': 'Yes' },
      requestContext: { http: { method: 'GET', path: '/a/b%20c', sourceIp: '127.0.0.1' } },
      isBase64Encoded: false,
    })
    expect(event).not.toHaveProperty('body')
  })

  it('passes JSON as text and forms in base64, as AWS does', async () => {
    const post = async (type: string, body: string) => {
      const response = await get('', { method: 'POST', headers: { 'content-type': type }, body })
      return (await response.json()) as Record<string, unknown>
    }
    expect(await post('application/json', '{"a":1}')).toMatchObject({ body: '{"a":1}', isBase64Encoded: false })
    const signature = createHmac('sha256', 'k').update('payload=1').digest('hex')
    const form = await post('application/x-www-form-urlencoded', 'payload=1')
    expect(form.isBase64Encoded).toBe(true)
    const body = Buffer.from(String(form.body), 'base64')
    expect(createHmac('sha256', 'k').update(body).digest('hex')).toBe(signature)
  })

  it('takes a payload without a status code as the body of a 200', async () => {
    const response = await get('x?as=string')
    expect(response.headers.get('content-type')).toBe('application/json')
    expect(await response.json()).toEqual({ plain: true, path: '/x' })
  })

  it('answers 502 without a word about the reason when the function fails', async () => {
    const response = await get('?as=throw')
    expect([response.status, await response.text()]).toEqual([502, 'Internal Server Error'])
  })

  it('adds CORS headers for the allowed origin only, and answers the preflight itself', async () => {
    const before = watch.invocations.length
    const preflight = await get('', {
      method: 'OPTIONS',
      headers: { origin: 'https://desk.example', 'access-control-request-method': 'GET' },
    })
    expect(preflight.headers.get('access-control-allow-methods')).toBe('GET')
    expect(watch.invocations.length).toBe(before)
    const allowed = await get('?as=string', { headers: { origin: 'https://desk.example' } })
    expect(allowed.headers.get('access-control-allow-origin')).toBe('https://desk.example')
    const other = await get('?as=string', { headers: { origin: 'https://other.example' } })
    expect(other.headers.get('access-control-allow-origin')).toBeNull()
  })
})

describe('the front', () => {
  const call = (headers: Record<string, string>) =>
    fetch(watch.house.endpointUrl, {
      method: 'POST',
      headers: { 'x-amz-target': 'DynamoDB_20120810.ListTables', ...headers },
      body: '{}',
    })
  const signed = (key: string) => ({
    authorization: `AWS4-HMAC-SHA256 Credential=${key}/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0`,
  })

  it('refuses a call without a key, and one with a key that it does not know', async () => {
    expect((await call({})).status).toBe(400)
    expect(await (await call(signed('AKIASTRANGER'))).json()).toMatchObject({ __type: 'UnrecognizedClientException' })
    expect(watch.house.refusals()).toContainEqual(expect.objectContaining({ by: 'AKIASTRANGER' }))
  })

  it('refuses a known key whose call it cannot judge', async () => {
    const { accessKeyId } = watch.house.credentialsOf('Page').credentials
    const response = await call({ ...signed(accessKeyId), 'x-amz-target': 'DynamoDB_20120810.ExecuteStatement' })
    expect(await response.json()).toMatchObject({
      __type: expect.stringContaining('AccessDenied'),
      message: expect.stringContaining('ExecuteStatement'),
    })
  })
})
