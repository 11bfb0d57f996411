// How a body lies in an item: small as text that people can read in the console, larger compressed, too large elsewhere.

import { createHash } from 'node:crypto'
import { gunzipSync, gzipSync } from 'node:zlib'
import type { AttributeValue } from '@aws-sdk/client-dynamodb'
import { HomeostatError } from '../base/homeostat-error.ts'
import type { Blobs } from './blobs.ts'

/** Text shorter than this stays text. */
const textLimitBytes = 4_096
/** DynamoDB ends at 400 KB an item, keys and other attributes included. */
const itemLimitBytes = 350 * 1_024

type Attributes = Readonly<Record<string, AttributeValue>>

/**
 * The attributes that hold a body: `body`, or `blobKey` and `blobSha256` for one that went to the blobs.
 * What expires lies under `expiring/`, the rest under `kept/`: a lifecycle rule may empty only the former.
 * @throws HomeostatError `item-too-large` if it does not fit and there are no blobs
 */
export async function encodeBody(
  deps: { readonly blobs: Blobs | undefined },
  params: { readonly body: unknown; readonly expires: 'expiring' | 'kept'; readonly key: string },
): Promise<Attributes> {
  const text = JSON.stringify(params.body)
  if (Buffer.byteLength(text) < textLimitBytes) return { body: { S: text } }
  const bytes = gzipSync(text)
  if (bytes.length <= itemLimitBytes) return { body: { B: bytes } }
  if (deps.blobs === undefined) {
    throw new HomeostatError('item-too-large', {
      message: `${params.key} has ${bytes.length} bytes compressed; an item holds ${itemLimitBytes}.`,
      retry: 'never',
      facts: { key: params.key, bytes: bytes.length, limit: itemLimitBytes },
      hint: 'Give the store a bucket for large bodies, or split the portfolio.',
    })
  }
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  const blobKey = `${params.expires}/${sha256}`
  await deps.blobs.put(blobKey, bytes)
  return { blobKey: { S: blobKey }, blobSha256: { S: sha256 } }
}

/**
 * The body that an item's attributes hold.
 * @throws HomeostatError `blob-missing` (later: buckets and tables are not one) or `blob-altered` (never)
 */
export async function decodeBody(
  deps: { readonly blobs: Blobs | undefined },
  params: { readonly attributes: Attributes; readonly key: string },
): Promise<unknown> {
  const { body, blobKey, blobSha256 } = params.attributes
  if (body?.S !== undefined) return JSON.parse(body.S)
  if (body?.B !== undefined) return JSON.parse(gunzipSync(body.B).toString())
  const bytes = blobKey?.S === undefined ? undefined : await deps.blobs?.get(blobKey.S)
  if (bytes === undefined) {
    throw new HomeostatError('blob-missing', {
      message: `The body of ${params.key} is not where its item says.`,
      retry: 'later',
      facts: { key: params.key, blob: blobKey?.S ?? 'none' },
      hint: 'Look at the bucket for large bodies and at its lifecycle rule.',
    })
  }
  if (createHash('sha256').update(bytes).digest('hex') !== blobSha256?.S) {
    throw new HomeostatError('blob-altered', {
      message: `The body of ${params.key} is not what was written.`,
      retry: 'never',
      facts: { key: params.key, blob: blobKey?.S ?? 'none' },
      hint: 'Somebody changed the bucket: find out who before trusting anything in it.',
    })
  }
  return JSON.parse(gunzipSync(bytes).toString())
}
