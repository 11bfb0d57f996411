// Strangers send tokens whose every answer is meant to hurt whoever looks.

import { parseAbi } from 'viem/utils'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Address } from '../../../lib/model/identity.ts'
import { wrappedNativeAbi } from '../../../lib/sources/discovery/wrapped-native.ts'
import { uniswapV3ManagerAbi, uniswapV3PositionsAbi } from '../../../lib/sources/protocols/uniswap-v3.ts'
import { lookAt, readDraft, seedAccount } from '../fixture/looked-at.ts'
import { sayToken, serveLogs, transferLog } from '../fixture/met-tokens.ts'
import { type ScriptedChain, startScriptedChain } from '../fixture/scripted-chain.ts'
import { account, at, usdc, weth } from '../fixture/treasury.ts'

const stranger: Address = `0x${'bad1'.repeat(10)}`

let chain: ScriptedChain
beforeEach(async () => {
  chain = await startScriptedChain(at)
  seedAccount(chain)
  serveLogs(chain, [transferLog({ token: stranger, to: account })])
})
afterEach(() => chain.stop())

const symbolsOf = ({ chain: { assets } }: ReturnType<typeof readDraft>) => assets.map(({ symbol }) => symbol)

describe('a token that a stranger sent', () => {
  const texts = [
    ['a name of 10 kB', 'SPAM', 'x'.repeat(10_000)],
    ['line breaks that go on in YAML', 'X\n    - symbol: FAKE', 'Y\nportfolios: []\n#'],
    ['control characters and an escape', '\u001b[2J\u0000\u0007A', '\u2028\u2029\u0085\rB'],
    ['nothing', '', ''],
    ['a tag and an anchor', '!!js/function &a *a', '---\n...'],
  ] as const
  it.each(texts)('with %s stands in one comment, and changes nothing else', async (_, symbol, name) => {
    sayToken(chain, stranger, { account, symbol, name })
    const found = await lookAt(chain)
    expect(found.unpriced).toMatchObject([{ address: stranger }])
    const draft = readDraft(found)
    expect(symbolsOf(draft)).toEqual(['WETH', 'USDC'])
    const lines = draft.text.split('\n').filter((line) => line.includes(stranger))
    expect(lines).toEqual([expect.stringMatching(/^ +# not priced: /)])
    expect(draft.text).toMatch(/^[\x20-\x7e\n]*$/)
    expect(lines[0]?.length).toBeLessThan(300)
  })

  it('that reverts whatever it is asked but its balance is listed, without decimals', async () => {
    chain.say(stranger, parseAbi(['function balanceOf(address) view returns (uint256)']), 'balanceOf', [account], 7n)
    const { unpriced } = await lookAt(chain)
    expect(unpriced).toMatchObject([{ address: stranger, what: '7 of  ()' }])
  })

  it('that answers nothing at all is not there', async () => {
    const found = await lookAt(chain)
    expect([found.unpriced, found.leftOut]).toEqual([[], []])
    // Of the book, which this chain does not have.
    expect(found.unseen.filter((what) => !/Aave|Uniswap|Compound/.test(what))).toEqual([])
    expect(symbolsOf(readDraft(found))).toEqual(['WETH', 'USDC'])
  })

  it('whose answer exceeds what is read costs only itself', async () => {
    sayToken(chain, stranger, { account })
    const bomb = '0x06fdde03'
    chain.onMulticall = (calls) =>
      calls.some(({ target, callData }) => target.toLowerCase() === stranger && callData === bomb)
        ? { kind: 'body', body: 'x'.repeat(10_000_001) }
        : undefined
    const found = await lookAt(chain)
    expect(found.unpriced).toMatchObject([{ address: stranger, what: '1 TKN ()' }])
    expect(found.assets).toHaveLength(2)
  })

  it('that burns all gas whenever it is asked for its name costs only that', async () => {
    sayToken(chain, stranger, { account })
    chain.starvesAfter = ({ target, callData }) => target.toLowerCase() === stranger && callData === '0x06fdde03'
    const found = await lookAt(chain)
    expect(found.unpriced).toMatchObject([{ address: stranger, what: '1 TKN ()' }])
    expect(found.assets.map(({ quantity }) => quantity)).toEqual([1.5, 2_000])
  })

  it('that is everything at once and names itself everywhere is believed in nothing', async () => {
    sayToken(chain, stranger, { account })
    const self = [
      'asset',
      'POOL',
      'ADDRESSES_PROVIDER',
      'getPool',
      'getPriceOracle',
      'getPoolDataProvider',
      'baseToken',
      'baseTokenPriceFeed',
      'token0',
      'token1',
      'factory',
      'WETH9',
      'getVault',
      'minter',
      'poolManager',
      'ASSET_TO_USD_AGGREGATOR',
    ] as const
    for (const name of self) {
      const abi = parseAbi([`function ${name}() view returns (address)`] as readonly string[])
      chain.say(stranger, abi, name, [], stranger)
    }
    const more = parseAbi([
      'function getReservesList() view returns (address[])',
      'function BASE_CURRENCY_UNIT() view returns (uint256)',
      'function getSourceOfAsset(address) view returns (address)',
      'function getPair(address, address) view returns (address)',
      'function getReserves() view returns (uint112, uint112, uint32)',
      'function totalAssets() view returns (uint256)',
      'function convertToAssets(uint256) view returns (uint256)',
    ])
    chain.say(stranger, more, 'getReservesList', [], [weth, stranger])
    chain.say(stranger, more, 'BASE_CURRENCY_UNIT', [], 100_000_000n)
    for (const token of [weth, stranger]) chain.say(stranger, more, 'getSourceOfAsset', [token], stranger)
    chain.say(stranger, more, 'getPair', [stranger, stranger], stranger)
    chain.say(stranger, more, 'getReserves', [], [1n, 1n, 0])
    chain.say(stranger, more, 'totalAssets', [], 10n ** 30n)
    chain.say(stranger, more, 'convertToAssets', [10n ** 18n], 10n ** 30n)
    for (const isConfigured of [true, false]) {
      const found = await lookAt(chain, { isConfigured, protocols: { 'uniswap-v2': { factory: usdc } } })
      expect(found.holdings).toEqual([])
      expect(found.assets.map(({ address }) => address)).not.toContain(stranger)
    }
  })
})

it('five thousand NFTs are paged through, and those with anything in them are one holding a pair', async () => {
  // Of the book.
  const manager: Address = '0xc36442b4a4522e871399cd717abdd847ab11fe88'
  const count = 5_000
  const at3 = [manager, uniswapV3PositionsAbi] as const
  chain.say(manager, uniswapV3ManagerAbi, 'factory', [], `0x${'a'.repeat(40)}`)
  chain.say(manager, wrappedNativeAbi, 'WETH9', [], weth)
  chain.say(...at3, 'balanceOf', [account], BigInt(count))
  for (let index = 0; index < count; index++) {
    const [id, tokens] = [BigInt(index + 1), index % 2 === 0 ? [weth, usdc] : [stranger, usdc]]
    chain.say(...at3, 'tokenOfOwnerByIndex', [account, BigInt(index)], id)
    const liquidity = index % 10 === 9 ? 0n : 1n
    chain.say(...at3, 'positions', [id], [0n, manager, ...tokens, 500, -10, 10, liquidity, 0n, 0n, 0n, 0n])
  }
  serveLogs(chain, [transferLog({ token: manager, to: account, id: 1n })])
  const found = await lookAt(chain)
  expect(found.holdings.map(({ what }) => what)).toEqual(['Uniswap v3: 2500 ranges of one pair'])
  expect(found.leftOut).toMatchObject([{ what: 'Uniswap v3: 2000 ranges of one pair' }])
  const calls = chain.requests.filter(({ method }) => method === 'eth_call').length
  // 10,000 calls at 400 a request, and a few rounds before and after.
  expect(calls).toBeLessThan(50)
  expect(readDraft(found).chain.uniswapV3?.positions).toBe(manager)
})
