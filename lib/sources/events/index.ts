// The registry of what is listened to: one line an event.

import { feedAnswer } from './feed-answer.ts'
import { upgrade } from './upgrade.ts'

export const eventKinds = [feedAnswer, upgrade] as const
