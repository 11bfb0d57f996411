// Whose word counts: the book's, what a person has checked, and where the account has put something by itself.

import { parseAbi } from 'viem/utils'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Redacted } from '../../../lib/base/redacted.ts'
import type { Address } from '../../../lib/model/identity.ts'
import { discover } from '../../../lib/sources/discovery/discover.ts'
import { aaveDataProviderAbi, aaveOracleAbi } from '../../../lib/sources/protocols/aave-v3-abi.ts'
import { aaveDiscoveryAbi } from '../../../lib/sources/protocols/aave-v3-discovery.ts'
import { lookAt, readDraft, sayFeed, seedAccount } from '../fixture/looked-at.ts'
import { sayToken, serveLogs, transferLog } from '../fixture/met-tokens.ts'
import { type ScriptedChain, startScriptedChain } from '../fixture/scripted-chain.ts'
import { account, at, usdc, weth } from '../fixture/treasury.ts'

const address = (byte: string): Address => `0x${byte.repeat(20)}`
const [vault, feed, adapter] = [address('a1'), address('f1'), address('f2')]
const [provider, pool, oracle, data, aToken, fake] = [
  address('b1'),
  address('b2'),
  address('b3'),
  address('b4'),
  address('b5'),
  address('b6'),
]
const unknownChain = 424_242

let chain: ScriptedChain
beforeEach(async () => {
  chain = await startScriptedChain(at)
  seedAccount(chain)
})
afterEach(() => chain.stop())

const vaultAbi = parseAbi([
  'function asset() view returns (address)',
  'function totalAssets() view returns (uint256)',
  'function convertToAssets(uint256) view returns (uint256)',
])

function sayVault(total = 10n ** 18n): void {
  sayToken(chain, vault, { account, symbol: 'vUSDC', balance: 5n })
  chain.say(vault, vaultAbi, 'asset', [], usdc)
  chain.say(vault, vaultAbi, 'totalAssets', [], total)
  chain.say(vault, vaultAbi, 'convertToAssets', [5n], 10n ** 18n)
}

describe('a vault whose shares came to the account', () => {
  const came = transferLog({ token: vault, to: account })
  it('is left out if nobody who is known vouches for it, with what to do', async () => {
    sayVault()
    serveLogs(chain, [came])
    const found = await lookAt(chain)
    expect(found.holdings).toEqual([])
    expect(found.leftOut).toMatchObject([{ address: vault, reason: expect.stringContaining('add it by hand') }])
    expect(readDraft(found).text).toContain(`# left out: shares of an ERC-4626 vault at ${vault}`)
  })

  it('is believed if the account itself has sent a priced token there, more than nothing', async () => {
    sayVault()
    serveLogs(chain, [came, transferLog({ token: usdc, from: account, to: vault, value: 0n })])
    expect((await lookAt(chain)).holdings).toEqual([])
    serveLogs(chain, [came, transferLog({ token: usdc, from: account, to: vault, value: 9n })])
    const { protocols } = readDraft(await lookAt(chain)).chain
    expect(protocols).toEqual({
      erc4626: { vaults: [{ address: vault, symbol: 'vUSDC', asset: 'USDC', decimals: 18 }] },
    })
  })

  it('is believed if a person has named it', async () => {
    sayVault()
    serveLogs(chain, [came])
    const known = { erc4626: { vaults: [{ address: vault, asset: 'USDC', decimals: 18 }] } }
    expect((await lookAt(chain, { protocols: known })).holdings).toMatchObject([{ belief: 'known by known.yaml' }])
  })

  it('is none if a share would be worth more than all that it has', async () => {
    sayVault(10n ** 18n - 1n)
    serveLogs(chain, [came, transferLog({ token: usdc, from: account, to: vault })])
    const { holdings, leftOut, unpriced } = await lookAt(chain)
    expect([holdings, leftOut]).toEqual([[], []])
    expect(unpriced).toMatchObject([{ address: vault }])
  })
})

/** One reserve, with 7 supplied; the account got its aToken. */
function sayMarket(token: Address, source: Address): void {
  sayToken(chain, aToken, { account, symbol: 'aTKN' })
  chain.say(aToken, aaveDiscoveryAbi, 'POOL', [], pool)
  chain.say(pool, aaveDiscoveryAbi, 'ADDRESSES_PROVIDER', [], provider)
  chain.say(provider, aaveDiscoveryAbi, 'getPool', [], pool)
  chain.say(provider, aaveDiscoveryAbi, 'getPriceOracle', [], oracle)
  chain.say(provider, aaveDiscoveryAbi, 'getPoolDataProvider', [], data)
  chain.say(pool, aaveDiscoveryAbi, 'getReservesList', [], [token])
  chain.say(oracle, aaveOracleAbi, 'BASE_CURRENCY_UNIT', [], 100_000_000n)
  chain.say(oracle, aaveDiscoveryAbi, 'getSourceOfAsset', [token], source)
  const user = [7n, 0n, 0n, 0n, 0n, 0n, 0n, 0, true]
  chain.say(data, aaveDataProviderAbi, 'getUserReserveData', [token, account], user)
  chain.say(data, aaveDataProviderAbi, 'getReserveTokensAddresses', [token], [aToken, fake, fake])
}

describe('a market that nobody knows', () => {
  const came = [transferLog({ token: aToken, to: account }), transferLog({ token: fake, to: account })]

  it('is not believed on a chain of the book, nor is what its oracle says of a price', async () => {
    sayToken(chain, fake, { account, symbol: 'GOLD' })
    sayMarket(fake, feed)
    sayFeed(chain, feed, 'GOLD / USD')
    serveLogs(chain, came)
    const found = await lookAt(chain)
    expect(found.assets.map(({ name }) => name.symbol)).toEqual(['WETH', 'USDC'])
    expect(found.leftOut).toMatchObject([{ what: 'Aave v3 account with 1 legs' }])
  })

  it('is taken at its word on a chain of which nothing is known, and the draft says so', async () => {
    chain.chainId = unknownChain
    sayToken(chain, fake, { account, symbol: 'GOLD' })
    sayMarket(fake, feed)
    sayFeed(chain, feed, 'XAU / USD')
    serveLogs(chain, came)
    const found = await lookAt(chain, { isConfigured: false })
    const { text, chain: read } = readDraft(found)
    expect(read.aaveV3).toEqual({ pool, dataProvider: data, oracle })
    expect(read.assets).toMatchObject([{ symbol: 'GOLD', underlying: 'XAU', feed: { address: feed, decimals: 8 } }])
    expect(text).toContain('every contract below was taken at its own word')
  })

  const sources = parseAbi([
    'function ASSET_TO_USD_AGGREGATOR() view returns (address)',
    'function BASE_TO_USD_AGGREGATOR() view returns (address)',
  ])
  it('may have an adapter before the feed of a stablecoin: the feed is taken', async () => {
    chain.chainId = unknownChain
    sayToken(chain, fake, { account, symbol: 'USDX' })
    sayMarket(fake, adapter)
    chain.say(adapter, sources, 'ASSET_TO_USD_AGGREGATOR', [], feed)
    sayFeed(chain, feed, 'USDX / USD')
    serveLogs(chain, came)
    expect((await lookAt(chain, { isConfigured: false })).assets).toMatchObject([
      { price: { address: feed, through: adapter } },
    ])
  })

  it('may price a staked coin by a rate: its leg stands, and a person is asked for its feed', async () => {
    chain.chainId = unknownChain
    sayToken(chain, fake, { account, symbol: 'stX' })
    sayMarket(fake, adapter)
    chain.say(adapter, sources, 'BASE_TO_USD_AGGREGATOR', [], feed)
    sayFeed(chain, feed, 'X / USD')
    serveLogs(chain, came)
    const { text, warnings } = readDraft(await lookAt(chain, { isConfigured: false }))
    expect(warnings.map(({ path, isPlaceholder }) => [path, isPlaceholder])).toEqual([
      ['chains[0].assets[0].feed.address', true],
    ])
    expect(text).toMatch(/address: "0x\w+" # CHANGE: a feed/)
  })
})

it('a staked coin whose oracle multiplies a rate with the price of the coin is worth its own rate in the coin', async () => {
  const [positions, ethFeed] = [address('c1'), address('f3')]
  chain.chainId = unknownChain
  const rates = parseAbi([
    'function stEthPerToken() view returns (uint256)',
    'function BASE_TO_USD_AGGREGATOR() view returns (address)',
    'function WETH9() view returns (address)',
    'function getSourceOfAsset(address) view returns (address)',
  ])
  sayToken(chain, fake, { account, symbol: 'stX' })
  sayMarket(fake, adapter)
  chain.say(pool, aaveDiscoveryAbi, 'getReservesList', [], [fake, weth])
  chain.say(oracle, rates, 'getSourceOfAsset', [weth], ethFeed)
  chain.say(adapter, rates, 'BASE_TO_USD_AGGREGATOR', [], feed)
  for (const one of [feed, ethFeed]) sayFeed(chain, one, 'ETH / USD')
  chain.say(positions, rates, 'WETH9', [], weth)
  chain.say(fake, rates, 'stEthPerToken', [], 12n * 10n ** 17n)
  const came = [aToken, fake, positions].map((token) => transferLog({ token, to: account }))
  serveLogs(chain, [...came, transferLog({ token: positions, from: account })])
  const { chain: read, text } = readDraft(await lookAt(chain, { isConfigured: false }))
  expect(read.assets).toMatchObject([
    { symbol: 'WETH', underlying: 'ETH', feed: { address: ethFeed } },
    {
      symbol: 'stX',
      underlying: 'ETH',
      prices: [{ kind: 'exchange-rate', settings: { per: 'WETH', call: 'stEthPerToken' } }],
    },
  ])
  expect(text).toContain('# CHANGE: add since')
  // A draft that is known is taken over as it was.
  const again = await lookAt(chain, { chains: [read] })
  expect(readDraft(again).chain.assets).toEqual(read.assets)
})

it('a symbol that is taken gets digits of its address, whoever comes second', async () => {
  sayToken(chain, fake, { account, symbol: 'usdc' })
  chain.chainId = unknownChain
  sayMarket(fake, feed)
  sayFeed(chain, feed, 'USDC / USD')
  serveLogs(chain, [transferLog({ token: fake, to: account }), transferLog({ token: aToken, to: account })])
  const { assets } = readDraft(await lookAt(chain)).chain
  expect(assets.map(({ symbol, underlying }) => [symbol, underlying])).toEqual([
    ['WETH', 'ETH'],
    ['USDC', 'USDC'],
    ['usdc-b6b6b6', 'USDC'],
  ])
})

describe('an address that cannot be meant', () => {
  const codes = [
    ['a contract of the book', '0xc36442b4a4522e871399cd717abdd847ab11fe88'],
    ['a token', usdc],
  ] as const
  it.each(codes)('because it is %s is refused, with what to give instead', async (_, given) => {
    if (given === usdc)
      chain.say(usdc, parseAbi(['function totalSupply() view returns (uint256)']), 'totalSupply', [], 1n)
    await expect(lookAt(chain, { account: given })).rejects.toMatchObject({
      code: 'not-an-account',
      hint: expect.stringContaining('a Safe, or a wallet'),
    })
  })

  it('is found out before anything is read if the URLs serve two chains', async () => {
    const other = await startScriptedChain(at)
    other.chainId = 10
    const urls = [chain, other].map(({ url }) => new Redacted(url))
    await expect(discover({ urls }, { account, at })).rejects.toMatchObject({ code: 'wrong-chain' })
    expect(other.requests.map(({ method }) => method)).toEqual(['eth_chainId'])
    await other.stop()
  })
})

it('what is known by a person is found without any logs, and what was not looked at is told', async () => {
  serveLogs(chain, [], () => ({ kind: 'error', code: -32_601, message: 'eth_getLogs is not for you' }))
  const found = await lookAt(chain)
  expect(found.assets.map(({ name, quantity }) => [name.symbol, quantity])).toEqual([
    ['WETH', 1.5],
    ['USDC', 2_000],
  ])
  expect(found.unseen[0]).toMatch(/logs of blocks 0 to 1000: .*not for you/)
  expect(readDraft(found).text).toContain('# not looked at: logs of blocks 0 to 1000')
})

it('a loan is no loan without its legs: weth and usdc of a known market are assets even if the account has none', async () => {
  chain.chainId = unknownChain
  sayToken(chain, weth, { account, balance: 0n, symbol: 'WETH' })
  sayMarket(weth, feed)
  sayFeed(chain, feed, 'ETH / USD')
  serveLogs(chain, [transferLog({ token: aToken, to: account })])
  expect((await lookAt(chain, { isConfigured: false })).assets).toMatchObject([
    { name: { symbol: 'WETH' }, quantity: 0 },
  ])
})
