// The one clock, the one source of chance and the one hash of a running door.

import { createHash, createHmac, randomBytes } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import { type Redacted, reveal } from '../base/redacted.ts'
import type { Clock, RandomText } from '../model/ports.ts'

export const systemClock: Clock = { now: () => Math.floor(Date.now() / 1000) }

export const systemRandom: RandomText = { key: () => randomBytes(16).toString('hex') }

/** How long to wait for others, and by chance a little longer, so that many do not come back at once. */
export const systemPatience = {
  now: systemClock.now,
  pause: (milliseconds: number): Promise<void> => setTimeout(milliseconds),
  chance: (): number => Math.random(),
}

/** SHA-256 in hexadecimal: session keys are stored hashed. */
export const systemHash = (text: string): string => createHash('sha256').update(text).digest('hex')

/** HMAC-SHA256 in hexadecimal, under a secret without the line end that editors add. */
export const systemHmac = (key: Redacted, text: string): string =>
  createHmac('sha256', reveal(key).trim()).update(text).digest('hex')
