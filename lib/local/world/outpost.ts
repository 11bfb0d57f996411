// A second chain beside the world: some dollars of the treasury on it, so that a portfolio on two chains, and the loss of one, can be seen.

import { toUnits } from '../../base/amount.ts'
import type { Address } from '../../model/identity.ts'
import { tokenAbi } from './abis.ts'
import { demoAccount, parts } from './accounts.ts'
import type { AssetAddresses } from './addresses.ts'
import { startAnvil } from './anvil.ts'
import { compileOwnContracts } from './compile.ts'
import { multicall3Address, setMulticall3 } from './deploy-multicall.ts'
import { makeDeployer } from './deployer.ts'
import { type IntervalMiner, startIntervalMiner } from './interval-miner.ts'
import { makeRpc } from './rpc.ts'

export interface Outpost {
  readonly rpcUrl: string
  readonly chainId: number
  readonly multicall3: Address
  readonly usdc: AssetAddresses
  /** A block each so many seconds, until `stop`. */
  startIntervalMining(seconds: number, onFailure?: (error: unknown) => void): Promise<void>
  stop(): Promise<void>
}

const feedDecimals = 8

/** Starts a chain with one token and its feed. @throws HomeostatError `anvil-*`, `world-*` */
export async function startOutpost(params: {
  readonly chainId: number
  /** Whose dollars they are. */
  readonly holder: Address
  readonly usdc: number
}): Promise<Outpost> {
  const { chainId, holder } = params
  const anvil = await startAnvil({ chainId })
  let miner: IntervalMiner | undefined
  const stop = async () => {
    await miner?.stop()
    await anvil.stop()
  }
  try {
    const rpc = makeRpc(anvil.rpcUrl)
    const own = compileOwnContracts()
    await rpc.request('evm_setAutomine', [false])
    await setMulticall3({ rpc })
    const deployer = await makeDeployer({ rpc }, demoAccount(parts.deployer).address)
    const token = deployer.deploy(own.mintableToken, ['USD Coin', 'USDC', 6])
    const feed = deployer.deploy(own.priceFeed, [feedDecimals, 'USDC / USD', toUnits(1, feedDecimals)])
    const args = [holder, toUnits(params.usdc, 6)]
    deployer.call({ name: 'mint USDC', to: token, abi: tokenAbi, functionName: 'mint', args })
    await deployer.flush()
    await rpc.request('evm_setAutomine', [true])
    return {
      rpcUrl: anvil.rpcUrl,
      chainId,
      multicall3: multicall3Address,
      usdc: { symbol: 'USDC', token, decimals: 6, feed, feedDecimals },
      async startIntervalMining(seconds, onFailure = () => undefined) {
        await miner?.stop()
        miner = await startIntervalMiner({ rpc, onFailure }, seconds)
      },
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}
