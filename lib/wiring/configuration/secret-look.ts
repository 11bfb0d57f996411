// Secrets belong into the secret store: what looks like one is refused in a configuration and never printed.

const patterns: readonly { readonly what: string; readonly pattern: RegExp }[] = [
  { what: 'a private key', pattern: /(?<![0-9a-fA-Fx])(?:0x)?[0-9a-fA-F]{64}(?![0-9a-fA-F])/g },
  { what: 'a private key', pattern: /-----BEGIN[A-Z ]*PRIVATE KEY-----/g },
  { what: 'a Slack webhook', pattern: /hooks\.slack\.com\/\S+/g },
  { what: 'a Slack token', pattern: /xox[abeprs]-[\w-]{8,}/g },
  { what: 'an AWS access key', pattern: /(?:AKIA|ASIA)[0-9A-Z]{16}/g },
  { what: 'a token', pattern: /eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]*/g },
  { what: 'a URL with a password', pattern: /[a-z][a-z0-9+.-]*:\/\/[^\s/@]+@\S*/gi },
  { what: 'a URL with a key', pattern: /https?:\/\/\S+[?&](?:api-?key|key|token|auth|secret)=[^\s&]{6,}/gi },
  // A segment of 20 letters and digits mixed is how providers put a key into the path.
  {
    what: 'a URL with a key',
    pattern: /(?:https?|wss?):\/\/[^\s/]+\/(?:\S*\/)?(?=[\w-]*\d)(?=[\w-]*[a-z])[\w-]{20,}[^\s]*/gi,
  },
]
const wordCounts = new Set([12, 15, 18, 21, 24])

/** What secret a text looks like; undefined if it looks like none. */
export function secretLook(text: string): string | undefined {
  const found = patterns.find(({ pattern }) => text.search(pattern) !== -1)
  if (found !== undefined) return found.what
  const words = text.trim().split(/\s+/)
  const isPhrase = wordCounts.has(words.length) && words.every((word) => /^[a-z]{3,8}$/.test(word))
  return isPhrase ? 'a seed phrase' : undefined
}

/** The text with each secret in it covered, at its length. */
export function coverSecrets(text: string): string {
  const covered = patterns.reduce(
    (rest, { pattern }) => rest.replace(pattern, (match) => '*'.repeat(match.length)),
    text,
  )
  return covered.replace(/(?<![\w-])(?:[a-z]{3,8} ){11,23}[a-z]{3,8}(?![\w-])/g, (match) => '*'.repeat(match.length))
}
