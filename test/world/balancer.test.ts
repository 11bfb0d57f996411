// Shares of Balancer pools against what leaving pays: fixtures of ours, and the real ones where @balancer-labs/v2-deployments is installed.

import { createRequire } from 'node:module'
import { type Address, encodeAbiParameters, parseAbi, zeroAddress } from 'viem'
import { toFunctionSelector } from 'viem/utils'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { toDecimal } from '../../lib/base/amount.ts'
import { type Artifact, loadArtifact } from '../../lib/local/world/artifact.ts'
import type { AssetConfig } from '../../lib/model/configuration.ts'
import { compileFixture } from './fixtures/compile-fixture.ts'
import { type ProtocolChain, startProtocolChain } from './fixtures/protocol-chain.ts'

const fromHere = createRequire(import.meta.url)
const tasks = '@balancer-labs/v2-deployments/dist/tasks'

function isInstalled(): boolean {
  try {
    return fromHere.resolve(`${tasks}/20210418-vault/artifact/Vault.json`) !== ''
  } catch {
    return false
  }
}

const artifactOf = (task: string, name: string): Artifact => loadArtifact(`${tasks}/${task}/artifact/${name}.json`)
const tokenAbi = parseAbi([
  'function mint(address to, uint256 value)',
  'function approve(address spender, uint256 value) returns (bool)',
  'function balanceOf(address account) view returns (uint256)',
])
const collectorAbi = parseAbi([
  'function getActionId(bytes4 selector) view returns (bytes32)',
  'function setSwapFeePercentage(uint256 percentage)',
])
const max = 2n ** 256n - 1n
const one = 10n ** 18n

let chain: ProtocolChain
let assets: readonly AssetConfig[]
let vault: Address
let vaultAbi: Artifact['abi']
let feeProvider: Address

async function deployReal(): Promise<void> {
  const authorizer = artifactOf('20210418-authorizer', 'Authorizer')
  const vaultArtifact = artifactOf('20210418-vault', 'Vault')
  const provider = artifactOf('20220725-protocol-fee-percentages-provider', 'ProtocolFeePercentagesProvider')
  const rules = await chain.deploy(authorizer, [chain.account])
  vaultAbi = vaultArtifact.abi
  vault = await chain.deploy(vaultArtifact, [rules, zeroAddress, 0n, 0n])
  feeProvider = await chain.deploy(provider, [vault, one / 2n, one / 2n])
  await giveCoins()
  // Balancer takes half of the fees, so that LP tokens are due to it.
  const collector = (await chain.view(vault, vaultAbi, 'getProtocolFeesCollector')) as Address
  const selector = toFunctionSelector('setSwapFeePercentage(uint256)')
  const actionId = await chain.view(collector, collectorAbi, 'getActionId', [selector])
  await chain.send(rules, authorizer.abi, 'grantRole', [actionId, chain.account])
  await chain.send(collector, collectorAbi, 'setSwapFeePercentage', [one / 2n])
}

async function giveCoins(): Promise<void> {
  const tokens = [await chain.token('USDC', 6), await chain.token('sDAI', 18, 'DAI')]
  assets = tokens.toSorted((a, b) => (BigInt(a.address) < BigInt(b.address) ? -1 : 1))
  for (const { address, decimals } of assets) {
    await chain.send(address, tokenAbi, 'mint', [chain.account, 10n ** BigInt(decimals + 8)])
    await chain.send(address, tokenAbi, 'approve', [vault, max])
  }
}

interface OpenPool {
  readonly address: Address
  readonly abi: Artifact['abi']
  readonly id: string
  /** Of the Vault, with the pool's own among them where it is. */
  readonly tokens: readonly Address[]
}

/** With a million of each coin. */
async function open(artifact: Artifact, args: readonly unknown[]): Promise<OpenPool> {
  const { abi } = artifact
  const address = await chain.deploy(artifact, args)
  const id = (await chain.view(address, abi, 'getPoolId')) as string
  const [tokens] = (await chain.view(vault, vaultAbi, 'getPoolTokens', [id])) as readonly [readonly Address[]]
  const amounts = tokens.map((token) => {
    const asset = assets.find((one) => one.address === token.toLowerCase())
    return asset === undefined ? 0n : 10n ** BigInt(asset.decimals + 6)
  })
  const userData = encodeAbiParameters([{ type: 'uint256' }, { type: 'uint256[]' }], [0n, amounts])
  const request = { assets: tokens, maxAmountsIn: amounts.map(() => max), userData, fromInternalBalance: false }
  await chain.send(vault, vaultAbi, 'joinPool', [id, chain.account, chain.account, request])
  return { address, abi, id, tokens }
}

async function trade({ id }: OpenPool, times: number): Promise<void> {
  const funds = {
    sender: chain.account,
    fromInternalBalance: false,
    recipient: chain.account,
    toInternalBalance: false,
  }
  for (let i = 0; i < times; i++) {
    const [give, take] = i % 2 === 0 ? assets : assets.toReversed()
    const amount = 123_456n * 10n ** BigInt(give?.decimals ?? 0)
    const swap = { poolId: id, kind: 0, assetIn: give?.address, assetOut: take?.address, amount, userData: '0x' }
    await chain.send(vault, vaultAbi, 'swap', [swap, funds, 0n, max])
  }
}

/** What the account gets of each coin. */
async function paidBy(act: () => Promise<void>): Promise<readonly number[]> {
  const balances = () =>
    Promise.all(
      assets.map(async ({ address, decimals }) =>
        toDecimal((await chain.view(address, tokenAbi, 'balanceOf', [chain.account])) as bigint, decimals),
      ),
    )
  const before = await balances()
  await act()
  const after = await balances()
  return after.map((amount, i) => amount - (before[i] ?? 0))
}

async function leave({ id, tokens }: OpenPool, kind: bigint, lpTokens: bigint): Promise<void> {
  const userData = encodeAbiParameters([{ type: 'uint256' }, { type: 'uint256' }], [kind, lpTokens])
  const request = { assets: tokens, minAmountsOut: tokens.map(() => 0n), userData, toInternalBalance: false }
  await chain.send(vault, vaultAbi, 'exitPool', [id, chain.account, chain.account, request])
}

async function termsOf(
  { address }: Pick<OpenPool, 'address'>,
  kind: 'weighted' | 'stable',
  supply: 'actual' | 'total' = 'actual',
) {
  const pools = [{ address, kind, supply, coins: assets.map(({ symbol }) => symbol) }]
  const { positions, gaps, roundTrips } = await chain.read('balancer', { settings: { vault, pools }, assets })
  expect({ gaps, roundTrips }).toEqual({ gaps: [], roundTrips: 2 })
  const [position] = positions
  const instrument = position?.instrument
  if (instrument?.kind !== 'weighted-pool' && instrument?.kind !== 'stable-pool') throw new Error('There is no share.')
  return instrument
}

interface Share {
  readonly coins: readonly { readonly balance: number }[]
  readonly lpTokens: number
  readonly totalSupply: number
}

/** A third of what was held. */
function expectShare({ coins, lpTokens, totalSupply }: Share, paid: readonly number[]): void {
  for (const [i, { balance }] of coins.entries()) {
    expect(Math.abs(((lpTokens / 3 / totalSupply) * balance) / (paid[i] ?? 0) - 1)).toBeLessThan(1e-9)
  }
}

async function expectPaid(pool: OpenPool, kind: 'weighted' | 'stable', exitKind: bigint): Promise<void> {
  const { terms } = await termsOf(pool, kind)
  const lpTokens = (await chain.view(pool.address, pool.abi, 'balanceOf', [chain.account])) as bigint
  expectShare(terms, await paidBy(() => leave(pool, exitKind, lpTokens / 3n)))
}

beforeAll(async () => {
  chain = await startProtocolChain()
})
afterAll(() => chain?.stop())

describe('a share of a pool of ours', () => {
  const { Vault, SharePool } = compileFixture('balancer-vault.sol')
  if (Vault === undefined || SharePool === undefined) throw new Error('The fixture has no pool.')

  beforeAll(async () => {
    vaultAbi = Vault.abi
    vault = await chain.deploy(Vault)
    await giveCoins()
  })

  it.each([
    ['weighted', [one / 5n, (one * 4n) / 5n], 0n],
    ['stable', [], 250n],
  ] as const)('that is %s is what leaving pays after the fees that are due', async (kind, weights, amplification) => {
    const scales = assets.map(({ decimals }) => 10n ** BigInt(36 - decimals))
    const [first = 0n, second = 0n] = scales
    const factors = [first, one, (second * 1_031n) / 1_000n]
    const coins = assets.map(({ address }) => address)
    const address = await chain.deploy(SharePool, [vault, coins, weights, factors, amplification])
    const id = (await chain.view(address, SharePool.abi, 'getPoolId')) as string
    const amounts = assets.map(({ decimals }) => 123_456_789n * 10n ** BigInt(decimals - 3))
    const [amount0 = 0n, amount1 = 0n] = amounts
    await chain.send(vault, vaultAbi, 'join', [id, kind === 'stable' ? [amount0, 0n, amount1] : amounts])
    await chain.send(address, SharePool.abi, 'setDue', [777n * 10n ** 15n])
    const { terms } = await termsOf({ address }, kind)
    expect(terms.coins).toMatchObject(
      kind === 'stable' ? [{ rate: 1 }, { rate: 1.031 }] : [{ weight: 0.2 }, { weight: 0.8 }],
    )
    const lpTokens = (await chain.view(address, SharePool.abi, 'balanceOf', [chain.account])) as bigint
    const paid = await paidBy(() => chain.send(vault, vaultAbi, 'leave', [id, lpTokens / 3n]))
    expectShare(terms, paid)
  })
})

// The package is GPL and brings hardhat: it is not among ours, and who has it gets these, too.
if (isInstalled())
  describe('a share of a real pool', () => {
    beforeAll(deployReal)

    it('that is weighted is what leaving pays after the fees that are due', async () => {
      const tokens = assets.map(({ address }) => address)
      const none = [zeroAddress, zeroAddress]
      const normalizedWeights = [one / 5n, (one * 4n) / 5n]
      const names = { name: 'Weighted', symbol: 'W', tokens, normalizedWeights }
      const params = { ...names, rateProviders: none, assetManagers: none, swapFeePercentage: 10n ** 16n }
      const artifact = artifactOf('20230206-weighted-pool-v3', 'WeightedPool')
      const pool = await open(artifact, [params, vault, feeProvider, 0n, 0n, chain.account, ''])
      await trade(pool, 4)
      const { terms } = await termsOf(pool, 'weighted')
      expect(terms.coins).toMatchObject([{ weight: 0.2 }, { weight: 0.8 }])
      // Due to the protocol, and so not in totalSupply yet.
      expect(terms.totalSupply).toBeGreaterThan((await termsOf(pool, 'weighted', 'total')).terms.totalSupply)
      await expectPaid(pool, 'weighted', 1n)
    })

    it('that is stable, with a rate and its own LP tokens among its coins, is what leaving pays', async () => {
      const { RateProvider } = compileFixture('rate-provider.sol')
      if (RateProvider === undefined) throw new Error('The fixture has no rate.')
      const rate = await chain.deploy(RateProvider, [(one * 1_031n) / 1_000n])
      const rateProviders = assets.map(({ symbol }) => (symbol === 'sDAI' ? rate : zeroAddress))
      const params = {
        vault,
        protocolFeeProvider: feeProvider,
        name: 'Stable',
        symbol: 'S',
        tokens: assets.map(({ address }) => address),
        rateProviders,
        tokenRateCacheDurations: rateProviders.map((provider) => (provider === zeroAddress ? 0n : 10_000n)),
        exemptFromYieldProtocolFeeFlags: [false, false],
        amplificationParameter: 250n,
        swapFeePercentage: 10n ** 15n,
        pauseWindowDuration: 0n,
        bufferPeriodDuration: 0n,
        owner: chain.account,
        version: '',
      }
      const pool = await open(artifactOf('20230206-composable-stable-pool-v3', 'ComposableStablePool'), [params])
      expect(pool.tokens).toHaveLength(3)
      await trade(pool, 3)
      const instrument = await termsOf(pool, 'stable')
      expect(instrument).toMatchObject({ kind: 'stable-pool', terms: { amplification: 250 } })
      const rates = assets.map(({ symbol }) => ({ asset: symbol, rate: symbol === 'sDAI' ? 1.031 : 1 }))
      expect(instrument.terms.coins).toMatchObject(rates)
      await expectPaid(pool, 'stable', 2n)
    })
  })
