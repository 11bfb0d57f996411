// What takes a second question: the implementation behind a beacon, the modules of a Safe, the aggregator of a feed's phase.

import { parseAbi } from 'viem/utils'
import type { DependencyNote } from '../../model/dependencies.ts'
import type { Address } from '../../model/identity.ts'
import type { ChainReader } from '../chain/chain-session.ts'
import { lowerCase } from '../discovery/findings.ts'
import type { Identity } from './classify.ts'
import { isPlace } from './found.ts'
import type { DraftLink } from './graph-draft.ts'
import type { Probe } from './probe.ts'

const furtherAbi = parseAbi([
  'function implementation() view returns (address)',
  'function getModulesPaginated(address start, uint256 pageSize) view returns (address[] array, address next)',
  'function phaseAggregators(uint16 phaseId) view returns (address)',
])
/** The start of a Safe's list of modules, and its end. */
const sentinel: Address = `0x${'0'.repeat(39)}1`
const mostModules = 20

export interface Further {
  readonly links: readonly DraftLink[]
  readonly notes: readonly (Pick<DependencyNote, 'code' | 'says'> & { readonly address: Address })[]
}

/** In one round. */
export async function readFurther(
  reader: ChainReader,
  probes: readonly Probe[],
  identities: readonly Identity[],
): Promise<Further> {
  const parts = await Promise.all(
    probes.map(async (probe, index) => {
      const isSafe = identities[index]?.safe !== undefined
      return await Promise.all([
        behindBeacon(reader, probe),
        isSafe ? modules(reader, probe) : nothing,
        phase(reader, probe),
      ])
    }),
  )
  const all = parts.flat()
  return { links: all.flatMap(({ links }) => links), notes: all.flatMap(({ notes }) => notes) }
}

const nothing: Further = { links: [], notes: [] }

async function behindBeacon(reader: ChainReader, { address, beacon }: Probe): Promise<Further> {
  if (beacon === undefined) return nothing
  const answer = await reader.ask({ to: beacon.to, abi: furtherAbi, functionName: 'implementation', args: [] })
  if (!answer.ok || !isPlace(answer.value)) {
    const says = `the beacon ${beacon.to} of ${address} does not tell its implementation`
    return { links: [], notes: [{ code: 'unread', says, address }] }
  }
  const link = {
    from: lowerCase(answer.value),
    to: address,
    role: 'implementation',
    kind: 'controlled-by',
    as: 'protocol',
    evidence: 'implementation() of its beacon',
  } as const
  return { links: [link], notes: [] }
}

/** They act for a Safe without its owners. */
async function modules(reader: ChainReader, { address }: Probe): Promise<Further> {
  const args = [sentinel, BigInt(mostModules)] as const
  const answer = await reader.ask({ to: address, abi: furtherAbi, functionName: 'getModulesPaginated', args })
  if (!answer.ok) {
    return {
      links: [],
      notes: [{ code: 'unread', says: `the modules of the Safe ${address}: ${answer.reason}`, address }],
    }
  }
  const [list, next] = answer.value
  const isCut = next !== sentinel && isPlace(next)
  const says = `the Safe ${address} has more than ${mostModules} modules`
  return {
    links: list.map((module) => ({
      from: lowerCase(module),
      to: address,
      role: 'module',
      kind: 'controlled-by',
      as: 'protocol',
      evidence: 'getModulesPaginated()',
    })),
    notes: isCut ? [{ code: 'limit', says, address }] : [],
  }
}

/** A feed's proxy that names one aggregator and keeps another for its phase is not what it seems. */
async function phase(reader: ChainReader, { address, answers }: Probe): Promise<Further> {
  const [phaseId, aggregator] = [answers.get('phaseId'), answers.get('aggregator')]
  if (typeof phaseId !== 'number' || typeof aggregator !== 'string') return nothing
  const answer = await reader.ask({ to: address, abi: furtherAbi, functionName: 'phaseAggregators', args: [phaseId] })
  if (!answer.ok || lowerCase(answer.value) === lowerCase(aggregator)) return nothing
  const says = `${address} names ${lowerCase(aggregator)} as its aggregator and ${lowerCase(answer.value)} as that of its phase ${phaseId}`
  return { links: [], notes: [{ code: 'inconsistent', says, address }] }
}
