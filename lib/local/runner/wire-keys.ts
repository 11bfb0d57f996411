// Makes the key material and the secrets that the template and the operator ask for.

import * as z from '../../base/schema.ts'
import { parse } from '../../base/schema.ts'
import { type Kms, makeKms } from '../stand-ins/kms.ts'
import { derivedPrivateKey, makeKey } from '../stand-ins/kms-keys.ts'
import { generateSecret, makeSecretsManager, type SecretsManager } from '../stand-ins/secrets-manager.ts'
import type { Template } from '../template/open-template.ts'
import { arnIn, type Place } from '../template/place.ts'
import { withoutHash } from './wire-functions.ts'

const keySchema = z.object({ KeySpec: z.optional(z.string()) })
const aliasSchema = z.object({ AliasName: z.string(), TargetKeyId: z.string() })

/**
 * The keys of the template.
 * @param privateKey of the first signing key, so that a demo knows its relayer; further ones are derived from it
 * @throws HomeostatError `kms-key-spec-unknown`
 */
export function openKeys(template: Template, place: Place, privateKey: `0x${string}` | undefined): Kms {
  const aliases = template.take('AWS::KMS::Alias').map((alias) => parse(aliasSchema, alias.properties, alias.logicalId))
  let given = privateKey
  const keys = template.take('AWS::KMS::Key').map(({ ref, attributes, properties, logicalId }) => {
    const { KeySpec = 'SYMMETRIC_DEFAULT' } = parse(keySchema, properties, logicalId)
    const arn = attributes.Arn ?? arnIn(place, 'kms', `key/${ref}`)
    const material = makeKey(KeySpec, KeySpec === 'ECC_SECG_P256K1' ? given : undefined)
    if (material.kind === 'sign' && given !== undefined) given = derivedPrivateKey(given, logicalId)
    const own = aliases.filter(({ TargetKeyId }) => TargetKeyId === arn || TargetKeyId === ref)
    return { arn, keyId: ref, aliases: own.map(({ AliasName }) => AliasName), material }
  })
  return makeKms(keys)
}

/** The template's own secrets, generated as it says, and those that the operator gives by name; a given value wins. */
export function openSecrets(template: Template, place: Place, given: Readonly<Record<string, string>>): SecretsManager {
  const own = template.take('AWS::SecretsManager::Secret').map(({ ref, logicalId, properties }) => ({
    // An ARN ends with a hyphen and six characters after the name.
    name: ref.split(':secret:')[1]?.slice(0, -7) ?? ref,
    logicalId,
    value: typeof properties.SecretString === 'string' ? properties.SecretString : undefined,
    generate: properties.GenerateSecretString ?? {},
  }))
  const secrets = new Map(own.map(({ name, value, generate }) => [name, value ?? generateSecret(generate)]))
  for (const [name, value] of Object.entries(given)) {
    secrets.set(own.find(({ logicalId }) => logicalId === name || withoutHash(logicalId) === name)?.name ?? name, value)
  }
  return makeSecretsManager(place, secrets)
}
