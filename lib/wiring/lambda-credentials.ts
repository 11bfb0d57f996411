// Stands in bundles for the SDK's search for credentials: a Lambda's are in its environment, and files, SSO and metadata services are for other machines.

import { optional, required } from './environment.ts'

interface Credentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
}

/** Takes the place of `defaultProvider` of @aws-sdk/credential-provider-node. @throws HomeostatError where a variable is missing */
export function defaultProvider(): () => Promise<Credentials> {
  return async () => {
    const sessionToken = optional('AWS_SESSION_TOKEN')
    return {
      accessKeyId: required('AWS_ACCESS_KEY_ID'),
      secretAccessKey: required('AWS_SECRET_ACCESS_KEY'),
      ...(sessionToken === undefined ? {} : { sessionToken }),
    }
  }
}
