// Given an address and a chain, what it holds: whose word it is, by which evidence, and what could not be looked at.

import { HomeostatError } from '../../base/homeostat-error.ts'
import type { Redacted } from '../../base/redacted.ts'
import type * as z from '../../base/schema.ts'
import type { UnixSeconds } from '../../base/units.ts'
import type { AssetConfig, ChainConfig } from '../../model/configuration.ts'
import type { Address, PinnedBlock } from '../../model/identity.ts'
import type { Protocol } from '../protocols/define-protocol.ts'
import { protocols } from '../protocols/index.ts'
import { type AccountKind, readAccountKind } from './account-kind.ts'
import { type AssetsFound, settleAssets } from './assets-found.ts'
import { beliefIn } from './belief.ts'
import { deploymentsIn } from './configured-deployments.ts'
import { type Deployment, distinct, type Surroundings } from './findings.ts'
import { knownDeployments } from './known-deployments.ts'
import { type OpenChain, openChain } from './open-chain.ts'
import { readTransferLogs, type TransferLogs } from './transfer-logs.ts'
import { worthAsking } from './worth-asking.ts'
import { findWrappedNative } from './wrapped-native.ts'

export interface DiscoverDeps {
  /** URLs of providers of one chain; more than half of them must agree on every answer. */
  readonly urls: readonly Redacted[]
  readonly onProgress?: (what: string) => void
  /** Timeout of one HTTP request. Default 20,000. */
  readonly requestMs?: number
}

export interface DiscoverParams {
  readonly account: Address
  readonly at: UnixSeconds
  /** Logs are read from here on. Default 0. */
  readonly fromBlock?: number
  /** Chains of a configuration that a person has checked. */
  readonly configured?: { readonly chains: readonly ChainConfig[]; readonly source: string }
}

export interface Discovery extends AssetsFound {
  readonly chainId: number
  readonly multicall3: Address
  readonly block: PinnedBlock
  readonly account: Address
  readonly accountKind: AccountKind
  readonly known: readonly Deployment[]
  /** What was not looked at, and why. */
  readonly unseen: readonly string[]
}

/** @throws HomeostatError for a chain that cannot be read, and for an address that cannot be meant */
export async function discover(deps: DiscoverDeps, params: DiscoverParams): Promise<Discovery> {
  const { urls, requestMs = 20_000 } = deps
  const { account, at, configured } = params
  const ending = new AbortController()
  const configuredChain = (chainId: number) => configured?.chains.find((one) => one.chainId === chainId)
  try {
    const chain = await openChain({ urls, at, requestMs, signal: ending.signal, configured: configuredChain })
    const own = configuredChain(chain.chainId)
    const known = [
      ...(own === undefined ? [] : deploymentsIn(own, configured?.source ?? 'the configuration')),
      ...knownDeployments.filter(({ chainId }) => chainId === chain.chainId),
    ]
    refuseContract(account, known)
    const found = await look(deps, { ...params, chain, known, assets: own?.assets ?? [] })
    if (await chain.session.stillThere()) return found
    throw new HomeostatError('reorged', {
      message: `Block ${chain.session.block.number}, which was read, has left the chain.`,
      retry: 'later',
      hint: 'Run it again.',
    })
  } finally {
    ending.abort()
  }
}

interface LookParams extends DiscoverParams {
  readonly chain: OpenChain
  readonly known: readonly Deployment[]
  readonly assets: readonly AssetConfig[]
}

async function look({ onProgress = () => undefined }: DiscoverDeps, params: LookParams): Promise<Discovery> {
  const { account, chain, known, assets } = params
  const { session, chainId, multicall3 } = chain
  onProgress('what stands at the address')
  const accountKind = await readAccountKind(session, account)
  if (accountKind.kind === 'token') throw tokenGiven(account)
  const logs = await readLogs({ onProgress }, params)
  onProgress(`${logs.contracts.length} contracts whose tokens moved, and ${known.length} known deployments`)
  const knownTokens = assets.map(({ address }) => address)
  const worth = await worthAsking(session, { account, logs })
  const candidates = distinct([...knownTokens, ...worth]).filter((contract) => contract !== account)
  const wrappedNative = await findWrappedNative(session, { known, candidates })
  const around: Surroundings = {
    chainId,
    multicall3,
    account,
    candidates,
    nfts: logs.nfts,
    ...(wrappedNative === undefined ? {} : { wrappedNative }),
    known: (protocol) => known.filter((one) => one.protocol === protocol),
    testimony: (contract) => logs.testimony.get(contract) ?? [],
  }
  const findings = await Promise.all(
    all.map(async ({ name, discover: lookFor }) => ({ name, ...(await lookFor?.(session, around)) })),
  )
  onProgress('prices of what was found')
  const belief = beliefIn({ chainId, known, sent: logs.sent })
  const settled = await settleAssets(session, { account, assets, candidates, belief, findings, wrappedNative })
  const unseen = [...logs.unseen, ...findings.flatMap((one) => one.unseen ?? [])]
  return { chainId, multicall3, block: session.block, account, accountKind, known, ...settled, unseen }
}

const all = protocols as unknown as readonly Protocol<string, z.ZodMiniType>[]

async function readLogs(
  { onProgress }: { readonly onProgress: (what: string) => void },
  { account, fromBlock = 0, chain, known }: LookParams,
): Promise<TransferLogs> {
  const { number } = chain.session.block
  const witnesses = all.flatMap(({ name, witness }) =>
    known.flatMap(({ protocol, contracts }) => {
      const contract = protocol === name && witness !== undefined ? contracts[witness] : undefined
      return contract === undefined ? [] : [contract]
    }),
  )
  const from = Math.min(fromBlock, number)
  const logs = await readTransferLogs(chain.logProviders, {
    account,
    fromBlock: from,
    toBlock: number,
    witnesses,
    onProgress: (first, last) => onProgress(`logs of blocks ${first} to ${last}`),
  })
  return from === 0 ? logs : { ...logs, unseen: [`logs before block ${from}, as asked`, ...logs.unseen] }
}

function refuseContract(account: Address, known: readonly Deployment[]): void {
  for (const { protocol, contracts, source } of known) {
    const role = Object.entries(contracts).find(([, contract]) => contract === account)?.[0]
    if (role === undefined) continue
    throw new HomeostatError('not-an-account', {
      message: `${account} is the ${role} of ${protocol} (${source}): it holds no portfolio.`,
      retry: 'never',
      facts: { account, protocol, role },
      hint: 'Give the address of the account: a Safe, or a wallet.',
    })
  }
}

function tokenGiven(account: Address): HomeostatError {
  return new HomeostatError('not-an-account', {
    message: `${account} is a token: it has a total supply and decimals.`,
    retry: 'never',
    facts: { account },
    hint: 'Give the address of the account that holds it: a Safe, or a wallet.',
  })
}
