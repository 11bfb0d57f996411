import { getAddress } from 'viem'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { feedAbi, tokenAbi } from '../../lib/local/world/abis.ts'
import { type Anvil, startAnvil } from '../../lib/local/world/anvil.ts'
import { linkedBytecode, loadArtifact } from '../../lib/local/world/artifact.ts'
import { compileOwnContracts } from '../../lib/local/world/compile.ts'
import { makeDeployer } from '../../lib/local/world/deployer.ts'
import { makeRpc, type Rpc } from '../../lib/local/world/rpc.ts'

let anvil: Anvil
let rpc: Rpc
const account = getAddress('0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266')

beforeAll(async () => {
  anvil = await startAnvil({ chainId: 31_337 })
  rpc = makeRpc(anvil.rpcUrl)
  await rpc.request('evm_setAutomine', [false])
})
afterAll(() => anvil?.stop())

describe('a deployment', () => {
  it('is one block, with each contract at the address foretold', async () => {
    const { priceFeed, mintableToken } = compileOwnContracts()
    const deployer = await makeDeployer({ rpc }, account)
    const feed = deployer.deploy(priceFeed, [8, 'ETH / USD', 1n])
    const token = deployer.deploy(mintableToken, ['USD Coin', 'USDC', 6])
    deployer.call({ name: 'push', to: feed, abi: feedAbi, functionName: 'push', args: [2n, 0n] })
    await deployer.flush()
    const latest = (await rpc.request('eth_getBlockByNumber', ['latest', false])) as { transactions: string[] }
    expect(latest.transactions).toHaveLength(3)
    for (const address of [feed, token])
      expect(String(await rpc.request('eth_getCode', [address, 'latest']))).not.toBe('0x')
  })

  it('that fails says which step it was and why', async () => {
    const deployer = await makeDeployer({ rpc }, account)
    const token = deployer.deploy(compileOwnContracts().mintableToken, ['USD Coin', 'USDC', 6])
    deployer.call({
      name: 'give what is not there',
      to: token,
      abi: tokenAbi,
      functionName: 'transfer',
      args: [account, 1n],
    })
    deployer.call({ name: 'mint', to: token, abi: tokenAbi, functionName: 'mint', args: [account, 1n] })
    await expect(deployer.flush()).rejects.toMatchObject({
      code: 'world-deployment-failed',
      message: expect.stringMatching(/"give what is not there" failed: .*transfer amount exceeds balance/),
      facts: { step: 'give what is not there' },
    })
  })
})

describe('an artifact', () => {
  it('that is not installed is an error with its path', () => {
    expect(() => loadArtifact('@aave/core-v3/artifacts/contracts/Nothing.sol/Nothing.json')).toThrow(
      'The compiled contract @aave/core-v3/artifacts/contracts/Nothing.sol/Nothing.json is not installed.',
    )
  })

  it('gets its libraries linked, all of them or none', () => {
    const pool = loadArtifact('@aave/core-v3/artifacts/contracts/protocol/pool/Pool.sol/Pool.json')
    const names = Object.values(pool.linkReferences ?? {}).flatMap(Object.keys)
    expect(names).toHaveLength(7)
    const libraries = Object.fromEntries(names.map((name) => [name, account]))
    expect(pool.bytecode).toContain('__$')
    expect(linkedBytecode(pool, libraries)).toMatch(/^0x[0-9a-f]+$/)
    expect(linkedBytecode(pool, libraries)).toHaveLength(pool.bytecode.length)
    expect(() => linkedBytecode(pool, { ...libraries, BorrowLogic: undefined as never })).toThrow(
      'needs the library BorrowLogic',
    )
  })
})

describe('the local chain', () => {
  it('says what was asked when a call fails', async () => {
    await expect(rpc.request('eth_doesNotExist')).rejects.toMatchObject({
      code: 'world-rpc-failed',
      message: expect.stringContaining('eth_doesNotExist failed'),
    })
  })
})
