// Where a body goes that no table item can hold, and its twin for tests.

/** A store of immutable bytes. Keys are made from the content, so writing twice writes the same. */
export interface Blobs {
  put(key: string, bytes: Uint8Array): Promise<void>
  get(key: string): Promise<Uint8Array | undefined>
}

/** Blobs that live as long as the process. */
export function memoryBlobs(): Blobs {
  const kept = new Map<string, Uint8Array>()
  return {
    async put(key, bytes) {
      kept.set(key, Uint8Array.from(bytes))
    },
    async get(key) {
      return kept.get(key)
    },
  }
}
