// What a state change still has to tell: written with the state in one conditional write, removed once the bus accepted it.

import type { UnixSeconds } from '../base/units.ts'
import type { Severity } from './configuration.ts'
import type { Message } from './messages.ts'

/** Ids and severity, never bodies. */
export interface OutboxEntry {
  readonly id: string
  readonly severity: Severity
  readonly since: UnixSeconds
  readonly message: Message
}
