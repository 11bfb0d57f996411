// The registry of venues that are read off chain: one line a venue.

import { deribit } from './deribit.ts'

export const venues = [deribit] as const
