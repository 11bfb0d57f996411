// The whole installation: three tables, six queues, ten doors, one key, and who may do what.

import { CfnOutput, Duration, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib'
import { Alarm, ComparisonOperator, Metric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch'
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions'
import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb'
import { Key, KeySpec, KeyUsage } from 'aws-cdk-lib/aws-kms'
import { FunctionUrlAuthType } from 'aws-cdk-lib/aws-lambda'
import { BlockPublicAccess, Bucket, BucketEncryption } from 'aws-cdk-lib/aws-s3'
import { Schedule, ScheduleExpression } from 'aws-cdk-lib/aws-scheduler'
import { LambdaInvoke } from 'aws-cdk-lib/aws-scheduler-targets'
import { Topic } from 'aws-cdk-lib/aws-sns'
import { Trigger } from 'aws-cdk-lib/triggers'
import type { Construct } from 'constructs'
import { type QueueName, queueVariable, variables } from '../../base/deployment-names.ts'
import { acknowledgeFindings } from '../acknowledgements.ts'
import { memoryTable } from '../constructs/memory-table.ts'
import { Pipe } from '../constructs/pipe.ts'
import { Worker } from '../constructs/worker.ts'

export interface HomeostatStackProps extends StackProps {
  /** Names this installation; part of every order's digest. */
  readonly deployment: string
  /** Path of the configuration that this deploy carries. */
  readonly configurationFile: string
}

export class HomeostatStack extends Stack {
  constructor(scope: Construct, id: string, props: HomeostatStackProps) {
    super(scope, id, props)
    const operators = new Topic(this, 'Operators', { enforceSSL: true })
    const watch = memoryTable(this, 'Watch', true)
    const orders = memoryTable(this, 'Orders', true)
    const config = memoryTable(this, 'Config', false)
    const blobs = new Bucket(this, 'Blobs', {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      lifecycleRules: [{ expiration: Duration.days(100) }],
      removalPolicy: RemovalPolicy.RETAIN,
    })
    const key = new Key(this, 'RelayerKey', {
      description: 'Pays gas for approved orders; owns nothing.',
      keySpec: KeySpec.ECC_SECG_P256K1,
      keyUsage: KeyUsage.SIGN_VERIFY,
      removalPolicy: RemovalPolicy.RETAIN,
    })

    const pipe = (name: string, visibilitySeconds: number, maxAgeSeconds: number, fifo = 'standard') =>
      new Pipe(this, name, { fifo: fifo === 'fifo', visibilitySeconds, maxReceives: 5, operators, maxAgeSeconds }).queue
    const queues = {
      snapshots: pipe('Snapshots', 180, 300),
      assessments: pipe('Assessments', 180, 300),
      proposals: pipe('Proposals', 360, 600),
      notifications: pipe('Notifications', 180, 120),
      executions: pipe('Executions', 360, 600, 'fifo'),
      settlements: pipe('Settlements', 360, 900),
    } as const satisfies Record<QueueName, unknown>
    const sends = (worker: Worker, ...names: readonly QueueName[]) => {
      for (const name of names) worker.sends(queues[name], queueVariable(name))
      return worker
    }
    const reads = (worker: Worker, table: TableV2, variable: string) => worker.uses(table, variable, 'read')
    const writes = (worker: Worker, table: TableV2, variable: string) => worker.uses(table, variable, 'write')
    const { watchTable, ordersTable, configTable } = variables

    const tick = new Worker(this, 'Tick', {
      door: 'tick',
      description: 'Queues the portfolios that are due.',
      timeoutSeconds: 30,
    })
    reads(tick, config, configTable)
    sends(tick, 'snapshots')

    const takeSnapshot = new Worker(this, 'TakeSnapshot', {
      door: 'take-snapshot',
      description: 'Reads a portfolio at one pinned block and stores what it saw.',
      timeoutSeconds: 30,
      memoryMb: 1024,
    })
    reads(takeSnapshot, config, configTable)
    writes(takeSnapshot, watch, watchTable)
    takeSnapshot.writesBlobs(blobs, variables.blobsBucket).readsSecrets().consumes(queues.snapshots, 1)
    sends(takeSnapshot, 'assessments')

    const assessRisk = new Worker(this, 'AssessRisk', {
      door: 'assess-risk',
      description: 'Snapshot to report to verdict: alerts and plans.',
      timeoutSeconds: 30,
      memoryMb: 1024,
    })
    reads(assessRisk, config, configTable)
    writes(assessRisk, watch, watchTable)
    assessRisk.writesBlobs(blobs, variables.blobsBucket).consumes(queues.assessments, 5)
    sends(assessRisk, 'notifications', 'proposals')

    const propose = new Worker(this, 'Propose', {
      door: 'propose',
      description: 'Plan to order: quotes, calldata, pre-flight, hash, request for approval.',
      timeoutSeconds: 60,
      memoryMb: 1024,
    })
    reads(propose, config, configTable)
    reads(propose, watch, watchTable)
    writes(propose, orders, ordersTable)
    propose.readsBlobs(blobs, variables.blobsBucket).readsSecrets().consumes(queues.proposals, 1)
    sends(propose, 'notifications').given(variables.deployment, props.deployment)

    const approve = new Worker(this, 'Approve', {
      door: 'approve',
      description: 'Shows an order to whoever has its link and takes the signatures of owners.',
      timeoutSeconds: 15,
    })
    reads(approve, config, configTable)
    writes(approve, orders, ordersTable)
    sends(approve, 'executions', 'notifications', 'proposals')
    // Empty in the cloud; the local runner puts its demo signer here.
    approve.given(variables.demoSignUrl, '')
    const approveUrl = approve.target.addFunctionUrl({ authType: FunctionUrlAuthType.NONE })

    const execute = new Worker(this, 'Execute', {
      door: 'execute',
      description: 'Signs, stores, broadcasts and settles approved orders. The only door that can sign.',
      timeoutSeconds: 60,
      memoryMb: 1024,
    })
    reads(execute, config, configTable)
    reads(execute, watch, watchTable)
    writes(execute, orders, ordersTable)
    execute
      .signs(key, variables.relayerKey)
      .readsBlobs(blobs, variables.blobsBucket)
      .readsSecrets()
      .consumes(queues.executions, 1)
      .consumes(queues.settlements, 1)
    sends(execute, 'settlements', 'notifications', 'snapshots')

    const console = new Worker(this, 'Console', {
      door: 'console',
      description: 'The page and its JSON, for a session only.',
      timeoutSeconds: 15,
    })
    reads(console, config, configTable)
    reads(console, watch, watchTable).writesOnly(watch, 'session#')
    reads(console, orders, ordersTable)
    console.readsBlobs(blobs, variables.blobsBucket).given(variables.approveUrl, approveUrl.url)
    const consoleUrl = console.target.addFunctionUrl({ authType: FunctionUrlAuthType.NONE })

    const notify = new Worker(this, 'Notify', {
      door: 'notify',
      description: 'Tells people by SMS, Slack and log, and keeps the receipts.',
      timeoutSeconds: 30,
    })
    reads(notify, config, configTable)
    writes(notify, watch, watchTable)
    reads(notify, orders, ordersTable)
    notify
      .sendsSms()
      .readsSecrets()
      .given(variables.approveUrl, approveUrl.url)
      .given(variables.consoleUrl, consoleUrl.url)
      .consumes(queues.notifications, 5)

    const deliver = new Worker(this, 'Deliver', {
      door: 'deliver',
      description: 'Sends what outboxes still hold.',
      timeoutSeconds: 30,
    })
    writes(deliver, watch, watchTable).findsPending(watch)
    writes(deliver, orders, ordersTable).findsPending(orders)
    sends(deliver, 'snapshots', 'assessments', 'notifications', 'proposals', 'executions', 'settlements')

    const applyConfig = new Worker(this, 'ApplyConfig', {
      door: 'apply-config',
      description: 'Validates the configuration that the deploy carries and puts it in force.',
      timeoutSeconds: 60,
      hooks: {
        beforeBundling: () => [],
        beforeInstall: () => [],
        afterBundling: (_, outputDir) => [`cp "${props.configurationFile}" "${outputDir}/homeostat.yaml"`],
      },
    })
    writes(applyConfig, config, configTable)
    new Trigger(this, 'ApplyOnDeploy', {
      handler: applyConfig.function,
      timeout: Duration.seconds(60),
      executeAfter: [config],
    })

    for (const [name, worker] of [
      ['EveryMinute', tick],
      ['Leftovers', deliver],
    ] as const) {
      new Schedule(this, name, {
        schedule: ScheduleExpression.rate(Duration.minutes(1)),
        target: new LambdaInvoke(worker.target, { retryAttempts: 0, maxEventAge: Duration.minutes(1) }),
      })
    }
    acknowledgeFindings(this, {
      blobs,
      blobUsers: [takeSnapshot, assessRisk, propose, execute, console],
      secretReaders: [takeSnapshot, propose, execute, notify],
      smsSender: notify,
      scheduled: [tick.target, deliver.target],
    })
    this.watchOurselves({ operators, tick, takeSnapshot, execute, notify })

    new CfnOutput(this, 'PageUrl', { value: consoleUrl.url, description: 'The console.' })
    new CfnOutput(this, 'ApproveUrl', { value: approveUrl.url, description: 'Where orders are opened.' })
    new CfnOutput(this, 'RelayerKeyId', {
      value: key.keyId,
      description: 'Key of the relayer: fund its address with gas.',
    })
    for (const [name, value] of Object.entries({
      WatchTableName: watch.tableName,
      OrdersTableName: orders.tableName,
      ConfigTableName: config.tableName,
      BlobsBucketName: blobs.bucketName,
      SnapshotsQueueUrl: queues.snapshots.queueUrl,
      ProposalsQueueUrl: queues.proposals.queueUrl,
      NotificationsQueueUrl: queues.notifications.queueUrl,
      ExecutionsQueueUrl: queues.executions.queueUrl,
      DeploymentName: props.deployment,
    }))
      new CfnOutput(this, name, { value })
    new CfnOutput(this, 'OperatorTopicArn', { value: operators.topicArn, description: 'Subscribe the people on call.' })
  }

  private watchOurselves(params: {
    readonly operators: Topic
    readonly tick: Worker
    readonly takeSnapshot: Worker
    readonly execute: Worker
    readonly notify: Worker
  }): void {
    const action = new SnsAction(params.operators)
    for (const [name, worker] of [
      ['TakeSnapshot', params.takeSnapshot],
      ['Execute', params.execute],
      ['Notify', params.notify],
    ] as const) {
      new Alarm(this, `${name}Errors`, {
        alarmDescription: `${name} fails as a whole: it crashed or ran out of time. Runbook: function-errors.`,
        metric: worker.function.metricErrors({ period: Duration.minutes(5) }),
        threshold: 1,
        evaluationPeriods: 1,
        comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        treatMissingData: TreatMissingData.NOT_BREACHING,
      }).addAlarmAction(action)
    }
    new Alarm(this, 'NoTick', {
      alarmDescription: 'The schedule does not run: nothing is being watched. Runbook: no-tick.',
      metric: params.tick.function.metricInvocations({ period: Duration.minutes(5) }),
      threshold: 1,
      evaluationPeriods: 1,
      comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
      treatMissingData: TreatMissingData.BREACHING,
    }).addAlarmAction(action)
    new Alarm(this, 'SmsSpend', {
      alarmDescription:
        'SMS spend of this month nears the quota (1 USD in a new account); beyond it sending stops silently. Runbook: sms-quota.',
      metric: new Metric({
        namespace: 'AWS/SNS',
        metricName: 'SMSMonthToDateSpentUSD',
        statistic: 'Maximum',
        period: Duration.hours(1),
      }),
      threshold: 0.8,
      evaluationPeriods: 1,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    }).addAlarmAction(action)
  }
}
