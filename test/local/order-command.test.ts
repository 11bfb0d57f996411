// `homeostat order approve` and `reject` on an installation whose approve URL nobody can reach.

import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { privateKeyToAddress } from 'viem/accounts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { applyConfig } from '../../lib/flows/apply-config.ts'
import type { House } from '../../lib/local/runner/house.ts'
import { startHouse } from '../../lib/local/runner/start-house.ts'
import type { Address, Hex } from '../../lib/model/identity.ts'
import type { Order } from '../../lib/model/order.ts'
import { batchTransaction, orderDigest, safeTransactionHash, sealCalls } from '../../lib/model/order-hash.ts'
import { systemClock } from '../../lib/wiring/clock.ts'
import { parseConfiguration } from '../../lib/wiring/configuration/parse-configuration.ts'
import { ruleCompiler } from '../../lib/wiring/configuration/read-configuration.ts'
import { type Connection, connect } from '../../lib/wiring/connect.ts'
import { root, synthesizedStack } from '../infra/fixture/synthesized-stack.ts'
import { sampleCalls, sampleDecisions, sampleOrder } from '../model/fixture/sample-order.ts'

const [alice, bob, mallory] = ['1', '2', '3'].map((digit) => `0x${digit.repeat(64)}` as Hex) as [Hex, Hex, Hex]
const addressOf = (key: Hex) => privateKeyToAddress(key).toLowerCase() as Address
const folder = mkdtempSync(join(tmpdir(), 'homeostat-order-'))
const outputsFile = join(folder, 'outputs.json')
const orderId = sampleOrder().id
let house: House
let connection: Connection

beforeAll(async () => {
  house = await startHouse({ cdkOut: await synthesizedStack() })
  connection = connect({ outputs: house.outputs, ...house.credentials() })
  const version = await putInForce()
  await connection.orders.create(openOrder(version))
  const { endpoint, region } = house.credentials()
  const outputs = { ...house.outputs, LocalEndpoint: endpoint, Region: region, ApproveUrl: 'http://127.0.0.1:9/' }
  writeFileSync(outputsFile, JSON.stringify({ Homeostat: outputs }))
})
afterAll(async () => {
  await house?.stop()
  rmSync(folder, { recursive: true, force: true })
})

async function putInForce(): Promise<string> {
  const example = readFileSync(join(root, 'homeostat.yaml'), 'utf8')
  const text = example
    .replace('approvers: [alice]', 'approvers: [alice, bob]')
    .replace(
      /- id: alice\n {4}address: \S+/,
      `- { id: alice, address: "${addressOf(alice)}" }\n  - { id: bob, address: "${addressOf(bob)}" }`,
    )
  const parsed = parseConfiguration({ compileRule: ruleCompiler }, { text, file: 'homeostat.yaml' })
  if (parsed.problems !== undefined) throw new Error(parsed.problems.map(({ reason }) => reason).join('; '))
  const deps = { config: connection.config, clock: systemClock, log: { line: () => undefined } }
  await applyConfig(deps, { ...parsed, by: 'cli' })
  return parsed.version
}

/** The sample under the version in force, still to be signed by alice and bob. */
function openOrder(policyVersion: string): Order {
  const now = systemClock.now()
  const approvers = [addressOf(alice), addressOf(bob)]
  const decisions = { ...sampleDecisions, policyVersion, approvers, validUntil: now + 900 }
  const digest = orderDigest(decisions, sampleCalls, 5)
  const calls = sealCalls(sampleCalls, digest)
  const safeTransaction = batchTransaction(sampleOrder().safeTransaction.to, calls, 5)
  const hash = safeTransactionHash(decisions.chainId, decisions.account, safeTransaction)
  return { ...sampleOrder(), ...decisions, digest, calls, safeTransaction, safeTransactionHash: hash, quotedAt: now }
}

function homeostat(
  key: Hex,
  ...words: readonly string[]
): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
  const [command, ...rest] = ['bin/homeostat.ts', 'order', ...words, '--outputs', outputsFile]
  const env = { ...process.env, HOMEOSTAT_APPROVER_KEY: key, NO_COLOR: '1' }
  return new Promise((settle) => {
    execFile(process.execPath, [command ?? '', ...rest], { cwd: root, env, timeout: 30_000 }, (error, out, err) =>
      settle({ code: error === null ? 0 : Number(error.code ?? -1), out, err }),
    )
  })
}

describe('an order whose approve URL cannot be reached', () => {
  it('refuses a stranger by the name of the reason, and changes nothing', async () => {
    const { code, err } = await homeostat(mallory, 'approve', orderId)
    expect([code, err]).toEqual([1, expect.stringContaining('not-an-approver: ')])
    expect((await connection.orders.order(orderId))?.approvals).toEqual([])
  })

  it('is shown with the link to sign it, and without figures that are not there yet', async () => {
    const { out } = await homeostat(mallory, 'show', orderId)
    const { linkKey } = sampleOrder()
    expect(out).toContain(`http://127.0.0.1:9/o/${encodeURIComponent(orderId)}/${linkKey}\n`)
    expect(out).not.toContain('actual')
  })

  it('takes an approval, and says how many are there', async () => {
    expect(await homeostat(alice, 'approve', orderId)).toMatchObject({
      code: 0,
      out: `${orderId}: PROPOSED, 1 of 2 approval(s)\n`,
    })
    const order = await connection.orders.order(orderId)
    expect(order?.approvals).toMatchObject([{ approver: addressOf(alice), channel: 'cli' }])
  })

  it('takes a rejection, and people are told through the queue', async () => {
    const { code, out } = await homeostat(bob, 'reject', orderId, '--json')
    expect([code, JSON.parse(out)]).toMatchObject([0, { orderId, status: 'REJECTED' }])
    await expect
      .poll(() => house.logOf('Notify').some(({ text }) => text.includes(`${orderId}~REJECTED~`)), { timeout: 20_000 })
      .toBe(true)
    expect((await connection.orders.order(orderId))?.outbox).toEqual([])
  })
})
