// From what is given outward, breadth first: what each contract stands on, until nothing new comes or a limit is reached and told.

import type { ChainDependencies } from '../../model/dependencies.ts'
import type { Address } from '../../model/identity.ts'
import type { ChainReader } from '../chain/chain-session.ts'
import type { EncodedCall } from '../chain/provider.ts'
import { addTouched, touchedByReads } from './access-lists.ts'
import type { ChainState } from './chain-state.ts'
import { identify } from './classify.ts'
import type { CodeMemory } from './code-memory.ts'
import type { Found } from './found.ts'
import { readFurther } from './further.ts'
import { type DraftLink, type GraphDraft, governing, graphDraft } from './graph-draft.ts'
import { linksOfProbe } from './links-of-probe.ts'
import { notesOfProbe } from './notes-of-probe.ts'
import { type Probe, probeAll } from './probe.ts'
import { askRoles, listRoles } from './roles.ts'

export interface WalkLimits {
  /** Links from the account. */
  readonly depth: number
  readonly nodes: number
  /** To one provider; the wave that crosses it is still finished. */
  readonly requests: number
  readonly milliseconds: number
  /** Contracts of which it is asked what their reading touches. */
  readonly accessLists: number
  /** Of `hasRole`, in the whole run. */
  readonly roleQuestions: number
}

export const defaultLimits: WalkLimits = {
  depth: 10,
  nodes: 400,
  requests: 170,
  milliseconds: 20_000,
  accessLists: 24,
  roleQuestions: 6_000,
}

export interface WalkDeps {
  readonly reader: ChainReader
  readonly state: ChainState
  readonly memory: CodeMemory
  /** Requests to one provider and milliseconds so far. */
  readonly spent: () => { readonly requests: number; readonly milliseconds: number }
}

export interface WalkParams {
  readonly chainId: number
  readonly account: Address
  readonly multicall3: Address
  /** What positions stand on. */
  readonly found: Found
  /** Who may hold roles: contracts that do not list their holders are asked for them too. */
  readonly suspects: readonly Address[]
  /** The calls by which positions are read. */
  readonly reads: readonly EncodedCall[]
  readonly limits: WalkLimits
}

/** @throws HomeostatError if the chain cannot be trusted */
export async function walk(deps: WalkDeps, params: WalkParams): Promise<Omit<ChainDependencies, 'block' | 'account'>> {
  const { chainId, account, found, limits, multicall3 } = params
  const draft = graphDraft({ chainId, account, limits, left: [multicall3] })
  // At once with the first wave: none of them depends on what it finds.
  const touching = touchedByReads(deps.state, params)
  touching.catch(() => undefined)
  plant(draft, found)
  await spread(deps, draft, limits)
  addTouched(draft, { touched: await touching, account })
  await spread(deps, draft, limits)
  await addRoleHolders(deps, draft, params)
  await spread(deps, draft, limits)
  noteLoops(draft)
  const finished = draft.finish()
  const isWhole = !finished.notes.some(({ code }) => incomplete.includes(code))
  return { chainId, ...finished, isWhole }
}

const incomplete = ['limit', 'unread', 'no-storage', 'no-code-scan', 'no-access-list']

/** What adapters tell: links may come in any order, so they are added until none fits any more. */
function plant(draft: GraphDraft, { nodes, links, unseen }: Found): void {
  const kinds = new Map(nodes.map((node) => [node.address, node]))
  let open = links.map((link): DraftLink => ({ ...link, as: kinds.get(link.from)?.kind ?? 'protocol' }))
  for (;;) {
    const ready = open.filter(({ to }) => draft.nodes.has(to))
    if (ready.length === 0) break
    draft.add(ready)
    open = open.filter((link) => !ready.includes(link))
  }
  for (const { address, kind, label } of nodes) {
    const node = draft.nodes.get(address)
    if (node !== undefined && node.given === undefined) node.given = { kind, label }
  }
  for (const { says, doubts } of unseen) {
    draft.note('unread', says)
    draft.doubt(doubts)
  }
}

/** Waves until everything is probed or a limit is reached. */
async function spread(deps: WalkDeps, draft: GraphDraft, limits: WalkLimits): Promise<void> {
  for (;;) {
    const open = [...draft.nodes.values()].filter(({ isProbed }) => !isProbed)
    if (open.length === 0) return
    const { requests, milliseconds } = deps.spent()
    if (requests >= limits.requests || milliseconds >= limits.milliseconds) {
      const what = requests >= limits.requests ? `${limits.requests} requests` : `${limits.milliseconds} ms`
      const some = open.slice(0, 3).map(({ address }) => address)
      draft.doubt(open.map(({ address }) => address))
      draft.note('limit', `${open.length} contracts or keys were not looked at within ${what}: ${some.join(', ')}`)
      return
    }
    for (const node of open) node.isProbed = true
    const probes = await probeAll(
      deps,
      open.map(({ address, mode }) => ({ address, depth: mode })),
    )
    const identities = probes.map(identify)
    const [further, embedded] = await Promise.all([
      readFurther(deps.reader, probes, identities),
      deps.state.codes(unknownEmbedded(draft, probes)),
    ])
    probes.forEach((probe, index) => {
      const node = draft.nodes.get(probe.address)
      const identity = identities[index]
      if (node === undefined || identity === undefined) return
      node.told = identity
      if (probe.code !== undefined) node.codeHash = probe.code.hash
      if (identity.safe !== undefined) node.threshold = identity.safe.threshold
      if (identity.delaySeconds !== undefined) node.delaySeconds = identity.delaySeconds
      for (const { code, says } of notesOfProbe(probe, node)) {
        draft.note(code, says, probe.address)
        if (incomplete.includes(code)) draft.doubt([probe.address])
      }
    })
    for (const { code, says, address } of further.notes) {
      draft.note(code, says, address)
      if (incomplete.includes(code)) draft.doubt([address])
    }
    const told = probes.flatMap((probe, index) => linksOfProbe(probe, identities[index] ?? nobody))
    draft.add([...told, ...further.links])
    draft.add(probes.flatMap((probe) => embeddedLinks(draft, probe, new Set(embedded.keys()))))
  }
}

const nobody = { kind: undefined, name: undefined, hasRoles: false } as const

function unknownEmbedded(draft: GraphDraft, probes: readonly Probe[]): readonly Address[] {
  const all = new Set(probes.flatMap(({ embedded = [] }) => embedded))
  return [...all].filter((address) => !draft.nodes.has(address))
}

/** Only where nothing else tells what the one is to the other; an admin that is written into a proxy is confirmed by it. */
function embeddedLinks(draft: GraphDraft, probe: Probe, contracts: ReadonlySet<Address>): readonly DraftLink[] {
  const to = probe.address
  const own = draft.links().filter((link) => link.to === to)
  const known = new Set(own.map((link) => link.from))
  const isContract = (address: Address) => contracts.has(address) || draft.nodes.get(address)?.codeHash !== undefined
  const evidence = 'written into its code'
  return (probe.embedded ?? []).flatMap((from): readonly DraftLink[] => {
    const admin = own.find((link) => link.from === from && link.role === 'proxy-admin')
    if (admin !== undefined) return [{ ...admin, evidence }]
    if (from === to || known.has(from) || !isContract(from)) return []
    return [{ from, to, role: 'code', kind: 'controlled-by', as: 'protocol', evidence }]
  })
}

/** Contracts that do not list who holds their roles are asked for everybody who governs something here. */
async function addRoleHolders({ reader }: WalkDeps, draft: GraphDraft, params: WalkParams): Promise<void> {
  const { limits, account, suspects } = params
  const all = [...draft.nodes.values()]
  const guarded = all.filter(({ told }) => told?.hasRoles === true).map(({ address }) => address)
  if (guarded.length === 0) return
  const { holdings, unlisted, cut } = await listRoles(reader, guarded)
  const govern = draft.links().flatMap(({ from, role }) => (governing.includes(role) ? [from] : []))
  const deciding = all.flatMap(({ address, threshold, delaySeconds }) =>
    threshold === undefined && delaySeconds === undefined ? [] : [address],
  )
  const candidates = [...new Set([account, ...govern, ...deciding, ...suspects])]
  const asked = await askRoles(reader, { contracts: unlisted, candidates, most: limits.roleQuestions })
  const held = [...holdings, ...asked.holdings].filter(({ contract, member }) => contract !== member)
  draft.add(
    [...Map.groupBy(held, ({ contract, member }) => `${member}>${contract}`).values()].flatMap(
      (group): readonly DraftLink[] => {
        const [first] = group
        if (first === undefined) return []
        const evidence = group.map((one) => one.evidence).join(', ')
        return [
          { from: first.member, to: first.contract, role: 'role', kind: 'controlled-by', as: 'admin-key', evidence },
        ]
      },
    ),
  )
  for (const says of cut) draft.note('limit', says)
  if (cut.length > 0 || asked.left > 0) draft.doubt(guarded)
  if (asked.left > 0) draft.note('limit', `${asked.left} questions of who holds a role were not asked`)
  for (const contract of unlisted)
    draft.note(
      'roles-not-listed',
      `${contract} does not list who holds its roles: ${candidates.length} that may govern something here were asked for`,
      contract,
    )
}

/** Who runs through implementations back to itself runs nothing. */
function noteLoops(draft: GraphDraft): void {
  const next = new Map(
    draft.links().flatMap(({ from, to, role }) => (role === 'implementation' ? [[to, from] as const] : [])),
  )
  for (const start of next.keys()) {
    const seen = new Set<Address>()
    for (let at: Address | undefined = start; at !== undefined && !seen.has(at); at = next.get(at)) {
      seen.add(at)
      if (next.get(at) !== start) continue
      const loop = [...seen].sort()
      if (loop[0] === start)
        draft.note('implementation-loop', `${loop.join(', ')} are each other's implementation`, start)
      break
    }
  }
}
