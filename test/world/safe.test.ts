import {
  type Address,
  BaseError,
  concatHex,
  createPublicClient,
  encodeFunctionData,
  type Hex,
  hashTypedData,
  http,
  maxUint256,
  parseAbi,
  zeroAddress,
} from 'viem'
import { privateKeyToAccount, sign } from 'viem/accounts'
import { afterEach, describe, expect, it } from 'vitest'
import { aavePoolAbi, safeAbi, tokenAbi, universalRouterAbi } from '../../lib/local/world/abis.ts'
import { encodeBatch } from '../../lib/local/world/seed-treasury.ts'
import { startWorld, type World, type WorldOptions } from '../../lib/local/world/world.ts'

let world: World | undefined
afterEach(() => world?.stop())

async function started(options: WorldOptions = {}) {
  const fresh = await startWorld(options)
  world = fresh
  const client = createPublicClient({ transport: http(fresh.rpcUrl) })
  return { world: fresh, client }
}

/** A repayment from spare USDC that may not happen after the deadline. */
function repayment({ addresses }: World, deadline: bigint, units: bigint): Hex {
  const { uniswap, assets, aave, treasury } = addresses
  const usdc = assets.USDC.token
  const approve = (value: bigint) =>
    encodeFunctionData({ abi: tokenAbi, functionName: 'approve', args: [aave.pool, value] })
  const args = [usdc, units, 2n, treasury.safe] as const
  return encodeBatch([
    {
      to: uniswap.universalRouter,
      data: encodeFunctionData({ abi: universalRouterAbi, functionName: 'execute', args: ['0x', [], deadline] }),
    },
    { to: usdc, data: approve(units) },
    { to: aave.pool, data: encodeFunctionData({ abi: aavePoolAbi, functionName: 'repay', args }) },
    { to: usdc, data: approve(0n) },
  ])
}

const safeTransaction = [
  { name: 'to', type: 'address' },
  { name: 'value', type: 'uint256' },
  { name: 'data', type: 'bytes' },
  { name: 'operation', type: 'uint8' },
  { name: 'safeTxGas', type: 'uint256' },
  { name: 'baseGas', type: 'uint256' },
  { name: 'gasPrice', type: 'uint256' },
  { name: 'gasToken', type: 'address' },
  { name: 'refundReceiver', type: 'address' },
  { name: 'nonce', type: 'uint256' },
] as const

async function signed(world: World, data: Hex, keys: readonly Hex[]) {
  const { safe, treasury } = world.addresses
  const rest = {
    operation: 1,
    safeTxGas: 0n,
    baseGas: 0n,
    gasPrice: 0n,
    gasToken: zeroAddress,
    refundReceiver: zeroAddress,
  }
  const message = { to: safe.multiSendCallOnly, value: 0n, data, ...rest, nonce: 0n }
  const domain = { chainId: world.chainId, verifyingContract: treasury.safe }
  const hash = hashTypedData({ domain, types: { SafeTx: safeTransaction }, primaryType: 'SafeTx', message })
  const byAddress = [...keys].sort((a, b) => (addressOf(a).toLowerCase() < addressOf(b).toLowerCase() ? -1 : 1))
  const signatures = await Promise.all(byAddress.map((privateKey) => sign({ hash, privateKey, to: 'hex' })))
  const fields = [message.to, 0n, data, 1, 0n, 0n, 0n, zeroAddress, zeroAddress] as const
  return { hash, fields, signatures: concatHex(signatures) }
}

const addressOf = (key: Hex): Address => privateKeyToAccount(key).address

describe('a Safe transaction', () => {
  it('signed by its owner runs a batch whose first step is the deadline', async () => {
    const { world, client } = await started()
    const { treasury, accounts, aave } = world.addresses
    const deadline = BigInt((await world.blockTime()) + 900)
    const { hash, fields, signatures } = await signed(
      world,
      repayment(world, deadline, 40_000_000_000n),
      world.ownerPrivateKeys,
    )
    const at = { address: treasury.safe, abi: safeAbi } as const
    expect(await client.readContract({ ...at, functionName: 'getTransactionHash', args: [...fields, 0n] })).toBe(hash)
    const health = async () => {
      const pool = { address: aave.pool, abi: aavePoolAbi, functionName: 'getUserAccountData' } as const
      return Number((await client.readContract({ ...pool, args: [treasury.safe] }))[5]) / 1e18
    }
    const before = await health()
    const data = encodeFunctionData({ abi: safeAbi, functionName: 'execTransaction', args: [...fields, signatures] })
    await world.send({ from: accounts.deployer, to: treasury.safe, data })
    expect(await client.readContract({ ...at, functionName: 'nonce' })).toBe(1n)
    expect(await health()).toBeGreaterThan(before * 1.03)
    await expect(world.send({ from: accounts.deployer, to: treasury.safe, data })).rejects.toMatchObject({
      code: 'world-transaction-reverted',
    })
  })

  it('reverts as a whole after its deadline', async () => {
    const { world, client } = await started()
    const { treasury, accounts } = world.addresses
    const deadline = BigInt((await world.blockTime()) + 900)
    const { fields, signatures } = await signed(world, repayment(world, deadline, 1_000_000n), world.ownerPrivateKeys)
    await world.warp(901)
    const abi = [...safeAbi, ...parseAbi(['error TransactionDeadlinePassed()'])] as const
    const call = {
      address: treasury.safe,
      abi,
      functionName: 'execTransaction',
      args: [...fields, signatures],
    } as const
    const error = await client.simulateContract({ ...call, account: accounts.deployer }).catch((caught) => caught)
    expect(error).toBeInstanceOf(BaseError)
    expect(String(error)).toContain('TransactionDeadlinePassed()')
  })

  it('needs as many owners as the threshold says', async () => {
    const { world, client } = await started({ threshold: 2 })
    const { treasury, accounts } = world.addresses
    expect(world.ownerPrivateKeys.map(addressOf)).toEqual(treasury.owners)
    const batch = repayment(world, maxUint256, 1_000_000n)
    const attempt = async (keys: readonly Hex[]) => {
      const { fields, signatures } = await signed(world, batch, keys)
      const call = { address: treasury.safe, abi: safeAbi, functionName: 'execTransaction' } as const
      return client.simulateContract({ ...call, args: [...fields, signatures], account: accounts.deployer })
    }
    await expect(attempt(world.ownerPrivateKeys.slice(0, 1))).rejects.toThrow('GS020')
    expect((await attempt(world.ownerPrivateKeys)).result).toBe(true)
  })
})

describe('a world to order', () => {
  it('has the owners, the chain, the prices and the holdings asked for', async () => {
    const owner: Address = '0x00000000000000000000000000000000000000b2'
    const { world, client } = await started({
      chainId: 1,
      owners: [owner],
      prices: { ETH: 1_500, BTC: 20_000 },
      treasury: { collateralWeth: 300, healthFactor: 1.2, spareUsdc: 0, wbtc: 2 },
    })
    const { treasury, aave, assets } = world.addresses
    expect(await client.getChainId()).toBe(1)
    expect(treasury.owners).toEqual([owner])
    expect(world.ownerPrivateKeys).toEqual([])
    const pool = { address: aave.pool, abi: aavePoolAbi, functionName: 'getUserAccountData' } as const
    const data = await client.readContract({ ...pool, args: [treasury.safe] })
    expect(Number(data[0]) / 1e8).toBeCloseTo(450_000, 2)
    expect(Number(data[5]) / 1e18).toBeCloseTo(1.2, 6)
    expect(await world.poolPrice('BTC')).toBeCloseTo(20_000, 6)
    const at = { address: assets.USDC.token, abi: tokenAbi, functionName: 'balanceOf' } as const
    expect(await client.readContract({ ...at, args: [treasury.safe] })).toBeLessThan(100n)
  })

  it.each([
    [
      'a threshold beyond its owners',
      { threshold: 2, owners: ['0x00000000000000000000000000000000000000b2'] },
      'world-threshold-invalid',
    ],
    ['a threshold of none', { threshold: 0 }, 'world-threshold-invalid'],
    ['a loan that no looping reaches', { treasury: { healthFactor: 1.01 } }, 'world-treasury-invalid'],
    ['a price of zero', { prices: { ETH: 0 } }, 'world-price-invalid'],
  ] as const)('is refused with %s', async (_, options, code) => {
    await expect(startWorld(options)).rejects.toMatchObject({ code, retry: 'never' })
  })
})
