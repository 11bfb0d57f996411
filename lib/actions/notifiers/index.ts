// The registry of notifiers: one line a channel; the README's table and the conformance test are derived from it.

import { consoleNotifier } from './console.ts'
import { slack } from './slack.ts'
import { sms } from './sms.ts'

export const notifiers = [consoleNotifier, sms, slack] as const
