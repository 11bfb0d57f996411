// What a contract is, from what it answers: a Safe with its owners, a timelock, a feed, a pool, a vault, a token.

import type { Threshold } from '../../model/dependencies.ts'
import type { NodeKind } from '../../model/dependency-graph.ts'
import type { Address } from '../../model/identity.ts'
import { distinct } from '../discovery/findings.ts'
import { shown } from '../discovery/token-facts.ts'
import type { Probe } from './probe.ts'

/** Of a Safe: beyond, it is no list of people. */
const mostOwners = 100
/** A longer delay is no delay but rubbish: ten years. */
const longestDelaySeconds = 315_360_000

export interface Identity {
  /** Undefined if nothing tells. */
  readonly kind: NodeKind | undefined
  /** By its own words, cut and quoted; undefined if it has none. */
  readonly name: string | undefined
  readonly safe?: { readonly owners: readonly Address[]; readonly threshold: Threshold }
  readonly delaySeconds?: number
  /** It has roles in the way of OpenZeppelin's AccessControl. */
  readonly hasRoles: boolean
}

export function identify({ answers, delegate }: Pick<Probe, 'answers' | 'delegate'>): Identity {
  // A key that runs a contract's code is a key: it can leave that code any time.
  if (delegate !== undefined) return { kind: 'admin-key', name: undefined, hasRoles: false }
  return { ...kindOf(answers), hasRoles: answers.has('DEFAULT_ADMIN_ROLE') }
}

function kindOf(answers: Probe['answers']): Omit<Identity, 'hasRoles'> {
  const safe = safeIn(answers)
  if (safe !== undefined) {
    const { of, all } = safe.threshold
    return { kind: 'multisig', name: `Safe ${of} of ${all}`, safe }
  }
  const delaySeconds = delayIn(answers)
  if (delaySeconds !== undefined) return { kind: 'timelock', name: `timelock of ${delaySeconds} s`, delaySeconds }
  const has = (...names: readonly string[]) => names.every((name) => answers.has(name))
  const name = textIn(answers, 'description') ?? textIn(answers, 'symbol')
  if (has('decimals') && (has('latestRoundData') || has('latestAnswer'))) return { kind: 'feed', name }
  if (has('BASE_CURRENCY_UNIT')) return { kind: 'oracle', name }
  if (has('token0', 'token1')) return { kind: 'pool', name }
  if (has('asset', 'totalAssets')) return { kind: 'vault', name }
  if (has('decimals', 'totalSupply')) return { kind: 'token', name }
  return { kind: undefined, name }
}

function safeIn(answers: Probe['answers']): Identity['safe'] | undefined {
  const [owners, threshold] = [answers.get('getOwners'), answers.get('getThreshold')]
  if (!Array.isArray(owners) || typeof threshold !== 'bigint' || !answers.has('VERSION')) return undefined
  const list = distinct(owners.filter((owner) => typeof owner === 'string'))
  if (list.length === 0 || list.length > mostOwners || threshold < 1n || threshold > BigInt(list.length))
    return undefined
  return { owners: list, threshold: { of: Number(threshold), all: list.length } }
}

/** OpenZeppelin's `getMinDelay`; Compound's `delay`, which is one only beside its grace period. */
function delayIn(answers: Probe['answers']): number | undefined {
  const delay = answers.get('getMinDelay') ?? (answers.has('GRACE_PERIOD') ? answers.get('delay') : undefined)
  if (typeof delay !== 'bigint' || delay > BigInt(longestDelaySeconds)) return undefined
  return Number(delay)
}

function textIn(answers: Probe['answers'], getter: string): string | undefined {
  const text = answers.get(getter)
  const clean = typeof text === 'string' ? shown(text).trim() : ''
  return clean === '' ? undefined : `"${clean}"`
}
