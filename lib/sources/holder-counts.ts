// Room 1, in its own time: who holds a token, counted from its transfers a piece at a time, and held against what the token itself says.

import { parseAbi } from 'viem/utils'
import { isHomeostatError } from '../base/homeostat-error.ts'
import type { Redacted } from '../base/redacted.ts'
import type { UnixSeconds } from '../base/units.ts'
import type { AssetConfig } from '../model/configuration.ts'
import type { HolderCount } from '../model/holder-count.ts'
import type { Address } from '../model/identity.ts'
import type { Counted, HolderCounts } from '../model/ports.ts'
import type { HolderTelemetry } from '../model/telemetry.ts'
import { agreedHeaders, agreedLogs, type Jury } from './chain/agree-on-logs.ts'
import { chainFault } from './chain/chain-fault.ts'
import { type ChainReader, openSession, sessionAt } from './chain/chain-session.ts'
import { connectProviders } from './chain/connect-providers.ts'
import { nextRange } from './chain/log-cursor.ts'
import { outcomeBook } from './chain/outcome-book.ts'
import { addTransfers, type Balances, largest, ranked, sumOf, transferTopic } from './holders/transfer-balances.ts'

export interface HolderCountsDeps {
  /** The value of a secret by its name: the URL of a provider. */
  readonly secret: (name: string) => Promise<Redacted>
  /** Timeout of one HTTP request; it is repeated once. Default 2,500. */
  readonly requestMs?: number
  /** Hard end of one run; half of it is spent on reading logs. Default 12,000. */
  readonly deadlineMs?: number
  /** Holders that are remembered from run to run. Default 5,000: some 200 KB. */
  readonly mostHolders?: number
}

const tokenAbi = parseAbi([
  'function totalSupply() view returns (uint256)',
  'function balanceOf(address owner) view returns (uint256)',
])

const firstRange = 1_000
const longestRange = 10_000
/** Of whom the token is asked what they have; ten of them are told of. */
const asked = 20
const told = 10

type AdvanceParams = Parameters<HolderCounts['advance']>[0]

/** Counts over JSON-RPC, of blocks that have the chain's confirmations. Reorgs deeper than that show as a count that does not add up. */
export function holderCounts(deps: HolderCountsDeps): HolderCounts {
  return {
    async advance(params) {
      const { deadlineMs = 12_000 } = deps
      const ending = new AbortController()
      const began = performance.now()
      const timer = setTimeout(() => ending.abort(), deadlineMs)
      const hasTime = () => performance.now() - began < deadlineMs / 2
      try {
        return await run(deps, { ...params, hasTime, signal: ending.signal })
      } catch (error) {
        const fault = isHomeostatError(error) ? error : chainFault('unexpected', 'Counting failed.')
        return { kind: 'unread', code: fault.code, reason: `${params.chain.id}: ${fault.message}` }
      } finally {
        clearTimeout(timer)
        ending.abort()
      }
    },
  }
}

async function run(
  deps: HolderCountsDeps,
  params: AdvanceParams & { readonly hasTime: () => boolean; readonly signal: AbortSignal },
): Promise<Counted> {
  const { chain, asset, at } = params
  const { requestMs = 2_500, mostHolders = 5_000 } = deps
  const book = outcomeBook(chain.rpc)
  const providers = await connectProviders({ ...deps, requestMs }, { chain, book, signal: params.signal })
  const session = await openSession({ providers, book }, { chain, at })
  const jury: Jury = { chain, book, alive: new Set(session.trusted()) }
  const last = session.block.number - chain.confirmations
  const begun = begunCount(params)
  const read = await readOn(jury, { count: begun, last, mostHolders, hasTime: params.hasTime })
  const isCaughtUp = read.toBlock >= last
  const count = { ...begun, ...read, at, balances: asText(read.balances) }
  if (!isCaughtUp || read.toBlock < begun.fromBlock) return { kind: 'counted', count, isCaughtUp }
  const [block] = await agreedHeaders(jury, [read.toBlock])
  if (block === undefined) throw chainFault('reorged', `Providers do not agree on block ${read.toBlock}.`)
  const reader = sessionAt({ book }, { chain, block, alive: jury.alive })
  const state = { of: read.balances, isPartial: read.isPartial }
  const checked = await checkedBalances(reader, { asset, state })
  const { told: _earlier, ...untold } = { ...count, balances: asText(checked.of) }
  if (checked.supply === 0n) return { kind: 'counted', count: untold, isCaughtUp }
  const telemetry = telemetryOf(begun, { ...checked, at, toBlock: read.toBlock })
  return { kind: 'counted', count: { ...untold, told: telemetry }, isCaughtUp }
}

/** Where the last run stopped; from the first block if there was none, or if it counted something else. */
function begunCount({ chain, asset, fromBlock, count, at }: AdvanceParams): HolderCount {
  if (count?.token === asset.address && count.fromBlock === fromBlock) return count
  const names = { chainId: chain.chainId, asset: asset.symbol, token: asset.address, version: count?.version ?? 0 }
  return { ...names, fromBlock, toBlock: fromBlock - 1, rangeBlocks: firstRange, balances: {}, isPartial: false, at }
}

interface ReadOn {
  readonly count: HolderCount
  readonly last: number
  readonly mostHolders: number
  readonly hasTime: () => boolean
}

async function readOn(jury: Jury, { count, last, mostHolders, hasTime }: ReadOn) {
  const filter = { addresses: [count.token], topics: [[transferTopic]] }
  let { toBlock, rangeBlocks } = count
  let state: Balances = { of: fromText(count.balances), isPartial: count.isPartial }
  while (toBlock < last && hasTime()) {
    const to = Math.min(last, toBlock + rangeBlocks)
    const { logs, span } = await agreedLogs(jury, { from: toBlock + 1, to, filters: [filter] })
    state = addTransfers(state, logs)
    // In between there is room for more, so that a newcomer who grows is not forgotten at once.
    if (state.of.size > 2 * mostHolders) state = largest(state, mostHolders)
    rangeBlocks = nextRange({ asked: to - toBlock, taken: span, rangeBlocks, longestRange })
    toBlock = to
  }
  const kept = largest(state, mostHolders)
  return { toBlock, rangeBlocks, balances: kept.of, isPartial: kept.isPartial }
}

/**
 * What the token itself says that the largest have: that is what is told of them. The count is complete if it adds up to the supply, and the
 * largest are as counted: a token that pays interest or takes fees without a log never is.
 */
async function checkedBalances(
  reader: ChainReader,
  { asset, state }: { readonly asset: AssetConfig; readonly state: Balances },
) {
  const at = { to: asset.address, abi: tokenAbi } as const
  const candidates = ranked(state).slice(0, asked)
  const [supply, ...balances] = await Promise.all([
    reader.ask({ ...at, functionName: 'totalSupply', args: [] }),
    ...candidates.map(([holder]) => reader.ask({ ...at, functionName: 'balanceOf', args: [holder] })),
  ])
  if (supply === undefined || !supply.ok) throw chainFault('unexpected', `${asset.symbol} does not tell its supply.`)
  const addsUp = !state.isPartial && sumOf(state) === supply.value
  const of = new Map(state.of)
  let isAsCounted = true
  for (const [index, [holder, counted]] of candidates.entries()) {
    const balance = balances[index]
    if (balance?.ok !== true) {
      isAsCounted = false
      continue
    }
    if (balance.value !== counted) isAsCounted = false
    if (balance.value > 0n) of.set(holder, balance.value)
    else of.delete(holder)
  }
  return { of, supply: supply.value, complete: addsUp && isAsCounted }
}

function telemetryOf(
  { asset, fromBlock }: HolderCount,
  checked: {
    readonly of: ReadonlyMap<Address, bigint>
    readonly supply: bigint
    readonly complete: boolean
    readonly at: UnixSeconds
    readonly toBlock: number
  },
): HolderTelemetry {
  const { of, supply, complete, at, toBlock } = checked
  const shares = ranked({ of }).map(([, units]) => Number(units) / Number(supply))
  const total = (some: readonly number[]) => some.reduce((sum, one) => sum + one, 0)
  return {
    kind: 'holders',
    id: `holders:${asset}`,
    asset,
    topShare: total(shares.slice(0, told)),
    herfindahl: total(shares.map((share) => share * share)),
    holders: shares.length,
    fromBlock,
    toBlock,
    complete,
    at,
  }
}

function asText(of: ReadonlyMap<Address, bigint>): Readonly<Record<Address, string>> {
  return Object.fromEntries([...of].map(([holder, units]) => [holder, units.toString()]))
}

function fromText(balances: Readonly<Record<Address, string>>): ReadonlyMap<Address, bigint> {
  return new Map(Object.entries(balances).map(([holder, units]) => [holder as Address, BigInt(units)]))
}
