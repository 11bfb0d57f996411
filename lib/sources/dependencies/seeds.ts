// The contracts that the configuration of a chain names, as what the account stands on: tokens, feeds, and what protocols without a word of their own are told.

import type { ChainConfig } from '../../model/configuration.ts'
import type { Address } from '../../model/identity.ts'
import type { Found, FoundLink, FoundNode } from './found.ts'

/** Of the protocols only those that `silent` names: the others tell by themselves. */
export function configuredSeeds(params: {
  readonly chain: ChainConfig
  readonly account: Address
  readonly silent: readonly string[]
}): Found {
  const { chain, account, silent } = params
  const nodes: FoundNode[] = []
  const links: FoundLink[] = []
  for (const { symbol, address: token, feed, prices = [] } of chain.assets) {
    nodes.push({ address: token, kind: 'token', label: symbol })
    const rest = { from: token, to: account, kind: 'holds', role: 'position' } as const
    links.push({ ...rest, evidence: `configured asset ${symbol}` })
    if (feed !== undefined) {
      nodes.push({ address: feed.address, kind: 'feed', label: `feed of ${symbol}` })
      const priced = { from: feed.address, to: token, kind: 'priced-by', role: 'feed' } as const
      links.push({ ...priced, evidence: `configured feed of ${symbol}` })
    }
    for (const { kind, settings } of prices) {
      for (const from of addressesIn(settings)) {
        if (from === token) continue
        links.push({ from, to: token, kind: 'priced-by', role: 'feed', evidence: `configured ${kind} of ${symbol}` })
      }
    }
  }
  if (chain.sequencer !== undefined) {
    nodes.push({ address: chain.sequencer.address, kind: 'feed', label: 'feed of the sequencer' })
    const rest = { from: chain.sequencer.address, to: account, kind: 'priced-by', role: 'feed' } as const
    links.push({ ...rest, evidence: 'configured sequencer' })
  }
  for (const name of silent) {
    for (const from of addressesIn(chain.protocols?.[name])) {
      links.push({ from, to: account, kind: 'holds', role: 'position', evidence: `configured protocols.${name}` })
    }
  }
  return { nodes, links, unseen: [] }
}

function addressesIn(value: unknown): readonly Address[] {
  if (typeof value === 'string') return /^0x[0-9a-f]{40}$/.test(value) ? [value as Address] : []
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(addressesIn) : []
}
