// Bytes in chunks of any size become blocks of whole lines, however long the input is.

import { isUtf8 } from 'node:buffer'

/** Bytes of one line, beyond which it is no record but a mistake: a file without line breaks must not fill the memory. */
export const longestLine = 16 * 2 ** 20

/** Why a line has no text. */
export type Unreadable = 'not-utf-8' | 'line-too-long'

/** A line's text without its line feed, or why it has none. */
export type Line = { readonly text: string } | { readonly unreadable: Unreadable }

const lineFeed = 0x0a

/**
 * The lines of an input, in order, a block at a time: one for each chunk that ends a line. Holds a chunk and the begun
 * line, no more. The last line needs no line feed.
 */
export async function* wholeLines(
  input: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<readonly Line[]> {
  let begun: Buffer[] = []
  let size = 0
  let skips = false
  for await (const bytes of input) {
    let chunk = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    if (skips) {
      const end = chunk.indexOf(lineFeed)
      if (end < 0) continue
      chunk = chunk.subarray(end + 1)
      skips = false
    }
    const last = chunk.lastIndexOf(lineFeed)
    if (last >= 0) {
      const head = chunk.subarray(0, last)
      yield linesOf(begun.length === 0 ? head : Buffer.concat([...begun, head]))
      begun = []
      size = 0
      chunk = chunk.subarray(last + 1)
    }
    if (chunk.length === 0) continue
    // A copy: the reader may use its buffer again.
    begun.push(Buffer.from(chunk))
    size += chunk.length
    if (size <= longestLine) continue
    begun = []
    size = 0
    skips = true
    yield [{ unreadable: 'line-too-long' }]
  }
  if (size > 0) yield linesOf(Buffer.concat(begun))
}

function linesOf(block: Buffer): readonly Line[] {
  if (isUtf8(block))
    return block
      .toString('utf8')
      .split('\n')
      .map((text) => ({ text }))
  const lines: Line[] = []
  for (let from = 0; from <= block.length; ) {
    const found = block.indexOf(lineFeed, from)
    const end = found < 0 ? block.length : found
    const line = block.subarray(from, end)
    lines.push(isUtf8(line) ? { text: line.toString('utf8') } : { unreadable: 'not-utf-8' })
    from = end + 1
  }
  return lines
}
