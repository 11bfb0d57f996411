// A secret that cannot be printed by accident: every way to text gives a mark instead of the value.

const values = new WeakMap<Redacted, string>()
const mark = '[redacted]'

/** Holds a secret; `reveal` is the only way to it. */
export class Redacted {
  constructor(value: string) {
    values.set(this, value)
  }
  toString(): string {
    return mark
  }
  toJSON(): string {
    return mark
  }
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return mark
  }
}

/** The secret itself; call it where the value leaves for its one purpose. */
export function reveal(secret: Redacted): string {
  return values.get(secret) ?? ''
}

/** A URL as people may see it in logs: scheme, host and port. Paths and queries of RPC URLs hold API keys. */
export function hostOf(url: string): string {
  const match = /^([a-z]+):\/\/(?:[^@/]*@)?([^/?#]+)/i.exec(url)
  return match ? `${match[1]}://${match[2]}` : '[not a URL]'
}
