// A body that never ends costs its bound, and a character that falls between two chunks stays whole.

import { describe, expect, it } from 'vitest'
import { boundedText } from '../../lib/sources/bounded-body.ts'

/** A body that sends what it is given, one chunk a pull, and ends where there is none. */
function bodyOf(next: () => Uint8Array<ArrayBuffer> | undefined): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream({
    pull(controller) {
      const chunk = next()
      if (chunk === undefined) controller.close()
      else controller.enqueue(chunk)
    },
  })
}

describe('the body of an HTTP answer', () => {
  it('is decoded whole where a character falls between two chunks', async () => {
    const bytes = new TextEncoder().encode('14,5 €')
    const chunks = [bytes.slice(0, 6), bytes.slice(6)]
    expect(await boundedText(new Response(bodyOf(() => chunks.shift())), bytes.length)).toBe('14,5 €')
  })

  it('is empty where there is none', async () => {
    expect(await boundedText(new Response(null, { status: 204 }), 10)).toBe('')
  })

  it('is given up at the bound, not read to its end', async () => {
    let sent = 0
    const endless = bodyOf(() => {
      sent += 1
      return new Uint8Array(1000)
    })
    expect(await boundedText(new Response(endless), 10_000)).toBeUndefined()
    expect(sent).toBeLessThan(20)
  })
})
