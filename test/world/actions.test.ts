import * as fc from 'fast-check'
import { createClient, erc20Abi, type Hex, http, parseTransaction } from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { readContract } from 'viem/actions'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { chainVenues } from '../../lib/actions/chain-venues.ts'
import { executionCall } from '../../lib/actions/execution-call.ts'
import { kmsRelayer } from '../../lib/actions/relayer.ts'
import { Redacted } from '../../lib/base/redacted.ts'
import { safeAbi } from '../../lib/local/world/abis.ts'
import { type ProviderMode, setProviderMode, startProviderProxy } from '../../lib/local/world/provider-proxy.ts'
import { startWorld, type World } from '../../lib/local/world/world.ts'
import type { PortfolioSettings } from '../../lib/model/configuration.ts'
import type { Address } from '../../lib/model/identity.ts'
import type { Approval, Call, Order } from '../../lib/model/order.ts'
import { batchTransaction, safeTransactionHash, safeTypedData } from '../../lib/model/order-hash.ts'
import type { PreparedOrder } from '../../lib/model/ports.ts'
import type { Intent } from '../../lib/model/verdict.ts'
import { type KeyStore, startKeyStore } from '../actions/fixture/key-store.ts'
import { orderOf, treasurySettings } from '../actions/fixture/treasury.ts'

const relayerKey = generatePrivateKey()
const secret = async () => new Redacted('unused')
const venues = chainVenues({ secret })
const onePass: readonly Intent[] = pass(60)

let world: World
let keys: KeyStore
let settings: PortfolioSettings
let relayer: ReturnType<typeof kmsRelayer>
let fallen: Hex

beforeAll(async () => {
  keys = await startKeyStore(relayerKey)
  // Two owners, both needed: their signatures have to come in the order of their addresses.
  world = await startWorld({ relayer: keys.address, threshold: 2 })
  settings = treasurySettings(world)
  relayer = kmsRelayer({ kms: keys.kms, keyId: keys.keyId, secret })
  await world.setPrice('ETH', 2_228)
  fallen = await world.snapshot()
})

beforeEach(async () => {
  await world.revert(fallen)
  fallen = await world.snapshot()
})

afterAll(async () => {
  await Promise.all([world?.stop(), keys?.stop()])
})

/** The same chain behind three providers, of which two must agree. */
async function behindThree<T>(
  modes: readonly ProviderMode[],
  work: (through: PortfolioSettings) => Promise<T>,
): Promise<T> {
  const names = ['one', 'two', 'three']
  const proxies = await Promise.all(names.map((name) => startProviderProxy({ name, upstream: world.rpcUrl })))
  try {
    await Promise.all(proxies.map(({ url }, index) => setProviderMode(url, modes[index] ?? 'normal')))
    const rpc = proxies.map(({ name, url }) => ({ name, url }))
    return await work({ ...settings, chain: { ...settings.chain, rpc, quorum: 2 } })
  } finally {
    await Promise.all(proxies.map((proxy) => proxy.stop()))
  }
}

describe('a pre-flight by several providers', () => {
  const tried = async (modes: readonly ProviderMode[]) => {
    const prices = { WETH: 2_228, USDC: 1 }
    const validUntil = (await world.blockTime()) + 900
    const { actions } = await venues.prepare({ settings, intents: onePass, validUntil, prices })
    const calls = venues.encode({ settings, actions })
    return await behindThree(modes, (through) => venues.simulate({ settings: through, calls, actions, at: 1 }))
  }

  it.each([
    ['all well', []],
    ['the first lying', ['lying']],
    ['the first down', ['down']],
    ['one failing', ['normal', 'failing']],
  ] as const)('with %s is what two of three foresee', async (_, modes) => {
    const alone = await tried([])
    const agreed = await tried(modes)
    expect(agreed.ok).toBe(true)
    expect(agreed.after.healthFactor).toBeCloseTo(alone.after.healthFactor ?? 0, 6)
    expect(agreed.after.leftoverAllowances).toEqual([])
  })

  it('with two of three gone, or one of two that answer lying, is none', async () => {
    await expect(tried(['down', 'normal', 'down'])).rejects.toMatchObject({ code: 'rpc-failed', retry: 'later' })
    await expect(tried(['lying', 'normal', 'down'])).rejects.toMatchObject({ retry: 'later' })
  })
})

/** Withdraw, swap, repay, as a plan at ETH 2,228 means it. */
function pass(weth: number): readonly Intent[] {
  const usdc = weth * 2_228
  const pool = { assetIn: 'WETH', assetOut: 'USDC', feeTier: 500 } as const
  return [
    { kind: 'withdraw', protocol: 'aave-v3', asset: 'WETH', quantity: weth },
    { kind: 'swap', venue: 'uniswap-v3', ...pool, quantityIn: weth, expectedOut: usdc },
    { kind: 'repay', protocol: 'aave-v3', asset: 'USDC', quantity: usdc },
  ]
}

async function prepared(intents: readonly Intent[], over: Partial<PortfolioSettings> = {}) {
  const { block, prices } = await venues.health({ settings })
  const validUntil = block.timestamp + 900
  const made = await venues.prepare({ settings: { ...settings, ...over }, intents, validUntil, prices })
  return { made, validUntil, prices, calls: venues.encode({ settings, actions: made.actions }) }
}

async function order(intents: readonly Intent[] = onePass): Promise<Order> {
  const { made, validUntil, prices, calls } = await prepared(intents)
  return orderOf({ settings, prepared: made, calls, validUntil, prices })
}

async function signedBy(privateKeys: readonly Hex[], unsigned: Order): Promise<Order> {
  const { chainId, account, safeTransaction } = unsigned
  const approvals = await Promise.all(
    privateKeys.map(async (key): Promise<Approval> => {
      const owner = privateKeyToAccount(key)
      const signature = await owner.signTypedData(safeTypedData(chainId, account, safeTransaction))
      const approver = owner.address.toLowerCase() as Address
      return { approver, signature, safeTransactionHash: unsigned.safeTransactionHash, at: 0, channel: 'cli' }
    }),
  )
  return { ...unsigned, approvals }
}

async function execute(approved: Order) {
  const fees = await relayer.estimate({ settings, order: approved, ethUsd: 2_228 })
  const nonce = await relayer.nonce({ settings })
  const signed = await relayer.sign({ settings, order: approved, nonce, fees, at: 1 })
  await relayer.broadcast({ settings, raw: signed.raw })
  // The chain mines at once, but not before it answers.
  const receipt = await vi.waitFor(
    async () => {
      const found = await relayer.receipt({ settings, hash: signed.hash })
      if (found === undefined) throw new Error(`${signed.hash} is not mined`)
      return found
    },
    { timeout: 5_000, interval: 5 },
  )
  return { fees, nonce, signed, receipt }
}

/** The same order with a later call sent elsewhere, and every hash of it made anew: a thorough forger's work. */
function altered(honest: Order): Order {
  const calls = honest.calls.map((call, index): Call => (index === 1 ? { ...call, to: keys.address } : call))
  const safeTransaction = batchTransaction(honest.safeTransaction.to, calls, honest.safeTransaction.nonce)
  return {
    ...honest,
    calls,
    safeTransaction,
    safeTransactionHash: safeTransactionHash(honest.chainId, honest.account, safeTransaction),
  }
}

const kinds = (made: PreparedOrder) => made.actions.map(({ kind }) => kind)

describe('a plan made exact', () => {
  it('opens with the deadline and wraps each payment in an approval and its reset', async () => {
    const { made, calls } = await prepared(onePass)
    expect(kinds(made)).toEqual([
      'deadline',
      'aave-v3-withdraw',
      'approve',
      'uniswap-v3-swap',
      'approve',
      'approve',
      'aave-v3-repay',
      'approve',
    ])
    expect(calls.map(({ label }) => label)).toEqual([
      expect.stringMatching(/^nothing after 20\d\d-/),
      'withdraw 60 WETH from Aave v3',
      'let Uniswap v3 take 60 WETH',
      expect.stringMatching(/^swap 60 WETH for at least [\d.]+ USDC on Uniswap v3 \(0.05 % pool\)$/),
      'let Uniswap v3 take no WETH',
      expect.stringMatching(/^let Aave v3 take [\d.]+ USDC$/),
      expect.stringMatching(/^repay [\d.]+ USDC to Aave v3$/),
      'let Aave v3 take no USDC',
    ])
  })

  it('repays exactly the guaranteed minimum, so that the rest of the swap stays as spare', async () => {
    const { made, calls } = await prepared(onePass)
    const swap = made.actions.find((action) => action.kind === 'uniswap-v3-swap')
    const repay = made.actions.find((action) => action.kind === 'aave-v3-repay')
    expect(repay?.units).toBe(swap?.minUnitsOut)
    expect(BigInt(swap?.minUnitsOut ?? 0)).toBe((BigInt(swap?.quotedUnitsOut ?? 0) * 99n) / 100n)
    const simulation = await venues.simulate({ settings, calls, actions: made.actions, at: 7 })
    const spare = Number(BigInt(swap?.quotedUnitsOut ?? 0) - BigInt(swap?.minUnitsOut ?? 0)) / 1e6
    expect(simulation.after.balanceChanges).toEqual({ USDC: spare })
  })

  it('caps a repayment at the real debt and takes the rest of the plan as it is', async () => {
    const { debtUsd } = await venues.health({ settings })
    const rich = [{ kind: 'repay', protocol: 'aave-v3', asset: 'USDC', quantity: 40_000 }] as const
    expect((await prepared(rich)).made.actions[2]).toMatchObject({ units: '40000000000' })
    // 60, 60 and 600 WETH would bring more than is owed; they move the pool far, so that has to be allowed.
    const beyond = [...pass(60), ...pass(60), ...pass(600)]
    const limits = { ...settings.portfolio.limits, maxSlippageBps: 2_000 }
    const { made } = await prepared(beyond, { portfolio: { ...settings.portfolio, limits } })
    const repaid = made.actions.reduce((sum, a) => (a.kind === 'aave-v3-repay' ? sum + BigInt(a.units) : sum), 0n)
    expect(Number(repaid) / 1e6).toBeCloseTo(debtUsd, 1)
  })

  it('quotes a second swap behind the first', async () => {
    const { made, calls } = await prepared([...pass(60), ...pass(60)])
    const [first, second] = made.actions.filter((action) => action.kind === 'uniswap-v3-swap')
    expect(BigInt(second?.quotedUnitsOut ?? 0)).toBeLessThan(BigInt(first?.quotedUnitsOut ?? 0))
    const { ok, after } = await venues.simulate({ settings, calls, actions: made.actions, at: 7 })
    expect(ok).toBe(true)
    // Exactly what was quoted comes out of both, less what was repaid; the pool rounds by a few units.
    const quoted = Number(BigInt(first?.quotedUnitsOut ?? 0) + BigInt(second?.quotedUnitsOut ?? 0)) / 1e6
    expect(after.balanceChanges.USDC).toBeCloseTo(quoted / 100, 4)
  })

  it('refuses a quote that is too far from the given prices, for now', async () => {
    await world.movePool('ETH', 2_150)
    await expect(prepared(onePass)).rejects.toMatchObject({ code: 'quote-too-far', retry: 'later' })
  })

  it('refuses what the account cannot do any more, for good', async () => {
    const one = (quantity: number, kind: 'repay' | 'withdraw', asset: string) =>
      prepared([{ kind, protocol: 'aave-v3', asset, quantity }])
    await expect(one(60_000, 'repay', 'USDC')).rejects.toMatchObject({ code: 'spare-too-small', retry: 'never' })
    await expect(one(1, 'repay', 'WBTC')).rejects.toMatchObject({ code: 'repay-more-than-debt', retry: 'never' })
    await expect(one(741, 'withdraw', 'WETH')).rejects.toMatchObject({ code: 'withdraw-more-than-supplied' })
    await expect(one(1, 'repay', 'DOGE')).rejects.toMatchObject({ code: 'unknown-asset' })
  })

  it('refuses to lean on an address that checks no deadline or makes no batch', async () => {
    const honest = settings.chain.safe ?? { universalRouter: '0x', multiSendCallOnly: '0x' }
    for (const name of ['universalRouter', 'multiSendCallOnly'] as const) {
      const other = { ...settings.chain, safe: { ...honest, [name]: keys.address } }
      await expect(prepared(onePass, { chain: other })).rejects.toMatchObject({
        code: 'safe-contract-wrong',
        facts: { name },
      })
    }
  })

  it('knows a Safe from a plain account and from another contract', async () => {
    expect(await venues.account({ settings })).toMatchObject({
      nonce: 0,
      threshold: 2,
      owners: world.addresses.treasury.owners.map((owner) => owner.toLowerCase()),
    })
    for (const account of [keys.address, world.addresses.multicall3] as const) {
      const other = { ...settings, portfolio: { ...settings.portfolio, account } }
      await expect(venues.account({ settings: other })).rejects.toMatchObject({ code: 'not-a-safe', retry: 'never' })
    }
  })
})

describe('pre-flight', () => {
  it('gives the reason of the first failure only, and changes nothing', async () => {
    const { made, calls } = await prepared(onePass)
    const withoutApproval = calls.filter((_, index) => index !== 2)
    const tried = await venues.simulate({ settings, calls: withoutApproval, actions: made.actions, at: 7 })
    expect(tried).toMatchObject({ ok: false, at: 7 })
    expect(tried.reason).toMatch(/^swap 60 WETH .*: STF \(Uniswap: the token could not be taken/)
    expect(tried.steps.filter(({ ok }) => !ok).map(({ reason }) => reason)).toEqual([
      expect.stringContaining('STF'),
      'follows from the first failure',
    ])
    expect((await venues.health({ settings })).healthFactor).toBe(tried.healthFactorBefore)
  })

  it('names a withdrawal that would make the account liquidatable', async () => {
    const { made, calls } = await prepared(pass(100))
    const tried = await venues.simulate({ settings, calls, actions: made.actions, at: 7 })
    expect(tried.reason).toBe('withdraw 100 WETH from Aave v3: 35 (Aave: the health factor would fall below 1)')
  })

  it('reports an allowance that the batch leaves behind', async () => {
    const { made, calls } = await prepared(onePass)
    const openEnded = calls.filter((_, index) => index < 6)
    const tried = await venues.simulate({ settings, calls: openEnded, actions: made.actions, at: 7 })
    expect(tried.after.leftoverAllowances).toEqual([expect.stringMatching(/^Aave v3 may take [\d.]+ USDC$/)])
  })

  it('fails after the deadline and says so', async () => {
    const { made, calls } = await prepared(onePass)
    await world.warp(901)
    const tried = await venues.simulate({ settings, calls, actions: made.actions, at: 7 })
    expect(tried.reason).toMatch(/TransactionDeadlinePassed \(the order’s deadline has passed\)$/)
  })
})

describe('an approved order', () => {
  it('is executed in one transaction, and health rises to the value that was predicted', async () => {
    const honest = await order()
    const at = { settings, calls: honest.calls, actions: honest.actions, at: 7 }
    const predicted = await venues.simulate(at)
    const { receipt, signed, fees } = await execute(await signedBy(world.ownerPrivateKeys, honest))
    expect(receipt).toMatchObject({ hash: signed.hash, succeeded: true, confirmations: 1 })
    const after = await venues.health({ settings, blockNumber: receipt.blockNumber })
    expect(predicted.healthFactorBefore).toBeLessThan(1.15)
    expect(after.healthFactor).toBeGreaterThan((predicted.healthFactorBefore ?? 9) + 0.03)
    expect(Math.abs((after.healthFactor ?? 0) / (predicted.after.healthFactor ?? 1) - 1)).toBeLessThan(1e-6)
    expect(after.balances.USDC).toBeCloseTo(49_999.999999 + (predicted.after.balanceChanges.USDC ?? 0), 5)
    expect(receipt.gasUsed).toBeLessThan(fees.gasLimit)
    expect(predicted.gasUsed).toBeGreaterThan(receipt.gasUsed * 0.8)
    expect(predicted.gasUsed).toBeLessThan(receipt.gasUsed * 1.2)
    expect((await venues.account({ settings })).nonce).toBe(1)
    // Measured: 467,935 with two owners; a change by a tenth is worth a look.
    expect(receipt.gasUsed).toBeLessThan(515_000)
  })

  it('leaves no allowance to anybody', async () => {
    await execute(await signedBy(world.ownerPrivateKeys, await order()))
    const client = createClient({ transport: http(world.rpcUrl) })
    const { aave, assets, uniswap } = world.addresses
    for (const { token } of Object.values(assets)) {
      for (const spender of [aave.pool, uniswap.router, uniswap.universalRouter] as const) {
        const args = [settings.portfolio.account, spender] as const
        const at = { address: token, abi: erc20Abi, functionName: 'allowance', args } as const
        expect(await readContract(client, at)).toBe(0n)
      }
    }
  })

  it('carries out several passes in the same transaction', async () => {
    const { receipt } = await execute(await signedBy(world.ownerPrivateKeys, await order([...pass(60), ...pass(60)])))
    expect(receipt.succeeded).toBe(true)
    expect((await venues.health({ settings })).healthFactor).toBeGreaterThan(1.21)
  })

  it('repays from spare alone', async () => {
    const spare = [{ kind: 'repay', protocol: 'aave-v3', asset: 'USDC', quantity: 40_000 }] as const
    const before = await venues.health({ settings })
    const { receipt } = await execute(await signedBy(world.ownerPrivateKeys, await order(spare)))
    const after = await venues.health({ settings })
    expect(receipt.succeeded).toBe(true)
    expect(before.debtUsd - after.debtUsd).toBeCloseTo(40_000, 1)
  })

  it('takes signatures that end in 0 or 1 as some wallets give them', async () => {
    const approved = await signedBy(world.ownerPrivateKeys, await order())
    const approvals = approved.approvals.map((approval): Approval => {
      const v = approval.signature.endsWith('1b') ? '00' : '01'
      return { ...approval, signature: `${approval.signature.slice(0, -2)}${v}` as Hex }
    })
    expect((await execute({ ...approved, approvals })).receipt.succeeded).toBe(true)
  })
})

describe('what is not an approved order', () => {
  const estimated = (what: Order) => relayer.estimate({ settings, order: what, ethUsd: 2_228 })

  it('is refused by the Safe with GS026 when a stranger signs for an owner', async () => {
    const [first = '0x'] = world.ownerPrivateKeys
    const approved = await signedBy([first, generatePrivateKey()], await order())
    await expect(estimated(approved)).rejects.toMatchObject({
      code: 'safe-refused',
      retry: 'never',
      facts: { reason: expect.stringMatching(/^GS026/) },
    })
  })

  it('is refused with GS020 when a signature is missing', async () => {
    const approved = await signedBy(world.ownerPrivateKeys.slice(1), await order())
    await expect(estimated(approved)).rejects.toMatchObject({ facts: { reason: expect.stringMatching(/^GS020/) } })
  })

  it('is refused with GS026 once its nonce is used', async () => {
    const first = await signedBy(world.ownerPrivateKeys, await order())
    const second = await signedBy(world.ownerPrivateKeys, await order(pass(10)))
    await execute(first)
    await expect(estimated(second)).rejects.toMatchObject({ facts: { reason: expect.stringMatching(/^GS026/) } })
  })

  it('is refused after its deadline', async () => {
    const approved = await signedBy(world.ownerPrivateKeys, await order())
    await world.warp(901)
    await expect(estimated(approved)).rejects.toMatchObject({
      code: 'safe-refused',
      facts: { reason: expect.stringMatching(/TransactionDeadlinePassed/) },
    })
  })

  it('is never signed when its calls were altered, hashes and all', async () => {
    const forged = altered(await signedBy(world.ownerPrivateKeys, await order()))
    const before = keys.asked.filter((operation) => operation === 'Sign').length
    const fees = { gasLimit: 1e6, maxFeePerGasGwei: 1, maxPriorityFeePerGasGwei: 1, gasCostUsd: 1 }
    await expect(estimated(forged)).rejects.toMatchObject({ code: 'order-altered' })
    await expect(relayer.sign({ settings, order: forged, nonce: 0, fees, at: 1 })).rejects.toMatchObject({
      code: 'order-altered',
      retry: 'never',
    })
    expect(keys.asked.filter((operation) => operation === 'Sign')).toHaveLength(before)
  })

  it('is refused by the Safe itself when altered calldata comes with the old signatures', async () => {
    const forged = altered(await signedBy(world.ownerPrivateKeys, await order()))
    const call = {
      from: world.addresses.accounts.deployer,
      to: settings.portfolio.account,
      data: executionCall(forged),
    }
    await expect(world.send(call)).rejects.toThrow(/GS026|reverted/)
    expect((await venues.account({ settings })).nonce).toBe(0)
  })

  it('is not paid for by an empty purse', async () => {
    const poor = await startKeyStore(generatePrivateKey())
    try {
      const broke = kmsRelayer({ kms: poor.kms, keyId: poor.keyId, secret })
      const approved = await signedBy(world.ownerPrivateKeys, await order())
      await expect(broke.estimate({ settings, order: approved, ethUsd: 2_228 })).rejects.toMatchObject({
        code: 'relayer-out-of-gas-money',
        retry: 'later',
        hint: expect.stringContaining(poor.address.toLowerCase()),
      })
    } finally {
      await poor.stop()
    }
  })
})

describe('signed bytes', () => {
  it('say what the fee plan says, and come from the key', async () => {
    const { signed, fees, nonce } = await execute(await signedBy(world.ownerPrivateKeys, await order()))
    const bytes = parseTransaction(signed.raw)
    expect(bytes).toMatchObject({ type: 'eip1559', chainId: world.chainId, nonce, to: settings.portfolio.account })
    expect(Number(bytes.maxFeePerGas) / 1e9).toBeCloseTo(fees.maxFeePerGasGwei, 9)
    expect(bytes.gas).toBe(BigInt(fees.gasLimit))
    expect(await relayer.address()).toBe(keys.address.toLowerCase())
  })

  it('can be sent again before and after they are mined', async () => {
    const { signed } = await execute(await signedBy(world.ownerPrivateKeys, await order()))
    await relayer.broadcast({ settings, raw: signed.raw })
    await world.mine(3)
    await relayer.broadcast({ settings, raw: signed.raw })
    expect(await relayer.receipt({ settings, hash: signed.hash })).toMatchObject({ confirmations: 4 })
    expect((await venues.account({ settings })).nonce).toBe(1)
  })

  it('are refused when another transaction took their nonce', async () => {
    const approved = await signedBy(world.ownerPrivateKeys, await order())
    const fees = await relayer.estimate({ settings, order: approved, ethUsd: 2_228 })
    const nonce = await relayer.nonce({ settings })
    await execute(approved)
    const late = await relayer.sign({ settings, order: approved, nonce, fees: { ...fees, gasLimit: 999_999 }, at: 1 })
    await expect(relayer.broadcast({ settings, raw: late.raw })).rejects.toMatchObject({
      code: 'nonce-used',
      retry: 'never',
    })
    expect(await relayer.receipt({ settings, hash: late.hash })).toBeUndefined()
  })

  it('are not sent to another chain', async () => {
    const { signed } = await execute(await signedBy(world.ownerPrivateKeys, await order()))
    const other = { ...settings, chain: { ...settings.chain, chainId: 1 } }
    await expect(relayer.broadcast({ settings: other, raw: signed.raw })).rejects.toMatchObject({ code: 'wrong-chain' })
  })
})

describe('the hash that owners sign', () => {
  it('is the Safe’s own, for any transaction', async () => {
    const client = createClient({ transport: http(world.rpcUrl) })
    const bytes = (size: { minLength: number; maxLength: number }) =>
      fc.uint8Array(size).map((array) => `0x${Buffer.from(array).toString('hex')}` as Hex)
    const address = bytes({ minLength: 20, maxLength: 20 })
    const units = fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }).map(String)
    const transaction = fc.record({
      to: address,
      value: units,
      data: bytes({ minLength: 0, maxLength: 100 }),
      operation: fc.constantFrom(0, 1),
      safeTxGas: units,
      baseGas: units,
      gasPrice: units,
      gasToken: address,
      refundReceiver: address,
      nonce: fc.nat(),
    })
    await fc.assert(
      fc.asyncProperty(transaction, async (t) => {
        const sums = [BigInt(t.safeTxGas), BigInt(t.baseGas), BigInt(t.gasPrice)] as const
        const ends = [t.gasToken, t.refundReceiver, BigInt(t.nonce)] as const
        const args = [t.to, BigInt(t.value), t.data, t.operation, ...sums, ...ends] as const
        const { safe } = world.addresses.treasury
        const own = await readContract(client, {
          address: safe,
          abi: safeAbi,
          functionName: 'getTransactionHash',
          args,
        })
        expect(safeTransactionHash(world.chainId, safe, t as Order['safeTransaction'])).toBe(own)
      }),
      { numRuns: 30 },
    )
  })
})
