// How a provider stands in a draft: its URL only if nothing in it can be a key.

import { secretPrefixes } from '../../base/deployment-names.ts'
import type { Draft } from './draft.ts'
import { isHouseUrl } from './scalars.ts'

export function draftProvider(
  draft: Draft,
  { url, index }: { readonly url: string; readonly index: number },
): { readonly url: string } | { readonly secret: string } {
  const { protocol, host, pathname, search, username, password } = new URL(url)
  const isBare = pathname === '/' && search === '' && username === '' && password === ''
  if (isBare && (protocol === 'https:' || isHouseUrl(url))) return { url }
  const slug = host.toLowerCase().replace(/[^a-z0-9]+/g, '-')
  const secret = `${secretPrefixes.rpc}${slug}${index === 0 ? '' : `-${index + 1}`}`
  const text = 'CHANGE: store the URL under this name; its path may be a key, which no file should hold'
  draft.notes.push({ path: ['chains', 0, 'rpc', index, 'secret'], at: 'line', text })
  return { secret }
}
