// biome-ignore-all lint/suspicious/noTemplateCurlyInString: it is the syntax of Fn::Sub
import { describe, expect, it } from 'vitest'
import {
  evaluateCondition,
  noValue,
  resolveIntrinsics,
  type Scope,
} from '../../../lib/local/template/resolve-intrinsics.ts'

const scope: Scope = {
  ref(name) {
    if (name === 'AWS::NoValue') return noValue
    return `<${name}>`
  },
  attribute: (logicalId, attribute) => `<${logicalId}.${attribute}>`,
  condition: (name) => name === 'Yes',
}
const resolve = (value: unknown) => resolveIntrinsics(scope, value, 'here')

describe('an intrinsic function', () => {
  it.each([
    ['Ref', { Ref: 'Table' }, '<Table>'],
    ['GetAtt as a list', { 'Fn::GetAtt': ['Table', 'Arn'] }, '<Table.Arn>'],
    ['GetAtt as text', { 'Fn::GetAtt': 'Table.Arn' }, '<Table.Arn>'],
    ['Join over nested values', { 'Fn::Join': ['-', ['a', { Ref: 'B' }, 1]] }, 'a-<B>-1'],
    ['Sub with references and attributes', { 'Fn::Sub': 'x/${A}/${B.Arn}/${!C}' }, 'x/<A>/<B.Arn>/${C}'],
    ['Sub with names of its own', { 'Fn::Sub': ['${own}', { own: { Ref: 'A' } }] }, '<A>'],
    ['Select of a Split', { 'Fn::Select': [1, { 'Fn::Split': [':', 'a:b:c'] }] }, 'b'],
    ['If', { 'Fn::If': ['Yes', 'a', 'b'] }, 'a'],
    ['If otherwise', { 'Fn::If': ['No', 'a', { Ref: 'B' }] }, '<B>'],
    ['Base64', { 'Fn::Base64': 'ab' }, 'YWI='],
    ['NoValue in an object and a list', { a: { Ref: 'AWS::NoValue' }, b: [1, { Ref: 'AWS::NoValue' }] }, { b: [1] }],
  ])('%s is evaluated', (_, value, expected) => {
    expect(resolve(value)).toEqual(expected)
  })

  it.each([
    ['an unknown function', { x: { 'Fn::ImportValue': 'other' } }, 'Fn::ImportValue'],
    ['a function among other keys', { 'Fn::Join': ['', []], more: 1 }, 'Fn::Join'],
    ['a dynamic reference', 'a{{resolve:ssm:/x}}', 'Dynamic references'],
  ])('is refused when it is %s, with its place', (_, value, named) => {
    expect(() => resolve(value)).toThrowError(
      expect.objectContaining({
        code: 'template-intrinsic-unknown',
        message: expect.stringMatching(`${named}.*at here`),
      }),
    )
  })

  it('is refused when it joins what is not text', () => {
    expect(() => resolve({ 'Fn::Join': ['', [{ a: 1 }]] })).toThrowError(
      expect.objectContaining({ code: 'template-value-not-text' }),
    )
  })
})

describe('a condition', () => {
  it.each([
    [{ 'Fn::Equals': [{ Ref: 'A' }, '<A>'] }, true],
    [{ 'Fn::Not': [{ Condition: 'Yes' }] }, false],
    [{ 'Fn::And': [{ Condition: 'Yes' }, { 'Fn::Equals': [1, 2] }] }, false],
    [{ 'Fn::Or': [{ Condition: 'No' }, { Condition: 'Yes' }] }, true],
  ])('%j is %s', (condition, expected) => {
    expect(evaluateCondition(scope, condition, 'Conditions.X')).toBe(expected)
  })

  it('of an unknown kind is refused', () => {
    expect(() => evaluateCondition(scope, { 'Fn::Contains': [[], 'a'] }, 'Conditions.X')).toThrowError(
      expect.objectContaining({ code: 'template-intrinsic-unknown' }),
    )
  })
})
