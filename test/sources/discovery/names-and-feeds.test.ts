// Names that a configuration may have, and heartbeats that the chain does not tell.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import * as z from '../../../lib/base/schema.ts'
import type { Address } from '../../../lib/model/identity.ts'
import { checksummed } from '../../../lib/sources/discovery/checksummed.ts'
import { heartbeatFor } from '../../../lib/sources/discovery/feed-facts.ts'
import { joinSettings } from '../../../lib/sources/discovery/join-settings.ts'
import { knownDeployments } from '../../../lib/sources/discovery/known-deployments.ts'
import { nameTokens, safeSymbol, underlyingOf } from '../../../lib/sources/discovery/token-names.ts'
import { addressSetting } from '../../../lib/sources/protocols/address-setting.ts'

const address = (index: number): Address => `0x${(index + 1).toString(16).padStart(40, '0')}`

describe('names of tokens', () => {
  it.each([
    ['USDC.e', 'USDC.e'],
    ['USD₮0', 'USD_0'],
    ['🦄', undefined],
    ['1INCH', 'INCH'],
    ['a very long symbol that goes on', 'a_very_long_symbol_t'],
    ['x: {y}', 'x_y'],
  ])('%s becomes %s', (symbol, safe) => {
    expect(safeSymbol(symbol)).toBe(safe)
  })

  it.each([
    ['ETH / USD', 'WETH', 'ETH'],
    ['Calculated XAU / USD', 'PAXG', 'Calculated_XAU'],
    [undefined, 'WBTC', 'BTC'],
    [undefined, 'WLD', 'WLD'],
    ['', 'USDC.e', 'USDC_e'],
    ['/', '_', 'TOKEN'],
  ])('a feed %s and a symbol %s follow %s', (description, symbol, underlying) => {
    expect(underlyingOf(description, symbol)).toBe(underlying)
  })

  it('are valid and unique whatever strangers call their tokens', () => {
    const text = fc.oneof(
      fc.constantFrom('USDC', 'usdc', 'WETH', '', '-', 'USDC-000002'),
      fc.string({ unit: 'binary' }),
    )
    fc.assert(
      fc.property(fc.array(fc.tuple(text, text), { maxLength: 8 }), (tokens) => {
        const names = nameTokens(
          tokens.map(([symbol, feedDescription], index) => ({ address: address(index), symbol, feedDescription })),
        )
        const symbols = [...names.values()].map(({ symbol }) => symbol)
        expect(symbols).toHaveLength(tokens.length)
        expect(new Set(symbols).size).toBe(symbols.length)
        for (const { symbol, underlying } of names.values()) {
          expect(symbol).toMatch(/^[A-Za-z][A-Za-z0-9._+-]{0,19}$/)
          expect(underlying).toMatch(/^[A-Za-z][A-Za-z0-9_]{0,19}$/)
        }
      }),
    )
  })
})

describe('heartbeats', () => {
  it.each([
    ['no two rounds', undefined, 86_400],
    ['a lively market', 40, 3_600],
    ['an hour, and the blocks that it took', 3_612, 3_600],
    ['a little more', 4_000, 14_400],
    ['a day', 86_412, 86_400],
    ['more than anybody promises', 10_000_000, 604_800],
  ])('are estimated from %s', (_, gap, heartbeat) => {
    expect(heartbeatFor(gap)).toBe(heartbeat)
  })
})

describe('settings of several holdings', () => {
  it('grow their lists, each item once, and tell what can be one only', () => {
    const one = { vault: 'a', pools: [{ address: 1 }] }
    expect(joinSettings(one, { vault: 'a', pools: [{ address: 1 }, { address: 2 }] })).toEqual({
      joined: { vault: 'a', pools: [{ address: 1 }, { address: 2 }] },
    })
    expect(joinSettings(one, { vault: 'b', pools: [] })).toEqual({ conflict: 'vault' })
  })
})

describe('the book', () => {
  it('has each address once a role, a place where it is published, and a checksum that holds', () => {
    const setting = addressSetting('a contract of the book')
    const seen = new Set<string>()
    for (const { chainId, protocol, contracts, source } of knownDeployments) {
      expect(source).toMatch(/\w/)
      for (const [role, contract] of Object.entries(contracts)) {
        expect(z.safeParse(setting, checksummed(contract)).success).toBe(true)
        const key = `${chainId} ${protocol} ${role} ${contract}`
        expect(seen.has(key)).toBe(false)
        seen.add(key)
      }
    }
  })
})
