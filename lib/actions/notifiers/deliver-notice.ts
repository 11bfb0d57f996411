// The corridor's door to people: sends a notice through its channel and says as data what became of it.

import { isHomeostatError } from '../../base/homeostat-error.ts'
import type { Notifiers } from '../../model/ports.ts'
import type { Delivery } from '../../model/receipt.ts'
import type { Notifier, NotifierDeps, NotifierKind } from './define-notifier.ts'
import { notifiers } from './index.ts'

/** Never throws: a failed delivery is a `Delivery` like any other, with a reason that holds no secret. */
export function noticeDeliverer(deps: NotifierDeps): Notifiers {
  return {
    async deliver({ notifier, notice }): Promise<Delivery> {
      const channel = notifiers.find(({ kind }) => kind === notifier.kind) as Notifier<NotifierKind> | undefined
      if (channel === undefined) return failed('no-such-channel', `There is no channel ${notifier.kind}.`, 'never')
      try {
        return { kind: 'accepted', reference: await channel.send(deps, { notifier, notice }) }
      } catch (error) {
        if (isHomeostatError(error)) return failed(error.code, error.message, error.retry)
        // A foreign message could hold anything, the address of a webhook included.
        const name = error instanceof Error ? error.name : 'unknown'
        return failed('notifier-failed', `The channel ${notifier.kind} failed: ${name}.`, 'later')
      }
    },
  }
}

function failed(code: string, reason: string, retry: 'later' | 'never'): Delivery {
  return { kind: 'failed', code, reason, retry }
}
