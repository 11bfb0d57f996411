import { beforeAll, describe, expect, it } from 'vitest'
import { type Grant, grantsOf, tableOf } from './fixture/grants-of.ts'
import { type Free, type FreeTemplate, readTemplate, synthesizedStack } from './fixture/synthesized-stack.ts'

let template: FreeTemplate
let grants: readonly Grant[]
beforeAll(async () => {
  template = readTemplate(await synthesizedStack())
  grants = grantsOf(template)
})

const get = (...tables: readonly string[]) => tables.map((table) => `dynamodb:GetItem ${table}`)
const query = (...tables: readonly string[]) =>
  tables.flatMap((table) => [`dynamodb:GetItem ${table}`, `dynamodb:Query ${table}`])
const put = (table: string, ...keys: readonly string[]) => [`dynamodb:PutItem ${table} [${keys.join(' ')}]`]
const send = (...queues: readonly string[]) => queues.map((queue) => `sqs:SendMessage ${queue} queue`)
const consume = (queue: string) =>
  ['ChangeMessageVisibility', 'DeleteMessage', 'GetQueueAttributes', 'GetQueueUrl', 'ReceiveMessage'].map(
    (action) => `sqs:${action} ${queue} queue`,
  )
const secrets = (prefix: 'rpc' | 'notify' | 'webhook' | 'venue') =>
  `secretsmanager:GetSecretValue secret:homeostat/${prefix}/*`
const blobsIn = ['s3:GetObject Blobs/*', 's3:PutObject Blobs/*']
const blobsOut = 's3:GetObject Blobs/*'
const ofPortfolios = 'portfolio#*'

/** Everything that any role of the stack may do. Whoever adds a grant adds it here, where a reviewer sees it. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  Tick: [...get('Config'), ...send('Chains', 'Snapshots')],
  WatchChain: [
    ...get('Config', 'Watch'),
    ...put('Watch', 'chain#*'),
    secrets('rpc'),
    ...consume('Chains'),
    ...send('Chains', 'Snapshots'),
  ],
  HearWebhook: [...get('Config'), ...put('Watch', 'once#*'), secrets('webhook'), ...send('Chains')],
  TakeSnapshot: [
    ...get('Config', 'Watch'),
    ...put('Watch', ofPortfolios, 'holders#*', 'history#*'),
    ...blobsIn,
    secrets('rpc'),
    secrets('venue'),
    ...consume('Snapshots'),
    ...send('Assessments'),
    ...send('Snapshots'),
  ],
  AssessRisk: [
    ...get('Config', 'Watch'),
    ...put('Watch', ofPortfolios),
    ...blobsIn,
    ...consume('Assessments'),
    ...send('Notifications', 'Proposals'),
  ],
  Calibrate: [...get('Config'), ...query('Watch'), ...put('Watch', 'market-model#*', 'history#*'), ...blobsIn],
  Propose: [
    ...get('Config', 'Watch'),
    ...query('Orders'),
    ...put('Orders', ofPortfolios),
    blobsOut,
    secrets('rpc'),
    ...consume('Proposals'),
    ...send('Notifications'),
  ],
  Approve: [
    ...get('Config'),
    ...query('Orders'),
    ...put('Orders', ofPortfolios),
    ...send('Executions', 'Notifications', 'Proposals'),
  ],
  Execute: [
    ...get('Config', 'Watch', 'Orders'),
    ...put('Orders', ofPortfolios, 'signer#*'),
    'kms:GetPublicKey RelayerKey',
    'kms:Sign RelayerKey',
    blobsOut,
    secrets('rpc'),
    ...consume('Executions'),
    ...consume('Settlements'),
    ...send('Executions', 'Settlements', 'Notifications', 'Snapshots'),
  ],
  Console: [...get('Config'), ...query('Watch', 'Orders'), ...put('Watch', 'session#*'), blobsOut],
  Notify: [
    ...get('Config', 'Watch', 'Orders'),
    ...put('Watch', ofPortfolios),
    'sns:Publish *',
    secrets('notify'),
    ...consume('Notifications'),
  ],
  Deliver: [
    ...get('Watch', 'Orders'),
    ...put('Watch', ofPortfolios),
    ...put('Orders', ofPortfolios),
    'dynamodb:Query Watch/index/pending',
    'dynamodb:Query Orders/index/pending',
    ...send('Snapshots', 'Notifications', 'Proposals', 'Executions', 'Settlements'),
  ],
  ApplyConfig: [...get('Config'), ...put('Config', 'version#*', 'pointer*')],
  Relayer: ['kms:GetPublicKey RelayerKey'],
  'Scheduler for Tick': ['lambda:InvokeFunction TickFunction', 'lambda:InvokeFunction TickFunction:*'],
  'Scheduler for Calibrate': ['lambda:InvokeFunction CalibrateFunction', 'lambda:InvokeFunction CalibrateFunction:*'],
  'Scheduler for Deliver': ['lambda:InvokeFunction DeliverFunction', 'lambda:InvokeFunction DeliverFunction:*'],
}

const sorted = (table: Readonly<Record<string, readonly string[]>>) =>
  Object.fromEntries(Object.entries(table).map(([role, all]) => [role, [...all].sort()]))
const rolesWith = (holds: (grant: Grant) => boolean) =>
  [...new Set(grants.filter(holds).map(({ role }) => role))].sort()

describe('the roles', () => {
  it('may do what the table says, and nothing else', () => {
    expect(tableOf(grants)).toEqual(sorted(allowed))
  })

  it('get their grants from this stack alone, except the one that runs triggers', () => {
    const roles = Object.entries(template.Resources).filter(([, { Type }]) => Type === 'AWS::IAM::Role')
    const withMore = roles.filter(([, { Properties }]) => Properties.ManagedPolicyArns || Properties.Policies)
    expect(withMore.map(([id]) => id)).toEqual([expect.stringMatching(/^AWSCDKTriggerCustomResourceProvider/)])
    const [, trigger] = withMore[0] ?? []
    const statements = trigger?.Properties.Policies.flatMap((each: Free) => each.PolicyDocument.Statement)
    expect(statements).toEqual([
      {
        Effect: 'Allow',
        Action: ['lambda:InvokeFunction'],
        Resource: [
          { 'Fn::Join': ['', [{ 'Fn::GetAtt': [expect.stringMatching(/^ApplyConfigFunction/), 'Arn'] }, ':*']] },
        ],
      },
    ])
    expect(JSON.stringify(trigger?.Properties.ManagedPolicyArns)).toContain('AWSLambdaBasicExecutionRole')
  })

  it('are worn by Lambda and the Scheduler only, and the Scheduler says for which account', () => {
    for (const { Type, Properties } of Object.values(template.Resources)) {
      if (Type !== 'AWS::IAM::Role') continue
      for (const { Principal, Action, Condition } of Properties.AssumeRolePolicyDocument.Statement) {
        expect(Action).toBe('sts:AssumeRole')
        expect(['lambda.amazonaws.com', 'scheduler.amazonaws.com']).toContain(Principal.Service)
        if (Principal.Service === 'scheduler.amazonaws.com')
          expect(Condition.StringEquals['aws:SourceAccount']).toEqual({ Ref: 'AWS::AccountId' })
      }
    }
  })
})

describe('the grants', () => {
  it('name no resource by * but for an SMS, and no action by *', () => {
    expect(grants.filter(({ resource }) => resource === '*').map(({ what }) => what)).toEqual(['sns:Publish *'])
    expect(grants.filter(({ action }) => action.includes('*'))).toEqual([])
  })

  it('never scan: a condition on keys would not hold a scan back', () => {
    expect(grants.filter(({ action }) => /Scan|PartiQL/.test(action))).toEqual([])
  })

  it('never delete or administer what is stored', () => {
    const administering =
      /:(Delete(?!Message)|Create(?!LogStream)|Update|Tag|Schedule|Disable|BatchWrite|PutBucket|PutKey)/
    expect(grants.filter(({ action }) => administering.test(action))).toEqual([])
  })

  it('let one door sign', () => {
    expect(rolesWith(({ action }) => action === 'kms:Sign')).toEqual(['Execute'])
  })

  it('let those doors write orders that make, approve and execute them, and the one that empties outboxes', () => {
    const writesOrders = ({ action, resource }: Grant) => action === 'dynamodb:PutItem' && resource === 'Orders'
    expect(rolesWith(writesOrders)).toEqual(['Approve', 'Deliver', 'Execute', 'Propose'])
  })

  it('let one door write the ledger of a signer, one a session, and one the configuration', () => {
    const writing = (key: string) => rolesWith(({ what }) => what.startsWith('dynamodb:PutItem') && what.includes(key))
    expect(writing('signer#')).toEqual(['Execute'])
    expect(writing('session#')).toEqual(['Console'])
    expect(writing('pointer')).toEqual(['ApplyConfig'])
    expect(writing('chain#')).toEqual(['WatchChain'])
    expect(writing('once#')).toEqual(['HearWebhook'])
    expect(writing('market-model#')).toEqual(['Calibrate'])
  })

  it('limit every write to keys', () => {
    for (const { what } of grants.filter(({ action }) => action === 'dynamodb:PutItem')) expect(what).toMatch(/\[.+\]$/)
  })

  it('keep secrets from the doors that the public can reach, but for the keys by which one of them knows who calls', () => {
    const readers = rolesWith(({ action }) => action === 'secretsmanager:GetSecretValue')
    expect(readers).toEqual(['Execute', 'HearWebhook', 'Notify', 'Propose', 'TakeSnapshot', 'WatchChain'])
  })

  it('let the door that providers call read nothing but the configuration and its keys', () => {
    const reading = grants.filter(({ role, action }) => role === 'HearWebhook' && /Get|Query|Receive/.test(action))
    expect(reading.map(({ what }) => what).sort()).toEqual(['dynamodb:GetItem Config', secrets('webhook')])
  })

  it('let the door that tells people read no URL of a provider, and those that read chains no webhook', () => {
    const reading = (what: string) => rolesWith(({ resource }) => resource.startsWith(`secret:homeostat/${what}`))
    expect(reading('notify/')).toEqual(['Notify'])
    expect(reading('webhook/')).toEqual(['HearWebhook'])
    expect(reading('venue/')).toEqual(['TakeSnapshot'])
    expect(reading('rpc/')).toEqual(['Execute', 'Propose', 'TakeSnapshot', 'WatchChain'])
    expect(reading('*')).toEqual([])
  })
})

describe('the policies of resources', () => {
  const policiesOf = (type: string, key = 'PolicyDocument') =>
    Object.values(template.Resources)
      .filter(({ Type }) => Type === type)
      .map(({ Properties }) => Properties[key].Statement as Free[])

  it.each(['AWS::SQS::QueuePolicy', 'AWS::SNS::TopicPolicy', 'AWS::S3::BucketPolicy'])(
    '%s refuses plain HTTP',
    (type) => {
      const found = policiesOf(type)
      expect(found.length).toBeGreaterThan(0)
      for (const statements of found) {
        const refusing = statements.filter(
          ({ Effect, Condition }) => Effect === 'Deny' && Condition?.Bool?.['aws:SecureTransport'] === 'false',
        )
        expect(refusing).toHaveLength(1)
      }
    },
  )

  it('let nobody in but the alarms of this account, who publish to the operators', () => {
    const allowing = ['AWS::SQS::QueuePolicy', 'AWS::SNS::TopicPolicy', 'AWS::S3::BucketPolicy']
      .flatMap((type) => policiesOf(type))
      .flat()
      .filter(({ Effect }) => Effect === 'Allow')
    expect(allowing).toEqual([
      expect.objectContaining({
        Action: 'sns:Publish',
        Principal: { Service: 'cloudwatch.amazonaws.com' },
        Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
      }),
    ])
  })

  it('make the key refuse to sign for anybody but the door that executes, whatever its own policies say', () => {
    const [statements] = policiesOf('AWS::KMS::Key', 'KeyPolicy')
    expect(statements?.filter(({ Effect }) => Effect === 'Deny')).toEqual([
      {
        Effect: 'Deny',
        Principal: { AWS: '*' },
        Action: 'kms:Sign',
        Resource: '*',
        Condition: {
          StringNotEquals: { 'aws:PrincipalArn': { 'Fn::GetAtt': [expect.stringMatching(/^ExecuteRole/), 'Arn'] } },
        },
      },
    ])
    const allowing = statements?.filter(({ Effect }) => Effect === 'Allow') ?? []
    expect(allowing).toHaveLength(1)
    expect(JSON.stringify(allowing[0].Principal)).toContain(':root')
  })
})
