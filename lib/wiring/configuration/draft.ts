// What the parts of a draft share: notes for the person who goes on with it, and addresses that nobody could find.

import type { Address } from '../../model/identity.ts'
import type { Note } from './draft-document.ts'
import { draftPlaceholder } from './placeholders.ts'

export interface Draft {
  readonly notes: Note[]
  /** Another one each time: no two roles may have the same address. */
  readonly placeholder: () => Address
}

export function newDraft(): Draft {
  let count = 0
  return {
    notes: [],
    placeholder: () => {
      count += 1
      return draftPlaceholder(count)
    },
  }
}
