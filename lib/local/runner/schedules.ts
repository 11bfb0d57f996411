// The Scheduler: fires schedules at their rate and whenever the runner says so, each with the role that the template gives it.

import { HomeostatError } from '../../base/homeostat-error.ts'
import * as z from '../../base/schema.ts'
import { parse } from '../../base/schema.ts'
import type { Template } from '../template/open-template.ts'
import { arnIn, type Place } from '../template/place.ts'
import type { AwsCaller } from './aws-call.ts'
import type { LambdaFunction } from './lambda-function.ts'
import { assumeRole, type Role, requireGrant } from './roles.ts'

const scheduleSchema = z.object({
  ScheduleExpression: z.string(),
  State: z.optional(z.string()),
  GroupName: z.optional(z.string()),
  Target: z.strictObject({
    Arn: z.string(),
    RoleArn: z.string(),
    Input: z.optional(z.string()),
    RetryPolicy: z.optional(z.unknown()),
    DeadLetterConfig: z.optional(z.unknown()),
    SqsParameters: z.optional(z.object({ MessageGroupId: z.string() })),
  }),
})

export interface Schedule {
  /** Name in the template's terms. */
  readonly logicalId: string
  readonly name: string
  readonly everySeconds: number
  readonly isEnabled: boolean
  /** Resolves when the target has answered. A schedule that is still at work is not fired again meanwhile. */
  fire(): Promise<void>
}

const unitSeconds: Readonly<Record<string, number>> = { minute: 60, hour: 3_600, day: 86_400 }

/** Seconds between runs. @throws HomeostatError `schedule-expression-unknown` for cron and one-time expressions */
export function everySecondsOf(expression: string): number {
  const [, count, unit = ''] = /^rate\(\s*(\d+)\s+(minute|hour|day)s?\s*\)$/.exec(expression) ?? []
  const seconds = unitSeconds[unit]
  if (count !== undefined && seconds !== undefined) return Number(count) * seconds
  throw new HomeostatError('schedule-expression-unknown', {
    message: `The runner knows rate(...) and not ${expression}.`,
    retry: 'never',
    facts: { expression },
    hint: 'Use a rate.',
  })
}

interface Deps {
  readonly place: Place
  readonly template: Template
  readonly roles: readonly Role[]
  readonly functions: readonly LambdaFunction[]
  readonly operator: AwsCaller
  readonly onProblem: (error: unknown) => void
}

function inputOf(input: string | undefined, name: string): unknown {
  if (input === undefined) return {}
  const filled = input
    .replaceAll('<aws.scheduler.scheduled-time>', new Date().toISOString())
    .replaceAll('<aws.scheduler.schedule-arn>', name)
    .replaceAll('<aws.scheduler.execution-id>', crypto.randomUUID())
    .replaceAll('<aws.scheduler.attempt-number>', '1')
  return JSON.parse(filled)
}

function senderTo(
  { template, functions, operator }: Deps,
  target: z.output<typeof scheduleSchema>['Target'],
  name: string,
) {
  if (/^arn:[^:]+:lambda:/.test(target.Arn)) {
    const { logicalId } = template.named('AWS::Lambda::Function', target.Arn)
    const fn = functions.find((each) => each.logicalId === logicalId)
    return {
      action: 'lambda:InvokeFunction',
      send: async () => void (await fn?.invoke(inputOf(target.Input, name), target.Arn)),
    }
  }
  if (/^arn:[^:]+:sqs:/.test(target.Arn)) {
    const queue = template.named('AWS::SQS::Queue', target.Arn)
    const group = target.SqsParameters === undefined ? {} : { MessageGroupId: target.SqsParameters.MessageGroupId }
    const body = () => ({ QueueUrl: queue.ref, MessageBody: JSON.stringify(inputOf(target.Input, name)), ...group })
    return {
      action: 'sqs:SendMessage',
      send: async () => void (await operator.json('sqs', 'AmazonSQS.SendMessage', body())),
    }
  }
  throw new HomeostatError('schedule-target-unknown', {
    message: `The runner cannot schedule ${target.Arn}.`,
    retry: 'never',
    facts: { arn: target.Arn },
  })
}

/**
 * Every schedule of the template, not yet running.
 * @throws HomeostatError `schedule-expression-unknown`, `schedule-target-unknown`, `role-not-assumable`, `role-lacks-grant`
 */
export function openSchedules(deps: Deps): readonly Schedule[] {
  const { place, template, roles } = deps
  return template.take('AWS::Scheduler::Schedule').map(({ logicalId, ref, attributes, properties }) => {
    const { ScheduleExpression, State, GroupName, Target } = parse(scheduleSchema, properties, logicalId)
    const context = {
      'aws:sourceaccount': [place.account],
      'aws:sourcearn': [arnIn(place, 'scheduler', `schedule-group/${GroupName ?? 'default'}`)],
    }
    const role = assumeRole({ place, roles }, { arn: Target.RoleArn, service: 'scheduler.amazonaws.com', context })
    const { action, send } = senderTo(deps, Target, attributes.Arn ?? ref)
    requireGrant(place, role, { action, resource: Target.Arn, why: `because schedule ${logicalId} runs with it` })
    let running: Promise<void> | undefined
    return {
      logicalId,
      name: ref,
      everySeconds: everySecondsOf(ScheduleExpression),
      isEnabled: State !== 'DISABLED',
      fire() {
        running ??= send()
          .catch(deps.onProblem)
          .finally(() => {
            running = undefined
          })
        return running
      },
    }
  })
}

/** Starts the clocks of the enabled ones. They do not keep the process alive. @returns what stops them */
export function startSchedules(schedules: readonly Schedule[]): () => void {
  const timers = schedules
    .filter(({ isEnabled }) => isEnabled)
    .map((schedule) => setInterval(() => void schedule.fire(), schedule.everySeconds * 1_000).unref())
  return () => {
    for (const timer of timers) clearInterval(timer)
  }
}
