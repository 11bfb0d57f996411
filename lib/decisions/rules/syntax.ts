// A rule on its way from text to expression: the parser's tree, and what is known while it is read.

/** What keys a portfolio knows. */
export interface KnownKeys {
  readonly underlyings: readonly string[]
  readonly assets: readonly string[]
  /** Macro series; absent: any is taken. */
  readonly series?: readonly string[]
  /** Protocols at which there can be accounts, and positions; absent: any is taken. */
  readonly accounts?: readonly string[]
}

/** As much of a parser's node as is looked at; which fields there are depends on `type`. */
export interface SyntaxNode {
  readonly type: string
  readonly op?: string
  readonly fn?: string | SyntaxNode
  readonly args?: readonly SyntaxNode[]
  readonly implicit?: boolean
  readonly name?: string
  readonly value?: unknown
  readonly content?: SyntaxNode
  readonly object?: SyntaxNode
  readonly index?: SyntaxNode
  readonly dimensions?: readonly SyntaxNode[]
  readonly optionalChaining?: boolean
}

export interface Reading {
  readonly text: string
  readonly known: KnownKeys | undefined
  readonly maxDepth: number
}
