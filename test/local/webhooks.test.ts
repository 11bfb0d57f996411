// The door that providers call, as it is deployed: its bundle, its role, its address, and what comes of a call.

import { createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { applyConfig } from '../../lib/flows/apply-config.ts'
import { systemClock } from '../../lib/wiring/clock.ts'
import { parseConfiguration } from '../../lib/wiring/configuration/parse-configuration.ts'
import { ruleCompiler } from '../../lib/wiring/configuration/read-configuration.ts'
import { connect } from '../../lib/wiring/connect.ts'
import { root, synthesizedStack } from '../infra/fixture/synthesized-stack.ts'
import { type Watch, watchedHouse } from './runner/watched-house.ts'

const key = 'a-signing-key'
let watch: Watch
beforeAll(async () => {
  const secrets = { 'homeostat/webhook/a': key, 'homeostat/webhook/q': key }
  watch = await watchedHouse({ cdkOut: await synthesizedStack(), secrets })
  const { house } = watch
  const { config } = connect({ outputs: house.outputs, ...house.credentials() })
  const webhooks = ['alchemy', 'quicknode'].map(
    (kind) => `  - { id: ${kind}, kind: ${kind}, chain: ethereum, secret: homeostat/webhook/${kind[0]} }`,
  )
  // There is no chain behind this test: providers whose secrets are not there are asked in vain, and at once.
  let count = 0
  const text = readFileSync(join(root, 'homeostat.yaml'), 'utf8').replace(/- url: https:\S+/g, () => {
    count += 1
    return `- secret: homeostat/rpc/none-${count}`
  })
  const file = { text: `${text}\nwebhooks:\n${webhooks.join('\n')}\n`, file: 'homeostat.yaml' }
  const parsed = parseConfiguration({ compileRule: ruleCompiler }, file)
  if (parsed.configuration === undefined) throw new Error(parsed.problems.map(({ reason }) => reason).join('; '))
  const deps = { config, clock: systemClock, log: { line: () => undefined } }
  expect(await applyConfig(deps, { ...parsed, by: 'cli' })).toMatchObject({ kind: 'applied' })
})
afterAll(() => watch?.house.stop())

const hmac = (text: string) => createHmac('sha256', key).update(text).digest('hex')
async function post(id: string, body: string, headers: Readonly<Record<string, string>> = {}): Promise<number> {
  const url = watch.house.functionUrls.HearWebhook ?? ''
  const answer = await fetch(`${url}${id}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  })
  await answer.arrayBuffer()
  return answer.status
}
const lines = (event: string) => watch.lines.filter(({ text }) => text.includes(`"event":"${event}"`))

describe('the door for webhooks', () => {
  it('hears what is signed, and the chain is looked at', async () => {
    const body = '{"event":{"data":{"block":{"number":19422000}}}}'
    expect(await post('alchemy', body, { 'x-alchemy-signature': hmac(body) })).toBe(200)
    await watch.until(() => lines('watch-chain.unread').length > 0)
    expect(lines('watch-chain.unread')[0]?.text).toContain('"cause":"webhook"')
  })

  it('may remember the use of a nonce, and no more: the second one is refused', async () => {
    const at = String(systemClock.now())
    const headers = { 'x-qn-nonce': 'nonce-0001', 'x-qn-timestamp': at, 'x-qn-signature': hmac(`nonce-0001${at}{}`) }
    expect(await post('quicknode', '{}', headers)).toBe(200)
    expect(await post('quicknode', '{}', headers)).toBe(401)
    expect(watch.house.refusals()).toEqual([])
  })

  it.each([
    ['unsigned', '{}', 401],
    ['nested too deep', '['.repeat(40), 413],
    ['of 300 KB', 'x'.repeat(300_000), 413],
    ['of 4 MB', 'x'.repeat(4_000_000), 413],
    ['beyond what Lambda takes', 'x'.repeat(6_500_000), 413],
  ])('refuses a body that is %s', async (_, body, status) => {
    expect(await post('alchemy', body)).toBe(status)
  })
})
