// Text messages that would have been sent: SNS to a phone number ends here, because no emulator sends it and no demo should.

import { randomUUID } from 'node:crypto'
import type { AwsRequest, AwsResponse } from '../front/request.ts'

export interface TextMessage {
  readonly phoneNumber: string
  readonly message: string
  readonly messageId: string
  /** Milliseconds since 1970. */
  readonly sentAtMs: number
}

export interface SmsOutbox {
  messages(): readonly TextMessage[]
  /** The answer to a text, or undefined if the request is for a topic. */
  answer(request: AwsRequest): AwsResponse | undefined
}

const kept = 1_000

/** Keeps the latest thousand. */
export function makeSmsOutbox(onText: (text: TextMessage) => void = () => {}): SmsOutbox {
  const sent: TextMessage[] = []
  return {
    messages: () => [...sent],
    answer(request) {
      const form = new URLSearchParams(request.body.toString('utf8'))
      const phoneNumber = form.get('PhoneNumber')
      if (form.get('Action') !== 'Publish' || phoneNumber === null) return undefined
      const text = { phoneNumber, message: form.get('Message') ?? '', messageId: randomUUID(), sentAtMs: Date.now() }
      sent.push(text)
      if (sent.length > kept) sent.shift()
      onText(text)
      const result = `<PublishResult><MessageId>${text.messageId}</MessageId></PublishResult>`
      const metadata = `<ResponseMetadata><RequestId>${randomUUID()}</RequestId></ResponseMetadata>`
      const body = `<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/">${result}${metadata}</PublishResponse>`
      return { status: 200, headers: { 'content-type': 'text/xml' }, body }
    },
  }
}
