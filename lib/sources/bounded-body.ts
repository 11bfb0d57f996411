// The body of an HTTP answer, read as it streams and cut: a hostile answer costs its bound of memory and no more.

/**
 * The whole body as text, decoded from UTF-8; undefined where it has more than `maxBytes` bytes after decompression,
 * or for which `take`, asked with the bytes of each piece as it comes, has no room. The connection is then given up,
 * and each caller says in its own words what was too large. Whatever ends the `signal` of the request ends this as well, with the error of fetch.
 */
export async function boundedText(
  response: Response,
  maxBytes: number,
  take: (bytes: number) => boolean = () => true,
): Promise<string | undefined> {
  if (response.body === null) return ''
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of response.body) {
    bytes += chunk.byteLength
    // Leaving the loop cancels the stream.
    if (!take(chunk.byteLength) || bytes > maxBytes) return undefined
    chunks.push(chunk)
  }
  return new TextDecoder().decode(Buffer.concat(chunks, bytes))
}
