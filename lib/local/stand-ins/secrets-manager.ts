// Secrets Manager as far as the house uses it: reading a secret by name or ARN.

import { randomBytes, randomInt } from 'node:crypto'
import * as z from '../../base/schema.ts'
import type { AwsRequest, AwsResponse } from '../front/request.ts'
import { secretArn } from '../template/identify.ts'
import type { Place } from '../template/place.ts'
import { jsonAnswer, jsonError } from './json-answer.ts'

const bodySchema = z.object({ SecretId: z.string() })

export interface SecretsManager {
  answer(request: AwsRequest): AwsResponse
}

/** @param secrets values by name */
export function makeSecretsManager(place: Place, secrets: ReadonlyMap<string, string>): SecretsManager {
  const find = (id: string) => [...secrets].find(([name]) => id === name || id === secretArn(place, name))
  return {
    answer(request) {
      const parsed = z.safeParse(bodySchema, JSON.parse(request.body.toString('utf8')))
      const found = parsed.success ? find(parsed.data.SecretId) : undefined
      if (found === undefined)
        return jsonError('ResourceNotFoundException', "Secrets Manager can't find the specified secret.")
      const [name, value] = found
      const identity = { ARN: secretArn(place, name), Name: name }
      switch (request.headers['x-amz-target']?.split('.').at(-1)) {
        case 'GetSecretValue':
          return jsonAnswer({ ...identity, SecretString: value, VersionId: 'local', VersionStages: ['AWSCURRENT'] })
        case 'DescribeSecret':
          return jsonAnswer(identity)
        default:
          return jsonError('UnknownOperationException', 'The operation is not known to this stand-in.')
      }
    },
  }
}

const generateSchema = z.object({
  PasswordLength: z.optional(z.number()),
  ExcludePunctuation: z.optional(z.boolean()),
  ExcludeCharacters: z.optional(z.string()),
  SecretStringTemplate: z.optional(z.string()),
  GenerateStringKey: z.optional(z.string()),
})

const alphanumeric = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
const punctuation = '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~'

/** A secret as `GenerateSecretString` asks for it: 32 characters unless told otherwise, placed into the JSON template if there is one. */
export function generateSecret(description: unknown): string {
  const parsed = z.safeParse(generateSchema, description)
  if (!parsed.success) return randomBytes(24).toString('base64url')
  const {
    PasswordLength = 32,
    ExcludePunctuation,
    ExcludeCharacters = '',
    SecretStringTemplate,
    GenerateStringKey,
  } = parsed.data
  const all = ExcludePunctuation === true ? alphanumeric : alphanumeric + punctuation
  const allowed = [...all].filter((character) => !ExcludeCharacters.includes(character))
  const password = Array.from({ length: PasswordLength }, () => allowed[randomInt(allowed.length)]).join('')
  if (SecretStringTemplate === undefined || GenerateStringKey === undefined) return password
  return JSON.stringify({ ...JSON.parse(SecretStringTemplate), [GenerateStringKey]: password })
}
