import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { shareOf } from '../../lib/infra/share-of-concurrency.ts'
import {
  type Free,
  type FreeResource,
  type FreeTemplate,
  readTemplate,
  root,
  synthesizedStack,
} from './fixture/synthesized-stack.ts'

let cdkOut: string
let template: FreeTemplate
beforeAll(async () => {
  cdkOut = await synthesizedStack()
  template = readTemplate(cdkOut)
})

const ofType = (type: string): readonly (FreeResource & { readonly id: string })[] =>
  Object.entries(template.Resources)
    .filter(([, { Type }]) => Type === type)
    .map(([id, resource]) => ({ id, ...resource }))
/** All but the one that CDK adds to run triggers. */
const doors = () => ofType('AWS::Lambda::Function').filter(({ id }) => !id.startsWith('AWSCDKTrigger'))
const byId = (id: string): FreeResource => {
  const found = template.Resources[id]
  if (found === undefined) throw new Error(`no ${id} in the template`)
  return found
}
const named = (reference: Free): string => reference.Ref ?? reference['Fn::GetAtt'][0]

describe('a door', () => {
  it('is there for each file in lambdas/, on Node 24 and ARM', () => {
    expect(doors()).toHaveLength(readdirSync(join(root, 'lambdas')).length)
    for (const { Properties } of doors()) {
      expect(Properties.Runtime).toBe('nodejs24.x')
      expect(Properties.Architectures).toEqual(['arm64'])
    }
  })

  it('reserves no concurrency: a new account has ten in all, and none to reserve', () => {
    for (const { Properties } of doors()) expect(Properties).not.toHaveProperty('ReservedConcurrentExecutions')
  })

  it('has a role and a log of its own, and forgets its log after a month', () => {
    const roles = doors().map(({ Properties }) => named(Properties.Role))
    expect(new Set(roles).size).toBe(roles.length)
    for (const { Properties } of doors()) {
      const log = byId(named(Properties.LoggingConfig.LogGroup))
      expect(log.Properties.RetentionInDays).toBe(30)
    }
  })

  it('carries no secret, no address of an account and no key in its environment', () => {
    for (const { Properties } of doors()) {
      for (const [name, value] of Object.entries(Properties.Environment?.Variables ?? {})) {
        expect(name).not.toMatch(/SECRET|TOKEN|PASSWORD|PRIVATE/)
        if (typeof value === 'string') expect(value).toMatch(/^(|homeostat)$/)
      }
    }
  })
})

describe('a table', () => {
  it('can be restored to any second, forgets by TTL, and outlives the stack and a wrong click', () => {
    const tables = ofType('AWS::DynamoDB::GlobalTable')
    expect(tables).toHaveLength(3)
    for (const { Properties, DeletionPolicy } of tables) {
      const [replica] = Properties.Replicas
      expect(replica.PointInTimeRecoverySpecification).toEqual({ PointInTimeRecoveryEnabled: true })
      expect(replica.DeletionProtectionEnabled).toBe(true)
      expect(Properties.TimeToLiveSpecification).toEqual({ AttributeName: 'expiresAt', Enabled: true })
      expect(Properties.BillingMode).toBe('PAY_PER_REQUEST')
      expect(DeletionPolicy).toBe('Retain')
    }
  })

  it('has the index of waiting outboxes where there are outboxes', () => {
    const indexesOf = (prefix: string) =>
      ofType('AWS::DynamoDB::GlobalTable')
        .filter(({ id }) => id.startsWith(prefix))
        .flatMap(({ Properties }) => Properties.GlobalSecondaryIndexes ?? [])
        .map((index: Free) => index.IndexName)
    expect([indexesOf('Watch'), indexesOf('Orders'), indexesOf('Config')]).toEqual([['pending'], ['pending'], []])
  })
})

describe('the bucket and the key', () => {
  it('stay when the stack goes, but not when it never came to be', () => {
    for (const type of ['AWS::S3::Bucket', 'AWS::KMS::Key'])
      for (const { DeletionPolicy } of ofType(type)) expect(DeletionPolicy).toBe('RetainExceptOnCreate')
  })

  it('is closed to the public, and forgets only what expires anyway, after the longest life of an item', () => {
    const [bucket] = ofType('AWS::S3::Bucket')
    expect(new Set(Object.values(bucket?.Properties.PublicAccessBlockConfiguration))).toEqual(new Set([true]))
    const rules = bucket?.Properties.LifecycleConfiguration.Rules
    expect(rules).toEqual([{ Prefix: 'expiring/', ExpirationInDays: expect.any(Number), Status: 'Enabled' }])
    expect(rules[0].ExpirationInDays).toBeGreaterThan(366)
  })

  it('is of the curve that chains understand', () => {
    const [key] = ofType('AWS::KMS::Key')
    expect(key?.Properties).toMatchObject({ KeySpec: 'ECC_SECG_P256K1', KeyUsage: 'SIGN_VERIFY' })
  })
})

describe('a queue', () => {
  const deadLettersOf = ({ Properties }: FreeResource): string =>
    Properties.RedrivePolicy?.deadLetterTargetArn['Fn::GetAtt'][0]
  const isDeadEnd = (id: string) => ofType('AWS::SQS::Queue').some((queue) => deadLettersOf(queue) === id)

  it('has a dead-letter queue of its kind and its own, keeps messages for two weeks and encrypts them', () => {
    const living = ofType('AWS::SQS::Queue').filter(({ id }) => !isDeadEnd(id))
    expect(living).toHaveLength(7)
    for (const queue of living) {
      const dead = byId(deadLettersOf(queue))
      expect(dead.Properties.FifoQueue).toBe(queue.Properties.FifoQueue)
      for (const { Properties } of [queue, dead])
        expect(Properties).toMatchObject({ MessageRetentionPeriod: 14 * 86_400, SqsManagedSseEnabled: true })
    }
    expect(new Set(living.map(deadLettersOf)).size).toBe(7)
  })

  it('of executions and of chains is FIFO, and no other', () => {
    const fifo = ofType('AWS::SQS::Queue').filter(
      ({ id, Properties }) => Properties.FifoQueue === true && !isDeadEnd(id),
    )
    expect(fifo.map(({ id }) => id.replace(/Queue.*/, '')).sort()).toEqual(['Chains', 'Executions'])
  })

  it('is consumed with partial batch responses, and hides a message six times as long as its door may take', () => {
    const mappings = ofType('AWS::Lambda::EventSourceMapping')
    expect(mappings).toHaveLength(7)
    for (const { Properties } of mappings) {
      expect(Properties.FunctionResponseTypes).toEqual(['ReportBatchItemFailures'])
      const queue = byId(named(Properties.EventSourceArn)).Properties
      const door = byId(named(Properties.FunctionName)).Properties
      expect(queue.VisibilityTimeout).toBeGreaterThanOrEqual(6 * door.Timeout)
      expect(queue.RedrivePolicy.maxReceiveCount).toBeGreaterThanOrEqual(5)
    }
  })

  it('cannot use up the concurrency of a new account', () => {
    const limits = ofType('AWS::Lambda::EventSourceMapping').map(({ Properties }) => Properties.ScalingConfig)
    expect(limits).toEqual(Array.from({ length: 7 }, () => ({ MaximumConcurrency: 2 })))
  })
})

describe('the share of a queue', () => {
  it.each([
    [10, { stormy: 2, quiet: 2 }],
    [100, { stormy: 25, quiet: 10 }],
    [101, { stormy: 25, quiet: 10 }],
    [102, { stormy: 25, quiet: 10, reserved: 2 }],
    [1_000, { stormy: 250, quiet: 100, reserved: 20 }],
    [50_000, { stormy: 1_000, quiet: 1_000, reserved: 1_000 }],
  ])('of an account that runs %d at once is %j', (account, share) => {
    expect(shareOf(account)).toEqual(share)
  })

  it.each([Number.NaN, 9, 10.5, -1])('is refused for %s', (account) => {
    expect(() => shareOf(account)).toThrow('at least 10')
  })
})

describe('a clock', () => {
  it.each([
    ['Deliver', 'rate(1 minute)', 60],
    ['Tick', 'rate(1 minute)', 60],
    ['Calibrate', 'rate(1 hour)', 3_600],
  ])('starts %s at %s, and a run that failed is not repeated', (door, rate, seconds) => {
    const without = { MaximumEventAgeInSeconds: seconds, MaximumRetryAttempts: 0 }
    const of = (id: string) => id.startsWith(`${door}Function`)
    const own = ofType('AWS::Scheduler::Schedule').filter(({ Properties }) => of(named(Properties.Target.Arn)))
    expect(own.map(({ Properties }) => Properties.ScheduleExpression)).toEqual([rate])
    expect(own.map(({ Properties }) => Properties.Target.RetryPolicy)).toEqual([without])
    const invoked = ofType('AWS::Lambda::EventInvokeConfig').filter(({ Properties }) =>
      of(named(Properties.FunctionName)),
    )
    expect(invoked.map(({ Properties }) => Properties)).toEqual([expect.objectContaining(without)])
  })

  it('starts nothing else', () => {
    expect(ofType('AWS::Scheduler::Schedule')).toHaveLength(3)
    expect(ofType('AWS::Lambda::EventInvokeConfig')).toHaveLength(3)
  })
})

describe('a function URL', () => {
  it('is open to all, for the door judges by itself, and has both permissions that this takes', () => {
    const urls = ofType('AWS::Lambda::Url')
    expect(urls).toHaveLength(3)
    for (const { Properties } of urls) {
      const door = named(Properties.TargetFunctionArn)
      const own = ofType('AWS::Lambda::Permission').filter((each) => named(each.Properties.FunctionName) === door)
      expect(own.map((each) => each.Properties).sort((a, b) => a.Action.localeCompare(b.Action))).toEqual([
        expect.objectContaining({ Action: 'lambda:InvokeFunction', Principal: '*', InvokedViaFunctionUrl: true }),
        expect.objectContaining({ Action: 'lambda:InvokeFunctionUrl', Principal: '*', FunctionUrlAuthType: 'NONE' }),
      ])
    }
  })

  it('answers no other origin', () => {
    for (const { Properties } of ofType('AWS::Lambda::Url')) expect(Properties).not.toHaveProperty('Cors')
  })
})

describe('the configuration', () => {
  it('is applied by the version of the door that carries it, after every grant and every other door', () => {
    const [trigger] = ofType('Custom::Trigger')
    const version = byId(named(trigger?.Properties.HandlerArn))
    const door = byId(named(version.Properties.FunctionName))
    expect(door.DependsOn).toContainEqual(expect.stringMatching(/^ApplyConfigRoleDefaultPolicy/))
    for (const { id } of doors().filter((each) => !/^(ApplyConfig|Relayer)/.test(each.id)))
      expect(trigger?.DependsOn).toContain(id)
  })
})

describe('the outputs', () => {
  it('are those that people and the CLI need', () => {
    expect(Object.keys(template.Outputs).sort()).toEqual([
      'ApproveUrl',
      'BlobsBucketName',
      'ChainsQueueUrl',
      'ConfigTableName',
      'DeploymentName',
      'ExecutionsQueueUrl',
      'NotificationsQueueUrl',
      'OperatorTopicArn',
      'OrdersTableName',
      'PageUrl',
      'ProposalsQueueUrl',
      'RelayerAddress',
      'RelayerKeyId',
      'SnapshotsQueueUrl',
      'WatchTableName',
      'WebhookUrl',
    ])
  })

  it('tell the address of the relayer by a resource that a changed key would ask anew', () => {
    const [resource] = ofType('Custom::RelayerAddress')
    expect(template.Outputs.RelayerAddress?.Value).toEqual({ 'Fn::GetAtt': [resource?.id, 'Address'] })
    expect(named(resource?.Properties.KeyId)).toMatch(/^RelayerKey/)
    expect(named(resource?.Properties.ServiceToken)).toMatch(/^RelayerDoorFunction/)
    expect(Number(resource?.Properties.ServiceTimeout)).toBeLessThanOrEqual(300)
  })
})

describe('the template', () => {
  /** Every logical id that a value names. */
  function namesIn(value: Free): readonly string[] {
    if (Array.isArray(value)) return value.flatMap(namesIn)
    if (typeof value !== 'object' || value === null) return []
    return Object.entries(value).flatMap(([key, each]) => {
      if (key === 'Ref') return [String(each)]
      if (key === 'Fn::GetAtt') return [String([each].flat()[0]).split('.')[0] ?? '']
      if (key === 'Fn::Sub')
        return [...String([each].flat()[0]).matchAll(/\$\{([A-Za-z0-9]+)/g)].map(([, name]) => name ?? '')
      return namesIn(each)
    })
  }

  it('has no circle of resources that wait for each other, which only CloudFormation would find', () => {
    const needs = new Map(
      Object.entries(template.Resources).map(([id, { Properties, DependsOn = [] }]) => [
        id,
        [...namesIn(Properties), ...[DependsOn].flat()].filter((name) => name in template.Resources),
      ]),
    )
    const made = new Set<string>()
    for (let before = -1; before !== made.size; ) {
      before = made.size
      for (const [id, needed] of needs) if (needed.every((name) => made.has(name))) made.add(id)
    }
    expect([...needs.keys()].filter((id) => !made.has(id))).toEqual([])
  })

  it('names nothing physically, and no partition, account or region: it can be deployed twice and anywhere', () => {
    const naming = [
      'TableName',
      'QueueName',
      'RoleName',
      'BucketName',
      'TopicName',
      'AlarmName',
      'LogGroupName',
      'Name',
    ]
    for (const [id, { Type, Properties }] of Object.entries(template.Resources)) {
      const names = Type === 'AWS::Lambda::Function' ? ['FunctionName'] : naming
      expect(
        names.filter((name) => Properties?.[name] !== undefined),
        id,
      ).toEqual([])
    }
    expect(JSON.stringify(template.Resources)).not.toMatch(/arn:aws|:\d{12}:|(us|eu|ap)-\w+-\d/)
  })
})

describe('cdk-nag', () => {
  interface Plugin {
    readonly conclusion: string
    readonly violations: readonly unknown[]
    readonly suppressedViolations: readonly { readonly ruleName: string; readonly reason?: string }[]
  }

  it('has no finding that is not acknowledged, each with a reason', () => {
    const report = JSON.parse(readFileSync(join(cdkOut, 'validation-report.json'), 'utf8')) as {
      readonly pluginReports: readonly Plugin[]
    }
    const nag = report.pluginReports.find((each) => each.suppressedViolations.length > 0)
    expect(nag).toMatchObject({ conclusion: 'success', violations: [] })
    for (const { reason } of nag?.suppressedViolations ?? []) expect(reason?.length).toBeGreaterThan(30)
  })
})
