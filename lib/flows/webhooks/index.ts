// The registry of providers that may call us: one line a kind.

import { alchemy } from './alchemy.ts'
import { quicknode } from './quicknode.ts'

export const webhookKinds = [alchemy, quicknode] as const
