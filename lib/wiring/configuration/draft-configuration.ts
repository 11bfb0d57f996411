// What was discovered as a homeostat.yaml: everything that a person has to choose is marked CHANGE.

import { bookNote } from '../../sources/discovery/belief.ts'
import { checksummed } from '../../sources/discovery/checksummed.ts'
import type { Discovery } from '../../sources/discovery/discover.ts'
import { chainNames } from '../../sources/discovery/known-deployments.ts'
import { defaults } from './defaults.ts'
import { type Draft, newDraft } from './draft.ts'
import { draftAssets } from './draft-assets.ts'
import { draftDocument } from './draft-document.ts'
import { draftProtocols } from './draft-protocols.ts'
import { draftProvider } from './draft-provider.ts'
import { draftRules } from './draft-rules.ts'

export interface DraftParams {
  readonly discovery: Discovery
  readonly urls: readonly string[]
}

/** Hardhat's and anvil's. */
const developmentChainId = 31_337

/** The YAML text; there must be an asset. What a stranger has named stands in comments only, printable and short. */
export function draftConfiguration({ discovery, urls }: DraftParams): string {
  const draft = newDraft()
  const { chainId, account, accountKind, holdings } = discovery
  const id = chainNames[chainId] ?? (chainId === developmentChainId ? 'local' : `chain-${chainId}`)
  const owners = accountKind.kind === 'safe' ? accountKind.owners : []
  const approvers = owners.map((address, index) => ({ id: `owner-${index + 1}`, address: checksummed(address) }))
  const rules = draftRules({
    hasLoan: holdings.some(({ protocol }) => protocol === 'aave-v3'),
    underlyings: discovery.assets.map(({ name }) => name.underlying),
  })
  draft.notes.push(
    {
      path: ['portfolios', 0, 'rules'],
      at: 'above',
      text: 'CHANGE: a beginning; docs/configuration.md lists the words of rules',
    },
    { path: ['portfolios', 0, 'limits'], at: 'above', text: 'CHANGE: how far an order may go' },
    { path: ['notifiers'], at: 'above', text: 'CHANGE: add who is told: sms, slack' },
  )
  if (accountKind.kind === 'safe') {
    const text = `Safe ${accountKind.version}: ${accountKind.threshold} of its ${owners.length} owners sign`
    draft.notes.push({ path: ['portfolios', 0, 'account'], at: 'line', text })
  }
  const data = {
    chains: [chainOf(draft, { discovery, id, urls })],
    portfolios: [
      {
        id: `account-${account.slice(2, 8)}`,
        chain: id,
        account: checksummed(account),
        everySeconds: defaults.portfolio.everySeconds,
        rules,
        ...(approvers.length === 0 ? {} : { approvers: approvers.map((one) => one.id) }),
        notifiers: ['log'],
        limits: defaults.limits,
      },
    ],
    ...(approvers.length === 0 ? {} : { approvers }),
    notifiers: [{ id: 'log', kind: 'console', minSeverity: 'info' }],
  }
  return draftDocument({ data, notes: draft.notes, head: headOf(discovery), foot: footOf(discovery) })
}

function chainOf(
  draft: Draft,
  { discovery, id, urls }: DraftParams & { readonly id: string },
): Readonly<Record<string, unknown>> {
  const { chainId, multicall3, known, accountKind } = discovery
  const contractsOf = (protocol: string) => known.find((one) => one.protocol === protocol)
  const sequencer = contractsOf('sequencer')
  const safe = accountKind.kind === 'safe' ? contractsOf('safe') : undefined
  for (const [key, one] of Object.entries({ sequencer, safe }))
    if (one !== undefined) draft.notes.push({ path: ['chains', 0, key], at: 'above', text: one.source })
  return {
    id,
    chainId,
    rpc: urls.map((url, index) => draftProvider(draft, { url, index })),
    ...(multicall3 === defaults.chain.multicall3 ? {} : { multicall3: checksummed(multicall3) }),
    ...(sequencer === undefined ? {} : { sequencer: { address: checksummed(sequencer.contracts.feed) } }),
    assets: draftAssets(draft, discovery),
    ...draftProtocols(draft, discovery),
    ...(safe === undefined ? {} : { safe: checksummed(safe.contracts) }),
  }
}

function headOf({ chainId, block, account, known }: Discovery): string {
  const isUnknown = known.length === 0
  return [
    `What ${checksummed(account)} holds on chain ${chainId} at block ${block.number}, as homeostat discover found it.`,
    'Look at each line marked CHANGE, then: npx homeostat config check',
    isUnknown
      ? `Nothing is known of chain ${chainId}: every contract below was taken at its own word. Compare each address.`
      : `Each contract is known, or the account itself has put something there; ${bookNote}.`,
  ].join('\n')
}

function footOf({ leftOut, unseen, accountKind, known }: Discovery): string {
  const hasSafe = known.some(({ protocol }) => protocol === 'safe')
  const safe = accountKind.kind === 'safe' && !hasSafe
  return [
    ...(safe
      ? [
          'not found: MultiSendCallOnly and UniversalRouter (`safe` of the chain); without them plans are written instructions',
        ]
      : []),
    ...leftOut.map(({ what, address, reason }) => `left out: ${what} at ${address}: ${reason}`),
    ...unseen.map((what) => `not looked at: ${what}`),
  ].join('\n')
}
