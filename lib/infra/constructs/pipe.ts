// A queue with its dead-letter queue and the alarm that tells when something ended there.

import { Duration } from 'aws-cdk-lib'
import { Alarm, ComparisonOperator, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch'
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions'
import type { Topic } from 'aws-cdk-lib/aws-sns'
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs'
import { Construct } from 'constructs'

export interface PipeProps {
  /** `any` unless told otherwise. */
  readonly order?: 'any' | 'fifo'
  /** A message is shown so much later than it was sent. */
  readonly delaySeconds?: number
  /** Six times the time limit of its consumer, as Lambda recommends. */
  readonly visibilitySeconds: number
  readonly maxReceives: number
  readonly operators: Topic
  /** An old message means that the consumer does not keep up. */
  readonly maxAgeSeconds: number
}

export class Pipe extends Construct {
  readonly queue: Queue
  readonly deadLetters: Queue

  constructor(scope: Construct, id: string, props: PipeProps) {
    super(scope, id)
    const shared = {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
      // FIFO queues say so; others must not mention it.
      ...(props.order === 'fifo' ? { fifo: true } : {}),
    }
    this.deadLetters = new Queue(this, 'DeadLetters', shared)
    this.queue = new Queue(this, 'Queue', {
      ...shared,
      visibilityTimeout: Duration.seconds(props.visibilitySeconds),
      deliveryDelay: Duration.seconds(props.delaySeconds ?? 0),
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: props.maxReceives },
    })
    new Alarm(this, 'LostMessage', {
      alarmDescription: `A message of ${id} failed ${props.maxReceives} times and waits in its dead-letter queue. Runbook: dead-letters.`,
      metric: this.deadLetters.metricApproximateNumberOfMessagesVisible({ period: Duration.minutes(1) }),
      threshold: 1,
      evaluationPeriods: 1,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    }).addAlarmAction(new SnsAction(props.operators))
    new Alarm(this, 'Backlog', {
      alarmDescription: `Messages of ${id} wait longer than ${props.maxAgeSeconds} s. Runbook: backlog.`,
      metric: this.queue.metricApproximateAgeOfOldestMessage({ period: Duration.minutes(1) }),
      threshold: props.maxAgeSeconds,
      evaluationPeriods: 3,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    }).addAlarmAction(new SnsAction(props.operators))
  }
}
