import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { type Free, type FreeTemplate, readTemplate, root, synthesizedStack } from './fixture/synthesized-stack.ts'

const runbook = readFileSync(join(root, 'docs/runbook.md'), 'utf8')
const anchorOf = (title: string) =>
  title
    .toLowerCase()
    .replace(/[^a-z0-9 -]/g, '')
    .replaceAll(' ', '-')
const articles = new Map(
  runbook
    .split(/^## /m)
    .slice(1)
    .map((article) => [anchorOf(article.slice(0, article.indexOf('\n'))), article] as const),
)

let template: FreeTemplate
beforeAll(async () => {
  template = readTemplate(await synthesizedStack())
})
const alarms = () => Object.entries(template.Resources).filter(([, { Type }]) => Type === 'AWS::CloudWatch::Alarm')
const articleOf = (properties: Free): string | undefined =>
  /Runbook: ([a-z-]+)\.$/.exec(properties.AlarmDescription)?.[1]

describe('an alarm', () => {
  it('tells the operators, in a sentence, and names an article of the runbook', () => {
    expect(alarms().length).toBeGreaterThan(15)
    for (const [id, { Properties }] of alarms()) {
      expect(Properties.AlarmActions, id).toEqual([{ Ref: expect.stringMatching(/^Operators/) }])
      expect([...articles.keys()], id).toContain(articleOf(Properties))
    }
  })

  it('rings for each queue when a message is lost and when one waits', () => {
    const queues = ['Chains', 'Snapshots', 'Assessments', 'Proposals', 'Notifications', 'Executions', 'Settlements']
    for (const queue of queues)
      for (const kind of ['LostMessage', 'Backlog'])
        expect(
          alarms().filter(([id]) => id.startsWith(`${queue}${kind}`)),
          `${queue}${kind}`,
        ).toHaveLength(1)
  })

  it('rings for each door that runs without somebody waiting for its answer', () => {
    const doors = [
      'Tick',
      'WatchChain',
      'HearWebhook',
      'TakeSnapshot',
      'AssessRisk',
      'Propose',
      'Approve',
      'Execute',
      'Notify',
      'Deliver',
      'Console',
    ]
    for (const door of doors)
      expect(
        alarms().filter(([id]) => id.startsWith(`${door}Errors`)),
        door,
      ).toHaveLength(1)
  })

  it('takes missing data for silence, except the one that listens for a heartbeat', () => {
    const breaching = alarms().filter(([, { Properties }]) => Properties.TreatMissingData === 'breaching')
    expect(breaching.map(([id]) => id)).toEqual([expect.stringMatching(/^NoTick/)])
  })
})

describe('the runbook', () => {
  it('says of each alarm what it means, how to look, what to do, and when it can be ignored', () => {
    const named = new Set(alarms().map(([, { Properties }]) => articleOf(Properties) ?? ''))
    for (const name of named)
      for (const part of ['**Meaning.**', '**Look.**', '**Do.**', '**Safe to ignore?**'])
        expect(articles.get(name), `${name}: ${part}`).toContain(part)
  })

  it('has articles for what no alarm announces', () => {
    for (const name of [
      'an-order-is-stuck',
      'the-relayer-is-out-of-gas-money',
      'a-portfolio-is-blind',
      'rotating-an-rpc-secret',
      'rolling-back-a-configuration',
      'moving-sms-out-of-the-sandbox',
      'redriving-a-dead-letter-queue',
      'a-new-account',
    ])
      expect([...articles.keys()]).toContain(name)
  })

  it('links only to articles that exist', () => {
    const links = [...runbook.matchAll(/\]\(#([^)]+)\)/g)].map(([, anchor]) => anchor)
    expect(links.length).toBeGreaterThan(10)
    for (const anchor of links) expect([...articles.keys()]).toContain(anchor)
  })

  it('names only outputs, queues and doors that the stack has', () => {
    for (const output of ['RelayerAddress', 'OperatorTopicArn']) expect(template.Outputs).toHaveProperty(output)
    const ids = Object.keys(template.Resources)
    for (const [, name] of runbook.matchAll(/\b(?:logs|queue) ([A-Z][A-Za-z]+)\b/g)) {
      if (['DOOR', 'NAME'].includes(name ?? '')) continue
      expect(
        ids.some((id) => id.startsWith(`${name}Logs`) || id.startsWith(`${name}`)),
        name,
      ).toBe(true)
    }
  })
})
