// Contracts that revert, loop, lie or lead in circles, and the kinds of proxies that there are, on a real chain.

import type { Address, Hex } from 'viem'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Redacted } from '../../lib/base/redacted.ts'
import { type Artifact, loadArtifact } from '../../lib/local/world/artifact.ts'
import { multicall3Address } from '../../lib/local/world/deploy-multicall.ts'
import type { AssetConfig } from '../../lib/model/configuration.ts'
import type { ChainDependencies } from '../../lib/model/dependencies.ts'
import { discoverDependencies } from '../../lib/sources/dependencies/discover-dependencies.ts'
import { compileFixture } from './fixtures/compile-fixture.ts'
import { type ProtocolChain, startProtocolChain } from './fixtures/protocol-chain.ts'

const compiled = compileFixture('governed.sol')
const artifactOf = (name: string): Artifact => {
  const found = compiled[name]
  if (found === undefined) throw new Error(`${name} did not compile`)
  return found
}
const openZeppelin = (name: string) => loadArtifact(`@openzeppelin/contracts/build/contracts/${name}.json`)

let chain: ProtocolChain
beforeAll(async () => {
  chain = await startProtocolChain()
})
afterAll(() => chain?.stop())

const zero: Address = `0x${'0'.repeat(40)}`
const place = (digit: string): Address => `0x${digit.repeat(40)}`
const key = place('e')

/** What an account stands on that holds tokens at these addresses. */
const standsOn = (...tokens: readonly Address[]): Promise<ChainDependencies> => standsOnWith({}, tokens)

async function standsOnWith(
  protocols: Readonly<Record<string, unknown>>,
  tokens: readonly Address[],
): Promise<ChainDependencies> {
  const assets = tokens.map(
    (address, index): AssetConfig => ({ symbol: `T${index}`, address, decimals: 18, underlying: `T${index}` }),
  )
  const { dependencies } = await discoverDependencies(
    { secret: async (name) => new Redacted(name) },
    {
      chain: {
        id: 'local',
        chainId: 31_337,
        rpc: [{ name: 'anvil', url: chain.rpcUrl }],
        quorum: 1,
        multicall3: multicall3Address.toLowerCase() as Address,
        maxBlockAgeSeconds: 3_600,
        confirmations: 2,
        assets,
        protocols,
      },
      account: chain.account,
      at: await chain.blockTime(),
    },
  )
  return dependencies
}

const links = (found: ChainDependencies, to: Address) =>
  found.links
    .filter((link) => link.to === `31337:${to}`)
    .map(({ from, role }) => `${role} ${from.split(':')[1]}`)
    .sort()
const notes = (found: ChainDependencies, address: Address) =>
  found.notes.filter(({ node, says }) => node === `31337:${address}` || says.includes(address)).map(({ code }) => code)
const kind = (found: ChainDependencies, address: Address) => found.nodes.find((node) => node.address === address)?.kind

const setCode = async (address: Address, code: Hex) => {
  await chain.rpc.request('anvil_setCode', [address, code])
  await chain.rpc.request('evm_mine', [])
}
const setSlot = async (address: Address, slot: string, value: Address) => {
  await chain.rpc.request('anvil_setStorageAt', [address, slot, `0x${value.slice(2).padStart(64, '0')}`])
  await chain.rpc.request('evm_mine', [])
}
const implementationSlot = '0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc'
const named = (owner: Address, oracle: Address) => chain.deploy(artifactOf('Named'), [owner, oracle])

describe('getters', () => {
  it('that name keys, contracts, nobody, themselves and each other lead where there is something', async () => {
    const first = await named(key, zero)
    const second = await named(first, first)
    await chain.send(first, artifactOf('Named').abi, 'point', [second, first])
    const found = await standsOn(second)
    expect(links(found, second)).toEqual([`oracle ${first}`, `owner ${first}`])
    // A circle ends where it closes; naming oneself is told and leads nowhere.
    expect(links(found, first)).toEqual([`owner ${second}`])
    expect(notes(found, first)).toContain('refers-to-itself')
    const dead = await named(place('d'), place('c'))
    const end = await standsOn(dead)
    expect(kind(end, place('d'))).toBe('admin-key')
    expect(notes(end, place('c'))).toEqual(['no-code'])
    expect(notes(end, place('d'))).toEqual([])
    const nobody = await named(zero, zero)
    expect(links(await standsOn(nobody), nobody)).toEqual([])
  })

  it('that revert, burn all gas, or return what is no address or far too much are as good as not there', async () => {
    const good = await named(key, zero)
    const bad = await chain.deploy(artifactOf('Rubbish'), [good])
    const found = await standsOn(bad, good)
    expect(links(found, bad)).toEqual([`feed ${good}`])
    expect(notes(found, bad)).toContain('refers-to-itself')
    expect(found.nodes.find(({ address }) => address === bad)).not.toHaveProperty('delaySeconds')
    expect(found.nodes.find(({ address }) => address === bad)).not.toHaveProperty('threshold')
    // Its neighbour in the same multicall is read all the same.
    expect(links(found, good)).toEqual([`owner ${key}`])
  })

  it('of a contract that answers anything are not believed, and one that burns gas in every call costs only itself', async () => {
    const echo = place('7')
    await setCode(echo, '0x3060005260206000f3')
    const burner = place('8')
    await setCode(burner, '0x5b600056')
    const good = await named(key, zero)
    const found = await standsOn(echo, burner, good)
    expect(links(found, echo)).toEqual([])
    expect(notes(found, echo)).toEqual(['answers-anything'])
    expect(links(found, burner)).toEqual([])
    expect(links(found, good)).toEqual([`owner ${key}`])
  })

  it('that list the holders of roles are believed, and names are cut to what may be shown', async () => {
    const listed = await chain.deploy(artifactOf('Listed'), [key, place('d')])
    const source = await named(key, zero)
    const hidden = await chain.deploy(artifactOf('Hidden'), [source])
    const found = await standsOn(listed, hidden)
    expect(links(found, listed)).toEqual([`role ${place('d')}`, `role ${key}`])
    expect(found.links.find(({ from }) => from.endsWith(place('d')))?.evidence).toBe('getRoleMember(MINTER_ROLE)')
    // No getter names it: the reading of the balance touches it.
    expect(links(found, hidden)).toEqual([`read ${source}`])
    expect(links(found, source)).toEqual([`owner ${key}`])
    const label = found.nodes.find(({ address }) => address === hidden)?.label
    expect(label).toContain('HID')
    expect(label).toMatch(/^[\x20-\x7e]*$/)
  })
})

describe('proxies', () => {
  it('by EIP-1967 with an admin, by a beacon, by EIP-1167 and by EIP-7702 lead to the code that they run', async () => {
    const logic = await named(key, zero)
    const transparent = await chain.deploy(openZeppelin('TransparentUpgradeableProxy'), [logic, key, '0x'])
    const beacon = await chain.deploy(openZeppelin('UpgradeableBeacon'), [logic, key])
    const beaconed = await chain.deploy(openZeppelin('BeaconProxy'), [beacon, '0x'])
    const clone = place('6')
    await setCode(clone, `0x363d3d373d3d3d363d73${logic.slice(2)}5af43d82803e903d91602b57fd5bf3`)
    const delegated = place('9')
    await setCode(delegated, `0xef0100${logic.slice(2)}`)
    const owned = await named(delegated, zero)
    const found = await standsOn(transparent, beaconed, clone, owned)
    const [admin] = links(found, transparent).filter((link) => link.startsWith('proxy-admin'))
    expect(links(found, transparent)).toEqual([`implementation ${logic}`, admin])
    expect(links(found, admin?.split(' ')[1] as Address)).toEqual([`owner ${key}`])
    expect(links(found, beaconed)).toEqual([`beacon ${beacon}`, `implementation ${logic}`])
    expect(links(found, beacon)).toEqual([`implementation ${logic}`, `owner ${key}`])
    expect(links(found, clone)).toEqual([`implementation ${logic}`])
    expect(links(found, delegated)).toEqual([`delegate ${logic}`])
    expect(kind(found, delegated)).toBe('admin-key')
  })

  it('to themselves, to each other and to nothing are told, and end', async () => {
    const code = (await chain.rpc.request('eth_getCode', [
      await chain.deploy(openZeppelin('ERC1967Proxy'), [await named(key, zero), '0x']),
      'latest',
    ])) as Hex
    const [own, one, two, lost] = [place('1'), place('2'), place('3'), place('4')]
    for (const [proxy, target] of [
      [own, own],
      [one, two],
      [two, one],
      [lost, place('b')],
    ] as const) {
      await setCode(proxy, code)
      await setSlot(proxy, implementationSlot, target)
    }
    const found = await standsOn(own, one, lost)
    expect(links(found, own)).toEqual([])
    expect(notes(found, own)).toContain('refers-to-itself')
    expect(links(found, one)).toEqual([`implementation ${two}`])
    expect(notes(found, one)).toContain('implementation-loop')
    expect(links(found, lost)).toEqual([`implementation ${place('b')}`])
    expect(notes(found, place('b'))).toEqual(['no-code'])
  })

  it('that keep their target where nobody knows are told, and a token without code is', async () => {
    const short = place('5')
    // Delegates to what stands in slot 77.
    await setCode(short, '0x3660006000376000600036600060007f4d545af43d6000803e3d6000f3')
    const found = await standsOn(short, place('a'))
    expect(notes(found, short)).toContain('unclear-proxy')
    expect(notes(found, place('a'))).toEqual(['no-code'])
  })
})

describe('protocols', () => {
  it('that tell what they stand on are asked, and of others the addresses of their settings are', async () => {
    const vaults = compileFixture('plain-vault.sol').PlainVault
    const staked = compileFixture('staked-token.sol').StakedToken
    if (vaults === undefined || staked === undefined) throw new Error('A fixture did not compile')
    const asset = (await chain.token('USDC', 6)).address
    const vault = await chain.deploy(vaults, [asset, 0])
    const [token, report] = [await chain.deploy(staked), await named(key, zero)]
    const pool = await named(key, zero)
    const protocols = {
      erc4626: { vaults: [{ address: vault, asset: 'T0', decimals: 6 }] },
      'rate-wrapper': {
        tokens: [
          {
            address: token,
            symbol: 'sETH',
            underlying: 'ETH',
            decimals: 18,
            rate: { call: 'getExchangeRate', decimals: 18 },
            report: { call: 'getBalancesTimestamp', address: report },
            maxRateAgeSeconds: 129_600,
          },
        ],
      },
      // Says nothing of its own.
      curve: { pools: [{ address: pool, coins: [] }] },
    }
    const found = await standsOnWith(protocols, [asset])
    expect(links(found, chain.account as Address)).toEqual(
      [asset, vault, token, pool].map((address) => `position ${address}`).sort(),
    )
    expect(kind(found, vault)).toBe('vault')
    expect(links(found, vault)).toEqual([`underlying ${asset}`])
    expect(links(found, token)).toContain(`oracle ${report}`)
    expect(links(found, pool)).toEqual([`owner ${key}`])
  })
})
