// Markets with the ABI of Morpho Blue, of our own making, against what they say that everybody would pay or get now.

import { encodeAbiParameters, keccak256, parseAbiParameters } from 'viem'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { toDecimal } from '../../lib/base/amount.ts'
import type { AssetConfig } from '../../lib/model/configuration.ts'
import type { Address, Hash } from '../../lib/model/identity.ts'
import { compileFixture } from './fixtures/compile-fixture.ts'
import { type ProtocolChain, startProtocolChain } from './fixtures/protocol-chain.ts'

const { MorphoMarket: artifact, LinearRates: rates } = compileFixture('morpho-market.sol')
const lender: Address = `0x${'a1'.repeat(20)}`
const oracle: Address = `0x${'a3'.repeat(20)}`
const none: Address = `0x${'0'.repeat(40)}`

let chain: ProtocolChain
let morpho: Address
let irm: Address
let assets: readonly [AssetConfig, AssetConfig]
beforeAll(async () => {
  if (artifact === undefined || rates === undefined) throw new Error('the fixture did not compile')
  chain = await startProtocolChain()
  assets = [await chain.token('USDC', 6), await chain.token('WETH', 18)]
  morpho = await chain.deploy(artifact)
  irm = await chain.deploy(rates)
})
afterAll(() => chain?.stop())

const send = (name: string, args: readonly unknown[]) => chain.send(morpho, artifact?.abi ?? [], name, args)
const expected = async (what: 'Supply' | 'Borrow', id: Hash, user: Address) =>
  toDecimal((await chain.view(morpho, artifact?.abi ?? [], `expected${what}Assets`, [id, user])) as bigint, 6)

/** Somebody lends 100,000, the account secures 12,345.678901 by 10 WETH and lends a little itself; 45 days pass. */
async function marketWith({ model, fee }: { readonly model: Address; readonly fee: bigint }): Promise<Hash> {
  const [usdc, weth] = assets
  const params = [usdc.address, weth.address, oracle, model, 86n * 10n ** 16n] as const
  const type = parseAbiParameters('address, address, address, address, uint256')
  const id = keccak256(encodeAbiParameters(type, params))
  const [loanToken, collateralToken, , , lltv] = params
  await send('createMarket', [{ loanToken, collateralToken, oracle, irm: model, lltv }, fee])
  await send('supply', [id, 100_000_000001n, lender])
  await send('supply', [id, 777_000003n, chain.account])
  await send('supplyCollateral', [id, 10n ** 19n, chain.account])
  await send('borrow', [id, 12_345_678901n])
  await chain.warp(45 * 86_400)
  return id
}

/** A market without a rate model is told by leaving it out. */
const market = (model: Address) => ({
  loan: 'USDC',
  collateral: 'WETH',
  oracle,
  ...(model === none ? {} : { irm: model }),
  lltv: 0.86,
})

const read = (model: Address, account?: Address) =>
  chain.read('morpho-blue', {
    settings: { address: morpho, markets: [market(model)] },
    assets,
    ...(account === undefined ? {} : { account }),
  })

describe('a position', () => {
  it('owes and earns to the block what its market says, in two round trips', async () => {
    const id = await marketWith({ model: irm, fee: 10n ** 17n })
    const [owed, lent] = [await expected('Borrow', id, chain.account), await expected('Supply', id, chain.account)]
    expect(owed).toBeGreaterThan(12_345.678901)
    expect(lent).toBeGreaterThan(777.000003)
    const { positions, gaps, roundTrips } = await read(irm)
    expect(gaps).toEqual([])
    expect(roundTrips).toBe(2)
    const rate = expect.any(Number)
    expect(positions.map(({ instrument }) => instrument)).toEqual([
      {
        kind: 'loan',
        terms: {
          collateral: [
            { asset: 'USDC', quantity: lent, liquidationThreshold: 0, rate },
            { asset: 'WETH', quantity: 10, liquidationThreshold: 0.86, rate: 0 },
          ],
          debt: [{ asset: 'USDC', quantity: owed, rate }],
        },
      },
    ])
    const other = await read(irm, lender)
    expect(other.positions[0]?.instrument.terms).toMatchObject({
      collateral: [{ quantity: await expected('Supply', id, lender) }],
    })
  })

  it('grows at the stated rates', async () => {
    const id = await marketWith({ model: irm, fee: 25n * 10n ** 16n })
    await send('accrueInterest', [id])
    const [before, from] = [await legsOf(lender), await chain.blockTime()]
    const debt = await legsOf(chain.account)
    await chain.warp(86_400)
    const years = ((await chain.blockTime()) - from) / (365 * 86_400)
    const growth = (after: number, start: number) => Math.log(after / start) / years
    const [lent, owed] = [await expected('Supply', id, lender), await expected('Borrow', id, chain.account)]
    const [lending, borrowing] = [before.collateral[0], debt.debt[0]]
    expect(growth(lent, lending?.quantity ?? 0)).toBeCloseTo(lending?.rate ?? 0, 5)
    expect(growth(owed, borrowing?.quantity ?? 0)).toBeCloseTo(borrowing?.rate ?? 0, 5)
  })

  it('on a market without a rate model owes what was borrowed', async () => {
    await marketWith({ model: none, fee: 0n })
    const { positions, gaps, roundTrips } = await read(none)
    expect(gaps).toEqual([])
    expect(roundTrips).toBe(1)
    expect(positions[0]?.instrument.terms).toMatchObject({ debt: [{ quantity: 12_345.678901, rate: 0 }] })
  })

  it('that does not exist is no position and no gap', async () => {
    await marketWith({ model: irm, fee: 1n })
    expect(await read(irm, oracle)).toMatchObject({ positions: [], gaps: [], roundTrips: 1 })
  })
})

interface Leg {
  readonly quantity: number
  readonly rate?: number
}

async function legsOf(account: Address) {
  const { positions } = await read(irm, account)
  return positions[0]?.instrument.terms as { readonly collateral: readonly Leg[]; readonly debt: readonly Leg[] }
}
