// The outer rooms on the scripted chain: the ports that the corridor is handed, and ways to make them fail.

import { keccak256, stringToHex } from 'viem/utils'
import { toUnits } from '../../lib/base/amount.ts'
import { HomeostatError } from '../../lib/base/homeostat-error.ts'
import type { ChainVitals } from '../../lib/model/chain-health.ts'
import type { PortfolioSettings } from '../../lib/model/configuration.ts'
import type { Gap } from '../../lib/model/data-state.ts'
import type { Address } from '../../lib/model/identity.ts'
import type { Action, Call, Order, Simulation } from '../../lib/model/order.ts'
import type { PreparedOrder, Relayer, Sources, Venues } from '../../lib/model/ports.ts'
import type { Reading } from '../../lib/model/reading.ts'
import type { Intent } from '../../lib/model/verdict.ts'
import type { Rooms } from './house-of-twins.ts'
import {
  carriedOut,
  decimals,
  healthOf,
  liquidationThreshold,
  poolFee,
  rawOf,
  type State,
  type TwinChain,
} from './twin-chain.ts'

export const contract = {
  router: `0x${'a1'.repeat(20)}`,
  pool: `0x${'a2'.repeat(20)}`,
  universalRouter: `0x${'a3'.repeat(20)}`,
} as const satisfies Record<string, Address>

/** What a test bends; everything is as the chain says unless it is set. */
export interface Bends {
  gaps: readonly Gap[]
  /** Of the chain; without them nobody knows its mode. */
  vitals: ChainVitals | undefined
  /** Throws in the port's name; `venues.prepare`, `relayer.estimate`, ... */
  failing: Map<string, () => HomeostatError | undefined>
  /** Changes what a pre-flight found. */
  simulation: (found: Simulation) => Simulation
  gasLimit: number
}

export interface TwinRooms extends Rooms {
  readonly bends: Bends
}

const relayerAddress: Address = `0x${'e0'.repeat(20)}`
const tipGwei = 1

export function twinRooms(chain: TwinChain): TwinRooms {
  const bends: Bends = {
    gaps: [],
    vitals: undefined,
    failing: new Map(),
    simulation: (found) => found,
    gasLimit: 600_000,
  }
  const mayFail = (port: string) => {
    const error = bends.failing.get(port)?.()
    if (error !== undefined) throw error
  }
  return {
    bends,
    sources: twinSources(chain, bends),
    venues: twinVenues(chain, bends, mayFail),
    relayer: twinRelayer(chain, bends, mayFail),
  }
}

function twinSources(chain: TwinChain, bends: Bends): Sources {
  return {
    async read({ settings, at }) {
      const { pinned: block, state } = chain.latest()
      const known = {
        portfolioId: settings.portfolio.id,
        configVersion: settings.version,
        at,
        chainId: settings.chain.chainId,
        providers: [],
        gaps: bends.gaps,
      }
      if (bends.gaps.some((gap) => gap.touches.kind === 'everything')) return { ...known, ...nothing }
      const { assets } = settings.chain
      const stale = new Set(bends.gaps.flatMap(({ touches }) => (touches.kind === 'asset' ? [touches.asset] : [])))
      return {
        ...known,
        block,
        ...(bends.vitals === undefined ? {} : { vitals: bends.vitals }),
        feeds: assets
          .filter(({ symbol }) => !stale.has(symbol))
          .map(({ symbol }) => ({
            asset: symbol,
            usd: state.prices[symbol] ?? 0,
            updatedAt: block.timestamp,
            roundId: '1',
          })),
        protocolPrices: assets.map(({ symbol }) => ({
          protocol: 'aave-v3',
          asset: symbol,
          usd: state.prices[symbol] ?? 0,
        })),
        poolPrices: [
          {
            venue: 'uniswap-v3',
            pool: contract.pool,
            base: 'WETH',
            quote: 'USDC',
            feeTier: 500,
            price: (state.prices.WETH ?? 0) / (state.prices.USDC ?? 1),
            liquidity: '1000000000000000000',
          },
        ],
        balances: assets.map(({ symbol }) => ({
          asset: symbol,
          quantity: state.balances[symbol] ?? 0,
          units: '0',
        })),
        lending: [lendingOf(state, settings)],
        ranges: [],
        positions: [],
      }
    },
  }
}

const nothing = { feeds: [], protocolPrices: [], poolPrices: [], balances: [], lending: [], ranges: [], positions: [] }

function lendingOf(state: State, settings: PortfolioSettings): Reading['lending'][number] {
  const leg = {
    usedAsCollateral: true,
    stableDebt: 0,
    liquidationThreshold,
    loanToValue: 0.75,
    liquidationBonus: 0.05,
    supplyRate: 0.01,
    borrowRate: 0.03,
    availableLiquidity: 1e9,
    frozen: false,
    paused: false,
  }
  const healthFactor = healthOf(state)
  return {
    protocol: 'aave-v3',
    account: settings.portfolio.account,
    legs: [
      { ...leg, asset: 'WETH', supplied: state.collateralWeth, variableDebt: 0 },
      { ...leg, asset: 'USDC', supplied: 0, variableDebt: state.debtUsdc },
    ],
    reported: {
      collateralUsd: state.collateralWeth * (state.prices.WETH ?? 0),
      debtUsd: state.debtUsdc * (state.prices.USDC ?? 0),
      liquidationThreshold,
      ...(healthFactor === undefined ? {} : { healthFactor }),
    },
  }
}

function twinVenues(chain: TwinChain, bends: Bends, mayFail: (port: string) => void): Venues {
  return {
    async prepare({ settings, intents, validUntil }) {
      mayFail('venues.prepare')
      const { pinned: block, state } = chain.latest()
      const { maxSlippageBps } = settings.portfolio.limits
      const deadline = { kind: 'deadline', contract: contract.universalRouter, validUntil } as const
      const actions = intents.flatMap((intent) => exactly(intent, state, maxSlippageBps))
      const sold = intents.flatMap((one) =>
        one.kind === 'swap' ? [one.quantityIn * (state.prices[one.assetIn] ?? 0)] : [],
      )
      const { nonce, owners, threshold } = state.safe
      return {
        block,
        actions: [deadline, ...actions],
        account: { nonce, owners, threshold },
        expectedCostUsd: sold.reduce((sum, usd) => sum + usd * poolFee, 0),
      } satisfies PreparedOrder
    },
    encode: ({ actions }) => actions.map(callOf),
    async simulate({ calls, actions, at }) {
      mayFail('venues.simulate')
      const { pinned: block, state } = chain.latest()
      const result = carriedOut(state, actions, block.timestamp)
      const after = result.kind === 'done' ? result.state : state
      const before = healthOf(state)
      return bends.simulation({
        at,
        block,
        ok: result.kind === 'done',
        ...(result.kind === 'done' ? {} : { reason: `step ${result.step}: ${result.reason}` }),
        gasUsed: 470_000,
        steps: calls.map(({ label }) => ({ label, ok: true, gasUsed: 50_000 })),
        after: { ...figuresOf(after), leftoverAllowances: [], balanceChanges: {} },
        ...(before === undefined ? {} : { healthFactorBefore: before }),
      })
    },
    async account() {
      mayFail('venues.account')
      const { pinned: block, state } = chain.latest()
      return { block, ...state.safe }
    },
    async health({ blockNumber }) {
      mayFail('venues.health')
      const block = blockNumber === undefined ? chain.latest() : chain.at(blockNumber)
      if (block === undefined) throw fault('rpc-failed', 'there is no such block', 'later')
      const { state } = block
      const holdings = {
        ...state.balances,
        WETH: (state.balances.WETH ?? 0) + state.collateralWeth,
        USDC: (state.balances.USDC ?? 0) - state.debtUsdc,
      }
      return { block: block.pinned, ...figuresOf(state), prices: state.prices, balances: state.balances, holdings }
    },
  }
}

function figuresOf(state: State) {
  const healthFactor = healthOf(state)
  return {
    ...(healthFactor === undefined ? {} : { healthFactor }),
    debtUsd: state.debtUsdc * (state.prices.USDC ?? 0),
    collateralUsd: state.collateralWeth * (state.prices.WETH ?? 0),
  }
}

function exactly(intent: Intent, state: State, maxSlippageBps: number): readonly Action[] {
  const units = (asset: string, quantity: number) => toUnits(quantity, decimals[asset] ?? 18).toString()
  switch (intent.kind) {
    case 'withdraw':
      return [{ kind: 'aave-v3-withdraw', asset: intent.asset, units: units(intent.asset, intent.quantity) }]
    case 'repay':
      return guarded(contract.pool, intent.asset, {
        kind: 'aave-v3-repay',
        asset: intent.asset,
        units: units(intent.asset, intent.quantity),
      })
    case 'swap': {
      const { assetIn, assetOut, feeTier, quantityIn } = intent
      const out = ((quantityIn * (state.prices[assetIn] ?? 0)) / (state.prices[assetOut] ?? 1)) * (1 - poolFee)
      return guarded(contract.router, assetIn, {
        kind: 'uniswap-v3-swap',
        assetIn,
        assetOut,
        feeTier,
        unitsIn: units(assetIn, quantityIn),
        minUnitsOut: units(assetOut, out * (1 - maxSlippageBps / 10_000)),
        quotedUnitsOut: units(assetOut, out),
      })
    }
  }
}

function guarded(
  spender: Address,
  asset: string,
  action: Extract<Action, { readonly kind: 'aave-v3-repay' | 'uniswap-v3-swap' }>,
) {
  const units = action.kind === 'aave-v3-repay' ? action.units : action.unitsIn
  const approve = { kind: 'approve', asset, spender } as const
  return [{ ...approve, units }, action, { ...approve, units: '0' }]
}

function callOf(action: Action): Call {
  const data = keccak256(stringToHex(JSON.stringify(action)))
  return { to: contract.pool, value: '0', data, label: action.kind }
}

function twinRelayer(chain: TwinChain, bends: Bends, mayFail: (port: string) => void): Relayer {
  let salt = 0
  return {
    async address() {
      mayFail('relayer.address')
      return relayerAddress
    },
    async nonce() {
      mayFail('relayer.nonce')
      return chain.minedCount(relayerAddress)
    },
    async estimate({ ethUsd }) {
      mayFail('relayer.estimate')
      const maxFeePerGasGwei = 2 * chain.latest().pinned.baseFeeGwei + tipGwei
      const gasCostUsd = bends.gasLimit * maxFeePerGasGwei * 1e-9 * ethUsd
      return { gasLimit: bends.gasLimit, maxFeePerGasGwei, maxPriorityFeePerGasGwei: tipGwei, gasCostUsd }
    },
    async sign({ order, nonce, fees, at }) {
      mayFail('relayer.sign')
      salt += 1
      const raw = rawOf({
        salt,
        from: relayerAddress,
        nonce,
        maxFeeGwei: fees.maxFeePerGasGwei,
        safeNonce: order.safeTransaction.nonce,
        signers: order.approvals.map(({ approver }) => approver),
        actions: order.actions,
      })
      const { gasLimit, maxFeePerGasGwei, maxPriorityFeePerGasGwei } = fees
      return { hash: keccak256(raw), raw, nonce, gasLimit, maxFeePerGasGwei, maxPriorityFeePerGasGwei, signedAt: at }
    },
    async broadcast({ raw }) {
      mayFail('relayer.broadcast')
      chain.broadcast(raw)
    },
    async receipt({ hash }) {
      mayFail('relayer.receipt')
      const head = chain.latest().pinned.number
      for (let number = head; ; number--) {
        const block = chain.at(number)
        if (block === undefined) return undefined
        const mined = block.mined.find((one) => one.hash === hash)
        if (mined === undefined) continue
        return {
          hash,
          blockNumber: number,
          blockHash: block.pinned.hash,
          succeeded: mined.succeeded,
          gasUsed: 450_000,
          effectiveGasPriceGwei: block.pinned.baseFeeGwei + tipGwei,
          confirmations: head - number + 1,
        }
      }
    },
  }
}

export function fault(code: string, message: string, retry: 'later' | 'never'): HomeostatError {
  return new HomeostatError(code, { message, retry })
}

/** An order's transactions as the chain received them. */
export function sentFor(chain: TwinChain, order: Pick<Order, 'transactions'>): readonly string[] {
  return order.transactions.map(({ raw }) => raw).filter((raw) => chain.received.includes(raw))
}
