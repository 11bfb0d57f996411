import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { KMSClient, SignCommand } from '@aws-sdk/client-kms'
import { afterEach, describe, expect, it } from 'vitest'
import { applyConfig } from '../../lib/flows/apply-config.ts'
import { localPortfolioId } from '../../lib/local/local-configuration.ts'
import { rehearse } from '../../lib/local/rehearsal.ts'
import type { House } from '../../lib/local/runner/house.ts'
import { startHouse } from '../../lib/local/runner/start-house.ts'
import { startLocal } from '../../lib/local/start-local.ts'
import { systemClock } from '../../lib/wiring/clock.ts'
import { parseConfiguration } from '../../lib/wiring/configuration/parse-configuration.ts'
import { ruleCompiler } from '../../lib/wiring/configuration/read-configuration.ts'
import { type Connection, connect } from '../../lib/wiring/connect.ts'
import { alteredStack, alterTemplate, type Free, root, stripGrant } from '../infra/fixture/synthesized-stack.ts'

const undo: (() => unknown)[] = []
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step()
})

interface Strip {
  readonly door: string
  readonly action: string
  /** Beginning of a logical id; any if left out. */
  readonly resource?: string
}

/** The real stack without one grant, under a configuration whose providers cannot be asked: there is no chain behind these tests. */
async function startStripped({ door, action, resource }: Strip): Promise<{ house: House; connection: Connection }> {
  const cdkOut = await alteredStack((template) => stripGrant(template, door, action, resource))
  undo.push(() => rmSync(cdkOut, { recursive: true, force: true }))
  const house = await startHouse({ cdkOut, redeliverySeconds: 0 })
  undo.push(() => house.stop())
  const connection = connect({ outputs: house.outputs, ...house.credentials() })
  const text = readFileSync(join(root, 'homeostat.yaml'), 'utf8').replace(
    /- url: https:\S+/g,
    '- secret: homeostat/rpc/none',
  )
  // Two providers are two secrets.
  const numbered = text.replace('rpc/none', 'rpc/first').replace('rpc/none', 'rpc/second')
  const parsed = parseConfiguration({ compileRule: ruleCompiler }, { text: numbered, file: 'homeostat.yaml' })
  if (parsed.configuration === undefined) throw new Error(parsed.problems.map(({ reason }) => reason).join('; '))
  const deps = { config: connection.config, clock: systemClock, log: { line: () => undefined } }
  expect(await applyConfig(deps, { ...parsed, by: 'cli' })).toMatchObject({ kind: 'applied' })
  return { house, connection }
}

const portfolioDue = (portfolioId: string) => {
  const message = { kind: 'portfolio-due', portfolioId, slot: systemClock.now(), cause: 'test' } as const
  return { message, deduplicationId: 'test' }
}

describe('a role without a grant that its door needs', () => {
  const cases: readonly (Strip & { readonly queue: string })[] = [
    { door: 'TakeSnapshot', action: 'sqs:SendMessage', resource: 'AssessmentsQueue', queue: 'Snapshots' },
    { door: 'TakeSnapshot', action: 'dynamodb:PutItem', queue: 'Snapshots' },
    { door: 'AssessRisk', action: 'dynamodb:PutItem', queue: 'Assessments' },
    { door: 'AssessRisk', action: 'sqs:SendMessage', resource: 'NotificationsQueue', queue: 'Assessments' },
    { door: 'Notify', action: 'dynamodb:PutItem', queue: 'Notifications' },
  ]
  it.each(cases)(
    '$door without $action: the call is refused and listed, and the message ends with the dead letters of $queue',
    async ({ queue, ...strip }) => {
      const { house, connection } = await startStripped(strip)
      await connection.bus.send([portfolioDue('treasury')])
      await expect
        .poll(async () => (await house.queueDepths())[`${queue}DeadLetters`]?.ready, { timeout: 30_000, interval: 50 })
        .toBeGreaterThan(0)
      const refusals = house.refusals()
      expect(refusals.length).toBeGreaterThan(0)
      for (const { by, action, resource } of refusals) {
        expect([by, action]).toEqual([expect.stringContaining(strip.door), strip.action])
        expect(resource).toContain(strip.resource ?? 'table/')
      }
      expect(house.logOf(strip.door).some(({ text }) => text.includes('message.failed'))).toBe(true)
    },
  )

  it('makes a clock run fail, so that the alarm on errors rings', async () => {
    const { house } = await startStripped({ door: 'Tick', action: 'sqs:SendMessage' })
    await expect(house.invoke('Tick', {})).rejects.toThrow(/bus-refused|not accepted/)
    // Portfolios and chains have a queue each.
    expect(house.refusals().map(({ action }) => action)).toEqual(['sqs:SendMessage', 'sqs:SendMessage'])
  })

  it('is not made up for by a grant elsewhere: the key itself refuses to sign for any other door', async () => {
    const cdkOut = await alteredStack((template) => {
      const policy = Object.entries(template.Resources).find(([id]) => id.startsWith('RelayerDoorRoleDefaultPolicy'))
      const statements: Free[] = policy?.[1].Properties.PolicyDocument.Statement
      for (const statement of statements) if (statement.Action === 'kms:GetPublicKey') statement.Action = 'kms:*'
    })
    undo.push(() => rmSync(cdkOut, { recursive: true, force: true }))
    const house = await startHouse({ cdkOut })
    undo.push(() => house.stop())
    const kms = new KMSClient(house.credentialsOf('RelayerDoor'))
    const signing = new SignCommand({
      KeyId: house.outputs.RelayerKeyId,
      Message: Buffer.alloc(32, 1),
      MessageType: 'DIGEST',
      SigningAlgorithm: 'ECDSA_SHA_256',
    })
    await expect(kms.send(signing)).rejects.toThrow('a resource-based policy denies it explicitly')
    expect(house.refusals()).toMatchObject([{ by: expect.stringContaining('RelayerDoor'), action: 'kms:Sign' }])
  })

  it('makes the rehearsal fail with the name of the door and of the grant, and nothing is signed', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'homeostat-stripped-'))
    undo.push(() => rmSync(folder, { recursive: true, force: true }))
    const local = await startLocal({
      folder,
      onStep: () => undefined,
      onSynthesized: (cdkOut) => alterTemplate(cdkOut, (template) => stripGrant(template, 'Execute', 'kms:Sign')),
    })
    undo.push(() => local.stop())
    await expect(rehearse(local, { fall: 0.18, onStep: () => undefined })).rejects.toMatchObject({
      code: 'call-refused',
      message: expect.stringMatching(/Execute.* may not call kms:Sign on arn:aws:kms:/),
    })
    const [order] = await local.connection.orders.orders(localPortfolioId, 5)
    expect(order).toMatchObject({ status: 'APPROVED', transactions: [] })
  })
})
