// The key of a Deribit account: exchanged for a token, and refused by name if it could do more than read.

import { Redacted, reveal } from '../../base/redacted.ts'
import * as z from '../../base/schema.ts'
import { askDeribit, type DeribitConnection } from './deribit-rpc.ts'
import { venueFault } from './venue-fault.ts'

const grant = z.object({
  access_token: z.string().check(z.minLength(1)),
  token_type: z.string(),
  scope: z.string(),
})

/** `CLIENT_ID:CLIENT_SECRET`, as the venue's page of keys shows both. */
const keyForm = /^([A-Za-z0-9_-]{4,64}):([A-Za-z0-9_-]{8,256})$/

/**
 * A token for the account. No scope is asked for, so that the answer tells all that the key may do: a token of less would hide a key of more.
 * @throws HomeostatError `venue-key-not-read-only`, `venue-key-unusable`, and what a request throws
 */
export async function readOnlyToken(connection: DeribitConnection, key: Redacted): Promise<Redacted> {
  const [, id, secret] = keyForm.exec(reveal(key).trim()) ?? []
  if (id === undefined || secret === undefined) {
    throw venueFault('venue-key-unusable', 'The secret does not hold a key of the form CLIENT_ID:CLIENT_SECRET.')
  }
  const { value } = await askDeribit(connection, {
    method: 'public/auth',
    params: { grant_type: 'client_credentials', client_id: id, client_secret: secret },
    result: grant,
    secrets: [new Redacted(secret), new Redacted(id)],
  })
  const excess = rightsBeyondReading(value.scope)
  if (excess.length > 0) {
    throw venueFault('venue-key-not-read-only', `The key may do more than read: ${excess.join(', ')}.`, {
      hint: 'Make a key with account:read and trade:read alone, and delete this one.',
    })
  }
  const missing = ['account:read', 'trade:read'].filter((right) => !value.scope.split(' ').includes(right))
  if (missing.length > 0) throw venueFault('venue-key-unusable', `The key lacks ${missing.join(' and ')}.`)
  return new Redacted(value.access_token)
}

const readOnly = /^[a-z_]+:(read|none)$/
/** How a token is bound, and whose it is; no rights. */
const notARight = /^(connection|mainaccount|(session|name|expires|ip):\S+)$/

/** Words of a scope that grant, or may grant, more than reading: what is not known to be harmless is not. */
function rightsBeyondReading(scope: string): readonly string[] {
  const words = scope.split(/\s+/).filter((word) => word !== '')
  return words.filter((word) => !readOnly.test(word) && !notARight.test(word)).map((word) => word.slice(0, 40))
}
