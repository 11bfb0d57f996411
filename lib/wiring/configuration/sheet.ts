// A YAML file as places: values that know where they stand, so that every complaint can point at its line.

import { isAlias, isMap, isNode, isScalar, isSeq, LineCounter, type Node } from 'yaml'
import type { Problem } from './problem.ts'
import { readDocument } from './read-document.ts'

export interface Place {
  readonly node: Node | undefined
  /** `chains[0].rpc`. */
  readonly path: string
  /** Offset in the text. */
  readonly offset: number
}

export interface Entry {
  readonly key: string
  readonly keyPlace: Place
  readonly value: Place
}

export interface ScalarValue {
  readonly value: unknown
  /** As it was typed: an unquoted address is a number to YAML. */
  readonly source: string
}

export interface Sheet {
  readonly root: Place
  /** Undefined if the place holds no map. */
  entries(place: Place): readonly Entry[] | undefined
  /** Undefined if the place holds no list. */
  items(place: Place): readonly Place[] | undefined
  /** Undefined if the place holds a map, a list or nothing. */
  scalar(place: Place): ScalarValue | undefined
  /** Characters before the text of a scalar: 1 for a quoted one. */
  quotes(place: Place): number
  report(place: Place, complaint: Complaint): void
  /** What is allowed, and probably not meant. */
  warn(place: Place, complaint: Complaint): void
  /** How often something was reported, also where a secret already said it. */
  reports(): number
  /** Sorted by place, each once; a hundred and one at most. */
  problems(): readonly Problem[]
  /** Likewise. */
  warnings(): readonly Problem[]
}

export interface Complaint {
  readonly reason: string
  readonly suggestion?: string | undefined
  /** Characters to the right of the place. */
  readonly shift?: number | undefined
  readonly isPlaceholder?: true
}

/** A file that is wrong throughout is not shown line by line. */
const maxProblems = 100

/** A sheet to read from; with problems if the text cannot be read at all. */
export function openSheet(params: { readonly text: string; readonly file: string }): Sheet {
  const { text, file } = params
  const lines = new LineCounter()
  const found = new Map<string, Problem>()
  const warnings = new Map<string, Problem>()
  let reports = 0
  const add = (offset: number, path: string, { reason, suggestion, isPlaceholder }: Complaint, into = found) => {
    const { line, col } = lines.linePos(offset)
    const place = { file, line: Math.max(1, line), column: Math.max(1, col) }
    const more = { ...(suggestion === undefined ? {} : { suggestion }), ...(isPlaceholder && { isPlaceholder }) }
    const problem = { ...place, path, reason, ...more }
    if (into.size === maxProblems) into.set('more', { ...place, path: '', reason: 'there is more; this is enough' })
    // An alias makes the same place come twice.
    else if (into.size < maxProblems) into.set(JSON.stringify(problem), problem)
  }
  const read = readDocument({ text, lines, add: (offset, path, reason) => add(offset, path, { reason }) })
  const document = read?.document
  const resolved = (node: unknown): Node | undefined => {
    const target = isAlias(node) && document !== undefined ? node.resolve(document) : node
    return isNode(target) ? target : undefined
  }
  const placeOf = (node: unknown, path: string, fallback: number): Place => ({
    node: resolved(node),
    path,
    offset: (isNode(node) ? node.range?.[0] : undefined) ?? fallback,
  })
  return {
    root: placeOf(document?.contents, '', 0),
    entries(place) {
      if (!isMap(place.node)) return undefined
      return place.node.items.map((pair) => {
        const key = isScalar(pair.key) ? String(pair.key.value) : String(pair.key)
        const keyPlace = placeOf(pair.key, join(place.path, key), place.offset)
        return { key, keyPlace, value: placeOf(pair.value, keyPlace.path, keyPlace.offset) }
      })
    },
    items(place) {
      if (!isSeq(place.node)) return undefined
      return place.node.items.map((item, index) => placeOf(item, `${place.path}[${index}]`, place.offset))
    },
    scalar(place) {
      if (!isScalar(place.node) || place.node.value === null) return undefined
      const { value, source } = place.node
      return { value, source: source ?? String(value) }
    },
    quotes(place) {
      return isScalar(place.node) && (place.node.type === 'QUOTE_DOUBLE' || place.node.type === 'QUOTE_SINGLE') ? 1 : 0
    },
    report(place, complaint) {
      reports += 1
      if (place.node !== undefined && read?.hidden.has(place.node)) return
      add(place.offset + (complaint.shift ?? 0), place.path, complaint)
    },
    warn(place, complaint) {
      if (place.node !== undefined && read?.hidden.has(place.node)) return
      add(place.offset, place.path, complaint, warnings)
    },
    reports: () => reports,
    problems: () => inOrder(found),
    warnings: () => inOrder(warnings),
  }
}

function inOrder(problems: ReadonlyMap<string, Problem>): readonly Problem[] {
  return [...problems.values()].sort((a, b) => a.line - b.line || a.column - b.column)
}

function join(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`
}
