// Which tokens ever moved to or from an account, by their Transfer logs, from providers that all limit logs in their own way.

import { isHomeostatError } from '../../base/homeostat-error.ts'
import * as z from '../../base/schema.ts'
import type { Address, Hash } from '../../model/identity.ts'
import { lowerCase, zeroAddress } from './findings.ts'

/** Sends one JSON-RPC request to one provider. @throws HomeostatError with a code of ChainFaultCode */
export type Request = (request: { readonly method: string; readonly params: readonly unknown[] }) => Promise<unknown>

export interface LogProvider {
  readonly name: string
  readonly request: Request
}

export interface TransferLogs {
  /** Contracts whose Transfer named the account, those that it sent something first, then the newest. */
  readonly contracts: readonly Address[]
  /** Ids of NFTs that came to the account, by collection. */
  readonly nfts: ReadonlyMap<Address, readonly bigint[]>
  /** Contracts in whose logs the account gave something away. */
  readonly used: ReadonlySet<Address>
  /** Who got more than nothing from the account, by token: transfers of zero can be made by anybody. */
  readonly sent: ReadonlyMap<Address, ReadonlySet<Address>>
  /** Topics of logs of each witness that name the account in their last or last but one topic. */
  readonly testimony: ReadonlyMap<Address, readonly (readonly Hash[])[]>
  /** What was not looked at, and why. */
  readonly unseen: readonly string[]
}

/** keccak256 of Transfer(address,address,uint256), which ERC-20 and ERC-721 share. */
const transferTopic: Hash = '0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef'

/** Beyond this many requests the older blocks are left. */
const mostRequests = 4_000
/** A provider that refuses even so few blocks serves no logs. */
const fewestBlocks = 16
/** Anybody can name an account in the log of a new contract. */
export const mostContracts = 2_000

const logSchema = z.object({ address: z.string(), topics: z.array(z.string()), data: z.string() })
type Log = z.output<typeof logSchema>

export interface TransferLogParams {
  readonly account: Address
  readonly fromBlock: number
  readonly toBlock: number
  /** Contracts whose other logs are of interest, too. */
  readonly witnesses: readonly Address[]
  readonly onProgress?: (from: number, to: number) => void
}

/** Newest blocks first. Never throws for a provider: what it refuses is told in `unseen`. */
export async function readTransferLogs(
  providers: readonly LogProvider[],
  params: TransferLogParams,
): Promise<TransferLogs> {
  const found = collector(params.account)
  const refusals: string[] = []
  for (const provider of providers) {
    const refused = await scan(provider, params, found)
    if (refused === undefined) return found.result([])
    refusals.push(refused)
  }
  return found.result(refusals)
}

type Filter = { readonly address?: Address; readonly topics: readonly (string | null)[] }

function filtersFor({ account, witnesses }: TransferLogParams): readonly Filter[] {
  const named = `0x${account.slice(2).padStart(64, '0')}`
  const transfers = [
    [transferTopic, named],
    [transferTopic, null, named],
  ].map((topics) => ({ topics }))
  const told = witnesses.flatMap((address) => [
    { address, topics: [null, null, named] },
    { address, topics: [null, null, null, named] },
  ])
  return [...transfers, ...told]
}

/** Undefined if all blocks were served, else what was not and why. */
async function scan(
  { name, request }: LogProvider,
  params: TransferLogParams,
  found: Collector,
): Promise<string | undefined> {
  const { fromBlock, toBlock, onProgress } = params
  const filters = filtersFor(params)
  let to = toBlock
  let span = toBlock - fromBlock + 1
  let requests = 0
  let servedInRow = 0
  while (to >= fromBlock) {
    const from = Math.max(fromBlock, to - span + 1)
    onProgress?.(from, to)
    requests += filters.length
    if (requests > mostRequests) {
      return `logs before block ${to + 1}: ${name} serves only ${span} blocks at a time, so ${mostRequests} requests did not reach further`
    }
    const served = await Promise.all(filters.map((filter) => logsOf(request, { ...filter, from, to })))
    const refused = served.find((one) => typeof one === 'object' && 'reason' in one)
    if (refused === undefined) {
      for (const logs of served) if (Array.isArray(logs)) found.add(logs)
      to = from - 1
      servedInRow += 1
      // A limit of blocks stays, one of answers is other elsewhere: tried again now and then.
      if (servedInRow % 8 === 0) span *= 2
      continue
    }
    const { reason, isFinal } = refused as Refused
    const next = Math.floor((to - from + 1) / 2)
    if (isFinal || next < fewestBlocks) return `logs of blocks ${fromBlock} to ${to}: ${name} refuses them (${reason})`
    span = next
    servedInRow = 0
  }
  return undefined
}

interface Refused {
  readonly reason: string
  /** A smaller range would not help. */
  readonly isFinal: boolean
}

async function logsOf(
  request: Request,
  { from, to, ...filter }: Filter & { readonly from: number; readonly to: number },
): Promise<readonly Log[] | Refused> {
  const hex = (block: number) => `0x${block.toString(16)}`
  try {
    const answer = await request({
      method: 'eth_getLogs',
      params: [{ ...filter, fromBlock: hex(from), toBlock: hex(to) }],
    })
    const logs = z.safeParse(z.array(logSchema), answer)
    return logs.success ? logs.data : { reason: 'its answer is no list of logs', isFinal: true }
  } catch (error) {
    if (!isHomeostatError(error)) throw error
    const isUnknown = error.facts.rpcCode === -32_601 || error.facts.rpcCode === -32_004
    return { reason: error.message, isFinal: isUnknown || error.code === 'rpc-unreachable' }
  }
}

type Collector = ReturnType<typeof collector>

/** A log counts only if it is of the shape that was asked for: a provider may answer anything. */
function collector(account: Address) {
  const contracts = new Set<Address>()
  const nfts = new Map<Address, Set<bigint>>()
  const sent = new Map<Address, Set<Address>>()
  const used = new Set<Address>()
  const testimony = new Map<Address, Map<string, readonly Hash[]>>()

  const addTransfer = (contract: Address, { topics, data }: Log): void => {
    const [from, to] = [addressIn(topics[1]), addressIn(topics[2])]
    if (from !== account && to !== account) return
    contracts.add(contract)
    if (from === account) used.add(contract)
    if (topics.length === 4 && to === account) listed(nfts, contract).add(BigInt(topics[3] ?? '0'))
    const isSomething = topics.length === 3 && /^0x[0-9a-f]{64}$/i.test(data) && BigInt(data) > 0n
    if (from === account && isSomething && to !== undefined && to !== zeroAddress) listed(sent, contract).add(to)
  }

  return {
    add(logs: readonly Log[]) {
      for (const log of logs) {
        const contract = lowerCase(log.address)
        if (!/^0x[0-9a-f]{40}$/.test(contract) || !log.topics.every((topic) => /^0x[0-9a-f]{64}$/i.test(topic)))
          continue
        if (log.topics[0]?.toLowerCase() === transferTopic) addTransfer(contract, log)
        else {
          const told = testimony.get(contract) ?? new Map<string, readonly Hash[]>()
          testimony.set(
            contract,
            told.set(
              log.topics.join(),
              log.topics.map((topic) => topic.toLowerCase() as Hash),
            ),
          )
        }
      }
    },
    result(refusals: readonly string[]): TransferLogs {
      const ordered = [...contracts].sort((a, b) => Number(sent.has(b)) - Number(sent.has(a)))
      const tooMany = `${ordered.length - mostContracts} contracts of ${ordered.length} whose logs name the account, the oldest that it never sent anything`
      return {
        contracts: ordered.slice(0, mostContracts),
        nfts: new Map([...nfts].map(([collection, ids]) => [collection, [...ids]])),
        used,
        sent,
        testimony: new Map([...testimony].map(([contract, told]) => [contract, [...told.values()]])),
        unseen: ordered.length > mostContracts ? [...refusals, tooMany] : refusals,
      }
    },
  }
}

function listed<T>(map: Map<Address, Set<T>>, key: Address): Set<T> {
  const set = map.get(key) ?? new Set<T>()
  map.set(key, set)
  return set
}

function addressIn(topic: string | undefined): Address | undefined {
  return topic !== undefined && /^0x0{24}[0-9a-f]{40}$/i.test(topic) ? lowerCase(`0x${topic.slice(26)}`) : undefined
}
