// A chain without a node: one Safe with one loan, blocks that can be taken back, and transactions that are mined, reverted or left waiting.

import { keccak256, stringToHex } from 'viem/utils'
import { toDecimal } from '../../lib/base/amount.ts'
import { HomeostatError } from '../../lib/base/homeostat-error.ts'
import type { Address, Hash, Hex, PinnedBlock } from '../../lib/model/identity.ts'
import type { Action } from '../../lib/model/order.ts'

export const chainId = 31_337
export const decimals: Readonly<Record<string, number>> = { WETH: 18, USDC: 6, WBTC: 8 }
export const liquidationThreshold = 0.8
/** What the WETH/USDC pool keeps of a swap. */
export const poolFee = 0.0005

/** Everything that a block leaves behind. */
export interface State {
  readonly prices: Readonly<Record<string, number>>
  readonly collateralWeth: number
  readonly debtUsdc: number
  readonly balances: Readonly<Record<string, number>>
  readonly safe: { readonly nonce: number; readonly owners: readonly Address[]; readonly threshold: number }
  /** Transactions of each relayer that are mined. */
  readonly nonces: Readonly<Record<Address, number>>
}

/** The bytes of a transaction: JSON in hexadecimal. */
export interface TwinTransaction {
  readonly from: Address
  readonly nonce: number
  readonly maxFeeGwei: number
  readonly safeNonce: number
  readonly signers: readonly Address[]
  /** Two signatures over the same are never the same bytes, as a key store's are not. */
  readonly salt: number
  readonly actions: readonly Action[]
}

export interface Mined {
  readonly hash: Hash
  readonly succeeded: boolean
}

interface Block {
  readonly pinned: PinnedBlock
  readonly state: State
  readonly mined: readonly Mined[]
}

export interface TwinChain {
  readonly latest: () => Block
  readonly at: (blockNumber: number) => Block | undefined
  /** Changes what the next blocks start from. */
  set(change: Partial<State>): void
  setPrice(asset: string, usd: number): void
  setBaseFee(gwei: number): void
  /** A block at this time; takes what waits, if its fee is high enough. */
  mine(timestamp: number): void
  /** The newest blocks never happened; their transactions wait again, or are gone. */
  reorg(depth: number, then: 'wait' | 'gone'): void
  /** Nothing is mined until told otherwise. */
  stall(isStalled: boolean): void
  broadcast(raw: Hex): void
  /** Transactions of a relayer that are mined. */
  minedCount(from: Address): number
  /** Bytes that wait to be mined. */
  waiting(): readonly Hex[]
  /** All bytes that ever reached the chain, each once. */
  readonly received: readonly Hex[]
  /** Successful executions that are in the chain now. */
  executions(): number
}

export function twinChain(start: { readonly state: State; readonly at: number }): TwinChain {
  let blocks: readonly Block[] = [{ pinned: pinned(1_000, start.at, 2, 0), state: start.state, mined: [] }]
  let waiting: readonly Hex[] = []
  let pendingState = start.state
  let baseFeeGwei = 2
  let isStalled = false
  let fork = 0
  const received: Hex[] = []
  const latest = () => blocks.at(-1) as Block
  return {
    latest,
    at: (blockNumber) => blocks.find((block) => block.pinned.number === blockNumber),
    received,
    set(change) {
      pendingState = { ...pendingState, ...change }
    },
    setPrice(asset, usd) {
      pendingState = { ...pendingState, prices: { ...pendingState.prices, [asset]: usd } }
    },
    setBaseFee(gwei) {
      baseFeeGwei = gwei
    },
    stall(stalled) {
      isStalled = stalled
    },
    mine(timestamp) {
      const number = latest().pinned.number + 1
      const at = Math.max(timestamp, latest().pinned.timestamp)
      const mined: Mined[] = []
      const byFee = [...waiting].sort((a, b) => read(b).maxFeeGwei - read(a).maxFeeGwei)
      for (const raw of isStalled ? [] : byFee.filter((one) => read(one).maxFeeGwei >= baseFeeGwei)) {
        const transaction = read(raw)
        if ((pendingState.nonces[transaction.from] ?? 0) !== transaction.nonce) continue
        const nonces = { ...pendingState.nonces, [transaction.from]: transaction.nonce + 1 }
        const after = executed(pendingState, transaction, at)
        pendingState = { ...(after ?? pendingState), nonces }
        mined.push({ hash: keccak256(raw), succeeded: after !== undefined })
      }
      waiting = waiting.filter((raw) => read(raw).nonce >= (pendingState.nonces[read(raw).from] ?? 0))
      blocks = [...blocks, { pinned: pinned(number, at, baseFeeGwei, fork), state: pendingState, mined }]
    },
    reorg(depth, then) {
      const gone = blocks.slice(-depth).flatMap((block) => block.mined.map(({ hash }) => hash))
      blocks = blocks.slice(0, -depth)
      fork += 1
      pendingState = latest().state
      if (then === 'wait') waiting = [...waiting, ...received.filter((raw) => gone.includes(keccak256(raw)))]
    },
    broadcast(raw) {
      const { from, nonce } = read(raw)
      const isMined = blocks.some((block) => block.mined.some(({ hash }) => hash === keccak256(raw)))
      if (isMined || waiting.includes(raw)) return
      if (nonce < (pendingState.nonces[from] ?? 0)) throw refused('nonce-used', 'never')
      const rival = waiting.find((other) => read(other).from === from && read(other).nonce === nonce)
      if (rival !== undefined && read(raw).maxFeeGwei < read(rival).maxFeeGwei * 1.1)
        throw refused('fee-too-low', 'later')
      waiting = [...waiting.filter((other) => other !== rival), raw]
      if (!received.includes(raw)) received.push(raw)
    },
    minedCount: (from) => pendingState.nonces[from] ?? 0,
    waiting: () => waiting,
    executions: () => blocks.flatMap((block) => block.mined).filter(({ succeeded }) => succeeded).length,
  }
}

export function rawOf(transaction: TwinTransaction): Hex {
  return stringToHex(JSON.stringify(transaction))
}

export function read(raw: Hex): TwinTransaction {
  return JSON.parse(Buffer.from(raw.slice(2), 'hex').toString()) as TwinTransaction
}

/** As the protocol sees it; undefined without debt. */
export function healthOf(state: State): number | undefined {
  const debtUsd = state.debtUsdc * (state.prices.USDC ?? 0)
  return debtUsd === 0 ? undefined : (state.collateralWeth * (state.prices.WETH ?? 0) * liquidationThreshold) / debtUsd
}

/** The state after a Safe transaction; undefined if it reverts. */
function executed(state: State, transaction: TwinTransaction, at: number): State | undefined {
  const { safe } = state
  const signers = new Set(transaction.signers.filter((signer) => safe.owners.includes(signer)))
  if (transaction.safeNonce !== safe.nonce || signers.size < safe.threshold) return undefined
  const result = carriedOut(state, transaction.actions, at)
  return result.kind === 'done' ? { ...result.state, safe: { ...safe, nonce: safe.nonce + 1 } } : undefined
}

export type CarriedOut =
  | { readonly kind: 'done'; readonly state: State }
  | { readonly kind: 'failed'; readonly step: number; readonly reason: string }

/** All steps or none. */
export function carriedOut(before: State, actions: readonly Action[], at: number): CarriedOut {
  let state = before
  for (const [step, action] of actions.entries()) {
    const next = stepOn(state, action, at)
    if (typeof next === 'string') return { kind: 'failed', step, reason: next }
    state = next
  }
  return { kind: 'done', state }
}

function stepOn(state: State, action: Action, at: number): State | string {
  switch (action.kind) {
    case 'deadline':
      return at > action.validUntil ? 'TransactionDeadlinePassed' : state
    case 'approve':
      return state
    case 'aave-v3-withdraw': {
      const next = moved(state, 'WETH', amount('WETH', action.units))
      const left = { ...next, collateralWeth: state.collateralWeth - amount('WETH', action.units) }
      return (healthOf(left) ?? 2) < 1 ? 'HEALTH_FACTOR_LOWER_THAN_LIQUIDATION_THRESHOLD' : left
    }
    case 'uniswap-v3-swap': {
      const { assetIn, assetOut } = action
      const rate = ((state.prices[assetIn] ?? 0) / (state.prices[assetOut] ?? 1)) * (1 - poolFee)
      const out = amount(assetIn, action.unitsIn) * rate
      if (out < amount(assetOut, action.minUnitsOut)) return 'Too little received'
      return moved(moved(state, assetIn, -amount(assetIn, action.unitsIn)), assetOut, out)
    }
    case 'aave-v3-repay': {
      const next = moved(state, 'USDC', -amount('USDC', action.units))
      if ((next.balances.USDC ?? 0) < -1e-9) return 'ERC20: transfer amount exceeds balance'
      return { ...next, debtUsdc: state.debtUsdc - amount('USDC', action.units) }
    }
  }
}

function moved(state: State, asset: string, change: number): State {
  return { ...state, balances: { ...state.balances, [asset]: (state.balances[asset] ?? 0) + change } }
}

function amount(asset: string, units: string): number {
  return toDecimal(BigInt(units), decimals[asset] ?? 18)
}

function pinned(number: number, timestamp: number, baseFeeGwei: number, fork: number): PinnedBlock {
  return { chainId, number, timestamp, baseFeeGwei, hash: keccak256(stringToHex(`${fork}:${number}:${timestamp}`)) }
}

function refused(code: string, retry: 'later' | 'never'): HomeostatError {
  return new HomeostatError(code, { message: `The transaction was not taken: ${code}.`, retry })
}
