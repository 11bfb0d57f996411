// One door as a Lambda: its code, its role, and each grant in the same act as the variable that makes it usable.

import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { ArnFormat, Duration, Stack, Stage } from 'aws-cdk-lib'
import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb'
import { AnyPrincipal, Effect, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import type { Key } from 'aws-cdk-lib/aws-kms'
import { Architecture, Code, type IFunction, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda'
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources'
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs'
import type { Bucket } from 'aws-cdk-lib/aws-s3'
import type { Queue } from 'aws-cdk-lib/aws-sqs'
import { Construct } from 'constructs'
import { variables } from '../../base/deployment-names.ts'
import { bundledDoor, lambdas } from '../bundled-doors.ts'

export interface WorkerProps {
  /** File in lambdas/, without its ending. */
  readonly door: string
  /** What it is for; shows in the console. */
  readonly description: string
  readonly timeoutSeconds: number
  readonly memoryMb?: number
  /** Files that travel with the code, by the name that the door finds beside itself. */
  readonly files?: Readonly<Record<string, string>>
  /** Runs at most so many at once, whatever else is busy, and keeps as many free for it. */
  readonly reserved?: number | undefined
}

/** What a door may read of a table: items whose key it knows, or also what lies under a partition. There is no Scan. */
export type TableUse = 'get' | 'query'

/** How a door takes from a queue. */
export interface Consumption {
  readonly batchSize: number
  /** Invocations at a time; Lambda takes 2 to 1,000. Without a limit one busy queue can use up the concurrency of the account. */
  readonly atOnce: number
}

const actionsOf = {
  get: ['dynamodb:GetItem'],
  query: ['dynamodb:GetItem', 'dynamodb:Query'],
} as const satisfies Record<TableUse, readonly string[]>

export class Worker extends Construct {
  readonly function: LambdaFunction
  readonly role: Role
  private readonly consumed: string[] = []

  constructor(scope: Construct, id: string, props: WorkerProps) {
    super(scope, id)
    const logGroup = new LogGroup(this, 'Logs', { retention: RetentionDays.ONE_MONTH })
    this.role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') })
    logGroup.grantWrite(this.role)
    this.function = new LambdaFunction(this, 'Function', {
      code: this.codeOf(props),
      handler: 'index.handler',
      description: props.description,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      timeout: Duration.seconds(props.timeoutSeconds),
      memorySize: props.memoryMb ?? 512,
      role: this.role,
      ...(props.reserved === undefined ? {} : { reservedConcurrentExecutions: props.reserved }),
      logGroup,
    })
  }

  /** Table and variable. */
  uses(table: TableV2, variable: string, use: TableUse): this {
    this.allow(actionsOf[use], [table.tableArn])
    return this.given(variable, table.tableName)
  }

  /** The index of items whose outbox is not empty. */
  findsPending(table: TableV2): this {
    return this.allow(['dynamodb:Query'], [`${table.tableArn}/index/pending`])
  }

  /** Writes items whose partition begins with one of `prefixes`. Each change is one conditional put of a whole item. */
  puts(table: TableV2, ...prefixes: readonly string[]): this {
    this.role.addToPolicy(
      new PolicyStatement({
        effect: Effect.ALLOW,
        actions: ['dynamodb:PutItem'],
        resources: [table.tableArn],
        // It would hold for a call without a key, too; a put has one. Never join it with Scan, which has none.
        conditions: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': prefixes.map((prefix) => `${prefix}*`) } },
      }),
    )
    return this
  }

  /** Queue and variable, to send to it. */
  sends(queue: Queue, variable: string): this {
    this.allow(['sqs:SendMessage'], [queue.queueArn])
    return this.given(variable, queue.queueUrl)
  }

  /** Is started by the queue's messages; failures are reported one by one. */
  consumes(queue: Queue, { batchSize, atOnce }: Consumption): this {
    const source = new SqsEventSource(queue, { batchSize, maxConcurrency: atOnce, reportBatchItemFailures: true })
    this.function.addEventSource(source)
    // Which queue a failed message goes back to sooner than its visibility timeout; the event source grants it.
    this.consumed.push(queue.queueUrl)
    return this.given(variables.consumedQueues, this.consumed.join(','))
  }

  /**
   * Is started by a clock: a run that fails or finds no free concurrency is not repeated, because the next minute (or hour) does its work.
   * Lambda would otherwise keep such runs for six hours and then do them all.
   */
  runsByTheClock(every = Duration.minutes(1)): this {
    this.function.configureAsyncInvoke({ retryAttempts: 0, maxEventAge: every })
    return this
  }

  /** May sign with the key, and the key itself refuses everybody else: two doors with this would both be refused. */
  signs(key: Key, variable: string): this {
    key.addToResourcePolicy(
      new PolicyStatement({
        effect: Effect.DENY,
        principals: [new AnyPrincipal()],
        actions: ['kms:Sign'],
        resources: ['*'],
        conditions: { StringNotEquals: { 'aws:PrincipalArn': this.role.roleArn } },
      }),
    )
    this.allow(['kms:Sign', 'kms:GetPublicKey'], [key.keyArn])
    return this.given(variable, key.keyArn)
  }

  /** May learn which address the key signs for. */
  readsPublicKey(key: Key): this {
    return this.allow(['kms:GetPublicKey'], [key.keyArn])
  }

  /** May read the secrets below a prefix, such as `homeostat/rpc/`; the configuration names them. */
  readsSecrets(prefix: string): this {
    const arn = Stack.of(this).formatArn({
      service: 'secretsmanager',
      resource: 'secret',
      resourceName: `${prefix}*`,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    })
    return this.allow(['secretsmanager:GetSecretValue'], [arn])
  }

  /** Bodies too large for an item. */
  writesBlobs(bucket: Bucket, variable: string): this {
    this.allow(['s3:PutObject', 's3:GetObject'], [bucket.arnForObjects('*')])
    return this.given(variable, bucket.bucketName)
  }

  readsBlobs(bucket: Bucket, variable: string): this {
    this.allow(['s3:GetObject'], [bucket.arnForObjects('*')])
    return this.given(variable, bucket.bucketName)
  }

  /** SMS to a number has no resource to name, hence the only `*` of the stack. */
  sendsSms(): this {
    return this.allow(['sns:Publish'], ['*'])
  }

  given(variable: string, value: string): this {
    this.function.addEnvironment(variable, value)
    return this
  }

  get target(): IFunction {
    return this.function
  }

  /** Where only the template is asked for, nothing is bundled. */
  private codeOf({ door, files = {} }: WorkerProps): Code {
    const outdir = Stage.of(this)?.outdir
    if (outdir === undefined || !Stack.of(this).bundlingRequired) return Code.fromAsset(lambdas)
    const bundle = bundledDoor(outdir, door)
    for (const [name, file] of Object.entries(files)) copyFileSync(file, join(bundle, name))
    return Code.fromAsset(bundle)
  }

  private allow(actions: readonly string[], resources: readonly string[]): this {
    this.role.addToPolicy(
      new PolicyStatement({ effect: Effect.ALLOW, actions: [...actions], resources: [...resources] }),
    )
    return this
  }
}
