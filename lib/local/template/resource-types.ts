// The registry of CloudFormation types: each is either wired, property by property, or ignored for a written reason. Nothing else starts.

import {
  bare,
  type Identity,
  identifyBucket,
  identifyKey,
  identifyQueue,
  identifySecret,
  identifyTable,
  identifyTopic,
  type Naming,
  named,
} from './identify.ts'
import { pendingAttribute } from './pending-attribute.ts'
import { arnIn } from './place.ts'

interface WiredType {
  readonly kind: 'wired'
  readonly identify: (naming: Naming) => Identity
  /** Properties that the runner honours. */
  readonly properties: readonly string[]
  /** Properties that change nothing on one machine, each with the reason. */
  readonly ignored?: Readonly<Record<string, string>>
}
interface IgnoredType {
  readonly kind: 'ignored'
  readonly identify: (naming: Naming) => Identity
  readonly reason: string
}
export type ResourceType = WiredType | IgnoredType

const production = 'guards data that outlives a run; here the data ends with the run'
const observation = 'is for those who watch the cloud; it does not change what a call does'

const tableProperties = [
  'TableName',
  'KeySchema',
  'AttributeDefinitions',
  'BillingMode',
  'GlobalSecondaryIndexes',
  'LocalSecondaryIndexes',
]

export const resourceTypes = {
  'AWS::DynamoDB::GlobalTable': {
    kind: 'wired',
    identify: identifyTable,
    properties: [...tableProperties, 'Replicas'],
    ignored: {
      TimeToLiveSpecification: 'the emulator has no expiry, and no handler may rely on an item being gone in time',
      SSESpecification: 'encryption at rest with an AWS key does not change what a call does',
      WarmThroughput: 'capacity is not modelled',
      WriteOnDemandThroughputSettings: 'capacity is not modelled',
    },
  },
  'AWS::SQS::Queue': {
    kind: 'wired',
    identify: identifyQueue,
    properties: [
      'QueueName',
      'FifoQueue',
      'RedrivePolicy',
      'VisibilityTimeout',
      'DelaySeconds',
      'MessageRetentionPeriod',
      'MaximumMessageSize',
      'ReceiveMessageWaitTimeSeconds',
      'ContentBasedDeduplication',
      'DeduplicationScope',
      'FifoThroughputLimit',
    ],
    ignored: {
      SqsManagedSseEnabled: 'encryption at rest by SQS itself does not change what a call does',
      RedriveAllowPolicy:
        'restricts which queues may name this one as their dead-letter queue; the template is the only author here',
      Tags: observation,
    },
  },
  'AWS::SQS::QueuePolicy': { kind: 'wired', identify: bare, properties: ['Queues', 'PolicyDocument'] },
  'AWS::SNS::Topic': {
    kind: 'wired',
    identify: identifyTopic,
    properties: ['TopicName', 'FifoTopic', 'ContentBasedDeduplication'],
    ignored: { DisplayName: 'is the sender shown in mails and texts only', Tags: observation },
  },
  'AWS::SNS::Subscription': {
    kind: 'wired',
    identify: bare,
    properties: ['TopicArn', 'Protocol', 'Endpoint', 'RawMessageDelivery', 'FilterPolicy', 'FilterPolicyScope'],
  },
  'AWS::SNS::TopicPolicy': { kind: 'wired', identify: bare, properties: ['Topics', 'PolicyDocument'] },
  'AWS::Lambda::Function': {
    kind: 'wired',
    identify: named('FunctionName', 'lambda', (name) => `function:${name}`),
    properties: ['FunctionName', 'Code', 'Handler', 'Role', 'Runtime', 'Environment', 'Timeout', 'MemorySize'],
    ignored: {
      Architectures: 'JavaScript runs alike on either',
      LoggingConfig: 'lines go to the runner',
      TracingConfig: observation,
      Description: observation,
      Tags: observation,
      RuntimeManagementConfig: 'the runtime is the Node that runs this',
      ReservedConcurrentExecutions: 'one machine has no account whose concurrency could be shared out',
      RecursiveLoop: 'loop detection belongs to the service',
    },
  },
  'AWS::Lambda::Version': {
    kind: 'wired',
    identify: ({ property, place }) => {
      const name = property('FunctionName').split(':').at(-1)
      return { ref: arnIn(place, 'lambda', `function:${name}:1`), attributes: { Version: '1' } }
    },
    properties: ['FunctionName'],
    ignored: {
      Description: observation,
      CodeSha256: 'guards a deployment; the bundle here is the one just synthesized',
    },
  },
  'AWS::Lambda::Url': {
    kind: 'wired',
    identify: ({ property, functionUrl }) => ({
      ref: property('TargetFunctionArn'),
      attributes: { FunctionUrl: functionUrl(), FunctionArn: property('TargetFunctionArn') },
    }),
    properties: ['TargetFunctionArn', 'AuthType', 'Cors', 'InvokeMode'],
  },
  'AWS::Lambda::Permission': {
    kind: 'wired',
    identify: bare,
    properties: [
      'Action',
      'FunctionName',
      'Principal',
      'FunctionUrlAuthType',
      'InvokedViaFunctionUrl',
      'SourceArn',
      'SourceAccount',
    ],
  },
  'AWS::Lambda::EventSourceMapping': {
    kind: 'wired',
    identify: bare,
    properties: ['FunctionName', 'EventSourceArn', 'BatchSize', 'FunctionResponseTypes', 'Enabled', 'ScalingConfig'],
    ignored: {
      MaximumBatchingWindowInSeconds: 'only delays; a handler may rely on no particular batch size',
      Tags: observation,
    },
  },
  'AWS::IAM::Role': {
    kind: 'wired',
    identify: named('RoleName', 'iam', (name) => `role/${name}`, 'account'),
    properties: ['RoleName', 'AssumeRolePolicyDocument', 'ManagedPolicyArns', 'Policies'],
    ignored: {
      Description: observation,
      MaxSessionDuration: 'sessions here last as long as the run',
      Tags: observation,
    },
  },
  'AWS::IAM::Policy': { kind: 'wired', identify: bare, properties: ['PolicyDocument', 'PolicyName', 'Roles'] },
  'AWS::IAM::ManagedPolicy': {
    kind: 'wired',
    identify: ({ place, physicalName }) => ({
      ref: arnIn(place, 'iam', `policy/${physicalName('ManagedPolicyName')}`, 'account'),
      attributes: {},
    }),
    properties: ['ManagedPolicyName', 'PolicyDocument', 'Roles'],
    ignored: { Description: observation, Path: 'is part of the name only' },
  },
  'AWS::KMS::Key': {
    kind: 'wired',
    identify: identifyKey,
    properties: ['KeySpec', 'KeyUsage', 'KeyPolicy', 'Enabled'],
    ignored: {
      Description: observation,
      EnableKeyRotation: production,
      RotationPeriodInDays: production,
      PendingWindowInDays: production,
      MultiRegion: 'there is one region here',
      Tags: observation,
    },
  },
  'AWS::KMS::Alias': {
    kind: 'wired',
    identify: ({ property }) => ({ ref: property('AliasName'), attributes: {} }),
    properties: ['AliasName', 'TargetKeyId'],
  },
  'AWS::Scheduler::Schedule': {
    kind: 'wired',
    identify: ({ place, physicalName, property }) => {
      const name = physicalName('Name')
      return {
        ref: name,
        attributes: { Arn: arnIn(place, 'scheduler', `schedule/${property('GroupName') || 'default'}/${name}`) },
      }
    },
    properties: ['Name', 'GroupName', 'ScheduleExpression', 'State', 'Target'],
    ignored: {
      FlexibleTimeWindow: 'only spreads the load',
      ScheduleExpressionTimezone: 'a rate has no time zone, and other expressions are refused',
      Description: observation,
    },
  },
  'AWS::SecretsManager::Secret': {
    kind: 'wired',
    identify: identifySecret,
    properties: ['Name', 'GenerateSecretString', 'SecretString'],
    ignored: { Description: observation, Tags: observation },
  },
  'AWS::S3::Bucket': {
    kind: 'wired',
    identify: identifyBucket,
    properties: ['BucketName'],
    ignored: {
      BucketEncryption: 'encryption at rest by S3 itself does not change what a call does',
      PublicAccessBlockConfiguration: 'nothing here is reachable from outside this machine',
      LifecycleConfiguration: production,
      VersioningConfiguration: production,
      OwnershipControls: 'there is one owner here',
      LoggingConfiguration: observation,
      ObjectLockConfiguration: production,
      ObjectLockEnabled: production,
      Tags: observation,
    },
  },
  'AWS::S3::BucketPolicy': { kind: 'wired', identify: bare, properties: ['Bucket', 'PolicyDocument'] },
  'Custom::Trigger': {
    kind: 'wired',
    identify: bare,
    properties: ['ServiceToken', 'HandlerArn', 'InvocationType'],
    ignored: {
      Timeout: "the handler's own time limit holds",
      ExecuteOnHandlerChange: 'every start is a first deployment',
    },
  },
  'Custom::RelayerAddress': {
    kind: 'wired',
    identify: ({ logicalId }) => ({
      ref: logicalId,
      attributes: { Address: pendingAttribute(logicalId, 'Address') },
    }),
    properties: ['ServiceToken', 'KeyId'],
    ignored: { ServiceTimeout: "the function's own time limit holds" },
  },
  'AWS::Scheduler::ScheduleGroup': {
    kind: 'ignored',
    reason: 'only groups schedules; their names carry it',
    identify: named('Name', 'scheduler', (name) => `schedule-group/${name}`),
  },
  'AWS::Lambda::EventInvokeConfig': {
    kind: 'ignored',
    reason: 'asynchronous invocations are not retried here: the next block fires them anyway',
    identify: bare,
  },
  'AWS::Logs::LogGroup': {
    kind: 'ignored',
    reason: 'lines go to the runner',
    identify: ({ place, physicalName }) => {
      const name = physicalName('LogGroupName')
      return { ref: name, attributes: { Arn: arnIn(place, 'logs', `log-group:${name}:*`) } }
    },
  },
  'AWS::Logs::MetricFilter': { kind: 'ignored', reason: observation, identify: bare },
  'AWS::CloudWatch::Alarm': {
    kind: 'ignored',
    reason: 'no metrics are gathered here; the runner shows failures itself',
    identify: named('AlarmName', 'cloudwatch', (name) => `alarm:${name}`),
  },
  'AWS::CloudWatch::CompositeAlarm': {
    kind: 'ignored',
    reason: 'no metrics are gathered here; the runner shows failures itself',
    identify: named('AlarmName', 'cloudwatch', (name) => `alarm:${name}`),
  },
  'AWS::CloudWatch::Dashboard': { kind: 'ignored', reason: observation, identify: bare },
  'AWS::CDK::Metadata': { kind: 'ignored', reason: 'tells AWS which constructs were used', identify: bare },
} as const satisfies Readonly<Record<string, ResourceType>>

export type ResourceTypeName = keyof typeof resourceTypes

/** The entry of a type, or undefined for one that nobody has thought about. */
export function resourceTypeOf(type: string): ResourceType | undefined {
  return Object.hasOwn(resourceTypes, type) ? resourceTypes[type as ResourceTypeName] : undefined
}
