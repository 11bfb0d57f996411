// Names the permission, bucket and objects of an S3 request, which only its verb, path and query tell.

import { arnIn } from '../template/place.ts'
import { type Directory, type NamedCall, refuseCall } from './named-call.ts'
import type { AwsRequest } from './request.ts'

const objectActions: Readonly<Record<string, string>> = {
  GET: 'GetObject',
  HEAD: 'GetObject',
  PUT: 'PutObject',
  DELETE: 'DeleteObject',
}
/** Query parameters that leave the meaning of the verb as it is. */
const plainParameters = new Set([
  'x-id',
  'list-type',
  'prefix',
  'delimiter',
  'max-keys',
  'continuation-token',
  'start-after',
  'encoding-type',
  'partNumber',
  'uploadId',
])

function keysToDelete(body: string): readonly string[] {
  return [...body.matchAll(/<Key>([^<]*)<\/Key>/g)].map(([, key = '']) =>
    key
      .replaceAll('&lt;', '<')
      .replaceAll('&gt;', '>')
      .replaceAll('&quot;', '"')
      .replaceAll('&apos;', "'")
      .replaceAll('&amp;', '&'),
  )
}

/** @throws HomeostatError `call-unknown` for subresources (tags, ACLs, policies ...) */
export function s3Call({ place }: Directory, request: AwsRequest): NamedCall {
  const url = new URL(request.url, place.endpointUrl)
  const [bucket = '', ...rest] = decodeURIComponent(url.pathname).slice(1).split('/')
  const key = rest.join('/')
  const bucketArn = arnIn(place, 's3', bucket, 'global')
  const call = (action: string, resources: readonly string[]): NamedCall => ({
    action: `s3:${action}`,
    resources,
    context: { 's3:prefix': url.searchParams.has('prefix') ? [url.searchParams.get('prefix') ?? ''] : undefined },
  })
  if (request.method === 'POST' && url.searchParams.has('delete')) {
    return call(
      'DeleteObject',
      keysToDelete(request.body.toString('utf8')).map((each) => `${bucketArn}/${each}`),
    )
  }
  if (
    request.method === 'POST' &&
    key !== '' &&
    (url.searchParams.has('uploads') || url.searchParams.has('uploadId'))
  ) {
    return call('PutObject', [`${bucketArn}/${key}`])
  }
  const odd = [...url.searchParams.keys()].find((name) => !plainParameters.has(name))
  if (odd !== undefined) return refuseCall(`${request.method} ?${odd}`, 's3')
  if (key === '') {
    if (bucket === '') return call('ListAllMyBuckets', ['*'])
    if (request.method === 'GET' || request.method === 'HEAD') return call('ListBucket', [bucketArn])
    if (request.method === 'PUT') return call('CreateBucket', [bucketArn])
    return refuseCall(request.method, 's3')
  }
  // A copy reads another object, with a permission of its own.
  if (request.headers['x-amz-copy-source'] !== undefined) return refuseCall('CopyObject', 's3')
  const action = objectActions[request.method] ?? refuseCall(request.method, 's3')
  const aborts = action === 'DeleteObject' && url.searchParams.has('uploadId')
  return call(aborts ? 'AbortMultipartUpload' : action, [`${bucketArn}/${key}`])
}
