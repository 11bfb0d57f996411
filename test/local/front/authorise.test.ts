import { describe, expect, it } from 'vitest'
import { authorise, type ResourcePolicy } from '../../../lib/local/front/authorise.ts'
import type { RequestContext } from '../../../lib/local/front/condition.ts'
import { parsePolicy } from '../../../lib/local/front/policy.ts'

const table = 'arn:aws:dynamodb:us-east-1:000000000000:table/Orders'
const key = 'arn:aws:kms:us-east-1:000000000000:key/1'
const role = 'arn:aws:iam::000000000000:role/Worker'
const parse = (...statements: object[]) => parsePolicy({ Statement: statements }, 'test')
const allow = (more: object) => ({ Effect: 'Allow', Action: 'dynamodb:GetItem', Resource: table, ...more })
const deny = (more: object) => ({ ...allow(more), Effect: 'Deny' })

function verdict(
  statements: readonly object[],
  call: { action?: string; resources?: readonly string[]; context?: RequestContext } = {},
  policy?: ResourcePolicy,
): string {
  const caller = { principal: `AWS:${role}`, identityPolicies: parse(...statements) }
  const whole = { action: 'dynamodb:GetItem', resources: [table], context: {}, ...call }
  return authorise(caller, whole, () => policy).kind
}

interface Row {
  readonly says: string
  readonly statements: readonly object[]
  readonly call?: Parameters<typeof verdict>[1]
  readonly kind: 'allowed' | 'refused'
}

const index = `${table}/index/pending`
const rows: readonly Row[] = [
  { says: 'nothing is allowed without a statement', statements: [], kind: 'refused' },
  { says: 'an exact action on an exact resource is allowed', statements: [allow({})], kind: 'allowed' },
  {
    says: 'actions are compared without regard to case',
    statements: [allow({ Action: 'DynamoDB:getitem' })],
    kind: 'allowed',
  },
  {
    says: 'resources are compared with regard to case',
    statements: [allow({ Resource: table.toLowerCase() })],
    kind: 'refused',
  },
  { says: 'a star in an action matches', statements: [allow({ Action: 'dynamodb:Get*' })], kind: 'allowed' },
  { says: 'a star does not reach other actions', statements: [allow({ Action: 'dynamodb:Put*' })], kind: 'refused' },
  {
    says: 'a question mark is one character',
    statements: [allow({ Resource: table.replace('Orders', 'Order?') })],
    kind: 'allowed',
  },
  { says: 'a question mark is not none', statements: [allow({ Resource: `${table}?` })], kind: 'refused' },
  { says: 'a dot in a pattern is a dot', statements: [allow({ Action: 'dynamodb.GetItem' })], kind: 'refused' },
  {
    says: 'a list allows each of its entries',
    statements: [allow({ Action: ['sqs:*', 'dynamodb:GetItem'] })],
    kind: 'allowed',
  },
  { says: 'Deny wins over Allow', statements: [allow({}), deny({ Action: '*', Resource: '*' })], kind: 'refused' },
  { says: 'Deny elsewhere changes nothing', statements: [allow({}), deny({ Resource: `${table}2` })], kind: 'allowed' },
  {
    says: 'NotAction allows everything else',
    statements: [{ Effect: 'Allow', NotAction: 'dynamodb:Scan', Resource: '*' }],
    kind: 'allowed',
  },
  {
    says: 'NotAction does not allow what it names',
    statements: [{ Effect: 'Allow', NotAction: 'dynamodb:Get*', Resource: '*' }],
    kind: 'refused',
  },
  {
    says: 'NotResource lets a text to a phone pass but no topic',
    statements: [{ Effect: 'Allow', Action: 'sns:Publish', NotResource: 'arn:aws:sns:*:*:*' }],
    call: { action: 'sns:Publish', resources: ['+15550100'] },
    kind: 'allowed',
  },
  {
    says: 'NotResource keeps out what it names',
    statements: [{ Effect: 'Allow', Action: 'sns:Publish', NotResource: 'arn:aws:sns:*:*:*' }],
    call: { action: 'sns:Publish', resources: ['arn:aws:sns:us-east-1:000000000000:News'] },
    kind: 'refused',
  },
  {
    says: 'a grant on a topic does not let texts out',
    statements: [{ Effect: 'Allow', Action: 'sns:Publish', Resource: 'arn:aws:sns:*:*:*' }],
    call: { action: 'sns:Publish', resources: ['+15550100'] },
    kind: 'refused',
  },
  {
    says: 'a grant on a table is none on its index',
    statements: [allow({})],
    call: { resources: [index] },
    kind: 'refused',
  },
  {
    says: 'a grant on all indexes covers one',
    statements: [allow({ Resource: `${table}/index/*` })],
    call: { resources: [index] },
    kind: 'allowed',
  },
  {
    says: 'a grant on all indexes is none on the table',
    statements: [allow({ Resource: `${table}/index/*` })],
    kind: 'refused',
  },
  {
    says: 'every resource of a batch has to be allowed',
    statements: [allow({})],
    call: { resources: [table, `${table}2`] },
    kind: 'refused',
  },
]

const keyed = (leadingKeys: readonly string[] | undefined): Parameters<typeof verdict>[1] => ({
  context: { 'dynamodb:leadingkeys': leadingKeys },
})
const when = (operator: string, value: unknown) => [
  allow({ Condition: { [operator]: { 'dynamodb:LeadingKeys': value } } }),
]
const conditions: readonly Row[] = [
  {
    says: 'StringEquals holds for its value',
    statements: when('StringEquals', 'a'),
    call: keyed(['a']),
    kind: 'allowed',
  },
  {
    says: 'StringEquals fails for another',
    statements: when('StringEquals', 'a'),
    call: keyed(['b']),
    kind: 'refused',
  },
  {
    says: 'StringEquals fails for an absent key',
    statements: when('StringEquals', 'a'),
    call: keyed(undefined),
    kind: 'refused',
  },
  {
    says: 'several values are alternatives',
    statements: when('StringEquals', ['a', 'b']),
    call: keyed(['b']),
    kind: 'allowed',
  },
  {
    says: 'StringNotEquals holds for an absent key',
    statements: when('StringNotEquals', 'a'),
    call: keyed(undefined),
    kind: 'allowed',
  },
  {
    says: 'StringNotEquals needs to differ from every value',
    statements: when('StringNotEquals', ['a', 'b']),
    call: keyed(['b']),
    kind: 'refused',
  },
  {
    says: 'StringLike knows wildcards',
    statements: when('StringLike', 'ord*'),
    call: keyed(['order']),
    kind: 'allowed',
  },
  {
    says: 'StringEquals knows none',
    statements: when('StringEquals', 'ord*'),
    call: keyed(['order']),
    kind: 'refused',
  },
  {
    says: 'IfExists waves an absent key through',
    statements: when('StringEqualsIfExists', 'a'),
    call: keyed(undefined),
    kind: 'allowed',
  },
  { says: 'Null true asks for absence', statements: when('Null', 'true'), call: keyed(undefined), kind: 'allowed' },
  { says: 'Null true fails for presence', statements: when('Null', 'true'), call: keyed(['a']), kind: 'refused' },
  {
    says: 'NumericLessThan compares numbers',
    statements: when('NumericLessThan', '10'),
    call: keyed(['9']),
    kind: 'allowed',
  },
  {
    says: 'ForAllValues asks each value',
    statements: when('ForAllValues:StringEquals', 'a'),
    call: keyed(['a', 'b']),
    kind: 'refused',
  },
  {
    says: 'ForAllValues holds for an absent key, which is why a scan slips through it',
    statements: when('ForAllValues:StringEquals', 'a'),
    call: keyed(undefined),
    kind: 'allowed',
  },
  {
    says: 'ForAnyValue is content with one value',
    statements: when('ForAnyValue:StringEquals', 'a'),
    call: keyed(['a', 'b']),
    kind: 'allowed',
  },
  {
    says: 'ForAnyValue fails for an absent key',
    statements: when('ForAnyValue:StringEquals', 'a'),
    call: keyed(undefined),
    kind: 'refused',
  },
]

describe('authorise', () => {
  it.each([...rows, ...conditions])('$says', ({ statements, call, kind }) => {
    expect(verdict(statements, call)).toBe(kind)
  })

  it('names the resource and the reason of a refusal', () => {
    const caller = { principal: `AWS:${role}`, identityPolicies: parse(allow({})) }
    const call = { action: 'dynamodb:GetItem', resources: [table, index], context: {} }
    expect(authorise(caller, call)).toEqual({
      kind: 'refused',
      resource: index,
      why: 'no identity-based policy allows it',
    })
  })
})

describe('a key policy', () => {
  const grant = [{ Effect: 'Allow', Action: 'kms:Sign', Resource: key }]
  const sign = { action: 'kms:Sign', resources: [key] }
  const keyPolicy = (principal: string, more: object = {}): ResourcePolicy => ({
    role: 'gate',
    statements: parse({ Effect: 'Allow', Principal: { AWS: principal }, Action: 'kms:*', Resource: '*', ...more }),
  })
  const root = 'arn:aws:iam::000000000000:root'

  it.each([
    {
      says: 'lets identity policies decide when it trusts the account',
      identity: grant,
      policy: keyPolicy(root),
      kind: 'allowed',
    },
    { says: 'grants nothing by trusting the account', identity: [], policy: keyPolicy(root), kind: 'refused' },
    {
      says: 'keeps out a role of the account that it does not trust',
      identity: grant,
      policy: keyPolicy('arn:aws:iam::111111111111:root'),
      kind: 'refused',
    },
    { says: 'suffices alone when it names the role', identity: [], policy: keyPolicy(role), kind: 'allowed' },
    {
      says: 'refuses whom it denies',
      identity: grant,
      policy: {
        role: 'gate',
        statements: [...keyPolicy(root).statements, ...keyPolicy(role, { Effect: 'Deny' }).statements],
      } as const,
      kind: 'refused',
    },
  ])('$says', ({ identity, policy, kind }) => {
    expect(verdict(identity, sign, policy)).toBe(kind)
  })

  it('lets a service in that a queue policy names, under its condition', () => {
    const queue = 'arn:aws:sqs:us-east-1:000000000000:Jobs'
    const topic = 'arn:aws:sns:us-east-1:000000000000:News'
    const statements = parse({
      Effect: 'Allow',
      Principal: { Service: 'sns.amazonaws.com' },
      Action: 'sqs:SendMessage',
      Resource: queue,
      Condition: { ArnEquals: { 'aws:SourceArn': topic } },
    })
    const from = (source: string) =>
      authorise(
        { principal: 'Service:sns.amazonaws.com', identityPolicies: [] },
        { action: 'sqs:SendMessage', resources: [queue], context: { 'aws:sourcearn': [source] } },
        () => ({ role: 'extra', statements }),
      ).kind
    expect([from(topic), from(`${topic}2`)]).toEqual(['allowed', 'refused'])
  })
})

describe('what cannot be judged', () => {
  it.each([
    [
      'an operator',
      allow({ Condition: { DateLessThan: { 'aws:CurrentTime': '2030-01-01T00:00:00Z' } } }),
      'DateLessThan',
    ],
    ['a policy variable', allow({ Resource: `${table}/\${aws:username}` }), 'aws:username'],
    ['a kind of principal', allow({ Principal: { Federated: 'x' } }), 'Federated'],
    ['NotPrincipal', allow({ NotPrincipal: { AWS: '*' } }), 'NotPrincipal'],
    ['an effect', allow({ Effect: 'Maybe' }), 'Maybe'],
    ['a statement without actions', { Effect: 'Allow', Resource: '*' }, 'actions'],
  ])('%s is refused when the policy is read', (_, statement, named) => {
    expect(() => parse(statement)).toThrowError(
      expect.objectContaining({ code: 'policy-form-unknown', message: expect.stringContaining(named) }),
    )
  })

  it('is a condition key that the call does not carry, even as absent', () => {
    const statements = [allow({ Condition: { StringEquals: { 'dynamodb:Attributes': 'x' } } })]
    expect(() => verdict(statements, keyed(['a']))).toThrowError(
      expect.objectContaining({ code: 'policy-condition-unknown' }),
    )
  })

  it('is a single-valued operator on a key with several values', () => {
    expect(() => verdict(when('StringEquals', 'a'), keyed(['a', 'b']))).toThrowError(
      expect.objectContaining({ code: 'policy-condition-unknown' }),
    )
  })
})
