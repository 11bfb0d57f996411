// Asks contracts what they are: code, proxy slots and getters, together for all of them and in few rounds.

import { keccak256, numberToHex, slice, toBytes } from 'viem/utils'
import type { Address, Hash } from '../../model/identity.ts'
import type { ChainReader } from '../chain/chain-session.ts'
import type { ChainState } from './chain-state.ts'
import type { CodeMemory } from './code-memory.ts'
import { type CodeSights, delegateOf, minimalProxyTarget, sightsOfCode } from './code-sights.ts'
import { isPlace } from './found.ts'
import { addressGetters, factNames, nonsense, probeAbi, probeSelectors } from './getters.ts'
import type { CodeFacts } from './state-calls.ts'

const minusOne = (name: string): Hash => numberToHex(BigInt(keccak256(toBytes(name))) - 1n, { size: 32 })
const plain = (name: string): Hash => keccak256(toBytes(name))

/** EIP-1967, what OpenZeppelin had before it (USDC still has), EIP-1822, and a Safe's first word and guards. */
const slots = {
  implementation: minusOne('eip1967.proxy.implementation'),
  admin: minusOne('eip1967.proxy.admin'),
  beacon: minusOne('eip1967.proxy.beacon'),
  oldImplementation: plain('org.zeppelinos.proxy.implementation'),
  oldAdmin: plain('org.zeppelinos.proxy.admin'),
  proxiable: plain('PROXIABLE'),
  first: numberToHex(0, { size: 32 }),
  guard: plain('guard_manager.guard.address'),
  fallbackHandler: plain('fallback_manager.handler.address'),
} as const
type SlotName = keyof typeof slots
const slotNames = Object.keys(slots) as readonly SlotName[]

/** A Safe's proxy has some 170 bytes: only code this short has its implementation in the first word. */
const shortCode = 400

export interface Pointer {
  readonly to: Address
  readonly evidence: string
}

export interface Probe {
  readonly address: Address
  /** Undefined: no code is there. */
  readonly code: CodeFacts | undefined
  /** False where the slots could not be read. */
  readonly slotsRead: boolean
  readonly implementation?: Pointer
  readonly beacon?: Pointer
  readonly admin?: Pointer
  readonly guard?: Pointer
  readonly fallbackHandler?: Pointer
  /** Of a key that runs a contract's code. */
  readonly delegate?: Pointer
  /** The first word of a short code, if it looks like an address. */
  readonly firstWord?: Address
  /** By getter; those that failed are not there. */
  readonly answers: ReadonlyMap<string, unknown>
  readonly answersAnything: boolean
  /** Getters on which no k providers agree. */
  readonly disputed: readonly string[]
  /** Constants of its code that may be contracts; undefined if its code could not be read. */
  readonly embedded: readonly Address[] | undefined
}

export interface ProbeTarget {
  readonly address: Address
  /** `code`: it is somebody's implementation or library, and what it says of itself concerns nobody. */
  readonly depth: 'whole' | 'code'
}

interface ProbeDeps {
  readonly reader: ChainReader
  readonly state: ChainState
  readonly memory: CodeMemory
}

type Sight = Omit<Probe, 'answers' | 'answersAnything' | 'disputed' | 'embedded'>

/** @throws HomeostatError if the chain cannot be trusted */
export async function probeAll(deps: ProbeDeps, targets: readonly ProbeTarget[]): Promise<readonly Probe[]> {
  const addresses = targets.map(({ address }) => address)
  const [codes, words] = await Promise.all([
    deps.state.codes(addresses),
    deps.state.slots(
      addresses,
      slotNames.map((name) => slots[name]),
    ),
  ])
  const sights = targets.map(({ address }) => sightOf(address, codes.get(address), words.get(address)))
  const known = await codesIn(deps, sights)
  const asked = await askKnownThenStrange(deps, { sights, targets, codes: known })
  return sights.map((sight, index) => ({
    ...sight,
    embedded: sight.code === undefined ? [] : known.get(sight.code.hash)?.embedded,
    ...(asked[index] ?? silence),
  }))
}

const silence = { answers: new Map(), answersAnything: false, disputed: [] } as const

function sightOf(address: Address, code: CodeFacts | undefined, words: readonly Hash[] | undefined): Sight {
  const bare = { address, code, slotsRead: words !== undefined }
  if (code === undefined) return bare
  const at = (name: SlotName) => addressIn(words?.[slotNames.indexOf(name)])
  const pick = (of: Readonly<Partial<Record<SlotName, string>>>) => {
    for (const [name, evidence] of Object.entries(of)) {
      const to = at(name as SlotName)
      if (to !== undefined) return { to, evidence }
    }
    return undefined
  }
  const cloned = minimalProxyTarget(code.head)
  const delegated = delegateOf(code)
  const implementation =
    cloned === undefined
      ? pick({
          implementation: 'slot eip1967.proxy.implementation',
          oldImplementation: 'slot org.zeppelinos.proxy.implementation',
          proxiable: 'slot PROXIABLE (EIP-1822)',
        })
      : { to: cloned, evidence: 'minimal proxy (EIP-1167): written into its code' }
  const firstWord = code.size <= shortCode ? at('first') : undefined
  return {
    ...bare,
    ...present({
      implementation,
      beacon: pick({ beacon: 'slot eip1967.proxy.beacon' }),
      admin: pick({ admin: 'slot eip1967.proxy.admin', oldAdmin: 'slot org.zeppelinos.proxy.admin' }),
      guard: pick({ guard: 'slot guard_manager.guard.address' }),
      fallbackHandler: pick({ fallbackHandler: 'slot fallback_manager.handler.address' }),
      delegate: delegated === undefined ? undefined : { to: delegated, evidence: 'delegation of its key (EIP-7702)' },
    }),
    ...(firstWord === undefined ? {} : { firstWord }),
  }
}

function present<Name extends string>(
  pointers: Readonly<Record<Name, Pointer | undefined>>,
): Readonly<Partial<Record<Name, Pointer>>> {
  return Object.fromEntries(Object.entries(pointers).filter(([, to]) => to !== undefined)) as Partial<
    Record<Name, Pointer>
  >
}

/** A word that holds an address and nothing else. */
function addressIn(word: Hash | undefined): Address | undefined {
  if (word === undefined || !word.startsWith(`0x${'0'.repeat(24)}`)) return undefined
  const address = slice(word, 12) as Address
  return isPlace(address) ? address : undefined
}

/** Code does not change under its hash, so each is read once for all time. */
async function codesIn({ state, memory }: ProbeDeps, sights: readonly Sight[]): Promise<ReadonlyMap<Hash, CodeSights>> {
  const known = new Map<Hash, CodeSights>()
  const unread = new Map<Hash, Address>()
  for (const { address, code, delegate } of sights) {
    if (code === undefined || known.has(code.hash)) continue
    const embedded = delegate === undefined ? memory.embedded(code.hash) : []
    if (embedded !== undefined) known.set(code.hash, { embedded, functions: undefined })
    else if (!unread.has(code.hash)) unread.set(code.hash, address)
  }
  const wanted = new Map(
    sights.flatMap(({ address, code }) =>
      code !== undefined && unread.get(code.hash) === address ? [[address, code] as const] : [],
    ),
  )
  for (const [address, code] of await state.wholeCodes(wanted)) {
    const facts = wanted.get(address)
    // What does not hash to what was told is somebody else's code.
    if (facts === undefined || keccak256(code) !== facts.hash) continue
    const seen = sightsOfCode(code, probeSelectors)
    known.set(facts.hash, seen)
    memory.keepEmbedded(facts.hash, seen.embedded)
  }
  return known
}

type Asked = Pick<Probe, 'answers' | 'answersAnything' | 'disputed'>

/**
 * What is known to be in the code is asked. Where the code may hand a call on, one of each kind is asked everything, and the others of it only what that one
 * answered.
 */
async function askKnownThenStrange(
  { reader, memory }: ProbeDeps,
  params: {
    readonly sights: readonly Sight[]
    readonly targets: readonly ProbeTarget[]
    readonly codes: ReadonlyMap<Hash, CodeSights>
  },
): Promise<readonly (Asked | undefined)[]> {
  const { sights, targets, codes } = params
  const isAsked = ({ code, delegate }: Sight, index: number) =>
    code !== undefined && delegate === undefined && targets[index]?.depth === 'whole'
  const first = new Map<string, Promise<Asked>>()
  return await Promise.all(
    sights.map(async (sight, index) => {
      if (!isAsked(sight, index)) return undefined
      const functions = sight.code === undefined ? undefined : codes.get(sight.code.hash)?.functions
      const { key, isSettled } = codeKey(sight)
      const known = memory.getters(key) ?? (pointsAt(sight) === undefined ? functions : undefined)
      if (known !== undefined) {
        memory.keepGetters(key, known)
        return await ask(reader, sight.address, known)
      }
      if (!isSettled) return await ask(reader, sight.address, undefined)
      const leader = first.get(key)
      if (leader !== undefined) return await ask(reader, sight.address, [...(await leader).answers.keys()])
      const asking = ask(reader, sight.address, undefined)
      first.set(key, asking)
      const asked = await asking
      if (asked.disputed.length === 0) memory.keepGetters(key, [...asked.answers.keys()])
      return asked
    }),
  )
}

/** The contract behind it. */
function pointsAt({ implementation, beacon, firstWord }: Sight): Address | undefined {
  return implementation?.to ?? beacon?.to ?? firstWord
}

/** What its answers depend on: its code, and where it is a proxy the contract behind it. Not settled: a short code may hand calls on to we do not know whom. */
function codeKey(sight: Sight): { readonly key: string; readonly isSettled: boolean } {
  const { code, slotsRead } = sight
  const [hash, size] = [code?.hash ?? '', code?.size ?? 0]
  const behind = pointsAt(sight)
  if (behind === undefined) return { key: hash, isSettled: size > shortCode && slotsRead }
  return { key: `${hash}>${behind}`, isSettled: true }
}

const everything: readonly string[] = [...factNames, ...addressGetters.map(({ name }) => name)]

/** @param names that may answer; undefined: ask everything */
async function ask(reader: ChainReader, to: Address, names: readonly string[] | undefined): Promise<Asked> {
  const asking = async (functionName: string) => {
    const answer = await reader.ask({ to, abi: probeAbi, functionName, args: [] })
    return { functionName, answer }
  }
  const asked = (names ?? everything).filter((name) => name !== nonsense)
  const [trick, ...all] = await Promise.all([nonsense, ...asked].map(asking))
  const answersAnything = trick?.answer.ok === true
  const disputed = all.flatMap(({ functionName, answer }) =>
    !answer.ok && answer.code === 'providers-disagree' ? [functionName] : [],
  )
  if (answersAnything) return { answers: new Map(), answersAnything, disputed }
  const answers = new Map(
    all.flatMap(({ functionName, answer }) => (answer.ok ? [[functionName, answer.value as unknown]] : [])),
  )
  return { answers, answersAnything, disputed }
}
