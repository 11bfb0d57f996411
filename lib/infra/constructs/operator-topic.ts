// Where alarms go: people subscribe to it by hand, and only the alarms of this account may publish.

import { Stack } from 'aws-cdk-lib'
import { Effect, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import { Topic } from 'aws-cdk-lib/aws-sns'
import type { Construct } from 'constructs'

/** A policy of one's own replaces the one by which SNS lets the account's alarms in: without the grant they would ring unheard. */
export function operatorTopic(scope: Construct): Topic {
  const topic = new Topic(scope, 'Operators', { displayName: 'Homeostat', enforceSSL: true })
  topic.addToResourcePolicy(
    new PolicyStatement({
      sid: 'AllowAlarmsOfThisAccount',
      effect: Effect.ALLOW,
      principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
      actions: ['sns:Publish'],
      resources: [topic.topicArn],
      conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(scope).account } },
    }),
  )
  return topic
}
