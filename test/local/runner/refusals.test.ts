import { rmSync } from 'node:fs'
import { afterEach, describe, expect, it } from 'vitest'
import type { House } from '../../../lib/local/runner/house.ts'
import { startHouse } from '../../../lib/local/runner/start-house.ts'
import { resourceTypeOf, resourceTypes } from '../../../lib/local/template/resource-types.ts'
import { alteredFixture, type FreeTemplate, resourceIn, synthesizedFixture } from '../fixture/synthesized-fixture.ts'

const undo: (() => unknown)[] = []
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step()
})

async function startAltered(alter: (template: FreeTemplate) => void): Promise<House> {
  const cdkOut = await alteredFixture(alter)
  undo.push(() => rmSync(cdkOut, { recursive: true, force: true }))
  const house = await startHouse({ cdkOut, secrets: { 'fixture/hook': 'x' } })
  undo.push(() => house.stop())
  return house
}

const statementsOf = (
  template: FreeTemplate,
  prefix: string,
): { Action: string | string[]; Effect: string; Resource: unknown }[] =>
  resourceIn(template, prefix).Properties.PolicyDocument.Statement
const strip = (template: FreeTemplate, prefix: string, action: string): void => {
  for (const statement of statementsOf(template, prefix)) {
    statement.Action = [statement.Action].flat().map((each) => (each === action ? 'none:None' : each))
  }
}
const remove = (template: FreeTemplate, prefix: string): void => {
  for (const logicalId of Object.keys(template.Resources))
    if (logicalId.startsWith(prefix)) delete template.Resources[logicalId]
}

interface Flaw {
  readonly says: string
  readonly alter: (template: FreeTemplate) => void
  readonly code: string
  readonly named: string
}

const flaws: readonly Flaw[] = [
  {
    says: 'a resource type that it does not know',
    alter: ({ Resources }) => {
      Resources.Bus = { Type: 'AWS::Events::EventBus', Properties: { Name: 'x' } }
    },
    code: 'template-resource-type-unknown',
    named: 'AWS::Events::EventBus (Bus)',
  },
  {
    says: 'a custom resource that it does not know',
    alter: ({ Resources }) => {
      Resources.Own = { Type: 'Custom::LogRetention', Properties: {} }
    },
    code: 'template-resource-type-unknown',
    named: 'Custom::LogRetention',
  },
  {
    says: 'a property that would be lost',
    alter: (template) => {
      resourceIn(template, 'Worker11').Properties.KmsKeyArn =
        'arn:aws:kms:us-east-1:000000000000:key/of-the-environment'
    },
    code: 'template-property-unknown',
    named: 'KmsKeyArn of AWS::Lambda::Function',
  },
  {
    says: 'an intrinsic function that it does not know',
    alter: (template) => {
      resourceIn(template, 'Worker11').Properties.Environment.Variables.X = { 'Fn::ImportValue': 'y' }
    },
    code: 'template-intrinsic-unknown',
    named: 'Fn::ImportValue',
  },
  {
    says: 'a reference to nothing',
    alter: (template) => {
      resourceIn(template, 'Worker11').Properties.Environment.Variables.X = { Ref: 'Nobody' }
    },
    code: 'template-reference-unknown',
    named: 'Nobody',
  },
  {
    says: 'an attribute that it cannot give',
    alter: (template) => {
      resourceIn(template, 'Worker11').Properties.Environment.Variables.X = {
        'Fn::GetAtt': ['TableCD117FA1', 'StreamArn'],
      }
    },
    code: 'template-reference-unknown',
    named: 'StreamArn',
  },
  {
    says: 'a managed policy whose contents it does not know',
    alter: (template) =>
      resourceIn(template, 'WorkerServiceRole8').Properties.ManagedPolicyArns.push(
        'arn:aws:iam::aws:policy/AdministratorAccess',
      ),
    code: 'managed-policy-unknown',
    named: 'AdministratorAccess',
  },
  {
    says: 'a condition operator that it does not know',
    alter: (template) =>
      void Object.assign(statementsOf(template, 'WorkerServiceRoleDefault')[0] ?? {}, {
        Condition: { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } },
      }),
    code: 'policy-form-unknown',
    named: 'IpAddress',
  },
  {
    says: 'a function that may not receive from its queue',
    alter: (template) => strip(template, 'WorkerServiceRoleDefault', 'sqs:ReceiveMessage'),
    code: 'role-lacks-grant',
    named: 'sqs:ReceiveMessage',
  },
  {
    says: 'a function that may not delete what it received',
    alter: (template) => strip(template, 'ClerkServiceRoleDefault', 'sqs:DeleteMessage'),
    code: 'role-lacks-grant',
    named: 'sqs:DeleteMessage',
  },
  {
    says: 'a schedule whose role may not invoke its target',
    alter: (template) => strip(template, 'SchedulerRoleForTargetd4d4f8Default', 'lambda:InvokeFunction'),
    code: 'role-lacks-grant',
    named: 'lambda:InvokeFunction',
  },
  {
    says: 'a schedule whose role trusts somebody else',
    alter: (template) => {
      resourceIn(
        template,
        'SchedulerRoleForTargetd4d4f82',
      ).Properties.AssumeRolePolicyDocument.Statement[0].Principal.Service = 'lambda.amazonaws.com'
    },
    code: 'role-not-assumable',
    named: 'scheduler.amazonaws.com',
  },
  {
    says: 'a function URL without its own permission',
    alter: (template) => remove(template, 'Pageinvokefunctionurl'),
    code: 'function-url-not-permitted',
    named: 'lambda:InvokeFunctionUrl',
  },
  {
    says: 'a function URL without the permission to invoke by way of it',
    alter: (template) => remove(template, 'PageinvokefunctionB'),
    code: 'function-url-not-permitted',
    named: 'by way of the URL',
  },
  {
    says: 'a subscription that its queue does not let in',
    alter: (template) => void statementsOf(template, 'JobsPolicy').pop(),
    code: 'subscription-not-permitted',
    named: 'does not let',
  },
  {
    says: 'a queue that shows messages again before its function is done',
    alter: (template) => {
      resourceIn(template, 'Worker11').Properties.Timeout = 3
    },
    code: 'mapping-visibility-too-short',
    named: 'Worker may take 3 s',
  },
  {
    says: 'a FIFO queue whose dead-letter queue is none',
    alter: (template) => {
      resourceIn(template, 'OrdersA9').Properties.RedrivePolicy.deadLetterTargetArn = {
        'Fn::GetAtt': ['JobsDead72EF880A', 'Arn'],
      }
    },
    code: 'queue-redrive-mismatch',
    named: 'FIFO',
  },
  {
    says: 'a schedule that is no rate',
    alter: (template) => {
      resourceIn(template, 'EveryMinute').Properties.ScheduleExpression = 'cron(0 0 * * ? *)'
    },
    code: 'schedule-expression-unknown',
    named: 'cron',
  },
  {
    says: 'a trigger that its provider may not invoke',
    alter: (template) => {
      const provider = resourceIn(template, 'AWSCDKTriggerCustomResourceProviderCustomResourceProviderRole')
      provider.Properties.Policies = []
    },
    code: 'role-lacks-grant',
    named: 'trigger Apply',
  },
  {
    says: 'a trigger whose handler fails, with the reason',
    alter: (template) => strip(template, 'SetupServiceRoleDefault', 'dynamodb:PutItem'),
    code: 'trigger-failed',
    named: 'dynamodb:PutItem',
  },
  {
    says: 'a variable whose name Lambda reserves',
    alter: (template) => {
      resourceIn(template, 'Worker11').Properties.Environment.Variables.AWS_REGION = 'x'
    },
    code: 'function-variable-reserved',
    named: 'AWS_REGION',
  },
]

describe('the runner refuses to start on', () => {
  it.each(flaws)('$says', async ({ alter, code, named }) => {
    await expect(startAltered(alter)).rejects.toMatchObject({ code, message: expect.stringContaining(named) })
  })
})

describe('a function that cannot start', () => {
  it('fails each invocation with the reason', async () => {
    const house = await startAltered((template) => {
      resourceIn(template, 'Tick65').Properties.Handler = 'index.nothing'
    })
    await expect(house.invoke('Tick', {})).rejects.toThrow('exports no function nothing')
    await expect(house.invoke('Tick', {})).rejects.toMatchObject({ code: 'function-failed' })
  })

  it('is refused when its asset does not hold its file', async () => {
    const starting = startAltered((template) => {
      resourceIn(template, 'Tick65').Properties.Handler = 'missing.handler'
    })
    await expect(starting).rejects.toMatchObject({ code: 'function-code-missing' })
  })
})

describe('a role stripped of a grant', () => {
  it('makes the call fail that needs it, in the words of the service, and the refusal is listed', async () => {
    const house = await startAltered((template) => {
      strip(template, 'PageServiceRoleDefault', 'kms:Sign')
      strip(template, 'PageServiceRoleDefault', 'secretsmanager:GetSecretValue')
      strip(template, 'PageServiceRoleDefault', 'sns:Publish')
      strip(template, 'PageServiceRoleDefault', 's3:PutObject')
      strip(template, 'TickServiceRoleDefault', 'sqs:SendMessage')
    })
    const failing = async (door: string, event: object) =>
      house.invoke(door, event).catch((error: Error) => error.message)
    expect(await failing('Page', { act: 'sign', by: 'ALIAS', digest: '11'.repeat(32) })).toMatch(
      /AccessDeniedException.*kms:Sign/,
    )
    expect(await failing('Page', { act: 'secret', by: 'SECRET' })).toMatch(/AccessDeniedException.*GetSecretValue/)
    expect(await failing('Page', { act: 'sms', to: '+15550100', text: 'x' })).toMatch(/AuthorizationError.*sns:Publish/)
    expect(await failing('Page', { act: 'object', text: 'x' })).toMatch(/AccessDenied.*s3:PutObject/)
    expect(await failing('Tick', {})).toMatch(/AccessDenied.*sqs:SendMessage/)
    const actions = house.refusals().map(({ action }) => action)
    expect(actions).toEqual([
      'kms:Sign',
      'secretsmanager:GetSecretValue',
      'sns:Publish',
      's3:PutObject',
      'sqs:SendMessage',
    ])
    expect(house.smsOutbox()).toEqual([])
  })

  it('is refused on an index that it may not query, though it may query the table', async () => {
    const house = await startAltered((template) => {
      for (const statement of statementsOf(template, 'PageServiceRoleDefault')) {
        if ([statement.Action].flat().includes('dynamodb:Query'))
          statement.Resource = [statement.Resource].flat().slice(0, 1)
      }
    })
    await expect(house.invoke('Page', { act: 'query' })).rejects.toThrow(
      /dynamodb:Query on resource: .*\/index\/pending/,
    )
  })

  it('is refused a key whose policy does not trust the account', async () => {
    const house = await startAltered((template) => {
      resourceIn(template, 'Relayer101').Properties.KeyPolicy.Statement[0].Principal.AWS =
        'arn:aws:iam::111111111111:root'
    })
    await expect(house.invoke('Page', { act: 'publicKey', by: 'KEY' })).rejects.toThrow(
      'no resource-based policy allows it',
    )
  })
})

describe('the registry of resource types', () => {
  it('covers every resource of the template: wired, or ignored for a written reason', async () => {
    const house = await startHouse({ cdkOut: await synthesizedFixture() })
    undo.push(() => house.stop())
    expect(house.template.untaken()).toEqual([])
    for (const { type, logicalId } of house.template.resources) {
      const entry = resourceTypeOf(type)
      expect(entry?.kind === 'wired' || (entry?.kind === 'ignored' && entry.reason.length > 15), logicalId).toBe(true)
    }
  })

  it('leaves out resources whose condition is false', async () => {
    const house = await startAltered((template) => {
      template.Conditions = { Elsewhere: { 'Fn::Equals': [{ Ref: 'AWS::Region' }, 'eu-west-1'] } }
      template.Resources.Extra = { Type: 'AWS::SQS::Queue', Properties: {}, Condition: 'Elsewhere' }
    })
    expect(await house.queueDepths()).not.toHaveProperty('Extra')
  })

  it('gives a reason for each ignored property', () => {
    const reasons = Object.values(resourceTypes).flatMap((type) =>
      'ignored' in type ? Object.values(type.ignored) : [],
    )
    expect(reasons.length).toBeGreaterThan(20)
    expect(reasons.filter((reason) => reason.length < 15)).toEqual([])
  })
})
