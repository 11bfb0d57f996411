// Shares of a StableSwap pool (a fixture of ours with Curve's ABI), against its virtual price and what leaving pays.

import { type Address, parseAbi } from 'viem'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { toDecimal } from '../../lib/base/amount.ts'
import type { AssetConfig } from '../../lib/model/configuration.ts'
import { stableSwapInvariant } from '../../lib/quant/amm/stable-swap-invariant.ts'
import { compileFixture } from './fixtures/compile-fixture.ts'
import { type ProtocolChain, startProtocolChain } from './fixtures/protocol-chain.ts'

const { StableSwap: poolArtifact, Gauge: gaugeArtifact } = compileFixture('stable-swap.sol')
if (poolArtifact === undefined || gaugeArtifact === undefined) throw new Error('The fixture has no pool.')
const poolAbi = poolArtifact.abi
const tokenAbi = parseAbi([
  'function mint(address to, uint256 value)',
  'function approve(address spender, uint256 value) returns (bool)',
  'function balanceOf(address account) view returns (uint256)',
])

let chain: ProtocolChain
let assets: readonly AssetConfig[]
let pool: Address
let gauge: Address
beforeAll(async () => {
  chain = await startProtocolChain()
  assets = [await chain.token('USDC', 6), await chain.token('sDAI', 18, 'DAI')]
  // 300.5, in hundredths.
  pool = await chain.deploy(poolArtifact, [...assets.map(({ address }) => address), 30_050n])
  gauge = await chain.deploy(gaugeArtifact, [pool])
  for (const { address, decimals } of assets) {
    await chain.send(address, tokenAbi, 'mint', [chain.account, 10n ** BigInt(decimals + 7)])
    await chain.send(address, tokenAbi, 'approve', [pool, 2n ** 255n])
  }
  await chain.send(pool, poolAbi, 'setRate', [1_031234567890123456n])
  await chain.send(pool, poolAbi, 'add_liquidity', [[1_000_000_000001n, 10n ** 24n + 7n]])
  await chain.send(pool, poolAbi, 'exchange', [0n, 1n, 333_333_333333n])
})
afterAll(() => chain?.stop())

async function read(more: object = {}) {
  const own = { address: pool, gauge, coins: ['USDC', 'sDAI'], rates: 'stored', ...more }
  return await chain.read('curve', { settings: { pools: [own] }, assets })
}

async function terms() {
  const { positions, gaps, roundTrips } = await read()
  expect({ gaps, roundTrips }).toEqual({ gaps: [], roundTrips: 1 })
  const [position] = positions
  if (position?.instrument.kind !== 'stable-pool') throw new Error('There is no share of the pool.')
  return position.instrument.terms
}

it('the invariant of what is read is the virtual price of the pool', async () => {
  const { coins, amplification: A, totalSupply } = await terms()
  const balances = Float64Array.from(coins, ({ balance, rate = 1 }) => balance * rate)
  const told = toDecimal((await chain.view(pool, poolAbi, 'get_virtual_price')) as bigint, 18)
  expect(told).toBeGreaterThan(1)
  expect(Math.abs(stableSwapInvariant({ A, balances }) / totalSupply / told - 1)).toBeLessThan(1e-9)
})

it('what is staked is held, and a share is what leaving pays', async () => {
  const whole = await terms()
  const half = (10n ** 24n * 3n) / 7n
  await chain.send(gauge, gaugeArtifact.abi, 'deposit', [half])
  expect(await terms()).toEqual(whole)
  const held = (await chain.view(pool, poolAbi, 'balanceOf', [chain.account])) as bigint
  const balances = () =>
    Promise.all(
      assets.map(async ({ address, decimals }) =>
        toDecimal((await chain.view(address, tokenAbi, 'balanceOf', [chain.account])) as bigint, decimals),
      ),
    )
  const before = await balances()
  await chain.send(pool, poolAbi, 'remove_liquidity', [held])
  const after = await balances()
  for (const [i, { balance }] of whole.coins.entries()) {
    const share = ((whole.lpTokens - toDecimal(half, 18)) / whole.totalSupply) * balance
    expect(Math.abs(share / ((after[i] ?? 0) - (before[i] ?? 0)) - 1)).toBeLessThan(1e-9)
  }
})

it('a pool that counts with rates is a gap without them', async () => {
  expect(await read({ rates: undefined })).toMatchObject({ positions: [], gaps: [{ code: 'not-as-configured' }] })
})
