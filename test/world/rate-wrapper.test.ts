// A staking token with the ABI of wstETH and rETH, of our own making, against its own view of what a holding is worth.

import { afterAll, beforeAll, expect, it } from 'vitest'
import { toDecimal } from '../../lib/base/amount.ts'
import { compileFixture } from './fixtures/compile-fixture.ts'
import { type ProtocolChain, startProtocolChain } from './fixtures/protocol-chain.ts'

const { StakedToken: artifact } = compileFixture('staked-token.sol')

let chain: ProtocolChain
beforeAll(async () => {
  chain = await startProtocolChain()
})
afterAll(() => chain?.stop())

it.each([
  ['stEthPerToken', 'getStETHByWstETH'],
  ['getExchangeRate', 'getEthValue'],
] as const)('a holding by %s is worth what %s says, until the report is late', async (call, view) => {
  if (artifact === undefined) throw new Error('StakedToken did not compile')
  const token = await chain.deploy(artifact)
  await chain.send(token, artifact.abi, 'stake', [123_456_789_012_345_678_901n])
  await chain.send(token, artifact.abi, 'report', [151_851_850_000_000_000_007n])
  const held = (await chain.view(token, artifact.abi, 'balanceOf', [chain.account])) as bigint
  const theirs = toDecimal((await chain.view(token, artifact.abi, view, [held])) as bigint, 18)
  const report = { call: 'getBalancesTimestamp', address: token }
  const one = { address: token, symbol: 'sETH', underlying: 'ETH', decimals: 18, rate: { call }, report }
  const read = () => chain.read('rate-wrapper', { settings: { tokens: [one] }, assets: [] })
  const { positions, gaps, roundTrips } = await read()
  expect(gaps).toEqual([])
  expect(roundTrips).toBe(1)
  const [position] = positions
  expect(position?.instrument).toMatchObject({ kind: 'liquid-staking', terms: { asset: 'ETH' } })
  const quantity = expect.closeTo(theirs, 9)
  expect(position?.instrument.terms).toMatchObject({ quantity })
  await chain.warp(129_700)
  expect((await read()).gaps).toMatchObject([{ code: 'rate-stale' }])
})
