// The operators that compare: as the parser names them, what they mean, and on which side of its limit a value is worse.

import { unreachable } from '../../base/unreachable.ts'
import type { Comparison } from './expression.ts'

export type Operator = Comparison['operator']

export interface OperatorPair {
  readonly operator: Operator
  /** The same with its sides exchanged. */
  readonly swapped: Operator
}

export const comparisons: Readonly<Record<string, OperatorPair>> = {
  smaller: { operator: '<', swapped: '>' },
  smallerEq: { operator: '<=', swapped: '>=' },
  larger: { operator: '>', swapped: '<' },
  largerEq: { operator: '>=', swapped: '<=' },
  equal: { operator: '==', swapped: '==' },
  unequal: { operator: '!=', swapped: '!=' },
}

export function compare(operator: Operator, a: number, b: number): boolean {
  switch (operator) {
    case '<':
      return a < b
    case '<=':
      return a <= b
    case '>':
      return a > b
    case '>=':
      return a >= b
    case '==':
      return a === b
    case '!=':
      return a !== b
    default:
      return unreachable(operator)
  }
}

/** For `==` and `!=` there is no worse side: they have no dead band either. */
export function worseSide(operator: Operator): 'lower' | 'higher' | undefined {
  if (operator === '<' || operator === '<=') return 'lower'
  return operator === '>' || operator === '>=' ? 'higher' : undefined
}
