// The runner's own calls to AWS, in the three wire formats it needs: small enough not to load an SDK for them.

import { HomeostatError } from '../../base/homeostat-error.ts'

export interface AwsCaller {
  /** JSON protocol. @param target value of X-Amz-Target */
  json(service: string, target: string, body: object, signal?: AbortSignal): Promise<Record<string, unknown>>
  /** Query protocol. */
  query(service: string, form: Readonly<Record<string, string>>): Promise<string>
  /** REST, as S3 has it. */
  rest(service: string, method: string, path: string): Promise<string>
}

/**
 * Calls through the front with the key of one holder. Answers other than 2xx throw `aws-call-failed` with the service's own words.
 * @param accessKeyId whose permissions count
 */
export function awsCaller(
  { endpointUrl, region }: { readonly endpointUrl: string; readonly region: string },
  accessKeyId: string,
): AwsCaller {
  async function call(service: string, what: string, path: string, init: RequestInit): Promise<string> {
    const scope = `${accessKeyId}/20200101/${region}/${service}/aws4_request`
    const headers = {
      ...(init.headers as Record<string, string>),
      authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=unchecked`,
      'x-amz-date': '20200101T000000Z',
    }
    const response = await fetch(new URL(path, endpointUrl), { ...init, headers })
    const text = await response.text()
    if (response.ok) return text
    throw new HomeostatError('aws-call-failed', {
      message: `${what} failed: ${text}`,
      retry: 'later',
      facts: { service, what, status: response.status },
    })
  }
  return {
    async json(service, target, body, signal) {
      const headers = { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': target }
      const init = { method: 'POST', headers, body: JSON.stringify(body), ...(signal === undefined ? {} : { signal }) }
      return JSON.parse((await call(service, target, '/', init)) || '{}')
    },
    query(service, form) {
      const headers = { 'content-type': 'application/x-www-form-urlencoded' }
      const body = new URLSearchParams(form).toString()
      return call(service, form.Action ?? service, '/', { method: 'POST', headers, body })
    },
    rest: (service, method, path) => call(service, `${method} ${path}`, path, { method, headers: {} }),
  }
}
