// What a portfolio's account on one chain depends on, at a pinned block on which k providers agree: the entry for a flow.

import { isHomeostatError } from '../../base/homeostat-error.ts'
import type * as z from '../../base/schema.ts'
import type { UnixSeconds } from '../../base/units.ts'
import type { ChainConfig } from '../../model/configuration.ts'
import type { ChainDependencies } from '../../model/dependencies.ts'
import type { Address, PinnedBlock } from '../../model/identity.ts'
import type { ProviderOutcome } from '../../model/reading.ts'
import { chainFault } from '../chain/chain-fault.ts'
import { type ChainSession, sessionAt } from '../chain/chain-session.ts'
import { type ConnectDeps, connectProviders } from '../chain/connect-providers.ts'
import { type OutcomeBook, outcomeBook } from '../chain/outcome-book.ts'
import type { EncodedCall, Provider } from '../chain/provider.ts'
import { agreeOnBlock, quorumLost } from '../chain/quorum.ts'
import { patient } from '../discovery/patient-provider.ts'
import type { Protocol } from '../protocols/define-protocol.ts'
import { protocols } from '../protocols/index.ts'
import { chainState } from './chain-state.ts'
import { type CodeCache, codeMemory } from './code-memory.ts'
import { withCurated } from './curated/with-curated.ts'
import { type Found, joinFound } from './found.ts'
import { configuredSeeds } from './seeds.ts'
import { defaultLimits, type WalkLimits, walk } from './walk.ts'

export interface DiscoverDependenciesDeps extends Pick<ConnectDeps, 'secret'> {
  /** Timeout of one HTTP request; it is repeated once. Default 5,000. */
  readonly requestMs?: number
  /** Hard end of a run. Default 45,000. */
  readonly deadlineMs?: number
}

export interface DiscoverDependenciesParams {
  readonly chain: ChainConfig
  readonly account: Address
  readonly at: UnixSeconds
  /** That of a snapshot; absent: the newest on which the providers agree. */
  readonly block?: PinnedBlock
  /** Who may hold a role somewhere, by events that named them: many contracts do not list the holders of their roles. */
  readonly suspects?: readonly Address[]
  /** Of an earlier run, of any chain. */
  readonly cache?: unknown
  readonly limits?: Partial<WalkLimits>
}

export interface DependencyDiscovery {
  readonly dependencies: ChainDependencies
  /** For the next run: plain JSON. */
  readonly cache: CodeCache
  readonly providers: readonly ProviderOutcome[]
  /** Requests to the provider that was asked most. */
  readonly cost: { readonly requests: number; readonly milliseconds: number }
}

/**
 * @throws HomeostatError with a code of ChainFaultCode if the chain cannot be trusted; `reorged` if the block left it meanwhile. What a single contract does not
 * tell is a note.
 */
export async function discoverDependencies(
  deps: DiscoverDependenciesDeps,
  params: DiscoverDependenciesParams,
): Promise<DependencyDiscovery> {
  const { requestMs = 5_000, deadlineMs = 45_000 } = deps
  const { chain } = params
  const ending = new AbortController()
  const timer = setTimeout(() => ending.abort(), deadlineMs)
  const began = performance.now()
  const book = outcomeBook(chain.rpc)
  const counted = new Map<string, number>()
  try {
    const connecting = { chain, book, signal: ending.signal, silence: 'ordinary' } as const
    const connected = await connectProviders({ secret: deps.secret, requestMs }, connecting)
    const providers = connected.map((provider) => patient(counting(provider, counted), chain.multicall3))
    const spent = () => ({
      requests: Math.max(0, ...counted.values()),
      milliseconds: Math.round(performance.now() - began),
    })
    const memory = codeMemory(params.cache)
    const dependencies = await explore({ providers, book, memory, spent }, params)
    return { dependencies, cache: memory.toJson(), providers: book.outcomes(), cost: spent() }
  } finally {
    clearTimeout(timer)
    ending.abort()
  }
}

function counting(provider: Provider, counted: Map<string, number>): Provider {
  const count = () => void counted.set(provider.name, (counted.get(provider.name) ?? 0) + 1)
  const counts = <Args extends readonly unknown[], T>(ask: (...args: Args) => Promise<T>) => {
    return (...args: Args) => {
      count()
      return ask(...args)
    }
  }
  return {
    ...provider,
    chainId: counts(provider.chainId),
    header: counts(provider.header),
    finalised: counts(provider.finalised),
    multicall: counts(provider.multicall),
    request: counts(provider.request),
  }
}

async function explore(
  deps: {
    readonly providers: readonly Provider[]
    readonly book: OutcomeBook
    readonly memory: ReturnType<typeof codeMemory>
    readonly spent: Parameters<typeof walk>[0]['spent']
  },
  params: DiscoverDependenciesParams,
): Promise<ChainDependencies> {
  const { chain, account, at, limits, suspects = [] } = params
  const { block, alive } = await agreedPlace(deps, params)
  const session = sessionAt(deps, { chain, block, alive })
  const state = chainState({ chain, block, alive, book: deps.book })
  const [found, reads] = await Promise.all([
    toldByAdapters(session, params),
    callsOfReading(session, { chain, account, at }),
  ])
  const seeds = joinFound([configuredSeeds({ chain, account, silent: silentProtocols(chain) }), ...found])
  const walked = await walk(
    { reader: session, state, memory: deps.memory, spent: deps.spent },
    {
      chainId: chain.chainId,
      account,
      multicall3: chain.multicall3,
      found: seeds,
      suspects,
      reads,
      limits: { ...defaultLimits, ...limits },
    },
  )
  if (!(await session.stillThere())) throw chainFault('reorged', `Block ${block.number} left the chain meanwhile.`)
  return withCurated({ ...walked, account, block }, { at })
}

/** The block of the caller, where k providers have it; else the newest on which k agree. */
async function agreedPlace(
  deps: { readonly providers: readonly Provider[]; readonly book: OutcomeBook },
  { chain, at, block }: DiscoverDependenciesParams,
): Promise<{ readonly block: PinnedBlock; readonly alive: Set<Provider> }> {
  const agreement = await agreeOnBlock(deps, { chain, at })
  if (block === undefined || block.hash === agreement.block.hash)
    return { block: agreement.block, alive: new Set(agreement.providers) }
  const alive = new Set<Provider>()
  await Promise.all(
    agreement.providers.map(async (provider) => {
      const own = await provider.header(block.number).catch(() => undefined)
      if (own?.hash === block.hash && own.timestamp === block.timestamp) alive.add(provider)
    }),
  )
  if (alive.size >= chain.quorum) return { block, alive }
  if (deps.book.faults().length > 0) throw quorumLost(deps.book, chain)
  throw chainFault('reorged', `Not enough providers have block ${block.number} as the snapshot has it.`, {
    block: block.number,
  })
}

type AnyProtocol = Protocol<string, z.ZodMiniType>
const all = protocols as unknown as readonly AnyProtocol[]

const isConfigured = (chain: ChainConfig, { name, settings }: AnyProtocol) =>
  settings === undefined || chain.protocols?.[name] !== undefined

function silentProtocols(chain: ChainConfig): readonly string[] {
  return all.flatMap(({ name, dependencies }) =>
    dependencies === undefined && chain.protocols?.[name] !== undefined ? [name] : [],
  )
}

async function toldByAdapters(
  session: ChainSession,
  { chain, account, at }: DiscoverDependenciesParams,
): Promise<readonly Found[]> {
  return await Promise.all(
    all
      .filter((protocol) => isConfigured(chain, protocol))
      .map(({ name, dependencies }) =>
        dependencies === undefined
          ? joinFound([])
          : dependencies(session, { chain, account, at, settings: chain.protocols?.[name] as never }),
      ),
  )
}

/** Asks for the pools between all assets, many times as much as everything else: the adapter of Uniswap v3 names those that there are. */
const unread: readonly string[] = ['uniswap-v3-pool']

/** The positions are read as a snapshot reads them, for the calls that it takes. */
async function callsOfReading(
  session: ChainSession,
  { chain, account, at }: Pick<DiscoverDependenciesParams, 'chain' | 'account' | 'at'>,
): Promise<readonly EncodedCall[]> {
  const before = new Set(session.asked())
  await Promise.all(
    all
      .filter((protocol) => isConfigured(chain, protocol) && !unread.includes(protocol.name))
      .map(async ({ name, read }) => {
        try {
          await read(session, { chain, account, at, settings: chain.protocols?.[name] as never })
        } catch (error) {
          if (!isHomeostatError(error)) throw error
        }
      }),
  )
  return session.asked().filter((call) => !before.has(call))
}
