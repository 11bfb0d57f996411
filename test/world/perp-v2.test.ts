// Accounts on Perp v2's own bytecode, against what the protocol says of their worth, of the margin that they need and of whether they are liquidated.

import type { Address } from 'viem'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { toDecimal } from '../../lib/base/amount.ts'
import { detailsOf, value } from '../../lib/instruments/value.ts'
import type { PositionReading } from '../../lib/model/reading.ts'
import { deployPerp, type PerpChain, type PerpMarket, perpArtifacts } from './fixtures/perp-chain.ts'
import { type ProtocolChain, startProtocolChain } from './fixtures/protocol-chain.ts'

const ether = 10n ** 18n
let chain: ProtocolChain
let perp: PerpChain
let traders: readonly Address[]

/** Account 0 is the maker. */
const trader = (index: number): Address => traders[index] ?? '0x'

beforeAll(async () => {
  chain = await startProtocolChain()
  traders = (await chain.rpc.request('eth_accounts')) as readonly Address[]
  perp = await deployPerp(chain, { ETH: 3_000, BTC: 60_000 })
  const { ETH, BTC } = perp.markets
  await perp.deposit(trader(1), perp.usdc, 6_000_000000n)
  await perp.deposit(trader(1), perp.weth, 2n * ether)
  await perp.trade(trader(1), { market: ETH, base: 10n * ether })
  await perp.trade(trader(1), { market: BTC, base: -ether / 5n })
  await perp.deposit(trader(2), perp.usdc, 4_000_000000n)
  await perp.trade(trader(2), { market: ETH, base: -10n * ether })
  await letTimePass(3_100)
}, 60_000)
afterAll(() => chain?.stop())

/** An hour in which funding is due, and ETH's index ends elsewhere. */
async function letTimePass(ethUsd: number): Promise<void> {
  await chain.warp(3_600)
  await perp.price(perp.markets.ETH, ethUsd)
  await perp.price(perp.markets.BTC, 60_000)
}

const settings = () => {
  const { clearingHouse, accountBalance, vault, exchange, orderBook, markets } = perp
  const names = Object.entries(markets).map(([underlying, { baseToken }]) => ({ baseToken, underlying }))
  return { clearingHouse, accountBalance, vault, exchange, orderBook, settlement: 'USDC', markets: names }
}
const read = (account: Address, change: object = {}) =>
  chain.read('perp-v2', {
    settings: { ...settings(), ...change },
    assets: [perp.usdc, perp.weth],
    account: account.toLowerCase() as Address,
  })

const view = async (contract: 'clearingHouse' | 'accountBalance', name: string, args: readonly unknown[]) =>
  toDecimal((await chain.view(perp[contract], perpArtifacts[contract].abi, name, args)) as bigint, 18)
const markOf = ({ baseToken }: PerpMarket) => view('accountBalance', 'getMarkPrice', [baseToken])

/** The protocol's own prices: its marks, and what its collateral counts at. */
async function protocolMarket() {
  const { ETH, BTC } = perp.markets
  const spot = { USDC: 1, WETH: 3_000, ETH: await markOf(ETH), BTC: await markOf(BTC) }
  const exchangeRates = Object.fromEntries(Object.keys(spot).map((underlying) => [underlying, { underlying, rate: 1 }]))
  return { at: 0, spot, exchangeRates }
}

/** Equity after haircuts, and the margin that it has to cover. */
async function sumsOf(positions: readonly PositionReading[]) {
  const market = await protocolMarket()
  const details = positions.map(({ instrument }) => detailsOf(instrument, market))
  const sum = (name: string) => details.reduce((total, one) => total + (one[name] ?? 0), 0)
  return { details, equity: sum('equityUsd'), maintenance: sum('maintenanceUsd') }
}

async function expectOwnView(account: Address, positions: readonly PositionReading[]) {
  const { equity, maintenance, details } = await sumsOf(positions)
  const worth = await view('clearingHouse', 'getAccountValue', [account])
  const required = await view('accountBalance', 'getMarginRequirementForLiquidation', [account])
  // It cuts the worth of an account to a millionth of a dollar.
  expect(Math.abs(equity - worth)).toBeLessThan(1e-6 + 1e-9 * Math.abs(worth))
  expect(Math.abs(maintenance / required - 1)).toBeLessThan(1e-9)
  return { details, worth, required }
}

const poolPrice = async ({ baseToken }: PerpMarket) => {
  const { abi } = perpArtifacts.exchange
  const root = (await chain.view(perp.exchange, abi, 'getSqrtMarketTwapX96', [baseToken, 0])) as bigint
  return (Number(root) / 2 ** 96) ** 2
}

/** The maker's positions, and what it has earned by fees and funding. */
async function makerNow() {
  const { positions, gaps } = await read(chain.account)
  expect(gaps).toMatchObject([{ code: 'maker-orders' }, { code: 'maker-orders' }])
  expect(gaps.every(({ touches }) => touches.kind === 'context')).toBe(true)
  const args = [chain.account]
  const profits = await chain.view(perp.accountBalance, perpArtifacts.accountBalance.abi, 'getPnlAndPendingFee', args)
  const [owed, , fee] = profits as readonly [bigint, bigint, bigint]
  const contracts = positions.filter(({ instrument }) => instrument.kind === 'linear-perp')
  const funding = contracts.map(({ instrument }) =>
    instrument.kind === 'linear-perp' ? (instrument.terms.accruedFunding ?? 0) : 0,
  )
  return {
    contracts,
    orders: positions.filter((one) => !contracts.includes(one) && !one.id.includes(perp.markets.BTC.baseToken)),
    earned: toDecimal(owed + fee, 18) + funding.reduce((sum, one) => sum + one, 0),
    price: await poolPrice(perp.markets.ETH),
  }
}

function worth(positions: readonly PositionReading[], ETH: number): number {
  const spot = { ETH, BTC: 60_000, USDC: 1 }
  const exchangeRates = Object.fromEntries(Object.keys(spot).map((underlying) => [underlying, { underlying, rate: 1 }]))
  return positions.reduce((sum, { instrument }) => sum + value(instrument, { at: 0, spot, exchangeRates }), 0)
}

describe('an account', () => {
  it('of two markets is worth, and needs, what the protocol says, and each contract has its margin ratio', async () => {
    const { positions, gaps, roundTrips } = await read(trader(1))
    expect(gaps).toEqual([])
    expect(roundTrips).toBe(2)
    const { ETH, BTC } = perp.markets
    expect(positions).toMatchObject([
      { id: `perp-v2:${ETH.baseToken}`, label: 'Perp v2 ETH long', needs: ['ETH', 'USDC', 'WETH'] },
      { id: `perp-v2:${BTC.baseToken}`, label: 'Perp v2 BTC short', needs: ['BTC', 'USDC', 'WETH'] },
    ])
    const { details, worth, required } = await expectOwnView(trader(1), positions)
    for (const one of details) expect(Math.abs((one.marginRatio ?? 0) / (required / worth) - 1)).toBeLessThan(1e-9)
    const market = await protocolMarket()
    const values = positions.map(({ instrument }) => value(instrument, market))
    // 70 % of two ether count there, all of them are held.
    expect(values.reduce((total, one) => total + one, 0)).toBeCloseTo(worth + 0.3 * 2 * 3_000, 5)
  })

  it('pays and is paid the funding that is pending', async () => {
    const [long] = (await read(trader(1))).positions
    const [short] = (await read(trader(2))).positions
    const accrued = [long, short].map((one) =>
      one?.instrument.kind === 'linear-perp' ? one.instrument.terms.accruedFunding : 0,
    )
    // The index is above the market: shorts pay.
    expect(accrued[0]).toBeGreaterThan(0)
    expect(accrued[1]).toBeLessThan(0)
  })

  it('is liquidated where its margin ratio passes 1', async () => {
    const { ETH } = perp.markets
    const seen: boolean[] = []
    for (const ethUsd of [3_140, 3_170, 3_250]) {
      // The maker buys until the market is where the index is to be.
      const mark = await markOf(ETH)
      const liquidity = 10_000_000
      const base = ((ethUsd - mark) / mark) * (liquidity / mark) * 0.6
      await perp.price(ETH, ethUsd)
      await perp.trade(chain.account, { market: ETH, base: BigInt(Math.round(base * 1e6)) * 10n ** 12n })
      await letTimePass(ethUsd)
      const { positions, gaps } = await read(trader(2))
      expect(gaps).toEqual([])
      const { details, worth, required } = await expectOwnView(trader(2), positions)
      const [{ marginRatio = 0, liquidationPriceUsd = 0 } = {}] = details
      expect(marginRatio > 1).toBe(worth < required)
      expect((await markOf(ETH)) > liquidationPriceUsd).toBe(worth < required)
      seen.push(worth < required)
    }
    expect(seen).toEqual([false, false, true])
  })

  it('with maker orders is worth what the protocol says, and knows what they will hold at another price', async () => {
    const { ETH } = perp.markets
    const before = await makerNow()
    await expectOwnView(chain.account, before.contracts)
    await perp.deposit(trader(5), perp.usdc, 1_000_000_000000n)
    await perp.trade(trader(5), { market: ETH, base: 100n * ether })
    const moved = await poolPrice(ETH)
    const after = await makerNow()
    expect(moved / before.price).toBeGreaterThan(1.04)
    // Orders hold what the contracts count: they are worth nothing beside it until the price moves.
    expect(Math.abs(worth(before.orders, before.price))).toBeLessThan(1e-3)
    expect(worth(before.orders, moved)).toBeLessThan(-3_000)
    const foreseen = worth(before.contracts, moved) + worth(before.orders, moved) - before.earned
    const found = worth(after.contracts, moved) + worth(after.orders, moved) - after.earned
    expect(Math.abs(foreseen - found)).toBeLessThan(0.01)
  })

  it('without a contract is its margin', async () => {
    await perp.deposit(trader(3), perp.usdc, 1_500_000000n)
    await perp.deposit(trader(3), perp.weth, ether)
    const { positions, gaps } = await read(trader(3))
    expect(gaps).toEqual([])
    expect(positions.map(({ id, instrument }) => [id, instrument])).toEqual([
      ['perp-v2:margin:USDC', { kind: 'spot', terms: { asset: 'USDC', quantity: 1_500 } }],
      ['perp-v2:margin:WETH', { kind: 'spot', terms: { asset: 'WETH', quantity: 1 } }],
    ])
  })

  it('without anything is no position and no gap', async () => {
    expect(await read(trader(4))).toMatchObject({ positions: [], gaps: [], roundTrips: 1 })
  })

  it('in a market that is not configured is a gap', async () => {
    const { ETH } = perp.markets
    const { positions, gaps } = await read(trader(1), { markets: [{ baseToken: ETH.baseToken, underlying: 'ETH' }] })
    expect(positions).toEqual([])
    expect(gaps).toMatchObject([{ code: 'unknown-market', touches: { kind: 'position' } }])
    expect(gaps[0]?.reason).toContain(perp.markets.BTC.baseToken)
  })

  it('in a market that is paused owes what it is worth there, whatever the price does', async () => {
    await chain.send(perp.markets.BTC.baseToken, perpArtifacts.baseToken.abi, 'pause', [])
    const { positions, gaps } = await read(trader(1))
    expect(gaps).toEqual([])
    expect(positions).toMatchObject([{ label: 'Perp v2 ETH long' }])
    await expectOwnView(trader(1), positions)
  })
})
