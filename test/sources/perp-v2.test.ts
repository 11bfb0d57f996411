// Accounts on Perp v2: how one vault secures several markets, every call that fails, settings that differ, and what strangers can do.

import * as fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Address } from '../../lib/model/identity.ts'
import { assemble } from '../../lib/snapshot/assemble.ts'
import { decimalsAbi } from '../../lib/sources/protocols/as-configured.ts'
import { perpV2 } from '../../lib/sources/protocols/perp-v2.ts'
import {
  perpAccountBalanceAbi,
  perpBaseTokenAbi,
  perpClearingHouseAbi,
  perpCollateralAbi,
  perpConfigAbi,
  perpExchangeAbi,
  perpOrderBookAbi,
  perpVaultAbi,
} from '../../lib/sources/protocols/perp-v2-abi.ts'
import { type OpenMarket, profitOf, securedMarkets } from '../../lib/sources/protocols/perp-v2-margin.ts'
import { readWith, settingsOfChain } from './fixture/lone-protocol.ts'
import { nameOfCall, type ScriptedCall, sayAll, takeBack } from './fixture/scripted-call.ts'
import { type ScriptedChain, startScriptedChain } from './fixture/scripted-chain.ts'
import { account, at, seedTreasury, usdc, weth } from './fixture/treasury.ts'

const contract = (pair: string): Address => `0x${pair.repeat(20)}`
const clearingHouse = contract('e1')
const accountBalance = contract('e2')
const vault = contract('e3')
const exchange = contract('e4')
const manager = contract('e5')
const config = contract('e6')
const orderBook = contract('e7')
const vEth = contract('f1')
const vBtc = contract('f2')
const wad = 10n ** 18n

type Say = (name: string, args: readonly unknown[], result: unknown) => ScriptedCall
const house: Say = (name, args, result) => [clearingHouse, perpClearingHouseAbi, name, args, result]
const balance: Say = (name, args, result) => [accountBalance, perpAccountBalanceAbi, name, args, result]
const safe: Say = (name, args, result) => [vault, perpVaultAbi, name, args, result]

interface State {
  readonly size: bigint
  readonly value: bigint
  readonly notional: bigint
  readonly funding?: bigint
  readonly isOpen?: boolean
}
const market = (
  base: Address,
  { size, value, notional, funding = 0n, isOpen = true }: State,
): readonly ScriptedCall[] => [
  balance('getTotalPositionSize', [account, base], size),
  balance('getTotalPositionValue', [account, base], value),
  balance('getTotalOpenNotional', [account, base], notional),
  [exchange, perpExchangeAbi, 'getPendingFundingPayment', [account, base], funding],
  [base, perpBaseTokenAbi, 'isOpen', [], isOpen],
  [orderBook, perpOrderBookAbi, 'getOpenOrderIds', [account, base], []],
]
const wiring: readonly ScriptedCall[] = [
  house('getAccountBalance', [], accountBalance),
  house('getVault', [], vault),
  house('getExchange', [], exchange),
  safe('getSettlementToken', [], usdc),
  safe('decimals', [], 6),
  safe('getCollateralManager', [], manager),
  balance('getClearingHouseConfig', [], config),
  balance('getOrderBook', [], orderBook),
]
/** 10 ETH at 2,900, and 3,000 by its mark; 4,000 USDC with 30 of realised profit and 5 of fees; 40 of funding is owed. */
const inEth = { size: 10n * wad, value: 30_000n * wad, notional: -29_000n * wad, funding: 40n * wad }
const empty = { size: 0n, value: 0n, notional: 0n }
const holdings: readonly ScriptedCall[] = [
  balance('getBaseTokens', [account], [vEth]),
  safe('getCollateralTokens', [account], []),
  safe('getBalance', [account], 4_000_000000n),
  balance('getPnlAndPendingFee', [account], [30n * wad, 1_000n * wad, 5n * wad]),
  balance('getMarginRequirementForLiquidation', [account], 1_875n * wad),
  house('getAccountValue', [account], 4_995n * wad),
]
const ratio: ScriptedCall = [config, perpConfigAbi, 'getMmRatio', [], 62_500]
const collateral: readonly ScriptedCall[] = [
  safe('getCollateralTokens', [account], [weth]),
  safe('getBalanceByToken', [account, weth], 2n * wad),
  [manager, perpCollateralAbi, 'getCollateralConfig', [weth], [contract('aa'), 700_000, 100_000, 0n]],
  [weth, decimalsAbi, 'decimals', [], 18],
  // Two ether at 3,000, of which 70 % count.
  house('getAccountValue', [account], 9_195n * wad),
]

let chain: ScriptedChain
beforeEach(async () => {
  chain = await startScriptedChain(at)
  seedTreasury(chain)
  sayAll(chain, [...wiring, ...market(vEth, inEth), ...market(vBtc, empty), ...holdings, ratio])
})
afterEach(() => chain.stop())

const settings = {
  clearingHouse,
  accountBalance,
  vault,
  exchange,
  orderBook,
  settlement: 'USDC',
  markets: [
    { baseToken: vEth, underlying: 'ETH' },
    { baseToken: vBtc, underlying: 'BTC' },
  ],
}
const read = (change: object = {}) => readWith(chain, { name: perpV2.name, settings: { ...settings, ...change } })
const id = `perp-v2:${vEth}`
const touches = { kind: 'position', positionId: 'perp-v2:account' }

describe('a contract', () => {
  it('has its size, its entry and the margin of the account, in two round trips', async () => {
    const { gaps, positions, roundTrips } = await read()
    expect(gaps).toEqual([])
    expect(roundTrips).toBe(2)
    const terms = {
      asset: 'ETH',
      quantity: 10,
      entryPrice: 2_900,
      accruedFunding: -40,
      margin: [{ asset: 'USDC', quantity: 4_035 }],
      maintenance: [{ floor: 0, rate: 0.0625 }],
    }
    const instrument = { kind: 'linear-perp', terms }
    expect(positions).toEqual([{ id, label: 'Perp v2 ETH long', instrument, needs: ['ETH', 'USDC'] }])
  })

  it('is valued at the feed, and is fresh', async () => {
    const snapshot = assemble({
      reading: await read(),
      settings: settingsOfChain(chain.url, perpV2.name, settings),
    })
    const found = snapshot.positions.find((one) => one.id === id)
    expect(found?.dataState).toEqual({ kind: 'FRESH' })
  })

  it('of a short has a size below 0 and the same kind of entry', async () => {
    sayAll(chain, [
      ...market(vEth, { size: -10n * wad, value: -30_000n * wad, notional: 29_000n * wad }),
      house('getAccountValue', [account], 3_035n * wad),
    ])
    const { positions, gaps } = await read()
    expect(gaps).toEqual([])
    const terms = { quantity: -10, entryPrice: 2_900, margin: [{ asset: 'USDC', quantity: 4_035 }] }
    expect(positions).toMatchObject([{ label: 'Perp v2 ETH short', instrument: { terms } }])
  })

  it('is secured by further collateral, of which a part counts', async () => {
    sayAll(chain, collateral)
    const { positions, gaps, roundTrips } = await read()
    expect(gaps).toEqual([])
    expect(roundTrips).toBe(2)
    const margin = [
      { asset: 'USDC', quantity: 4_035 },
      { asset: 'WETH', quantity: 2, haircut: expect.closeTo(0.3, 12) },
    ]
    expect(positions).toMatchObject([{ instrument: { terms: { margin } }, needs: ['ETH', 'USDC', 'WETH'] }])
  })

  it('of a maker who has earned more than it has cost still has a price of entry', async () => {
    sayAll(chain, [
      ...market(vEth, { size: wad, value: 3_000n * wad, notional: 100n * wad }),
      balance('getMarginRequirementForLiquidation', [account], (375n * wad) / 2n),
      house('getAccountValue', [account], 7_135n * wad),
    ])
    const { positions, gaps } = await read()
    expect(gaps).toEqual([])
    const terms = { quantity: 1, entryPrice: 3_000, margin: [{ asset: 'USDC', quantity: 7_135 }] }
    expect(positions).toMatchObject([{ instrument: { terms } }])
  })

  it('in a market that is not open any more is cash, and still needs its margin', async () => {
    sayAll(chain, [
      ...market(vBtc, { size: -wad, value: -60_000n * wad, notional: 61_000n * wad, isOpen: false }),
      balance('getBaseTokens', [account], [vEth, vBtc]),
      balance('getMarginRequirementForLiquidation', [account], 5_625n * wad),
      house('getAccountValue', [account], 5_995n * wad),
    ])
    const { positions, gaps } = await read()
    expect(gaps).toEqual([])
    const maintenance = [{ floor: 0, rate: 0.1875 }]
    expect(positions).toMatchObject([
      { id, instrument: { terms: { margin: [{ asset: 'USDC', quantity: 5_035 }], maintenance } } },
    ])
  })
})

describe('maker orders', () => {
  const orderId = `0x${'ab'.repeat(32)}`
  const book: Say = (name, args, result) => [orderBook, perpOrderBookAbi, name, args, result]
  const order = (liquidity: bigint, from: number, to: number) =>
    book('getOpenOrderById', [orderId], [liquidity, from, to, 0n, 0n, 0n, 0n, 5n * wad, 15_000n * wad])
  const orders: readonly ScriptedCall[] = [
    order(2_000n * wad, 78_000, 82_020),
    book('getTotalTokenAmountInPoolAndPendingFee', [account, vEth, true], [4n * wad, 0n]),
    book('getTotalTokenAmountInPoolAndPendingFee', [account, vEth, false], [18_000n * wad, 5n * wad]),
  ]
  beforeEach(() => sayAll(chain, [book('getOpenOrderIds', [account, vEth], [orderId]), ...orders]))
  const orderTouches = { kind: 'position', positionId: `perp-v2:orders:${vEth}` }

  it('are ranges, against what they hold and the contract counts, in two round trips', async () => {
    const { positions, gaps, roundTrips } = await read()
    expect(gaps).toMatchObject([{ code: 'maker-orders', touches: { kind: 'context' } }])
    expect(roundTrips).toBe(2)
    const range = {
      asset0: 'ETH',
      asset1: 'USDC',
      liquidity: 2_000,
      lowerPrice: expect.closeTo(1.0001 ** 78_000, 6),
      upperPrice: expect.closeTo(1.0001 ** 82_020, 6),
      owed0: 0,
      owed1: 0,
    }
    expect(positions.map((one) => [one.id, one.instrument])).toEqual([
      [id, expect.objectContaining({ kind: 'linear-perp' })],
      [`perp-v2:order:${vEth}:78000:82020`, { kind: 'uniswap-v3-range', terms: range }],
      [`perp-v2:orders:${vEth}:ETH`, { kind: 'spot', terms: { asset: 'ETH', quantity: -4 } }],
      [`perp-v2:orders:${vEth}:USDC`, { kind: 'spot', terms: { asset: 'USDC', quantity: -18_000 } }],
    ])
  })

  it.each(orders.map((call) => [nameOfCall(call), call] as const))('are one gap where %s fails', async (_, call) => {
    takeBack(chain, call)
    const { gaps, positions } = await read()
    expect(positions.map((one) => one.id)).toEqual([id])
    expect(gaps).toMatchObject([{ code: 'reverted', touches: orderTouches }])
  })

  it('that cannot be are one gap, without a half of them', async () => {
    sayAll(chain, [order(wad, 82_020, 78_000)])
    const { gaps, positions } = await read()
    expect(positions.map((one) => one.id)).toEqual([id])
    expect(gaps).toMatchObject([{ code: 'impossible-terms', touches: orderTouches }])
  })
})

describe('an account', () => {
  it.each(
    [...wiring, ...market(vEth, inEth), ...holdings.slice(0, 4), ratio].map(
      (call) => [nameOfCall(call), call] as const,
    ),
  )('is one gap where %s fails', async (_, call) => {
    takeBack(chain, call)
    const { gaps, positions } = await read()
    expect(positions).toEqual([])
    expect(gaps).toMatchObject([{ code: 'reverted', touches }])
  })

  it.each(collateral.slice(1, 4).map((call) => [nameOfCall(call), call] as const))(
    'is one gap where %s of its collateral fails',
    async (_, call) => {
      sayAll(chain, collateral)
      takeBack(chain, call)
      const { gaps, positions } = await read()
      expect(positions).toEqual([])
      expect(gaps).toMatchObject([{ code: 'reverted', touches }])
    },
  )

  it.each(holdings.slice(4).map((call) => [nameOfCall(call), call] as const))(
    'stands with a gap where %s fails',
    async (_, call) => {
      takeBack(chain, call)
      const { gaps, positions } = await read()
      expect(positions).toHaveLength(1)
      expect(gaps).toMatchObject([{ code: 'reverted', touches }])
    },
  )

  it.each([
    ['a vault of another token', safe('getSettlementToken', [], weth), weth],
    ['other decimals', safe('decimals', [], 18), '18'],
    ['another account balance', house('getAccountBalance', [], contract('bb')), contract('bb')],
    ['another vault', house('getVault', [], contract('bb')), contract('bb')],
    ['another exchange', house('getExchange', [], contract('bb')), contract('bb')],
    ['another order book', balance('getOrderBook', [], contract('bb')), contract('bb')],
  ] as const)('with %s is a gap that names both', async (_, call, answered) => {
    sayAll(chain, [call])
    const { gaps, positions } = await read()
    expect(positions).toEqual([])
    expect(gaps).toMatchObject([{ code: 'not-as-configured', touches }])
    expect(gaps[0]?.reason).toContain(answered)
  })

  it.each([
    ['worth something else', house('getAccountValue', [account], 5_000n * wad), 'account-value-differs'],
    [
      'in need of another margin',
      balance('getMarginRequirementForLiquidation', [account], 1_900n * wad),
      'margin-differs',
    ],
  ] as const)('that the protocol says to be %s stands with a gap', async (_, call, code) => {
    sayAll(chain, [call])
    const { gaps, positions } = await read()
    expect(positions).toHaveLength(1)
    expect(gaps).toMatchObject([{ code, touches }])
  })

  it('in a market that is not configured is a gap', async () => {
    sayAll(chain, [balance('getBaseTokens', [account], [vEth, contract('f3')])])
    const { gaps, positions } = await read()
    expect(positions).toEqual([])
    expect(gaps).toMatchObject([{ code: 'unknown-market', touches }])
    expect(gaps[0]?.reason).toContain(contract('f3'))
  })

  it('to which strangers give a token that is not configured is not degraded', async () => {
    sayAll(chain, [
      safe('getCollateralTokens', [account], [contract('dd')]),
      house('getAccountValue', [account], 5_000n * wad),
    ])
    const { gaps, positions } = await read()
    expect(positions).toHaveLength(1)
    expect(gaps).toMatchObject([{ code: 'unknown-asset', touches: { kind: 'context' } }])
  })

  it('without anything is no position and no gap, in one round trip', async () => {
    sayAll(chain, [
      balance('getBaseTokens', [account], []),
      safe('getBalance', [account], 0n),
      balance('getPnlAndPendingFee', [account], [0n, 0n, 0n]),
    ])
    expect(await read()).toMatchObject({ positions: [], gaps: [], roundTrips: 1 })
  })

  it('that only owes is a debt of its vault', async () => {
    sayAll(chain, [
      balance('getBaseTokens', [account], []),
      safe('getBalance', [account], -12_000000n),
      balance('getPnlAndPendingFee', [account], [0n, 0n, 0n]),
      balance('getMarginRequirementForLiquidation', [account], 0n),
      house('getAccountValue', [account], -12n * wad),
    ])
    const { positions, gaps } = await read()
    expect(gaps).toEqual([])
    expect(positions).toMatchObject([{ id: 'perp-v2:margin:USDC', instrument: { terms: { quantity: -12 } } }])
  })
})

describe('one vault', () => {
  const amount = (max: bigint) => fc.bigInt({ min: -max * wad, max: max * wad })
  const open: fc.Arbitrary<OpenMarket> = fc
    .record({
      units: fc.bigInt({ min: 10n ** 12n, max: 10n ** 24n }),
      price: fc.bigInt({ min: 10n ** 14n, max: 10n ** 24n }),
      isShort: fc.boolean(),
      openNotional: amount(10n ** 9n),
      pendingFunding: amount(1_000n),
    })
    .map(({ units, price, isShort, openNotional, pendingFunding }) => {
      const size = isShort ? -units : units
      return { size, value: (size * price) / wad, openNotional, pendingFunding }
    })
    .filter(({ value }) => value !== 0n)
  const near = (a: bigint, b: bigint, slack: bigint) => expect(a - b < slack && b - a < slack).toBe(true)

  it('gives its markets all that it holds, and each the margin ratio of the account', () => {
    fc.assert(
      fc.property(amount(10n ** 9n), fc.array(open, { minLength: 1, maxLength: 6 }), (cash, markets) => {
        const secured = securedMarkets(cash, markets)
        const whole = markets.reduce((sum, { value }) => sum + (value < 0n ? -value : value), 0n)
        const equity = markets.reduce((sum, one) => sum + profitOf(one), cash)
        let shares = 0n
        for (const [index, { size, value, pendingFunding }] of markets.entries()) {
          const { entryPrice = 0n, margin = 0n, share: [part] = [0n] } = secured[index] ?? {}
          expect(entryPrice).toBeGreaterThan(0n)
          shares += part
          // What linear-perp makes of it at the protocol's price.
          const own = value - (size * entryPrice) / wad - pendingFunding + margin
          near(own, (equity * part) / whole, 10n)
        }
        expect(shares).toBe(whole)
      }),
    )
  })
})

it.each([
  ['no market', { markets: [] }, /name a market/],
  ['a market twice', { markets: [settings.markets[0], settings.markets[0]] }, /each once/],
  ['a vault that is too short', { vault: vault.slice(0, -2) }, /40 hexadecimal digits/],
])('settings with %s are refused', (_, change, words) => {
  expect(() => settingsOfChain('http://127.0.0.1', perpV2.name, { ...settings, ...change })).toThrow(words)
})
