// Console sessions, links and login nonces: few, short-lived, and the last two good for one use.

import { HomeostatError } from '../base/homeostat-error.ts'
import type { UnixSeconds } from '../base/units.ts'
import type { ItemKey, SessionStore, Table } from '../model/ports.ts'

interface Session {
  readonly who: string
  readonly purpose: string
  readonly expiresAt: UnixSeconds
  /** Set once it was used up. */
  readonly takenAt?: UnixSeconds
}

/** The session store on a table. What was taken stays until its TTL, so that it cannot be put again. */
export function sessionStore(table: Table): SessionStore {
  return {
    async put({ key, who, purpose, expiresAt }) {
      const body: Session = { who, purpose, expiresAt }
      if ((await table.create({ ...keyOf(key), body, expiresAt })) === 'created') return
      throw new HomeostatError('session-exists', {
        message: `A ${purpose} with this key was given out before.`,
        retry: 'never',
        facts: { purpose },
        hint: 'Keys are random: one that comes twice is a defect or an attack.',
      })
    },
    async get(key) {
      const session = (await table.get(keyOf(key)))?.body as Session | undefined
      if (session === undefined || session.takenAt !== undefined) return undefined
      return { who: session.who, purpose: session.purpose, expiresAt: session.expiresAt }
    },
    async take(key, at) {
      const item = await table.get(keyOf(key))
      if (item === undefined) return false
      const session = item.body as Session
      if (session.takenAt !== undefined || session.expiresAt <= at) return false
      const taken: Session = { ...session, takenAt: at }
      const next = { ...keyOf(key), body: taken, expiresAt: session.expiresAt }
      return (await table.replace(next, item.version)) === 'replaced'
    },
  }
}

function keyOf(key: string): ItemKey {
  return { partition: `session#${key}`, sort: 'session' }
}
