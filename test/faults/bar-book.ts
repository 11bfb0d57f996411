// What a run-book of bars may say: hours that were not seen, hours with a digit too many, and what must come of them.

import * as z from '../../lib/base/schema.ts'

const barBook = z.strictObject({
  /** Of the catalogue: `O16`. */
  id: z.string(),
  title: z.string(),
  through: z.enum(['snapshots', 'file']),
  hours: z.number(),
  /** Hours, from 0, of which nothing FRESH is known. */
  unseen: z.optional(z.array(z.number())),
  /** Hours whose price is ten times what it was. */
  tenfold: z.optional(z.array(z.number())),
  expectation: z.strictObject({
    /** Missing bars, gap by gap. */
    gaps: z.array(z.number()),
    returns: z.number(),
    afterGaps: z.number(),
    /** Bars that stand far above both neighbours: both their returns are left out. */
    wicks: z.number(),
    jumps: z.number(),
  }),
})
export type BarBook = z.output<typeof barBook>
export const barBooksSchema = z.array(barBook)
