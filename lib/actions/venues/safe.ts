// The account itself: the deadline that opens each batch, exact approvals to the two known spenders, and the Safe's state.

import { encodeFunctionData, type Hex, isAddressEqual, keccak256, parseAbi } from 'viem'
import { call, getCode, readContract } from 'viem/actions'
import { HomeostatError, isHomeostatError } from '../../base/homeostat-error.ts'
import type { PortfolioSettings } from '../../model/configuration.ts'
import type { Address } from '../../model/identity.ts'
import type { Chain } from '../chain-client.ts'
import { amountText, assetOf, venueOf } from '../configured.ts'
import { defineVenue } from './define-venue.ts'

const routerAbi = parseAbi(['function execute(bytes commands, bytes[] inputs, uint256 deadline) payable'])
const tokenAbi = parseAbi(['function approve(address spender, uint256 value) returns (bool)'])
const safeAbi = parseAbi([
  'function nonce() view returns (uint256)',
  'function getOwners() view returns (address[])',
  'function getThreshold() view returns (uint256)',
  'function VERSION() view returns (string)',
])

export const safe = defineVenue({
  kind: 'safe',
  title: 'Safe 1.3 or later: deadline and approvals of a batch',
  look: undefined,
  encode: {
    /** An `execute` without commands does nothing but compare the deadline with the block's time. */
    deadline: ({ contract, validUntil }, { settings }) => {
      const { universalRouter } = venueOf(settings, 'safe')
      if (!isAddressEqual(contract, universalRouter)) throw notTheRouter(contract)
      const args = ['0x', [], BigInt(validUntil)] as const
      return {
        to: universalRouter,
        value: '0',
        data: encodeFunctionData({ abi: routerAbi, functionName: 'execute', args }),
        label: `nothing after ${new Date(validUntil * 1_000).toISOString().replace('.000Z', 'Z')}`,
      }
    },
    approve: ({ asset: symbol, spender, units }, { settings }) => {
      const asset = assetOf(settings, symbol)
      const name = spenderName(settings, spender)
      const args = [spender, BigInt(units)] as const
      return {
        to: asset.address,
        value: '0',
        data: encodeFunctionData({ abi: tokenAbi, functionName: 'approve', args }),
        label: units === '0' ? `let ${name} take no ${symbol}` : `let ${name} take ${amountText(asset, units)}`,
      }
    },
  },
})

/** Who may ever be allowed to take tokens: the pool and the router of the configuration. */
export function spendersOf(
  settings: PortfolioSettings,
): readonly { readonly address: Address; readonly name: string }[] {
  const { aaveV3, uniswapV3 } = settings.chain
  return [
    ...(aaveV3 === undefined ? [] : [{ address: aaveV3.pool, name: 'Aave v3' }]),
    ...(uniswapV3 === undefined ? [] : [{ address: uniswapV3.router, name: 'Uniswap v3' }]),
  ]
}

function spenderName(settings: PortfolioSettings, spender: Address): string {
  const known = spendersOf(settings).find(({ address }) => isAddressEqual(address, spender))
  if (known !== undefined) return known.name
  throw new HomeostatError('unknown-spender', {
    message: `${spender} is neither the pool nor the router of the chain ${settings.chain.id}.`,
    retry: 'never',
    facts: { spender, chain: settings.chain.id },
    hint: 'An order with such an approval was altered or made under another configuration.',
  })
}

function notTheRouter(contract: Address): HomeostatError {
  return new HomeostatError('unknown-deadline-contract', {
    message: `${contract} is not the UniversalRouter of the configuration, so nobody knows whether it checks a deadline.`,
    retry: 'never',
    facts: { contract },
    hint: 'The order was altered or made under another configuration.',
  })
}

export interface SafeState {
  readonly nonce: number
  readonly owners: readonly Address[]
  readonly threshold: number
}

/**
 * The Safe at a block, its owners in lower case.
 * @throws HomeostatError `not-a-safe` for a plain account or any other contract, `safe-too-old` before 1.3
 */
export async function readSafe(chain: Chain, account: Address, blockNumber: bigint): Promise<SafeState> {
  const at = { address: account, abi: safeAbi, blockNumber } as const
  const get = <const Name extends 'nonce' | 'getOwners' | 'getThreshold' | 'VERSION'>(functionName: Name) =>
    chain.ask(`read ${functionName} of the account`, (client) => readContract(client, { ...at, functionName }))
  // Only the words of an error depend on it, so its own failure is none.
  const code = chain
    .ask('read the account’s code', (client) => getCode(client, { address: account, blockNumber }))
    .catch(() => undefined)
  try {
    const [nonce, owners, threshold, version] = await Promise.all([
      get('nonce'),
      get('getOwners'),
      get('getThreshold'),
      get('VERSION'),
    ])
    if (!/^1\.([3-9]|\d\d)\b/.test(version)) throw tooOld(account, version)
    const lower = owners.map((owner) => owner.toLowerCase() as Address)
    return { nonce: Number(nonce), owners: lower, threshold: Number(threshold) }
  } catch (error) {
    const refused = isHomeostatError(error) && (error.code === 'reverted' || error.code === 'malformed-return')
    throw refused ? notASafe(account, isContract(await code)) : error
  }
}

/** An account with EIP-7702's delegation designator is still a plain account. */
function isContract(code: string | undefined): boolean {
  return code !== undefined && code !== '0x' && !code.startsWith('0xef0100')
}

function notASafe(account: Address, isOtherContract: boolean): HomeostatError {
  const what = isOtherContract ? 'a contract, but no Safe' : 'a plain account, not a Safe'
  return new HomeostatError('not-a-safe', {
    message: `${account} is ${what}: orders cannot be carried by one approved transaction.`,
    retry: 'never',
    facts: { account, isContract: isOtherContract },
    hint: 'It gets written instructions only; move the positions into a Safe to approve orders here.',
  })
}

function tooOld(account: Address, version: string): HomeostatError {
  return new HomeostatError('safe-too-old', {
    message: `The Safe ${account} is of version ${version}; its signatures do not cover the chain.`,
    retry: 'never',
    facts: { account, version },
    hint: 'Upgrade the Safe to 1.3 or later.',
  })
}

/**
 * Makes sure that the two contracts that every order leans on are what the configuration says: the deadline's reverts for a
 * deadline long past, and the batch's runs the code of a known release. A call to an address without code succeeds silently, so a wrong address would
 * make signatures that never expire, or orders that do nothing.
 * @throws HomeostatError `safe-contract-wrong`
 */
export async function mustGuard(chain: Chain, settings: PortfolioSettings, blockNumber: bigint): Promise<void> {
  const { universalRouter, multiSendCallOnly } = venueOf(settings, 'safe')
  const data = encodeFunctionData({ abi: routerAbi, functionName: 'execute', args: ['0x', [], 1n] })
  const [refusal, code] = await Promise.all([
    refusalOf(chain.ask('try a past deadline', (client) => call(client, { to: universalRouter, data, blockNumber }))),
    chain.ask('read the batch contract’s code', (client) =>
      getCode(client, { address: multiSendCallOnly, blockNumber }),
    ),
  ])
  if (!refusal?.startsWith('TransactionDeadlinePassed')) throw wrongContract('universalRouter', universalRouter)
  if (code === undefined || !multiSendCallOnlyReleases.has(keccak256(code)))
    throw wrongContract('multiSendCallOnly', multiSendCallOnly)
}

/** keccak256 of the runtime code of MultiSendCallOnly as released: the only code that an order may delegatecall. */
const multiSendCallOnlyReleases: ReadonlyMap<Hex, string> = new Map([
  ['0xa9865ac2d9c7a1591619b188c4d88167b50df6cc0c5327fcbd1c8c75f7c066ad', '1.3.0'],
  ['0xecd5bd14a08c5d2122379900b2f272bdf107a7e92423c10dd5fe3254386c9939', '1.4.1'],
  ['0xcdbdcec38d2f1c7d961b0029ff8416b7e86e9974d6f0e9c9580c7d17fcfb6663', '1.5.0'],
])

/** The reason of a revert; undefined if it went through. */
async function refusalOf(trial: Promise<unknown>): Promise<string | undefined> {
  try {
    await trial
    return undefined
  } catch (error) {
    if (isHomeostatError(error) && error.code === 'reverted') return String(error.facts.reason ?? '')
    throw error
  }
}

function wrongContract(name: string, address: Address): HomeostatError {
  return new HomeostatError('safe-contract-wrong', {
    message: `${address} is not what the configuration takes for safe.${name}: no order can lean on it.`,
    retry: 'never',
    facts: { name, address },
    hint: `Correct safe.${name} of the chain in the configuration; MultiSendCallOnly has to be one of releases ${[...multiSendCallOnlyReleases.values()].join(', ')}.`,
  })
}
