// The chain's own coin: held, absent, unreadable, and priced as what it is.

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Redacted } from '../../lib/base/redacted.ts'
import { assemble } from '../../lib/snapshot/assemble.ts'
import { chainSources } from '../../lib/sources/chain-sources.ts'
import { native, nativeBalanceAbi } from '../../lib/sources/protocols/native.ts'
import { readWith, settingsOfChain } from './fixture/lone-protocol.ts'
import { multicall3, type ScriptedChain, startScriptedChain } from './fixture/scripted-chain.ts'
import { account, at, seedTreasury } from './fixture/treasury.ts'

let chain: ScriptedChain
beforeEach(async () => {
  chain = await startScriptedChain(at)
  seedTreasury(chain)
})
afterEach(() => chain.stop())

const settings = { underlying: 'ETH' }
const read = () => readWith(chain, { name: native.name, settings })
const hold = (wei: bigint) => chain.say(multicall3, nativeBalanceAbi, 'getEthBalance', [account], wei)

describe('the native balance', () => {
  it('travels in the one multicall of the other balances and is held as its underlying', async () => {
    hold(2_500000000000000000n)
    const reading = await read()
    expect(reading.gaps).toEqual([])
    expect(reading.roundTrips).toBe(1)
    expect(reading.positions).toEqual([
      {
        id: 'native:ETH',
        label: 'ETH in the account',
        instrument: { kind: 'spot', terms: { asset: 'ETH', quantity: 2.5 } },
        needs: ['ETH'],
      },
    ])
  })

  it('is priced by the wrapped coin, and lives by its feed', async () => {
    hold(10n ** 18n)
    const portfolio = settingsOfChain(chain.url, native.name, settings)
    const snapshot = assemble({ reading: await read(), settings: portfolio })
    const held = snapshot.positions.find(({ id }) => id === 'native:ETH')
    expect(held?.dataState).toEqual({ kind: 'FRESH' })
  })

  it('of nothing is no position and no gap', async () => {
    hold(0n)
    const reading = await read()
    expect([reading.positions, reading.gaps]).toEqual([[], []])
  })

  it.each([
    ['reverts', undefined, 'reverted'],
    ['answers nothing', '0x', 'empty-return'],
    ['answers half a word', `0x${'00'.repeat(16)}`, 'malformed-return'],
  ] as const)('that %s is a gap, not a zero', async (_, data, code) => {
    chain.sayRaw(multicall3, nativeBalanceAbi, 'getEthBalance', [account], data)
    const reading = await read()
    expect(reading.positions).toEqual([])
    expect(reading.gaps).toMatchObject([{ code, touches: { kind: 'position', positionId: 'native:ETH' } }])
    expect(reading.balances).toHaveLength(2)
  })

  it('is not asked for where the chain does not configure it', async () => {
    const portfolio = settingsOfChain(chain.url, native.name, settings)
    const { protocols: _, ...unconfigured } = portfolio.chain
    const sources = chainSources({ secret: async (name) => new Redacted(name) })
    const reading = await sources.read({ settings: { ...portfolio, chain: unconfigured }, at })
    expect([reading.positions, reading.gaps]).toEqual([[], []])
  })
})
