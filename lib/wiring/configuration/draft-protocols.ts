// The protocols of a draft: holdings of one protocol are joined, and one that does not fit beside another is told.

import type { FoundHolding } from '../../sources/discovery/assets-found.ts'
import { checksummed } from '../../sources/discovery/checksummed.ts'
import type { Discovery } from '../../sources/discovery/discover.ts'
import type { Settings } from '../../sources/discovery/findings.ts'
import { joinSettings } from '../../sources/discovery/join-settings.ts'
import type { Draft } from './draft.ts'

/** Protocols that have a key of the chain instead of one under `protocols`. */
const ownKeys: Readonly<Record<string, string>> = { 'aave-v3': 'aaveV3', 'uniswap-v3': 'uniswapV3' }

/** Keys of a chain. */
export function draftProtocols(draft: Draft, { holdings }: Discovery): Readonly<Record<string, unknown>> {
  const own: Record<string, unknown> = {}
  const others: Record<string, unknown> = {}
  for (const [protocol, group] of Map.groupBy(holdings, (one) => one.protocol)) {
    const key = ownKeys[protocol]
    const path = ['chains', 0, ...(key === undefined ? ['protocols', protocol] : [key])]
    const settings = filled(draft, joined(draft, group, path), path)
    if (key === undefined) others[protocol] = settings
    else own[key] = settings
  }
  return { ...own, ...(Object.keys(others).length === 0 ? {} : { protocols: others }) }
}

function joined(draft: Draft, group: readonly FoundHolding[], path: readonly (string | number)[]): Settings {
  let all: Settings = {}
  for (const { what, evidence, belief, settings } of group) {
    const next = joinSettings(all, settings)
    const told = `${what}\n  found by ${evidence}\n  believed: ${belief}`
    if ('joined' in next) all = next.joined
    const text = 'joined' in next ? told : `CHANGE: left out, because \`${next.conflict}\` can be one only: ${told}`
    draft.notes.push({ path, at: 'above', text })
  }
  return all
}

/** Addresses that the chain does not tell become placeholders. */
function filled(draft: Draft, value: unknown, path: readonly (string | number)[]): unknown {
  if (Array.isArray(value)) return value.map((item, index) => filled(draft, item, [...path, index]))
  if (typeof value !== 'object' || value === null) return checksummed(value)
  if ('unknown' in value) {
    draft.notes.push({ path, at: 'line', text: `CHANGE: ${String(value.unknown)}` })
    return checksummed(draft.placeholder())
  }
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, filled(draft, inner, [...path, key])]))
}
