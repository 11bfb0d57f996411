// The one clock and the one source of chance of a running door.

import { randomBytes } from 'node:crypto'
import type { Clock, RandomText } from '../model/ports.ts'

export const systemClock: Clock = { now: () => Math.floor(Date.now() / 1000) }

export const systemRandom: RandomText = { key: () => randomBytes(16).toString('hex') }
