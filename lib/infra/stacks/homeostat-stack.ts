// The whole installation: three tables, seven queues, fourteen doors, one key, and who may do what.

import { CfnOutput, Duration, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib'
import { Key, KeySpec, KeyUsage } from 'aws-cdk-lib/aws-kms'
import { FunctionUrlAuthType } from 'aws-cdk-lib/aws-lambda'
import { BlockPublicAccess, Bucket, BucketEncryption } from 'aws-cdk-lib/aws-s3'
import { Schedule, ScheduleExpression } from 'aws-cdk-lib/aws-scheduler'
import { LambdaInvoke } from 'aws-cdk-lib/aws-scheduler-targets'
import { Trigger } from 'aws-cdk-lib/triggers'
import type { Construct } from 'constructs'
import { type QueueName, queueVariable, secretPrefixes, variables } from '../../base/deployment-names.ts'
import { acknowledgeFindings } from '../acknowledgements.ts'
import { memoryTable } from '../constructs/memory-table.ts'
import { operatorTopic } from '../constructs/operator-topic.ts'
import { Pipe, type PipeProps } from '../constructs/pipe.ts'
import { RelayerAddress } from '../constructs/relayer-address.ts'
import { Worker } from '../constructs/worker.ts'
import { refuseBrokenConfiguration } from '../refuse-broken-configuration.ts'
import { shareOf } from '../share-of-concurrency.ts'
import { watchOurselves } from '../watch-ourselves.ts'

const tableVariables = {
  watch: variables.watchTable,
  orders: variables.ordersTable,
  config: variables.configTable,
} as const
/** What belongs to one portfolio: in `watch` all but sessions, in `orders` all but the ledgers of signers. */
const ofPortfolios = 'portfolio#'

export interface HomeostatStackProps extends StackProps {
  /** Names this installation; part of every order's digest. */
  readonly deployment: string
  /** Path of the configuration that this deploy carries. */
  readonly configurationFile: string
  /** How many Lambdas this account may run at once; a new account has 10. */
  readonly accountConcurrency: number
}

export class HomeostatStack extends Stack {
  constructor(scope: Construct, id: string, props: HomeostatStackProps) {
    super(scope, id, props)
    if (this.bundlingRequired) refuseBrokenConfiguration(props.configurationFile)
    const operators = operatorTopic(this)
    const watch = memoryTable(this, 'Watch', true)
    const orders = memoryTable(this, 'Orders', true)
    const config = memoryTable(this, 'Config', false)
    const blobs = new Bucket(this, 'Blobs', {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      // Longer than the longest life of an item; what lies under kept/ belongs to items that never expire.
      lifecycleRules: [{ prefix: 'expiring/', expiration: Duration.days(400) }],
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    })
    const key = new Key(this, 'RelayerKey', {
      description: 'Pays gas for approved orders; owns nothing.',
      keySpec: KeySpec.ECC_SECG_P256K1,
      keyUsage: KeyUsage.SIGN_VERIFY,
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    })

    const pipe = (name: string, visibilitySeconds: number, maxAgeSeconds: number, more: Partial<PipeProps> = {}) =>
      new Pipe(this, name, { visibilitySeconds, maxReceives: 8, operators, maxAgeSeconds, ...more }).queue
    const queues = {
      chains: pipe('Chains', 180, 300, { order: 'fifo' }),
      snapshots: pipe('Snapshots', 180, 300),
      assessments: pipe('Assessments', 180, 300),
      proposals: pipe('Proposals', 360, 600),
      notifications: pipe('Notifications', 180, 120),
      // The approver's last write of the order follows its message; an execution that met it would have to wait for a second delivery.
      executions: pipe('Executions', 360, 600, { order: 'fifo', delaySeconds: 1 }),
      settlements: pipe('Settlements', 360, 900),
    } as const satisfies Record<QueueName, unknown>
    const { quiet, stormy, reserved } = shareOf(props.accountConcurrency)
    const sends = (worker: Worker, ...names: readonly QueueName[]) => {
      for (const name of names) worker.sends(queues[name], queueVariable(name))
      return worker
    }
    const gets = (worker: Worker, ...tables: readonly (keyof typeof tableVariables)[]) => {
      for (const name of tables) worker.uses({ watch, orders, config }[name], tableVariables[name], 'get')
      return worker
    }

    const tick = new Worker(this, 'Tick', {
      door: 'tick',
      description: 'Queues the chains and portfolios that are due.',
      timeoutSeconds: 30,
    })
    gets(tick, 'config').runsByTheClock()
    sends(tick, 'chains', 'snapshots')

    const watchChain = new Worker(this, 'WatchChain', {
      door: 'watch-chain',
      description: 'Follows the events of a chain and queues the portfolios that they touch.',
      timeoutSeconds: 30,
    })
    gets(watchChain, 'config', 'watch')
      .puts(watch, 'chain#')
      .readsSecrets(secretPrefixes.rpc)
      .consumes(queues.chains, { batchSize: 10, atOnce: quiet })
    sends(watchChain, 'chains', 'snapshots')

    const hearWebhook = new Worker(this, 'HearWebhook', {
      door: 'hear-webhook',
      description: 'Hears from a provider that something happened on a chain, and queues that chain.',
      timeoutSeconds: 10,
      reserved,
    })
    gets(hearWebhook, 'config').puts(watch, 'once#').readsSecrets(secretPrefixes.webhook)
    sends(hearWebhook, 'chains').given(tableVariables.watch, watch.tableName)
    const webhookUrl = hearWebhook.target.addFunctionUrl({ authType: FunctionUrlAuthType.NONE })

    const takeSnapshot = new Worker(this, 'TakeSnapshot', {
      door: 'take-snapshot',
      description: 'Reads a portfolio at one pinned block and stores what it saw.',
      timeoutSeconds: 30,
      memoryMb: 1024,
    })
    gets(takeSnapshot, 'config', 'watch')
      .puts(watch, ofPortfolios, 'holders#', 'history#')
      .writesBlobs(blobs, variables.blobsBucket)
      .readsSecrets(secretPrefixes.rpc)
      .readsSecrets(secretPrefixes.venue)
      .consumes(queues.snapshots, { batchSize: 1, atOnce: stormy })
    // Also to itself: a count of holders that is behind goes on.
    sends(takeSnapshot, 'assessments', 'snapshots')

    const assessRisk = new Worker(this, 'AssessRisk', {
      door: 'assess-risk',
      description: 'Snapshot to report to verdict: alerts and plans.',
      timeoutSeconds: 30,
      memoryMb: 1024,
    })
    gets(assessRisk, 'config', 'watch')
      .puts(watch, ofPortfolios)
      .writesBlobs(blobs, variables.blobsBucket)
      .consumes(queues.assessments, { batchSize: 5, atOnce: stormy })
    sends(assessRisk, 'notifications', 'proposals')

    const calibrate = new Worker(this, 'Calibrate', {
      door: 'calibrate',
      description: 'History to market model: covariance, volatilities, regime, scenarios, betas.',
      timeoutSeconds: 180,
      memoryMb: 2048,
    })
    // It finds series and bars by their partitions, fetches what is missing, and never writes what belongs to a portfolio.
    gets(calibrate, 'config')
      .uses(watch, tableVariables.watch, 'query')
      .puts(watch, 'market-model#', 'history#')
      .writesBlobs(blobs, variables.blobsBucket)
      .runsByTheClock(Duration.hours(1))

    const propose = new Worker(this, 'Propose', {
      door: 'propose',
      description: 'Plan to order: quotes, calldata, pre-flight, hash, request for approval.',
      timeoutSeconds: 60,
      memoryMb: 1024,
    })
    gets(propose, 'config', 'watch')
      .uses(orders, tableVariables.orders, 'query')
      .puts(orders, ofPortfolios)
      .readsBlobs(blobs, variables.blobsBucket)
      .readsSecrets(secretPrefixes.rpc)
      .consumes(queues.proposals, { batchSize: 1, atOnce: quiet })
    sends(propose, 'notifications').given(variables.deployment, props.deployment)

    const approve = new Worker(this, 'Approve', {
      door: 'approve',
      description: 'Shows an order to whoever has its link and takes the signatures of owners.',
      timeoutSeconds: 15,
    })
    gets(approve, 'config').uses(orders, tableVariables.orders, 'query').puts(orders, ofPortfolios)
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
    gets(execute, 'config', 'watch', 'orders')
      .puts(orders, ofPortfolios, 'signer#')
      .signs(key, variables.relayerKey)
      .readsBlobs(blobs, variables.blobsBucket)
      .readsSecrets(secretPrefixes.rpc)
      .consumes(queues.executions, { batchSize: 1, atOnce: quiet })
      .consumes(queues.settlements, { batchSize: 1, atOnce: quiet })
    // Also to itself: an order whose approval was sent by a door that died right then still has it in its outbox.
    sends(execute, 'executions', 'settlements', 'notifications', 'snapshots')

    const console = new Worker(this, 'Console', {
      door: 'console',
      description: 'The page and its JSON, for a session only.',
      timeoutSeconds: 15,
    })
    gets(console, 'config')
      .uses(watch, tableVariables.watch, 'query')
      .uses(orders, tableVariables.orders, 'query')
      .puts(watch, 'session#')
      .readsBlobs(blobs, variables.blobsBucket)
      .given(variables.approveUrl, approveUrl.url)
    const consoleUrl = console.target.addFunctionUrl({ authType: FunctionUrlAuthType.NONE })

    const notify = new Worker(this, 'Notify', {
      door: 'notify',
      description: 'Tells people by SMS, Slack and log, and keeps the receipts.',
      timeoutSeconds: 30,
    })
    gets(notify, 'config', 'watch', 'orders')
      .puts(watch, ofPortfolios)
      .sendsSms()
      .readsSecrets(secretPrefixes.notify)
      .given(variables.approveUrl, approveUrl.url)
      .given(variables.consoleUrl, consoleUrl.url)
      .consumes(queues.notifications, { batchSize: 5, atOnce: quiet })

    const deliver = new Worker(this, 'Deliver', {
      door: 'deliver',
      description: 'Sends what outboxes still hold.',
      timeoutSeconds: 30,
    })
    // To send is not enough: what was sent has to leave the outbox, so this door writes orders, too.
    gets(deliver, 'watch', 'orders')
      .puts(watch, ofPortfolios)
      .puts(orders, ofPortfolios)
      .findsPending(watch)
      .findsPending(orders)
      .runsByTheClock()
    sends(deliver, 'snapshots', 'notifications', 'proposals', 'executions', 'settlements')

    const applyConfig = new Worker(this, 'ApplyConfig', {
      door: 'apply-config',
      description: 'Validates the configuration that the deploy carries and puts it in force.',
      timeoutSeconds: 60,
      files: { 'homeostat.yaml': props.configurationFile },
    })
    gets(applyConfig, 'config').puts(config, 'version#', 'pointer')
    const doors = {
      tick,
      watchChain,
      hearWebhook,
      takeSnapshot,
      assessRisk,
      calibrate,
      propose,
      approve,
      execute,
      console,
      notify,
      deliver,
    }
    new Trigger(this, 'ApplyOnDeploy', {
      handler: applyConfig.function,
      timeout: Duration.seconds(60),
      // Last: a new configuration is for the new code, and a deploy that fails before leaves the old one in force.
      executeAfter: [config, ...Object.values(doors)],
    })
    const relayer = new RelayerAddress(this, 'Relayer', { key })

    for (const [name, worker, every] of [
      ['EveryMinute', tick, Duration.minutes(1)],
      ['Leftovers', deliver, Duration.minutes(1)],
      ['EveryHour', calibrate, Duration.hours(1)],
    ] as const) {
      new Schedule(this, name, {
        schedule: ScheduleExpression.rate(every),
        target: new LambdaInvoke(worker.target, { retryAttempts: 0, maxEventAge: every }),
      })
    }
    acknowledgeFindings(this, {
      blobs,
      blobUsers: [takeSnapshot, assessRisk, calibrate, propose, execute, console],
      secretReaders: {
        [secretPrefixes.rpc]: [watchChain, takeSnapshot, propose, execute],
        [secretPrefixes.notify]: [notify],
        [secretPrefixes.webhook]: [hearWebhook],
        [secretPrefixes.venue]: [takeSnapshot],
      },
      smsSender: notify,
      scheduled: [tick.target, deliver.target, calibrate.target],
    })
    watchOurselves(this, { operators, doors })

    new CfnOutput(this, 'PageUrl', { value: consoleUrl.url, description: 'The console.' })
    new CfnOutput(this, 'ApproveUrl', { value: approveUrl.url, description: 'Where orders are opened.' })
    new CfnOutput(this, 'WebhookUrl', {
      value: webhookUrl.url,
      description: 'Followed by the id of a webhook: where a provider posts.',
    })
    new CfnOutput(this, 'RelayerAddress', {
      value: relayer.address,
      description: 'Pays the gas of approved orders: send it a little ether.',
    })
    new CfnOutput(this, 'RelayerKeyId', { value: key.keyId, description: 'Key of the relayer.' })
    for (const [name, value] of Object.entries({
      WatchTableName: watch.tableName,
      OrdersTableName: orders.tableName,
      ConfigTableName: config.tableName,
      BlobsBucketName: blobs.bucketName,
      ChainsQueueUrl: queues.chains.queueUrl,
      SnapshotsQueueUrl: queues.snapshots.queueUrl,
      ProposalsQueueUrl: queues.proposals.queueUrl,
      NotificationsQueueUrl: queues.notifications.queueUrl,
      ExecutionsQueueUrl: queues.executions.queueUrl,
      DeploymentName: props.deployment,
    }))
      new CfnOutput(this, name, { value })
    new CfnOutput(this, 'OperatorTopicArn', { value: operators.topicArn, description: 'Subscribe the people on call.' })
  }
}
