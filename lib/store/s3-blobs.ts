// Bodies beyond DynamoDB's item limit, in a bucket.

import { GetObjectCommand, NoSuchKey, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3'
import type { Blobs } from './blobs.ts'
import { storeFailure } from './store-failure.ts'

/**
 * Blobs in an S3 bucket.
 * @throws HomeostatError `store-unavailable` (later) or `store-refused` (never)
 */
export function s3Blobs(params: { readonly client: S3Client; readonly bucket: string }): Blobs {
  const { client, bucket } = params
  return {
    async put(key, bytes) {
      try {
        await client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: bytes }))
      } catch (error) {
        throw storeFailure(error, { place: `s3://${bucket}`, operation: 'put' })
      }
    },
    async get(key) {
      try {
        const answer = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }))
        return await answer.Body?.transformToByteArray()
      } catch (error) {
        if (error instanceof NoSuchKey) return undefined
        throw storeFailure(error, { place: `s3://${bucket}`, operation: 'get' })
      }
    },
  }
}
