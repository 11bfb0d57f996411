// A whole market on one machine: real protocol contracts, a treasury in a Safe, and the levers to move prices, fees and time.

import { setTimeout as pause } from 'node:timers/promises'
import { type Address, createClient, getAddress, type Hex, http, toHex } from 'viem'
import { HomeostatError } from '../../base/homeostat-error.ts'
import { demoAccount, parts } from './accounts.ts'
import { type AssetId, assetIds, type WorldAddresses } from './addresses.ts'
import { startAnvil } from './anvil.ts'
import { deployMarket } from './deploy-market.ts'
import { mustBePositive } from './drive-pools.ts'
import { driveWorld, type WorldDrive } from './drive-world.ts'
import { type FeedKeeper, startFeedKeeper } from './feed-keeper.ts'
import { type IntervalMiner, startIntervalMiner } from './interval-miner.ts'
import { makeRpc, type Rpc } from './rpc.ts'
import { defaultTreasury, type TreasuryPlan } from './seed-treasury.ts'

export interface WorldOptions {
  readonly chainId?: number
  /** Dollars at the start. */
  readonly prices?: Partial<Readonly<Record<AssetId, number>>>
  /** Of the treasury's Safe; by default as many demo approvers as the threshold needs. */
  readonly owners?: readonly Address[]
  readonly threshold?: number
  readonly treasury?: Partial<TreasuryPlan>
  /** Gets 10 ETH for gas. */
  readonly relayer?: Address
  readonly baseFeeWei?: bigint
  readonly onProgress?: (message: string, milliseconds: number) => void
}

export interface World extends WorldDrive {
  readonly rpcUrl: string
  readonly chainId: number
  readonly addresses: WorldAddresses
  /** Keys of those owners that are demo approvers: well-known, worthless outside of this chain. */
  readonly ownerPrivateKeys: readonly Hex[]
  /** A block each so many seconds, with the base fee of the one before; until `stop` or the next call. */
  startIntervalMining(seconds: number, onFailure?: (error: unknown) => void): Promise<void>
  stopIntervalMining(): Promise<void>
  /**
   * Renews each feed's answer before it is this old, as an oracle's heartbeat does; until `stop` or the next call.
   * A feed that is older already, or told to misbehave, is somebody's experiment and left alone.
   */
  keepFeedsFresh(heartbeatSeconds: number, onFailure?: (error: unknown) => void): Promise<void>
  stop(): Promise<void>
}

const initialPrices = { ETH: 2_914, BTC: 60_700, USDC: 1 } as const

/**
 * Starts a chain and deploys everything; it mines a block per transaction until told otherwise.
 * @throws HomeostatError `anvil-*`, `world-*`
 */
export async function startWorld(options: WorldOptions = {}): Promise<World> {
  const {
    chainId = 31_337,
    threshold = 1,
    relayer,
    baseFeeWei = 2_000_000_000n,
    onProgress = () => undefined,
  } = options
  const approvers = demoApprovers(threshold)
  const owners = (options.owners ?? approvers.map(({ address }) => address)).map((owner) => getAddress(owner))
  if (threshold < 1 || threshold > owners.length) throw thresholdInvalid(threshold, owners.length)
  const prices = { ...initialPrices, ...options.prices }
  for (const asset of assetIds) mustBePositive(asset, prices[asset])
  const began = performance.now()
  const anvil = await startAnvil({ chainId })
  onProgress('started anvil', Math.round(performance.now() - began))
  try {
    const rpc = makeRpc(anvil.rpcUrl)
    const client = createClient({ transport: http(anvil.rpcUrl, { retryCount: 0 }) })
    const params = { plan: { ...defaultTreasury, ...options.treasury }, prices, owners, threshold }
    const addresses = await deployMarket({ rpc, client, accounts: accounts(), onProgress }, params)
    const drive = driveWorld({ rpcUrl: anvil.rpcUrl, addresses })
    if (relayer !== undefined) await drive.fund(relayer, 10)
    await drive.setPrices(prices)
    await drive.setBaseFee(baseFeeWei)
    const keys = approvers.filter(({ address }) => owners.includes(address)).map(({ privateKey }) => privateKey)
    const clockwork = clockworkOf(rpc, drive)
    const stop = async () => {
      await clockwork.stop()
      await anvil.stop()
    }
    return { ...drive, ...clockwork, rpcUrl: anvil.rpcUrl, chainId, addresses, ownerPrivateKeys: keys, stop }
  } catch (error) {
    await anvil.stop()
    throw error
  }
}

type Clockwork = Pick<World, 'startIntervalMining' | 'stopIntervalMining' | 'keepFeedsFresh' | 'setPrice' | 'setPrices'>

/** Longest wait for the transactions of one change of prices to reach the pool of pending ones. */
const gatheringMilliseconds = 2_000

function clockworkOf(rpc: Rpc, drive: WorldDrive): Clockwork & { readonly stop: () => Promise<void> } {
  let miner: IntervalMiner | undefined
  let keeper: FeedKeeper | undefined
  const stopIntervalMining = async () => {
    await miner?.stop()
    miner = undefined
  }
  /** Feeds and pools change in the same block, however slowly the transactions arrive: the miner waits until all are there. */
  const setPrices: World['setPrices'] = async (prices, options) => {
    if (miner === undefined) return drive.setPrices(prices, options)
    let change: Promise<void> = Promise.resolve()
    await miner.hold(async () => {
      const before = await pendingCount(rpc)
      change = drive.setPrices(prices, options)
      change.catch(() => undefined)
      const awaited = before + 2 * Object.keys(prices).filter((id) => id !== 'USDC').length
      const deadline = performance.now() + gatheringMilliseconds
      while ((await pendingCount(rpc)) < awaited && performance.now() < deadline) await pause(5)
    })
    return change
  }
  return {
    stopIntervalMining,
    setPrices,
    setPrice: (asset, usd, options) => setPrices({ [asset]: usd }, options),
    async startIntervalMining(seconds, onFailure = () => undefined) {
      await stopIntervalMining()
      miner = await startIntervalMiner({ rpc, onFailure }, seconds)
    },
    async keepFeedsFresh(heartbeatSeconds, onFailure = () => undefined) {
      await keeper?.stop()
      keeper = startFeedKeeper({ drive, onFailure }, heartbeatSeconds)
    },
    async stop() {
      await keeper?.stop()
      await stopIntervalMining()
    },
  }
}

async function pendingCount(rpc: Rpc): Promise<number> {
  const { pending } = (await rpc.request('txpool_status')) as { readonly pending: Hex }
  return Number(pending)
}

function demoApprovers(count: number): readonly { readonly address: Address; readonly privateKey: Hex }[] {
  return Array.from({ length: Math.max(1, count) }, (_, index) => {
    const account = demoAccount(parts.firstApprover + index)
    return { address: account.address, privateKey: toHex(account.getHdKey().privateKey ?? new Uint8Array()) }
  })
}

function accounts(): WorldAddresses['accounts'] {
  const { deployer, feedKeeper, liquidityProvider, arbitrageur } = parts
  const address = (index: number) => demoAccount(index).address
  return {
    deployer: address(deployer),
    feedKeeper: address(feedKeeper),
    liquidityProvider: address(liquidityProvider),
    arbitrageur: address(arbitrageur),
  }
}

function thresholdInvalid(threshold: number, owners: number): HomeostatError {
  return new HomeostatError('world-threshold-invalid', {
    message: `A Safe of ${owners} owners cannot need ${threshold} signatures.`,
    retry: 'never',
    facts: { threshold, owners },
    hint: 'Name at least as many owners as the threshold.',
  })
}
