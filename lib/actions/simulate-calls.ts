// Pre-flight: the batch's calls one by one from the Safe on the latest block, or one that is named, with the account's state before and after.

import { encodeFunctionData, erc20Abi, type Hex, hexToBigInt, hexToBytes, isHex, size, slice } from 'viem'
import { simulateBlocks } from 'viem/actions'
import { toDecimal } from '../base/amount.ts'
import { HomeostatError } from '../base/homeostat-error.ts'
import type { AssetConfig, PortfolioSettings } from '../model/configuration.ts'
import type { Address, AssetSymbol } from '../model/identity.ts'
import type { Action, Call, SimulatedStep, Simulation } from '../model/order.ts'
import type { Venues } from '../model/ports.ts'
import { atBlock, type Chain } from './chain-client.ts'
import { amountText } from './configured.ts'
import { revertReason } from './revert-reason.ts'
import { poolAbi, reportedHealth } from './venues/aave-v3.ts'
import { spendersOf } from './venues/safe.ts'

interface Question {
  readonly to: Address
  readonly data: Hex
}

interface Answer {
  readonly status: 'success' | 'failure'
  readonly data?: Hex | undefined
  readonly gasUsed: bigint
  readonly error?: Error | undefined
}

/**
 * `eth_simulateV1` in one request: views, the calls, the same views again, all in one imagined block after the latest. A failed
 * call does not stop those after it, so only the first failure has a reason that means something; later ones say so. The sum of
 * the steps' gas leaves out what each would cost as a transaction of its own; it is still an upper estimate, for each step
 * touches everything for the first time. The relayer estimates the whole transaction.
 * @throws HomeostatError `rpc-method-missing` where a provider has no eth_simulateV1
 */
export async function simulateCalls(
  deps: { readonly chain: Chain },
  params: Parameters<Venues['simulate']>[0] & { readonly blockNumber?: bigint },
): Promise<Simulation> {
  const { settings, calls, actions, at } = params
  const { account } = settings.portfolio
  const views = viewsOf(settings)
  const questions = [...views.questions, ...calls.map(({ to, data }) => ({ to, data })), ...views.questions]
  const place = { chainId: settings.chain.chainId, blockNumber: params.blockNumber }
  return await atBlock(deps.chain, place, async ({ pinned, blockNumber }) => {
    const blocks = [{ calls: questions.map((question) => ({ ...question, account })) }]
    const [block] = await deps.chain.ask('simulate the batch', (client) =>
      simulateBlocks(client, { blockNumber, blocks }),
    )
    const answers: readonly Answer[] = block?.calls ?? []
    if (answers.length !== questions.length) throw malformed(questions.length, answers.length)
    const count = views.questions.length
    const before = views.understand(answers.slice(0, count))
    const after = views.understand(answers.slice(answers.length - count))
    const steps = stepsOf(calls, answers.slice(count, answers.length - count))
    const failed = steps.find((step) => !step.ok)
    return {
      at,
      block: pinned,
      ok: failed === undefined,
      ...(failed?.reason === undefined ? {} : { reason: `${failed.label}: ${failed.reason}` }),
      gasUsed: steps.reduce((sum, step) => sum + step.gasUsed, 0),
      steps,
      after: {
        ...after.health,
        leftoverAllowances: leftovers(actions, before, after),
        balanceChanges: changes(settings.chain.assets, before, after),
      },
      ...(before.health?.healthFactor === undefined ? {} : { healthFactorBefore: before.health.healthFactor }),
    }
  })
}

interface Views {
  readonly questions: readonly Question[]
  understand(answers: readonly Answer[]): State
}

interface State {
  readonly health: ReturnType<typeof reportedHealth> | undefined
  readonly balances: Readonly<Record<AssetSymbol, bigint>>
  readonly allowances: readonly {
    readonly asset: AssetConfig
    readonly spender: { readonly address: Address; readonly name: string }
    readonly units: bigint
  }[]
}

/** What is asked before and after the batch: health, balances, allowances. */
function viewsOf(settings: PortfolioSettings): Views {
  const { assets, aaveV3 } = settings.chain
  const { account } = settings.portfolio
  const pairs = spendersOf(settings).flatMap((spender) => assets.map((asset) => ({ asset, spender })))
  const health = aaveV3 === undefined ? [] : [{ to: aaveV3.pool, data: accountData(account) }]
  const balances = assets.map(({ address }) => ({
    to: address,
    data: encodeFunctionData({ abi: erc20Abi, functionName: 'balanceOf', args: [account] }),
  }))
  const allowances = pairs.map(({ asset, spender }) => ({
    to: asset.address,
    data: encodeFunctionData({ abi: erc20Abi, functionName: 'allowance', args: [account, spender.address] }),
  }))
  return {
    questions: [...health, ...balances, ...allowances],
    understand(answers) {
      const words = answers.map(wordsOf)
      const rest = words.slice(health.length)
      return {
        health: health.length === 0 ? undefined : reportedHealth(words[0] ?? []),
        balances: Object.fromEntries(assets.map(({ symbol }, index) => [symbol, rest[index]?.[0] ?? 0n])),
        allowances: pairs.map((pair, index) => ({ ...pair, units: rest[assets.length + index]?.[0] ?? 0n })),
      }
    },
  }
}

function accountData(account: Address): Hex {
  return encodeFunctionData({ abi: poolAbi, functionName: 'getUserAccountData', args: [account] })
}

/** A view's answer as its 32-byte words; a view that fails would leave a post-condition unread. */
function wordsOf({ status, data }: Answer): readonly bigint[] {
  const bytes = isHex(data) ? size(data) : 0
  if (status !== 'success' || data === undefined || bytes === 0 || bytes % 32 !== 0) throw malformed(32, bytes)
  return Array.from({ length: bytes / 32 }, (_, index) => hexToBigInt(slice(data, index * 32, index * 32 + 32)))
}

function stepsOf(calls: readonly Call[], answers: readonly Answer[]): readonly SimulatedStep[] {
  const first = answers.findIndex((answer) => answer.status !== 'success')
  return calls.map(({ label, data }, index) => {
    const answer = answers[index]
    const ok = answer?.status === 'success'
    const gasUsed = Math.max(0, Number(answer?.gasUsed ?? 0n) - intrinsicGas(data))
    if (ok) return { label, ok, gasUsed }
    const reason = index === first ? reasonOf(answer) : 'follows from the first failure'
    return { label, ok, gasUsed, reason }
  })
}

/** What any transaction pays before its first instruction: 21,000, and 4 or 16 for each byte of calldata (EIP-2028). */
function intrinsicGas(data: Hex): number {
  return hexToBytes(data).reduce((sum, byte) => sum + (byte === 0 ? 4 : 16), 21_000)
}

function reasonOf(answer: Answer | undefined): string {
  const data = answer?.data
  return data !== undefined && isHex(data) && data !== '0x' ? revertReason(data) : 'it reverts without a reason'
}

/** Allowances that the batch raised or made and did not take back. What somebody had granted by hand before is not its doing. */
function leftovers(actions: readonly Action[], before: State, after: State): readonly string[] {
  const approves = actions.filter((action) => action.kind === 'approve')
  return after.allowances.flatMap(({ asset, spender, units }, index) => {
    const approved = approves.some(
      (action) => action.asset === asset.symbol && action.spender.toLowerCase() === spender.address.toLowerCase(),
    )
    const raised = units > (before.allowances[index]?.units ?? 0n)
    return units > 0n && (approved || raised) ? [`${spender.name} may take ${amountText(asset, units)}`] : []
  })
}

function changes(assets: readonly AssetConfig[], before: State, after: State): Readonly<Record<AssetSymbol, number>> {
  const moved = assets.flatMap(({ symbol, decimals }) => {
    const units = (after.balances[symbol] ?? 0n) - (before.balances[symbol] ?? 0n)
    return units === 0n ? [] : [[symbol, toDecimal(units, decimals)] as const]
  })
  return Object.fromEntries(moved)
}

function malformed(wanted: number, got: number): HomeostatError {
  return new HomeostatError('malformed-return', {
    message: 'The simulation answered in another shape than it was asked.',
    retry: 'later',
    facts: { wanted, got },
    hint: 'Check the addresses of the pool and of the assets; another provider may simulate better.',
  })
}
