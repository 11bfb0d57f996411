// What is odd about a contract that was asked: no code where code must be, answers to everything, storage that nobody could read.

import type { DependencyNote } from '../../model/dependencies.ts'
import { type DraftNode, governing } from './graph-draft.ts'
import type { Probe } from './probe.ts'

type Note = Pick<DependencyNote, 'code' | 'says'>

export function notesOfProbe(probe: Probe, node: DraftNode): readonly Note[] {
  const { address, code, slotsRead, answersAnything, disputed, embedded, answers } = probe
  if (code === undefined) {
    const mayBeKey =
      governing.includes(node.first.role) || node.first.as === 'portfolio' || node.first.role === 'component'
    return mayBeKey
      ? []
      : [{ code: 'no-code', says: `${address} has no code: found as ${node.first.role}, ${node.evidence}` }]
  }
  const notes: Note[] = []
  if (!slotsRead) {
    notes.push({
      code: 'no-storage',
      says: `the storage of ${address} could not be read: whether it is a proxy, and of whom, is not known`,
    })
  }
  if (embedded === undefined) {
    notes.push({
      code: 'no-code-scan',
      says: `the code of ${address} could not be read: contracts that are written into it are not known`,
    })
  }
  if (answersAnything) {
    notes.push({
      code: 'answers-anything',
      says: `${address} answers a question that nobody has: none of its answers is believed`,
    })
  }
  if (disputed.length > 0) {
    notes.push({ code: 'unread', says: `${address}: the providers do not agree on ${disputed.join(', ')}` })
  }
  if (isUnclear(probe) && answers.size === 0 && !answersAnything && node.mode === 'whole') {
    notes.push({
      code: 'unclear-proxy',
      says: `${address} is short, answers nothing and has no known slot: whom it runs is not known`,
    })
  }
  return notes
}

/** Longer code can do something by itself. */
const shortest = 400

function isUnclear({ code, implementation, beacon, delegate, firstWord, slotsRead }: Probe): boolean {
  const points = implementation ?? beacon ?? delegate ?? firstWord
  return slotsRead && points === undefined && code !== undefined && code.size < shortest
}
