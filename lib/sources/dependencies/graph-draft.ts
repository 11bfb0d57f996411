// The graph while it grows: each place once with the best that is known of it, each link once, and a count of what the limits kept out.

import type {
  ChainDependencies,
  ChainLink,
  ChainNode,
  DependencyNote,
  LinkRole,
  Threshold,
} from '../../model/dependencies.ts'
import type { EdgeKind, NodeKind } from '../../model/dependency-graph.ts'
import type { Address, Hash } from '../../model/identity.ts'
import { isPlace } from './found.ts'

export interface DraftNode {
  readonly address: Address
  /** Links from the account. */
  readonly depth: number
  readonly evidence: string
  /** By the word of an adapter: counts before everything else. */
  given?: { readonly kind: NodeKind; readonly label: string }
  /** By its own answers. */
  told?: { readonly kind: NodeKind | undefined; readonly name: string | undefined; readonly hasRoles: boolean }
  /** What it is to whom it was first found for. */
  readonly first: { readonly as: NodeKind; readonly role: LinkRole }
  codeHash?: Hash
  threshold?: Threshold
  delaySeconds?: number
  /** `code`: it was found as somebody's implementation only. */
  mode: 'whole' | 'code'
  isProbed: boolean
}

export interface DraftLink {
  readonly from: Address
  readonly to: Address
  readonly kind: EdgeKind
  readonly role: LinkRole
  readonly evidence: string
  /** What `from` is, until it tells more. */
  readonly as: NodeKind
}

export const governing: readonly LinkRole[] = [
  'proxy-admin',
  'owner',
  'pending-owner',
  'role',
  'signer',
  'module',
  'guard',
  'registry',
]
const pricing: readonly LinkRole[] = ['oracle', 'feed', 'aggregator']
const running: readonly LinkRole[] = ['implementation', 'beacon', 'delegate']

/** Whoever stands on a contract in these ways stands on its code, not on what it says of itself. */
const aboutCode: readonly LinkRole[] = ['implementation', 'code', 'read']

/** When there is no room for all: who governs, then what prices, then what runs; what is only written into code comes last. */
function urgency({ role }: DraftLink): number {
  if (governing.includes(role)) return 0
  if (pricing.includes(role)) return 1
  if (running.includes(role)) return 2
  return role === 'code' ? 4 : 3
}

export interface GraphDraft {
  readonly nodes: ReadonlyMap<Address, DraftNode>
  links(): readonly DraftLink[]
  note(code: DependencyNote['code'], says: string, address?: Address): void
  /** Not everything that they stand on was seen. */
  doubt(addresses: readonly Address[]): void
  /** Those without room for what they stand on are counted, and told by `finish`. */
  add(links: readonly DraftLink[]): void
  /** Everything that `address` stands on, directly or not. */
  below(address: Address): ReadonlySet<Address>
  finish(): Pick<ChainDependencies, 'nodes' | 'links' | 'notes' | 'doubtful'>
}

export function graphDraft(params: {
  readonly chainId: number
  readonly account: Address
  readonly limits: { readonly depth: number; readonly nodes: number }
  /** Never part of a graph: Multicall3, through which we look. */
  readonly left: readonly Address[]
}): GraphDraft {
  const { chainId, account, limits } = params
  const nodes = new Map<Address, DraftNode>()
  const links = new Map<string, DraftLink>()
  const notes = new Map<string, DependencyNote>()
  const kept = { depth: new Map<Address, DraftLink>(), nodes: new Map<Address, DraftLink>() }
  const doubtful = new Set<Address>()
  const doubt = (addresses: readonly Address[]) => {
    for (const address of addresses) doubtful.add(address)
  }
  const idOf = (address: Address) => `${chainId}:${address}`
  nodes.set(account, {
    address: account,
    depth: 0,
    evidence: 'the account that was asked for',
    given: { kind: 'portfolio', label: 'account' },
    first: { as: 'portfolio', role: 'position' },
    mode: 'whole',
    isProbed: false,
  })

  const note: GraphDraft['note'] = (code, says, address) =>
    void notes.set(`${code} ${says}`, { code, says, ...(address === undefined ? {} : { node: idOf(address) }) })

  const addOne = (link: DraftLink) => {
    const { from, to, role, as, evidence } = link
    if (!isPlace(from) || params.left.includes(from)) return
    if (from === to) {
      note('refers-to-itself', `${to} names itself as its ${role} (${evidence})`, to)
      return
    }
    const above = nodes.get(to)
    if (above === undefined) return
    const depth = above.depth + 1
    const known = nodes.get(from)
    if (known === undefined) {
      const limit = depth > limits.depth ? 'depth' : nodes.size >= limits.nodes ? 'nodes' : undefined
      if (limit !== undefined) {
        kept[limit].set(from, link)
        doubtful.add(to)
        return
      }
      const mode = role === 'implementation' ? 'code' : 'whole'
      nodes.set(from, {
        address: from,
        depth,
        evidence: `${evidence} of ${to}`,
        first: { as, role },
        mode,
        isProbed: false,
      })
    } else if (known.mode === 'code' && !aboutCode.includes(role)) {
      known.mode = 'whole'
      known.isProbed = false
    }
    const key = `${from}>${to}:${role}`
    const before = links.get(key)
    if (before === undefined) links.set(key, link)
    else if (!before.evidence.split(', ').includes(evidence))
      links.set(key, { ...before, evidence: `${before.evidence}, ${evidence}` })
  }

  const below: GraphDraft['below'] = (address) => {
    const standsOn = Map.groupBy(links.values(), ({ to }) => to)
    const seen = new Set<Address>([address])
    for (const one of seen) for (const { from } of standsOn.get(one) ?? []) seen.add(from)
    return seen
  }

  return {
    nodes,
    links: () => [...links.values()],
    note,
    doubt,
    add: (more) => [...more].sort((a, b) => urgency(a) - urgency(b)).forEach(addOne),
    below,
    finish() {
      for (const limit of ['nodes', 'depth'] as const) {
        const left = [...kept[limit]].filter(([address]) => !nodes.has(address))
        if (left.length > 0) note('limit', limitWords(limit, limits[limit], left))
      }
      const finished = new Map([...nodes].map(([address, node]) => [address, finishedNode(chainId, node)]))
      const finishedLinks = [...links.values()].map((link) => finishedLink(link, finished, idOf))
      return {
        nodes: [...finished.values()],
        links: finishedLinks,
        notes: [...notes.values()],
        doubtful: [...doubtful].map(idOf),
      }
    },
  }
}

function limitWords(
  limit: 'nodes' | 'depth',
  allowed: number,
  left: readonly (readonly [Address, DraftLink])[],
): string {
  const some = left.slice(0, 3).map(([address, { role, to }]) => `${address} (${role} of ${to})`)
  const more = left.length > some.length ? ` and ${left.length - some.length} more` : ''
  const words = limit === 'nodes' ? `the limit of ${allowed} nodes` : `the depth of ${allowed} links`
  return `${left.length} contracts or keys are beyond ${words} and were not looked at: ${some.join(', ')}${more}`
}

/** Of what has no other name than how it was found. */
const words: Readonly<Partial<Record<LinkRole, string>>> = {
  code: 'library or constant',
  read: 'read by a position',
  role: 'holder of a role',
  component: 'part',
  'proxy-admin': 'admin of a proxy',
  'pending-owner': 'pending owner',
}

function finishedNode(chainId: number, node: DraftNode): ChainNode {
  const { address, given, told, first, codeHash, threshold, delaySeconds, evidence } = node
  const kind = given?.kind ?? told?.kind ?? defaultKind(node)
  const label = [given?.label ?? words[first.role] ?? first.role, told?.name]
    .filter((part) => part !== undefined)
    .join(' ')
  return {
    id: `${chainId}:${address}`,
    address,
    chainId,
    kind,
    label,
    evidence,
    ...(codeHash === undefined ? {} : { codeHash }),
    ...(threshold === undefined ? {} : { threshold }),
    ...(delaySeconds === undefined ? {} : { delaySeconds }),
  }
}

/** A key has no code; a contract that governs and says nothing of itself is a protocol's. */
function defaultKind({ first, codeHash }: DraftNode): NodeKind {
  if (codeHash === undefined) return governing.includes(first.role) ? 'admin-key' : first.as
  return first.as === 'admin-key' ? 'protocol' : first.as
}

/** Whoever acts through a multisig or a timelock acts with its threshold and its delay. */
function finishedLink(
  { from, to, kind, role, evidence }: DraftLink,
  nodes: ReadonlyMap<Address, ChainNode>,
  idOf: (address: Address) => string,
): ChainLink {
  const [node, above] = [nodes.get(from), nodes.get(to)]
  const threshold = role === 'signer' ? above?.threshold : node?.threshold
  const delaySeconds = node?.delaySeconds
  const isPriced = role === 'read' && (node?.kind === 'feed' || node?.kind === 'oracle')
  return {
    from: idOf(from),
    to: idOf(to),
    kind: isPriced ? 'priced-by' : kind,
    role,
    evidence,
    ...(threshold === undefined ? {} : { threshold }),
    ...(delaySeconds === undefined ? {} : { delaySeconds }),
  }
}
