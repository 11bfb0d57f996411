// YAML with comments at their places, for files that a person goes on editing.

import { Document, isMap, isPair, isScalar, isSeq, type Node, type Pair } from 'yaml'

export interface Note {
  /** Keys and indices down to what the note is about. */
  readonly path: readonly (string | number)[]
  readonly text: string
  /** `line`: behind the value; `above`: on lines of its own; `below`: after a list. */
  readonly at: 'line' | 'above' | 'below'
}

/** The text of a document; `head` stands above it and `foot` below. */
export function draftDocument(params: {
  readonly data: unknown
  readonly notes: readonly Note[]
  readonly head: string
  readonly foot: string
}): string {
  const document = new Document(params.data)
  document.commentBefore = comment(params.head)
  if (params.foot !== '') document.comment = comment(params.foot)
  for (const note of params.notes) place(document, note)
  return document.toString({ lineWidth: 0, flowCollectionPadding: true })
}

function place(document: Document, { path, text, at }: Note): void {
  const node = document.getIn(path, true) as Node | undefined
  if (node === undefined) return
  if (at === 'line' && isScalar(node)) node.comment = comment(text)
  else if (at === 'below' && (isSeq(node) || isMap(node))) node.comment = joined(node.comment, text)
  else {
    const key = pairAt(document, path)?.key
    const target = isScalar(key) ? key : node
    target.commentBefore = joined(target.commentBefore, text)
  }
}

function joined(before: string | null | undefined, text: string): string {
  return before === null || before === undefined ? comment(text) : `${before}\n${comment(text)}`
}

/** A comment above `key: value` belongs to the key. */
function pairAt(document: Document, path: Note['path']): Pair | undefined {
  const parent = document.getIn(path.slice(0, -1), true)
  if (!isMap(parent)) return undefined
  return parent.items.find((item) => isPair(item) && isScalar(item.key) && item.key.value === path.at(-1))
}

/** Nothing can leave a comment: whatever breaks lines elsewhere is a space here. */
function comment(text: string): string {
  return text
    .split('\n')
    .map((line) => ` ${line.replace(/[^\x20-\x7e]/g, ' ')}`)
    .join('\n')
}
