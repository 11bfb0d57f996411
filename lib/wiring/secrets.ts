// Secrets by name, read when first needed and kept for five minutes: a rotation needs no deploy.

import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { HomeostatError } from '../base/homeostat-error.ts'
import { Redacted } from '../base/redacted.ts'
import { systemClock } from './clock.ts'
import { requestHandler } from './request-handler.ts'

const keepSeconds = 300

export type ReadSecret = (name: string) => Promise<Redacted>

/** @throws HomeostatError `no-secret`, from the returned function */
export function awsSecrets(): ReadSecret {
  const client = new SecretsManagerClient({ requestHandler })
  const known = new Map<string, { readonly secret: Redacted; readonly until: number }>()
  return async (name) => {
    const now = systemClock.now()
    const kept = known.get(name)
    if (kept !== undefined && kept.until > now) return kept.secret
    const secret = await read(client, name)
    known.set(name, { secret, until: now + keepSeconds })
    return secret
  }
}

async function read(client: SecretsManagerClient, name: string): Promise<Redacted> {
  try {
    const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: name }))
    if (SecretString !== undefined && SecretString.trim() !== '') return new Redacted(SecretString)
  } catch (cause) {
    throw noSecret(name, cause)
  }
  throw noSecret(name, undefined)
}

function noSecret(name: string, cause: unknown): HomeostatError {
  return new HomeostatError('no-secret', {
    message: `The secret ${name} cannot be read${cause instanceof Error ? ` (${cause.name})` : ': it is empty'}.`,
    retry: 'later',
    facts: { secret: name },
    hint: `Create it: aws secretsmanager create-secret --name ${name} --secret-string ...; the name must start with homeostat/rpc/, homeostat/notify/, homeostat/webhook/ or homeostat/venue/.`,
    cause,
  })
}
