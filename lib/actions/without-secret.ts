// Foreign texts may repeat a URL that holds a key; this takes it out before anybody reads them.

const mark = '[redacted]'

/**
 * The text without the URL, and without its user info, path, path segments and query values on their own.
 * The host stays: operators need it. Parts shorter than six letters are words (`v2`, `rpc`), not keys.
 */
export function withoutSecret(text: string, url: string): string {
  return secretParts(url).reduce((rest, part) => rest.replaceAll(part, mark), text)
}

function secretParts(url: string): readonly string[] {
  const [, userInfo = '', behindHost = ''] = /^[a-z]+:\/\/(?:([^@/?#]*)@)?[^/?#]*(.*)$/is.exec(url) ?? []
  const segments = behindHost.split(/[/?#&=]/)
  const parts = [url, userInfo, ...userInfo.split(':'), behindHost, behindHost.slice(1), ...segments]
  const decoded = parts.map((part) => {
    try {
      return decodeURIComponent(part)
    } catch {
      return part
    }
  })
  // Longest first, so that no part leaves the rest of a longer one behind.
  return [...new Set([...parts, ...decoded])].filter((part) => part.length >= 6).sort((a, b) => b.length - a.length)
}
