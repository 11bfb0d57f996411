// The KMS stand-in behind HTTP with one signing key, so that the relayer's own client talks to it.

import { createServer } from 'node:http'
import { KMSClient } from '@aws-sdk/client-kms'
import { makeKms } from '../../lib/local/stand-ins/kms.ts'
import { makeKey } from '../../lib/local/stand-ins/kms-keys.ts'
import { listenOnLoopback } from '../../lib/local/stand-ins/listen-on-loopback.ts'
import type { Address, Hex } from '../../lib/model/identity.ts'

export interface KmsServer {
  readonly client: KMSClient
  readonly keyId: string
  readonly address: Address
  stop(): Promise<void>
}

export async function startKmsServer(privateKey: Hex): Promise<KmsServer> {
  const material = makeKey('ECC_SECG_P256K1', privateKey)
  if (material.kind !== 'sign') throw new Error('the key was asked to sign')
  const keyId = 'relayer'
  const arn = `arn:aws:kms:eu-west-1:111122223333:key/${keyId}`
  const kms = makeKms([{ arn, keyId, aliases: [], material }])
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const answer = await kms.answer({
      method: 'POST',
      url: '/',
      headers: { 'x-amz-target': String(request.headers['x-amz-target']) },
      body: Buffer.concat(chunks),
      accessKeyId: 'test',
      service: 'kms',
    })
    response.writeHead(answer.status, answer.headers)
    response.end(answer.body)
  })
  const { port, stop } = await listenOnLoopback(server)
  const client = new KMSClient({
    endpoint: `http://127.0.0.1:${port}`,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  })
  return {
    client,
    keyId,
    address: material.address.toLowerCase() as Address,
    async stop() {
      client.destroy()
      await stop()
    },
  }
}
