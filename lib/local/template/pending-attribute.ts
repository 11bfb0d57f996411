// An attribute that only a function of the stack can tell. Until it did, a mark stands in its place; nothing is ever built on a mark.

import { HomeostatError } from '../../base/homeostat-error.ts'

/** Values by logical id and attribute, once they are told. */
export type ToldAttributes = ReadonlyMap<string, Readonly<Record<string, string>>>

const mark = /\(pending ([A-Za-z0-9]+)\.([A-Za-z0-9]+)\)/g

/** What `Fn::GetAtt` gives before the custom resource has answered. */
export function pendingAttribute(logicalId: string, attribute: string): string {
  return `(pending ${logicalId}.${attribute})`
}

export function hasPending(value: unknown): boolean {
  return new RegExp(mark).test(JSON.stringify(value) ?? '')
}

/** The text with each mark replaced. @throws HomeostatError `custom-attribute-missing` for what nobody told */
export function withTold(text: string, told: ToldAttributes): string {
  return text.replace(mark, (_, logicalId: string, attribute: string) => {
    const value = told.get(logicalId)?.[attribute]
    if (value !== undefined) return value
    throw new HomeostatError('custom-attribute-missing', {
      message: `The answer for ${logicalId} has no ${attribute}.`,
      retry: 'never',
      facts: { logicalId, attribute },
      hint: 'CloudFormation would fail the deployment: its function has to put it into Data.',
    })
  })
}
