// What a rule is once it is understood: a small tree in which everything has a type, and nothing else can be said.

/** A value of the vocabulary, with its key where it has one: `netDelta.ETH`. */
export interface Reference {
  readonly term: string
  readonly key?: string
}

export type NumberExpression =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'read'; readonly reference: Reference }
  | { readonly kind: 'negate'; readonly of: NumberExpression }
  | {
      readonly kind: 'arithmetic'
      readonly operator: '+' | '-' | '*' | '/'
      readonly left: NumberExpression
      readonly right: NumberExpression
    }
  | { readonly kind: 'call'; readonly name: 'abs' | 'min' | 'max'; readonly of: readonly NumberExpression[] }

export type Comparison = {
  readonly kind: 'compare'
  readonly operator: '<' | '<=' | '>' | '>=' | '==' | '!='
  /** The side that is watched; the right one is its limit. */
  readonly left: NumberExpression
  readonly right: NumberExpression
}

/** A word whose values are words against one of them: `regime >= "tense"`, by their order. */
export interface LevelComparison {
  readonly kind: 'compare-level'
  readonly operator: Comparison['operator']
  readonly reference: Reference
  readonly level: string
}

export type BooleanExpression =
  | Comparison
  | LevelComparison
  | { readonly kind: 'and' | 'or'; readonly left: BooleanExpression; readonly right: BooleanExpression }
  | { readonly kind: 'not'; readonly of: BooleanExpression }

/** `netDelta.ETH`; the text by which a reference is found again. */
export function nameOf({ term, key }: Reference): string {
  if (key === undefined) return term
  return /^[A-Za-z_]\w*$/.test(key) ? `${term}.${key}` : `${term}["${key}"]`
}

/** Everything that an expression reads, each reference once, in the order of its first appearance. */
export function readsOf(expression: BooleanExpression | NumberExpression): readonly Reference[] {
  const found = new Map<string, Reference>()
  const walk = (node: BooleanExpression | NumberExpression): void => {
    if (node.kind === 'read' || node.kind === 'compare-level') found.set(nameOf(node.reference), node.reference)
    for (const part of partsOf(node)) walk(part)
  }
  walk(expression)
  return [...found.values()]
}

function partsOf(node: BooleanExpression | NumberExpression): readonly (BooleanExpression | NumberExpression)[] {
  switch (node.kind) {
    case 'number':
    case 'read':
    case 'compare-level':
      return []
    case 'negate':
    case 'not':
      return [node.of]
    case 'call':
      return node.of
    default:
      return [node.left, node.right]
  }
}
