// The alarms that are about the house and not about one queue: each names its article in docs/runbook.md and tells the people on call.

import { Duration } from 'aws-cdk-lib'
import { Alarm, type AlarmProps, ComparisonOperator, Metric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch'
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions'
import type { Topic } from 'aws-cdk-lib/aws-sns'
import type { Construct } from 'constructs'
import type { Worker } from './constructs/worker.ts'

export interface WatchedHouse {
  readonly operators: Topic
  readonly doors: Readonly<Record<string, Worker>> & { readonly tick: Worker }
}

export function watchOurselves(scope: Construct, { operators, doors }: WatchedHouse): void {
  const action = new SnsAction(operators)
  const alarm = (id: string, props: Partial<AlarmProps> & Pick<AlarmProps, 'alarmDescription' | 'metric'>) =>
    new Alarm(scope, id, {
      threshold: 1,
      evaluationPeriods: 1,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: TreatMissingData.NOT_BREACHING,
      ...props,
    }).addAlarmAction(action)

  for (const [name, worker] of Object.entries(doors)) {
    const door = `${name[0]?.toUpperCase()}${name.slice(1)}`
    alarm(`${door}Errors`, {
      alarmDescription: `${door} fails as a whole: it crashed, could not start or ran out of time. Runbook: function-errors.`,
      metric: worker.function.metricErrors({ period: Duration.minutes(5) }),
    })
  }
  alarm('NoTick', {
    alarmDescription: 'The schedule does not run: nothing is being watched. Runbook: no-tick.',
    metric: doors.tick.function.metricInvocations({ period: Duration.minutes(5) }),
    comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
    treatMissingData: TreatMissingData.BREACHING,
  })
  alarm('Throttled', {
    alarmDescription: 'Lambda turns invocations away: the account runs as many as it may. Runbook: throttled.',
    metric: new Metric({
      namespace: 'AWS/Lambda',
      metricName: 'Throttles',
      statistic: 'Sum',
      period: Duration.minutes(5),
    }),
    evaluationPeriods: 2,
  })
  alarm('SmsSpend', {
    alarmDescription:
      'SMS spend of this month nears the quota (1 USD in a new account); beyond it sending stops silently. Runbook: sms-quota.',
    metric: new Metric({
      namespace: 'AWS/SNS',
      metricName: 'SMSMonthToDateSpentUSD',
      statistic: 'Maximum',
      period: Duration.hours(1),
    }),
    threshold: 0.8,
  })
}
