// What is different between two looks at what a portfolio stands on, in words, with how bad it is: for the alert and for `dependencyChanged`.

import type { Severity } from './configuration.ts'
import type { ChainDependencies, ChainLink, ChainNode, LinkRole } from './dependencies.ts'

export interface DependencyChange {
  readonly kind:
    | 'implementation'
    | 'code'
    | 'owner'
    | 'signers'
    | 'threshold'
    | 'delay'
    | 'oracle'
    | 'new-dependency'
    | 'lost-dependency'
  readonly severity: Severity
  /** Node whose dependency it is. */
  readonly node: string
  readonly says: string
}

type Kind = DependencyChange['kind']

/** Roles of which a replaced holder is one change and not two. */
const kindOfRole: Readonly<Partial<Record<LinkRole, Kind>>> = {
  implementation: 'implementation',
  beacon: 'implementation',
  delegate: 'implementation',
  'proxy-admin': 'owner',
  owner: 'owner',
  'pending-owner': 'owner',
  role: 'owner',
  registry: 'owner',
  module: 'owner',
  guard: 'owner',
  signer: 'signers',
  oracle: 'oracle',
  feed: 'oracle',
  aggregator: 'oracle',
}

/** Somebody else decides, or something else is believed: that is an alert. What the curated registry says is no event of the chain. */
const severities: Readonly<Record<Kind, Severity>> = {
  implementation: 'critical',
  code: 'critical',
  owner: 'critical',
  signers: 'warning',
  threshold: 'warning',
  delay: 'warning',
  oracle: 'critical',
  'new-dependency': 'info',
  'lost-dependency': 'info',
}

/**
 * In the order implementation, owner, oracle, then the rest; empty if nothing changed. What is missing where a look did not see everything is not called gone.
 * @param before of the same account and chain; undefined: there was no look before, and nothing has changed
 */
export function dependencyChanges(
  before: ChainDependencies | undefined,
  after: ChainDependencies,
): readonly DependencyChange[] {
  if (before === undefined || before.chainId !== after.chainId) return []
  const earlier = new Map(before.nodes.map((node) => [node.id, node]))
  const later = new Map(after.nodes.map((node) => [node.id, node]))
  const names = { earlier, later, unsure: new Set(after.doubtful), wasUnsure: new Set(before.doubtful) }
  const nodes = after.nodes.flatMap((node) => changesOfNode(earlier.get(node.id), node))
  const changes = [...nodes, ...changesOfLinks(before, after, names)]
  return changes.sort((a, b) => rank(a) - rank(b) || a.node.localeCompare(b.node) || a.says.localeCompare(b.says))
}

function rank({ severity, kind }: DependencyChange): number {
  const order: readonly Severity[] = ['critical', 'warning', 'info']
  return order.indexOf(severity) * 100 + Object.keys(severities).indexOf(kind)
}

function changesOfNode(before: ChainNode | undefined, after: ChainNode): readonly DependencyChange[] {
  if (before === undefined) return []
  const name = nameOf(after)
  const changes: DependencyChange[] = []
  const change = (kind: Kind, says: string, severity: Severity = severities[kind]) =>
    void changes.push({ kind, severity, node: after.id, says })
  if (before.codeHash !== after.codeHash) {
    const [old, now] = [before.codeHash ?? 'no code', after.codeHash ?? 'no code']
    change('code', `${name} has other code: ${short(old)} before, ${short(now)} now`)
  }
  const [was, is] = [before.threshold, after.threshold]
  if (was !== undefined && is !== undefined && (was.of !== is.of || was.all !== is.all)) {
    // Fewer signatures, or the same of more people, are less of an obstacle.
    const isWeaker = is.of < was.of
    const says = `${name} needs ${is.of} of ${is.all} signatures, ${was.of} of ${was.all} before`
    change('threshold', says, isWeaker ? 'critical' : 'warning')
  } else if (was !== undefined && is === undefined) {
    change('threshold', `${name} was a multisig of ${was.of} of ${was.all} and does not answer as one now`, 'critical')
  }
  if (before.delaySeconds !== after.delaySeconds && before.delaySeconds !== undefined) {
    const now = after.delaySeconds
    const isShorter = now === undefined || now < before.delaySeconds
    const says = `${name} waits ${now === undefined ? 'no known time' : `${now} s`}, ${before.delaySeconds} s before`
    change('delay', says, isShorter ? 'critical' : 'warning')
  }
  return changes
}

interface Names {
  readonly earlier: ReadonlyMap<string, ChainNode>
  readonly later: ReadonlyMap<string, ChainNode>
  /** Nodes of which the later look did not see everything. */
  readonly unsure: ReadonlySet<string>
  /** Those of the earlier one. */
  readonly wasUnsure: ReadonlySet<string>
}

/** Links by the one that stands on them and by what they are to it: what took the place of what. */
function changesOfLinks(
  before: ChainDependencies,
  after: ChainDependencies,
  { earlier, later, unsure, wasUnsure }: Names,
): readonly DependencyChange[] {
  const real = ({ role }: ChainLink) => role !== 'curated'
  const keyOf = ({ to, role }: ChainLink) => `${to} ${kindOfRole[role] ?? role}`
  const old = Map.groupBy(before.links.filter(real), keyOf)
  const now = Map.groupBy(after.links.filter(real), keyOf)
  return [...new Set([...old.keys(), ...now.keys()])].flatMap((key): readonly DependencyChange[] => {
    const [was, is] = [old.get(key) ?? [], now.get(key) ?? []]
    const gone = distinctFrom(was).filter((from) => !is.some((link) => link.from === from))
    const come = distinctFrom(is).filter((from) => !was.some((link) => link.from === from))
    const first = is.find(({ from }) => come.includes(from)) ?? was.find(({ from }) => gone.includes(from))
    if (first === undefined) return []
    // A whole branch that is new or gone is told once, where it begins.
    if (!earlier.has(first.to) || !later.has(first.to)) return []
    const name = nameOf(later.get(first.to) ?? earlier.get(first.to), first.to)
    const listed = (ids: readonly string[]) => ids.map((id) => nameOf(later.get(id) ?? earlier.get(id), id)).join(', ')
    const kind = kindOfRole[first.role]
    const role = first.role.replace('-', ' ')
    const node = first.to
    if (kind !== undefined && come.length > 0 && (!wasUnsure.has(first.to) || gone.length > 0)) {
      const says = gone.length > 0 ? `${listed(come)} instead of ${listed(gone)}` : `${listed(come)}, which is new`
      return [{ kind, severity: severities[kind], node, says: `${name} has as ${role} ${says}` }]
    }
    const lost = (): readonly DependencyChange[] =>
      gone.length === 0 || unsure.has(first.to)
        ? []
        : [
            {
              kind: kind ?? 'lost-dependency',
              severity: kind === undefined ? 'info' : lostSeverity(kind),
              node,
              says: `${name} no longer has as ${role} ${listed(gone)}`,
            },
          ]
    if (come.length === 0) return lost()
    const says = `${name} stands on ${listed(come)} as its ${role}, which is new`
    return [{ kind: 'new-dependency', severity: severities['new-dependency'], node, says }, ...lost()]
  })
}

/** Who has lost a right can do less; what has lost its oracle or its code is another thing. */
function lostSeverity(kind: Kind): Severity {
  return kind === 'oracle' || kind === 'implementation' ? severities[kind] : 'warning'
}

function distinctFrom(links: readonly ChainLink[]): readonly string[] {
  return [...new Set(links.map(({ from }) => from))]
}

function nameOf(node: ChainNode | undefined, id = ''): string {
  if (node === undefined) return id
  return node.address === undefined ? node.label : `${node.label} ${node.address}`
}

function short(hash: string): string {
  return hash.startsWith('0x') ? `${hash.slice(0, 10)}…` : hash
}
