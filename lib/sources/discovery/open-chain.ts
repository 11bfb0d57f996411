// A session with a chain of which nothing is known but URLs: they must serve one chain, and agree on a block.

import { HomeostatError, isHomeostatError } from '../../base/homeostat-error.ts'
import { hostOf, type Redacted, reveal } from '../../base/redacted.ts'
import type { UnixSeconds } from '../../base/units.ts'
import type { ChainConfig } from '../../model/configuration.ts'
import type { Address } from '../../model/identity.ts'
import { heldBytes } from '../chain/answer-limits.ts'
import { type ChainSession, openSession } from '../chain/chain-session.ts'
import { outcomeBook } from '../chain/outcome-book.ts'
import { connect } from '../chain/provider.ts'
import { strictRequest } from '../chain/strict-rpc.ts'
import { patient } from './patient-provider.ts'
import type { LogProvider } from './transfer-logs.ts'

/** The same address on nearly every chain. */
const usualMulticall3: Address = '0xca11bde05977b3631167028862be2a173976ca11'

export interface OpenChainParams {
  readonly urls: readonly Redacted[]
  readonly at: UnixSeconds
  readonly signal: AbortSignal
  /** Timeout of one HTTP request; it is repeated once. */
  readonly requestMs: number
  /** Of the chain's own configuration, if there is one: by its id. */
  readonly configured: (chainId: number) => Pick<ChainConfig, 'multicall3' | 'maxBlockAgeSeconds'> | undefined
}

export interface OpenChain {
  readonly chainId: number
  readonly multicall3: Address
  readonly session: ChainSession
  readonly logProviders: readonly LogProvider[]
}

/** @throws HomeostatError `wrong-chain` if the URLs serve several chains; those of a session */
export async function openChain(params: OpenChainParams): Promise<OpenChain> {
  const { urls, at, signal, requestMs } = params
  const providers = urls.map((url, index) => {
    const name = urls.length === 1 ? hostOf(reveal(url)) : `${hostOf(reveal(url))} (${index + 1})`
    const held = heldBytes()
    const request: LogProvider['request'] = (body) => strictRequest({ url: reveal(url), requestMs, signal, held }, body)
    return { name, url: reveal(url), request }
  })
  const chainId = await oneChain(providers)
  const { multicall3 = usualMulticall3, maxBlockAgeSeconds = 600 } = params.configured(chainId) ?? {}
  const chain: ChainConfig = {
    id: `chain ${chainId}`,
    chainId,
    rpc: providers.map(({ name, url }) => ({ name, url })),
    quorum: Math.floor(providers.length / 2) + 1,
    multicall3,
    maxBlockAgeSeconds,
    confirmations: 1,
    assets: [],
  }
  const connected = providers.map(({ name, url }) =>
    patient(connect({ name, url, requestMs, signal, chainId, multicall3, silence: 'ordinary' }), multicall3),
  )
  const session = await openSession({ providers: connected, book: outcomeBook(chain.rpc) }, { chain, at })
  return { chainId, multicall3, session, logProviders: providers }
}

async function oneChain(providers: readonly LogProvider[]): Promise<number> {
  const answers = await Promise.all(
    providers.map(async ({ name, request }) => {
      try {
        return { name, chainId: Number(await request({ method: 'eth_chainId', params: [] })) }
      } catch (error) {
        if (!isHomeostatError(error)) throw error
        return { name, error }
      }
    }),
  )
  const known = answers.flatMap(({ name, chainId }) =>
    chainId !== undefined && Number.isSafeInteger(chainId) && chainId > 0 ? [{ name, chainId }] : [],
  )
  const [first] = known
  if (first === undefined) {
    const failed = answers.find(({ error }) => error !== undefined)?.error
    throw failed ?? wrongChain(`${answers.map(({ name }) => name).join(', ')}: the chain's id is no number.`)
  }
  if (known.some(({ chainId }) => chainId !== first.chainId)) {
    throw wrongChain(
      `The URLs serve several chains: ${known.map(({ name, chainId }) => `${name} ${chainId}`).join(', ')}.`,
    )
  }
  return first.chainId
}

function wrongChain(message: string): HomeostatError {
  const hint =
    'Give URLs of one chain; look at each chain by itself, and put the further ones into the same file (`elsewhere` of the portfolio).'
  return new HomeostatError('wrong-chain', { message, retry: 'never', hint })
}
