// What a reading holds when all is well, and that no fault of a provider ever becomes a number or shows a key.

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { HomeostatError } from '../../lib/base/homeostat-error.ts'
import { Redacted } from '../../lib/base/redacted.ts'
import type { Reading } from '../../lib/model/reading.ts'
import { type ChainSourcesDeps, chainSources } from '../../lib/sources/chain-sources.ts'
import { uniswapV3PositionsAbi } from '../../lib/sources/protocols/uniswap-v3.ts'
import {
  key,
  type Misbehaviour,
  type RpcCall,
  type ScriptedChain,
  startScriptedChain,
} from './fixture/scripted-chain.ts'
import { account, at, chainConfig, pool, seedTreasury, settingsOf, uniswap } from './fixture/treasury.ts'

let chain: ScriptedChain
beforeEach(async () => {
  chain = await startScriptedChain(at)
  seedTreasury(chain)
})
afterEach(() => chain.stop())

const secret = async () => new Redacted(chain.url)
const settings = () => settingsOf(chainConfig([{ name: 'alpha', secret: 'rpc-url' }]))
const read = (deps: Partial<ChainSourcesDeps> = {}) =>
  chainSources({ secret, requestMs: 1_000, ...deps }).read({ settings: settings(), at })

function expectNoSecret(reading: Reading): void {
  expect(JSON.stringify(reading)).not.toContain(key)
}

/** A chain that cannot be trusted leaves one gap and not a single value. */
function expectBlind(reading: Reading, code: string): void {
  const { gaps, block, feeds, protocolPrices, poolPrices, balances, lending, ranges, positions } = reading
  expect(gaps.map((gap) => [gap.code, gap.touches.kind])).toEqual([[code, 'everything']])
  expect({ block, feeds, protocolPrices, poolPrices, balances, lending, ranges, positions }).toEqual({
    block: undefined,
    feeds: [],
    protocolPrices: [],
    poolPrices: [],
    balances: [],
    lending: [],
    ranges: [],
    positions: [],
  })
  expectNoSecret(reading)
}

describe('a healthy chain', () => {
  it('gives every value at one pinned block', async () => {
    const reading = await read()
    expect(reading.gaps).toEqual([])
    expect(reading.block).toEqual({ chainId: 1, ...chain.head, baseFeeGwei: 2 })
    expect(reading.providers).toMatchObject([{ name: 'alpha', ok: true, host: new URL(chain.url).origin }])
    expect(reading.feeds).toEqual([
      { asset: 'WETH', usd: 3_000, updatedAt: at - 100, roundId: '9' },
      { asset: 'USDC', usd: 1, updatedAt: at - 100, roundId: '9' },
    ])
    expect(reading.balances).toEqual([
      { asset: 'WETH', quantity: 1.5, units: '1500000000000000000' },
      { asset: 'USDC', quantity: 2_000, units: '2000000000' },
    ])
    expect(reading.protocolPrices).toEqual([
      { protocol: 'aave-v3', asset: 'WETH', usd: 3_000 },
      { protocol: 'aave-v3', asset: 'USDC', usd: 1 },
    ])
    expectNoSecret(reading)
  })

  it('gives the lending account with its terms and the summary of the protocol', async () => {
    const [lending] = (await read()).lending
    expect(lending).toMatchObject({
      account,
      reported: { collateralUsd: 30_000, debtUsd: 10_000, liquidationThreshold: 0.8, healthFactor: 2.4 },
      legs: [
        { asset: 'WETH', supplied: 10, usedAsCollateral: true, liquidationThreshold: 0.8, liquidationBonus: 0.05 },
        { asset: 'USDC', supplied: 0, variableDebt: 10_000, supplyRate: 0.01, borrowRate: 0.05, frozen: true },
      ],
    })
  })

  it('gives the pool and the range with fees owed and accrued', async () => {
    const reading = await read()
    expect(reading.poolPrices).toMatchObject([{ pool, base: 'WETH', quote: 'USDC', feeTier: 500 }])
    expect(reading.poolPrices[0]?.price).toBeCloseTo(3_000, 6)
    const [range] = reading.ranges
    // 0.001 recorded, and half a unit of growth on a liquidity of 1e15: 5e14 units of 1e-18.
    expect(range).toMatchObject({ tokenId: '7', pool, liquidity: '1000000000000000', owed0: 0.0015, owed1: 0 })
    expect(range?.liquidityPerWholeToken).toBeCloseTo(1_000, 9)
    expect(range?.lowerPrice).toBeCloseTo(1.0001 ** -200_000 * 1e12, 5)
  })

  it('takes one multicall for each round of questions, all at the pinned block', async () => {
    await read()
    const calls = chain.requests.filter(({ method }) => method === 'eth_call')
    expect(calls.length).toBeLessThanOrEqual(4)
    expect(new Set(calls.map(({ params }) => params[1]))).toEqual(new Set(['0x3e8']))
  })

  it('whose positions are known is read in one multicall, and a check of the block', async () => {
    const sources = chainSources({ secret, requestMs: 1_000 })
    const first = await sources.read({ settings: settings(), at })
    const before = chain.requests.length
    const second = await sources.read({ settings: settings(), at })
    expect(withoutTimes(second)).toEqual(withoutTimes(first))
    const afterAgreement = chain.requests.slice(before + 3).map(({ method }) => method)
    expect(afterAgreement.toSorted()).toEqual(['eth_call', 'eth_feeHistory', 'eth_getBlockByNumber'])
  })

  it('on which a position appears or goes is read as it is, whatever was known', async () => {
    const sources = chainSources({ secret, requestMs: 1_000 })
    await sources.read({ settings: settings(), at })
    chain.say(uniswap.positions, uniswapV3PositionsAbi, 'balanceOf', [account], 0n)
    const without = await sources.read({ settings: settings(), at })
    expect(without.ranges).toEqual([])
    expect(without.gaps).toEqual([])
    chain.say(uniswap.positions, uniswapV3PositionsAbi, 'balanceOf', [account], 1n)
    expect((await sources.read({ settings: settings(), at })).ranges).toHaveLength(1)
  })
})

const withoutTimes = (reading: Reading) => ({
  ...reading,
  providers: reading.providers.map(({ milliseconds: _, ...outcome }) => outcome),
})

const onCall = (misbehaviour: Misbehaviour) => (call: RpcCall) =>
  call.method === 'eth_call' ? misbehaviour : undefined
const always = (misbehaviour: Misbehaviour) => () => misbehaviour
const onHeader = (result: unknown) => (call: RpcCall) =>
  call.method === 'eth_getBlockByNumber' ? ({ kind: 'result', result } as const) : undefined

describe('a provider at fault', () => {
  const faults: readonly (readonly [string, string, (call: RpcCall, nth: number) => Misbehaviour | undefined])[] = [
    ['hangs from the start', 'rpc-timeout', always({ kind: 'hang' })],
    ['hangs during the multicall', 'rpc-timeout', onCall({ kind: 'hang' })],
    ['sends byte after byte without an end', 'rpc-timeout', onCall({ kind: 'drip' })],
    ['answers HTML with 200', 'rpc-malformed', always({ kind: 'body', type: 'text/html', body: '<html>busy</html>' })],
    ['answers truncated JSON', 'rpc-malformed', onCall({ kind: 'body', body: '{"jsonrpc":"2.0","id":3,"resu' })],
    ['answers with an empty body', 'rpc-malformed', onCall({ kind: 'body', body: '' })],
    ['answers with neither result nor error', 'rpc-malformed', onCall({ kind: 'result', result: undefined })],
    ['answers with null instead of bytes', 'rpc-malformed', onCall({ kind: 'result', result: null })],
    ['answers with other bytes than a multicall', 'rpc-malformed', onCall({ kind: 'result', result: '0x1234' })],
    ['answers another request', 'rpc-wrong-id', onCall({ kind: 'result', result: '0x', id: 987_654 })],
    ['fails the multicall with HTTP 500', 'rpc-http-status', onCall({ kind: 'body', status: 500, body: 'oops' })],
    ['closes the connection', 'rpc-unreachable', onCall({ kind: 'close' })],
    ['redirects elsewhere', 'rpc-unreachable', always({ kind: 'redirect', to: 'http://127.0.0.1:9/' })],
    [
      'refuses with an error',
      'rpc-error',
      onCall({ kind: 'error', code: -32_000, message: `limit of ${key} reached` }),
    ],
    ['sends more than ten megabytes', 'rpc-too-large', onCall({ kind: 'body', body: 'x'.repeat(10_000_001) })],
    ['has no contract at the address of Multicall3', 'multicall-failed', onCall({ kind: 'result', result: '0x' })],
    ['has no latest block', 'block-missing', onHeader(null)],
    ['sends a header without a hash', 'rpc-malformed', onHeader({ number: '0x1', timestamp: '0x1', hash: null })],
    ['sends text instead of a header', 'rpc-malformed', onHeader('yes')],
  ]
  it.each(faults)('that %s leaves the gap %s', async (_, code, misbehave) => {
    chain.misbehave = misbehave
    const reading = await read(code === 'rpc-timeout' ? { requestMs: 100 } : {})
    expectBlind(reading, code)
    expect(reading.providers).toMatchObject([{ ok: false, code }])
  })

  it('that serves another chain is not believed', async () => {
    chain.chainId = 10
    expectBlind(await read(), 'wrong-chain')
  })

  it.each([
    ['old', -120, 'head-too-old'],
    ['future', 120, 'head-in-future'],
  ])('whose head is of an %s time is not believed', async (_, seconds, code) => {
    chain.head.timestamp = at + seconds
    expectBlind(await read(), code)
  })

  it('that answers from the state of another block is not believed', async () => {
    chain.misbehave = ({ method }, nth) => {
      if (method === 'eth_call') chain.head.timestamp = at - 6 - nth
      return undefined
    }
    expectBlind(await read(), 'wrong-state')
  })

  it('that nobody listens for is unreachable', async () => {
    await chain.stop()
    expectBlind(await read(), 'rpc-unreachable')
  })

  it.each(['ftp://example.org/k3y-Abc123456789', 'k3y-Abc123456789'])('whose URL is %s is not called', async (url) => {
    expectBlind(await read({ secret: async () => new Redacted(url) }), 'rpc-url-invalid')
  })

  it('whose secret cannot be read is not called', async () => {
    const denied = async () => {
      throw new HomeostatError('denied', { message: `no access to ${key}`, retry: 'never' })
    }
    expectBlind(await read({ secret: denied }), 'secret-unavailable')
  })

  it('that passes is asked again', async () => {
    chain.misbehave = (_, nth) => (nth === 4 ? { kind: 'body', body: '<html>' } : undefined)
    const reading = await read()
    expect(reading.gaps).toEqual([])
    expect(reading.balances).toHaveLength(2)
  })

  it('that never ends in time is left at the deadline of the run', async () => {
    chain.misbehave = onCall({ kind: 'hang' })
    expectBlind(await read({ requestMs: 5_000, deadlineMs: 200 }), 'deadline-exceeded')
    expectBlind(await read({ secret: () => new Promise(() => undefined), deadlineMs: 100 }), 'deadline-exceeded')
  })
})

describe('a reorganisation', () => {
  const newHash = (nth: number): `0x${string}` => `0x${nth.toString(16).padStart(64, '0')}`

  it('during the run makes it read everything again', async () => {
    chain.misbehave = (_, nth) => {
      if (nth === 4) chain.head = { ...chain.head, hash: newHash(nth) }
      return undefined
    }
    const reading = await read()
    expect(reading.block?.hash).toBe(newHash(4))
    expect(reading.gaps).toEqual([])
    expect(reading.balances).toHaveLength(2)
  })

  it('that takes the block away altogether makes it read everything again', async () => {
    chain.misbehave = (_, nth) => {
      if (nth === 4) chain.head = { ...chain.head, number: 999 }
      return undefined
    }
    expect((await read()).block?.number).toBe(999)
  })

  it('under the hands of a provider, which then answers from another block, makes it read everything again', async () => {
    let replaced = false
    chain.misbehave = ({ method }) => {
      if (method === 'eth_call' && !replaced) {
        chain.head = { ...chain.head, hash: newHash(7), timestamp: chain.head.timestamp - 1 }
        replaced = true
      }
      return undefined
    }
    const reading = await read()
    expect(reading.block?.hash).toBe(newHash(7))
    expect(reading.gaps).toEqual([])
    expect(reading.providers.map(({ ok }) => ok)).toEqual([true])
  })

  it('that does not end leaves a gap', async () => {
    chain.misbehave = ({ method }, nth) => {
      if (method === 'eth_call') chain.head = { ...chain.head, hash: newHash(nth) }
      return undefined
    }
    expectBlind(await read(), 'reorged')
  })
})

/** A vital sign that is missing leaves a gap of its own and touches nothing else. */
function withoutVitals({ vitals: _, gaps, ...values }: Omit<Reading, 'providers'>) {
  return {
    ...values,
    gaps: gaps.filter(({ subject, touches }) => !/^chain /.test(subject) || touches.kind !== 'context'),
  }
}

describe('whatever happens to one request', () => {
  const bends: readonly (readonly [string, Misbehaviour])[] = [
    ['HTML', { kind: 'body', body: '<html>' }],
    ['a closed connection', { kind: 'close' }],
    ['null', { kind: 'result', result: null }],
    ['no bytes', { kind: 'result', result: '0x' }],
    ['zeros', { kind: 'result', result: `0x${'0'.repeat(4_096)}` }],
    ['an error', { kind: 'error', code: -32_000, message: 'busy' }],
  ]
  it.each(bends)('be it %s, once or from then on, the reading is whole or blind', async (_, bend) => {
    const { providers, ...whole } = await read()
    const count = chain.requests.length
    expect(count).toBeGreaterThan(5)
    for (let nth = 1; nth <= count; nth++) {
      for (const isLasting of [false, true]) {
        const before = chain.requests.length
        chain.misbehave = () => {
          const current = chain.requests.length - before
          return current === nth || (isLasting && current > nth) ? bend : undefined
        }
        const { providers: outcomes, ...reading } = await read()
        expectNoSecret({ ...reading, providers: outcomes })
        if (reading.block === undefined)
          expectBlind({ ...reading, providers: outcomes }, reading.gaps[0]?.code ?? 'none')
        else expect(withoutVitals(reading)).toEqual(withoutVitals(whole))
        if (isLasting) expect(reading.block).toBeUndefined()
      }
    }
    expect(providers).toHaveLength(1)
  })
})
