// Room 1: everything that one portfolio needs from its chains, each read at one pinned block, with a gap for what could not be read.

import { isHomeostatError } from '../base/homeostat-error.ts'
import type { Redacted } from '../base/redacted.ts'
import type * as z from '../base/schema.ts'
import type { UnixSeconds } from '../base/units.ts'
import type { ChainConfig } from '../model/configuration.ts'
import type { Gap } from '../model/data-state.ts'
import { type Place, placesOf } from '../model/place.ts'
import type { Sources } from '../model/ports.ts'
import type { ChainReading } from '../model/reading.ts'
import { type CallMemory, callMemory } from './chain/call-memory.ts'
import { chainFault } from './chain/chain-fault.ts'
import { openSession } from './chain/chain-session.ts'
import { providerVitals, readVitals } from './chain/chain-vitals.ts'
import { connectProviders } from './chain/connect-providers.ts'
import type { Recognised } from './chain/known-block.ts'
import { type OutcomeBook, outcomeBook } from './chain/outcome-book.ts'
import type { Provider } from './chain/provider.ts'
import { joinParts, type Protocol, type ReadingPart } from './protocols/define-protocol.ts'
import { protocols } from './protocols/index.ts'

export interface ChainSourcesDeps {
  /** The value of a secret by its name: the URL of a provider. */
  readonly secret: (name: string) => Promise<Redacted>
  /** Timeout of one HTTP request; it is repeated once. Default 2,500. */
  readonly requestMs?: number
  /** Hard end of one run, far under the door's own. Default 8,000. */
  readonly deadlineMs?: number
}

interface RunParams {
  readonly place: Place
  readonly at: UnixSeconds
  readonly memory: CallMemory
  readonly recognised: Recognised
}

type Content = Required<ReadingPart> & Pick<ChainReading, 'block' | 'vitals'>

/** Readings of chains over JSON-RPC. `read` never throws for a failed read: see Sources. */
export function chainSources(deps: ChainSourcesDeps): Sources {
  const memory = callMemory()
  const recognised: Recognised = new Map()
  return {
    async read({ settings, at }) {
      const readings = placesOf(settings).map((place) => readPlace(deps, { place, at, memory, recognised }))
      const [home, ...elsewhere] = (await Promise.all(readings)) as [ChainReading, ...ChainReading[]]
      return {
        portfolioId: settings.portfolio.id,
        configVersion: settings.version,
        at,
        ...home,
        ...(elsewhere.length === 0 ? {} : { elsewhere }),
      }
    },
  }
}

/** Chains are read side by side, each with its own deadline: a dead one takes nothing from the others. */
async function readPlace(deps: ChainSourcesDeps, params: RunParams): Promise<ChainReading> {
  const { chain } = params.place
  const book = outcomeBook(chain.rpc)
  const content = await readOrGap(deps, { ...params, book })
  return { chainId: chain.chainId, providers: book.outcomes(), ...content }
}

async function readOrGap(deps: ChainSourcesDeps, params: RunParams & { readonly book: OutcomeBook }): Promise<Content> {
  const { deadlineMs = 8_000 } = deps
  const { place } = params
  const ending = new AbortController()
  const deadline = chainFault('deadline-exceeded', `Reading the chain took longer than ${deadlineMs} ms.`)
  let timer: NodeJS.Timeout | undefined
  try {
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(deadline), deadlineMs)
    })
    return await Promise.race([run(deps, { ...params, signal: ending.signal }), late])
  } catch (error) {
    return blind(error, place.chain)
  } finally {
    clearTimeout(timer)
    // Whatever still hangs, a slow provider for one, is of no use any more.
    ending.abort()
  }
}

/** Nothing of the chain can be trusted: no values, one gap. */
function blind(error: unknown, chain: ChainConfig): Content {
  const fault = isHomeostatError(error) ? error : chainFault('unexpected', `Reading failed: ${nameOf(error)}.`)
  const reason = `${chain.id}: ${fault.message}`
  const gap: Gap = { subject: 'chain', code: fault.code, reason, touches: { kind: 'everything' } }
  return joinParts([{ gaps: [gap] }])
}

/** Only its kind: messages of foreign errors print URLs. */
function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error
}

async function run(
  deps: ChainSourcesDeps,
  params: RunParams & { readonly book: OutcomeBook; readonly signal: AbortSignal },
): Promise<Content> {
  const { book, place, signal } = params
  const { requestMs = 2_500 } = deps
  const providers = await connectProviders({ ...deps, requestMs }, { chain: place.chain, book, signal })
  // A second time, because a block near the head may be replaced; more than that is a chain in trouble.
  for (let attempt = 1; attempt <= 2; attempt++) {
    try {
      const content = await readOnce({ providers, book }, params)
      if (content !== undefined) return content
    } catch (error) {
      if (attempt === 2 || !book.faults().some(({ fault }) => ofAnotherBlock.includes(fault.code))) throw error
      book.forgive(ofAnotherBlock)
    }
  }
  throw chainFault('reorged', 'The block that was read left the chain, twice.')
}

/** What a provider shows when the pinned block leaves the chain under its hands. */
const ofAnotherBlock: readonly string[] = ['wrong-state', 'block-missing']

/** Everything at one pinned block; undefined if the chain left that block meanwhile. */
async function readOnce(
  deps: { readonly providers: readonly Provider[]; readonly book: OutcomeBook },
  { place, at, memory, recognised }: RunParams,
): Promise<Content | undefined> {
  const { chain, account } = place
  const name = `${chain.chainId}:${account}`
  const session = await openSession(deps, { chain, at, recognised, foreseen: memory.recall(name) })
  const [signs, ...parts] = await Promise.all([
    readVitals(session, { chain, at }),
    ...configured(chain).map(async ({ read, lends, settings: own }) => {
      const part = await read(session, { chain, account, at, settings: own })
      return lends === true ? { ...part, gaps: part.gaps?.map(aboutDebt) ?? [] } : part
    }),
  ])
  if (!(await session.stillThere())) return undefined
  memory.keep(name, session.asked())
  const vitals = { ...signs.vitals, providers: providerVitals(deps.book.outcomes(), chain) }
  return { block: session.block, vitals, ...joinParts([...parts, { gaps: signs.gaps }]) }
}

function aboutDebt(gap: Gap): Gap {
  const { touches } = gap
  return touches.kind === 'position' ? { ...gap, touches: { ...touches, mayOwe: true } } : gap
}

/** The protocols that a chain is read for, each with its own settings. */
function configured(chain: ChainConfig) {
  return (protocols as unknown as readonly Protocol<string, z.ZodMiniType>[]).flatMap(
    ({ name, settings, read, lends }) => {
      const own = chain.protocols?.[name]
      return settings !== undefined && own === undefined ? [] : [{ read, lends, settings: own as never }]
    },
  )
}
