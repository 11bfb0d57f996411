// From text to a YAML tree that is safe to walk: no syntax errors, no key twice, no aliases that grow without end, no secrets left visible.

import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  type LineCounter,
  type ParsedNode,
  parseDocument,
  visit,
} from 'yaml'
import { secretLook } from './secret-look.ts'

export type Add = (offset: number, path: string, reason: string) => void

/** A tree, and the values in it that must never be shown: each of them was reported. */
export interface SafeDocument {
  readonly document: Document<ParsedNode>
  readonly hidden: ReadonlySet<unknown>
}

const maxFileBytes = 1_048_576
const maxAliases = 100
const maxNodes = 200_000
/** Longer than anything that belongs into a configuration; also what keeps the search for secrets quick. */
const maxScalar = 2_000

/** Undefined, after it was reported why, for a text that cannot be walked. */
export function readDocument(params: {
  readonly text: string
  readonly lines: LineCounter
  readonly add: Add
}): SafeDocument | undefined {
  const { text, lines, add } = params
  const bytes = Buffer.byteLength(text)
  if (bytes > maxFileBytes) {
    add(0, '', `the file has ${bytes} bytes; at most ${maxFileBytes} are read`)
    return undefined
  }
  const document = parsed(text, lines, add)
  if (document === undefined || !isWalkable(document, add)) return undefined
  reportRepeatedKeys(document, add)
  return { document, hidden: hideSecrets(document, add) }
}

function parsed(text: string, lines: LineCounter, add: Add): Document<ParsedNode> | undefined {
  try {
    // Its own check for unique keys takes time with the square of their number.
    const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: false, merge: false })
    const complaints = [...document.errors, ...document.warnings]
    for (const { message, pos } of complaints) {
      const isDeep = /stack/i.test(message)
      add(pos[0], '', isDeep ? 'this is nested too deeply' : `this is not YAML: ${lowerFirst(message).slice(0, 200)}`)
    }
    return complaints.length === 0 ? (document as Document<ParsedNode>) : undefined
  } catch (error) {
    // The parser recurses: brackets within brackets only run out of stack.
    if (!(error instanceof RangeError)) throw error
    add(0, '', 'the file is nested too deeply')
    return undefined
  }
}

/** An alias to aliases grows without end ("billion laughs"); ours stand for a shared value at most. */
function isWalkable(document: Document<ParsedNode>, add: Add): boolean {
  const anchors = new Map<string, unknown>()
  const targets = new Map<unknown, unknown>()
  let fault: { readonly offset: number; readonly reason: string } | undefined
  visit(document, {
    Alias(_, alias) {
      if (!anchors.has(alias.source))
        fault ??= {
          offset: offsetOf(alias),
          reason: `this is not YAML: no anchor &${alias.source.slice(0, 40)} before it`,
        }
      targets.set(alias, anchors.get(alias.source))
      if (targets.size > maxAliases)
        fault ??= { offset: offsetOf(alias), reason: `there are more than ${maxAliases} aliases` }
    },
    Node(_, node) {
      if (!isAlias(node) && 'anchor' in node && typeof node.anchor === 'string') anchors.set(node.anchor, node)
    },
  })
  const sizes = new Map<unknown, number>()
  const open = new Set<unknown>()
  const sizeOf = (node: unknown): number => {
    const known = sizes.get(node)
    if (known !== undefined) return known
    if (open.has(node)) {
      fault ??= { offset: offsetOf(node), reason: 'this value contains itself' }
      return 1
    }
    open.add(node)
    let size = 1
    if (isAlias(node)) size += sizeOf(targets.get(node))
    else if (isMap(node)) for (const pair of node.items) size += sizeOf(pair.key) + sizeOf(pair.value)
    else if (isSeq(node)) for (const item of node.items) size += sizeOf(item)
    open.delete(node)
    sizes.set(node, size)
    return size
  }
  if (fault === undefined && sizeOf(document.contents) > maxNodes)
    fault ??= { offset: 0, reason: `the file holds more than ${maxNodes} values once its aliases are written out` }
  if (fault !== undefined) add(fault.offset, '', fault.reason)
  return fault === undefined
}

function reportRepeatedKeys(document: Document<ParsedNode>, add: Add): void {
  visit(document, {
    Map(_, map) {
      const seen = new Set<string>()
      for (const { key } of map.items) {
        const name = isScalar(key) ? String(key.value) : undefined
        if (name === undefined) continue
        if (seen.has(name)) {
          const shown = secretLook(name.slice(0, maxScalar)) === undefined ? ` ${name.slice(0, 60)}` : ''
          add(offsetOf(key), '', `the key${shown} stands twice in one map`)
        }
        seen.add(name)
      }
    },
  })
}

function hideSecrets(document: Document<ParsedNode>, add: Add): ReadonlySet<unknown> {
  const hidden = new Set<unknown>()
  visit(document, {
    Scalar(_, node) {
      const value = typeof node.value === 'string' ? node.value : (node.source ?? '')
      const reason = value.length > maxScalar ? tooLong(value) : secretReason(value)
      if (reason === undefined) return
      hidden.add(node)
      add(offsetOf(node), '', reason)
    },
  })
  return hidden
}

function tooLong(value: string): string {
  return `this value has ${value.length} characters; nothing here needs more than ${maxScalar}`
}

function secretReason(value: string): string | undefined {
  const look = secretLook(value)
  return (
    look &&
    `this looks like ${look}, and a configuration holds no secrets: store it as a secret and write its name under \`secret\``
  )
}

function offsetOf(node: unknown): number {
  return (isNode(node) ? node.range?.[0] : undefined) ?? 0
}

function lowerFirst(text: string): string {
  return `${text.charAt(0).toLowerCase()}${text.slice(1)}`
}
