// The room's way to a chain: the first provider that answers for the right chain, short timeouts, failures in our own words.

import { type Client, createClient, type Hex, http } from 'viem'
import { getBlock, getBlockNumber, getChainId } from 'viem/actions'
import { HomeostatError } from '../base/homeostat-error.ts'
import { hostOf, type Redacted, reveal } from '../base/redacted.ts'
import type { ChainConfig, RpcProvider } from '../model/configuration.ts'
import type { PinnedBlock } from '../model/identity.ts'
import { chainFailure } from './chain-failure.ts'

export interface ChainDeps {
  /** The value of a secret by its name. */
  readonly secret: (name: string) => Promise<Redacted>
}

export interface Chain {
  /**
   * Runs one viem action.
   * @param what completes "could not ..." for the reader of an error, e.g. `read the Safe`
   * @throws HomeostatError `rpc-*`, `reverted`, `malformed-return`; never with the URL's path or query
   */
  ask<T>(what: string, question: (client: Client) => Promise<T>): Promise<T>
}

export type OpenChain = (chain: ChainConfig) => Promise<Chain>
/** All providers that answer for the right chain, at least the quorum of them. */
export type OpenEach = (chain: ChainConfig) => Promise<readonly Chain[]>

/**
 * Opens chains and remembers them; after a failure the provider is chosen anew at the next opening, so that a dead first one
 * does not stop an order.
 * @param timeoutMilliseconds for one try; there are two
 */
export function chainOpener(deps: ChainDeps, timeoutMilliseconds = 5_000): OpenChain {
  const opened = new Map<string, Promise<Chain>>()
  return (chain) => {
    const key = JSON.stringify([chain.chainId, chain.rpc])
    const known = opened.get(key)
    if (known !== undefined) return known
    const forget = () => opened.delete(key)
    const opening = firstGood(deps, chain, { timeoutMilliseconds, forget })
    opened.set(key, opening)
    opening.catch(forget)
    return opening
  }
}

/**
 * Opens every provider of a chain, each time anew: whoever answers now counts.
 * @throws HomeostatError of a provider that cannot be used, where fewer than the quorum can
 */
export function eachOpener(deps: ChainDeps, timeoutMilliseconds = 5_000): OpenEach {
  return async (config) => {
    const tries = await Promise.allSettled(
      config.rpc.map((provider) =>
        goodOne(deps, { config, provider }, { timeoutMilliseconds, forget: () => undefined }),
      ),
    )
    const good = tries.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
    if (good.length >= config.quorum) return good
    throw tries.find((one) => one.status === 'rejected')?.reason ?? noProvider(config)
  }
}

interface Connecting {
  readonly timeoutMilliseconds: number
  readonly forget: () => void
}

async function firstGood(deps: ChainDeps, config: ChainConfig, connecting: Connecting): Promise<Chain> {
  let failure: unknown
  for (const provider of config.rpc) {
    try {
      return await goodOne(deps, { config, provider }, connecting)
    } catch (error) {
      failure ??= error
    }
  }
  throw failure ?? noProvider(config)
}

async function goodOne(
  deps: ChainDeps,
  { config, provider }: { readonly config: ChainConfig; readonly provider: RpcProvider },
  connecting: Connecting,
): Promise<Chain> {
  const url = await urlOf(deps, provider)
  // A failure here only means that another provider is tried.
  const probe = connect(url, { ...connecting, forget: () => undefined })
  const chainId = await probe.ask('ask for the chain id', getChainId)
  if (chainId !== config.chainId) throw wrongChain(url, config.chainId, chainId)
  return connect(url, connecting)
}

async function urlOf(deps: ChainDeps, provider: RpcProvider): Promise<string> {
  const url = provider.url ?? reveal(await deps.secret(provider.secret))
  if (/^https?:\/\//i.test(url)) return url
  throw new HomeostatError('rpc-url-invalid', {
    message: `The RPC provider ${provider.name} has no http(s) URL.`,
    retry: 'never',
    facts: { provider: provider.name },
    hint: 'Correct the URL in the configuration or in the secret.',
  })
}

function connect(url: string, { timeoutMilliseconds, forget }: Connecting): Chain {
  const fetchOptions = { redirect: 'error' } as const
  const transport = http(url, { timeout: timeoutMilliseconds, retryCount: 1, fetchOptions })
  // Without this an action may wait for the next polling interval or answer from a memory of the last one.
  const client = createClient({ transport, cacheTime: 0 })
  return {
    async ask(what, question) {
      try {
        return await question(client)
      } catch (error) {
        const failure = chainFailure(error, { what, url, timeoutMilliseconds })
        if (failure.code.startsWith('rpc-')) forget()
        throw failure
      }
    },
  }
}

/** A block as everything else names it, with its number as the chain has it. */
export interface ReadBlock {
  readonly pinned: PinnedBlock
  readonly blockNumber: bigint
}

/**
 * Reads at one block, the latest unless a number is given, and makes sure afterwards that it is still the chain's.
 * @throws HomeostatError `block-replaced` if a reorg came in between
 */
export async function atBlock<T>(
  chain: Chain,
  params: { readonly chainId: number; readonly blockNumber?: number | bigint | undefined },
  read: (block: ReadBlock) => Promise<T>,
): Promise<T> {
  const { chainId } = params
  const at = params.blockNumber === undefined ? {} : { blockNumber: BigInt(params.blockNumber) }
  const block = await blockOf(chain, chainId, at)
  const result = await read(block)
  const after = await blockOf(chain, chainId, { blockNumber: block.blockNumber })
  if (after.pinned.hash === block.pinned.hash) return result
  throw new HomeostatError('block-replaced', {
    message: `Block ${block.pinned.number} was replaced while it was being read.`,
    retry: 'later',
    facts: { chainId, block: block.pinned.number },
    hint: 'Nothing to do: the next attempt reads the new block.',
  })
}

/** The newest block's number. */
export async function blockNumberOf(chain: Chain): Promise<bigint> {
  return await chain.ask('read the block', (client) => getBlockNumber(client, { cacheTime: 0 }))
}

async function blockOf(chain: Chain, chainId: number, at: { readonly blockNumber?: bigint }): Promise<ReadBlock> {
  const block = await chain.ask('read the block', (client) => getBlock(client, at))
  return {
    blockNumber: block.number,
    pinned: {
      chainId,
      number: Number(block.number),
      hash: block.hash.toLowerCase() as Hex,
      timestamp: Number(block.timestamp),
      baseFeeGwei: Number(block.baseFeePerGas ?? 0n) / 1e9,
    },
  }
}

function wrongChain(url: string, wanted: number, got: number): HomeostatError {
  return new HomeostatError('wrong-chain', {
    message: `The RPC provider ${hostOf(url)} answers for chain ${got}, not ${wanted}.`,
    retry: 'never',
    facts: { host: hostOf(url), wanted, got },
    hint: 'Correct the provider or the chain id in the configuration.',
  })
}

function noProvider(config: ChainConfig): HomeostatError {
  return new HomeostatError('rpc-missing', {
    message: `The chain ${config.id} has no RPC provider.`,
    retry: 'never',
    facts: { chain: config.id },
    hint: 'Add one under rpc in the configuration.',
  })
}
