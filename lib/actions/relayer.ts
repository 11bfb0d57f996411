// The key that pays gas and owns nothing: prices, signs and sends the one transaction of an order, and finds its receipt.

import type { KMSClient } from '@aws-sdk/client-kms'
import { type Hex, keccak256, parseTransaction } from 'viem'
import {
  call,
  estimateGas,
  estimateMaxPriorityFeePerGas,
  getBalance,
  getBlock,
  getBlockNumber,
  getTransaction,
  getTransactionCount,
  getTransactionReceipt,
  sendRawTransaction,
} from 'viem/actions'
import { toDecimal, toUnits } from '../base/amount.ts'
import { HomeostatError, isHomeostatError } from '../base/homeostat-error.ts'
import type { PortfolioSettings } from '../model/configuration.ts'
import type { Address, Hash } from '../model/identity.ts'
import type { ChainReceipt, FeePlan, Relayer } from '../model/ports.ts'
import { type Chain, type ChainDeps, chainOpener } from './chain-client.ts'
import { executionCall, mustBeIntact } from './execution-call.ts'
import { type KmsAccountDeps, kmsAccount } from './kms-account.ts'

/** Decimals of a gwei in wei, and of an ether. */
const gwei = 9
const ether = 18
/** The least tip, in wei: a replacement has to be a tenth above it, which must not vanish in rounding. */
const leastTip = 1_000_000n
/** Added to the estimate: state may differ a little when it is mined. */
const gasMarginPercent = 20n

export interface RelayerDeps extends ChainDeps {
  readonly kms: KMSClient
  readonly keyId: string
}

/** The relayer over a KMS key. The public key is read once for the process's life. */
export function kmsRelayer(deps: RelayerDeps): Relayer {
  const open = chainOpener(deps)
  const account = remembered(deps)
  const address = async () => (await account()).address.toLowerCase() as Address
  return {
    address,
    async nonce({ settings }) {
      const [chain, from] = await Promise.all([open(settings.chain), address()])
      return await chain.ask('count the relayer’s transactions', (client) =>
        getTransactionCount(client, { address: from, blockTag: 'latest' }),
      )
    },
    async estimate({ settings, order, ethUsd }) {
      mustBeIntact(settings, order)
      const [chain, from] = await Promise.all([open(settings.chain), address()])
      const transaction = { account: from, to: order.account, data: executionCall(order) }
      return await planFees(chain, transaction, ethUsd)
    },
    async sign({ settings, order, nonce, fees, at }) {
      mustBeIntact(settings, order)
      const raw = await (await account()).signTransaction({
        type: 'eip1559',
        chainId: settings.chain.chainId,
        nonce,
        to: order.account,
        value: 0n,
        data: executionCall(order),
        gas: BigInt(fees.gasLimit),
        maxFeePerGas: toUnits(fees.maxFeePerGasGwei, gwei),
        maxPriorityFeePerGas: toUnits(fees.maxPriorityFeePerGasGwei, gwei),
      })
      const { gasLimit, maxFeePerGasGwei, maxPriorityFeePerGasGwei } = fees
      return { hash: keccak256(raw), raw, nonce, maxFeePerGasGwei, maxPriorityFeePerGasGwei, gasLimit, signedAt: at }
    },
    async broadcast({ settings, raw }) {
      await broadcast(await open(settings.chain), settings, raw)
    },
    async receipt({ settings, hash }) {
      return await receiptOf(await open(settings.chain), hash)
    },
  }
}

function remembered(deps: KmsAccountDeps): () => ReturnType<typeof kmsAccount> {
  let known: ReturnType<typeof kmsAccount> | undefined
  return () => {
    known ??= kmsAccount(deps).catch((error: unknown) => {
      known = undefined
      throw error
    })
    return known
  }
}

/**
 * Tries the whole transaction, real signatures included, and prices it: max fee = twice the base fee and the tip, gas limit a
 * fifth above the estimate. The cost is the most that it can be, gas limit times max fee, for caps are about the worst case.
 * @throws HomeostatError `safe-refused` with the reason, `relayer-out-of-gas-money`
 */
async function planFees(
  chain: Chain,
  transaction: { readonly account: Address; readonly to: Address; readonly data: Hex },
  ethUsd: number,
): Promise<FeePlan> {
  const { account } = transaction
  const trial = refusalNamed(chain.ask('try the order', (client) => call(client, transaction)))
  const [, gas, block, askedTip, balance] = await Promise.all([
    trial,
    // Its own refusal says no more than the trial's.
    trial.then(() => chain.ask('estimate gas', (client) => estimateGas(client, transaction))),
    chain.ask('read the base fee', (client) => getBlock(client)),
    chain.ask('ask for the tip', (client) => estimateMaxPriorityFeePerGas(client)),
    chain.ask('read the relayer’s balance', (client) => getBalance(client, { address: account })),
  ])
  const tip = askedTip > leastTip ? askedTip : leastTip
  const gasLimit = gas + (gas * gasMarginPercent) / 100n
  const maxFee = 2n * (block.baseFeePerGas ?? 0n) + tip
  const most = gasLimit * maxFee
  if (balance < most) throw outOfGasMoney(account, balance, most)
  return {
    gasLimit: Number(gasLimit),
    maxFeePerGasGwei: toDecimal(maxFee, gwei),
    maxPriorityFeePerGasGwei: toDecimal(tip, gwei),
    gasCostUsd: toDecimal(most, ether) * ethUsd,
  }
}

async function refusalNamed<T>(trial: Promise<T>): Promise<T> {
  try {
    return await trial
  } catch (error) {
    if (!isHomeostatError(error) || error.code !== 'reverted') throw error
    const reason = String(error.facts.reason ?? 'unknown')
    throw new HomeostatError('safe-refused', {
      message: `The Safe would not execute the order: ${reason}`,
      retry: 'never',
      facts: { reason },
      hint: 'GS02x is about signatures or a used Safe nonce; anything else is the reason of a call in the batch.',
    })
  }
}

/**
 * Bytes that the chain has already are a success, however it says so: they are looked up by hash before and, if the node refuses
 * them, after sending.
 */
async function broadcast(chain: Chain, settings: PortfolioSettings, raw: Hex): Promise<void> {
  const { chainId } = parseTransaction(raw)
  if (chainId !== settings.chain.chainId) throw wrongChain(settings, chainId)
  const hash = keccak256(raw)
  if (await isKnown(chain, hash)) return
  try {
    await chain.ask('send the transaction', (client) => sendRawTransaction(client, { serializedTransaction: raw }))
  } catch (error) {
    if (await isKnown(chain, hash)) return
    throw sendRefused(error, hash)
  }
}

async function isKnown(chain: Chain, hash: Hash): Promise<boolean> {
  const transaction = await chain.ask('look for the transaction', (client) =>
    orUndefined(getTransaction(client, { hash }), 'TransactionNotFoundError'),
  )
  return transaction !== undefined
}

async function receiptOf(chain: Chain, hash: Hash): Promise<ChainReceipt | undefined> {
  const [receipt, head] = await Promise.all([
    chain.ask('look for the receipt', (client) =>
      orUndefined(getTransactionReceipt(client, { hash }), 'TransactionReceiptNotFoundError'),
    ),
    chain.ask('read the block number', (client) => getBlockNumber(client)),
  ])
  if (receipt === undefined) return undefined
  return {
    hash,
    blockNumber: Number(receipt.blockNumber),
    blockHash: receipt.blockHash.toLowerCase() as Hash,
    succeeded: receipt.status === 'success',
    gasUsed: Number(receipt.gasUsed),
    effectiveGasPriceGwei: toDecimal(receipt.effectiveGasPrice, gwei),
    // Behind a load balancer the head may come from a node that is behind.
    confirmations: Math.max(1, Number(head - receipt.blockNumber) + 1),
  }
}

async function orUndefined<T>(answer: Promise<T>, missing: string): Promise<T | undefined> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof Error && error.name === missing) return undefined
    throw error
  }
}

const refusals = [
  {
    pattern: /nonce too low|nonce.*(already|lower)/i,
    code: 'nonce-used',
    retry: 'never',
    hint: 'Another transaction took the nonce.',
  },
  {
    pattern: /insufficient funds/i,
    code: 'relayer-out-of-gas-money',
    retry: 'later',
    hint: 'Send ether to the relayer.',
  },
  { pattern: /underpriced|fee too low/i, code: 'fee-too-low', retry: 'later', hint: 'Replace it with a higher fee.' },
] as const

function sendRefused(error: unknown, hash: Hash): unknown {
  if (!isHomeostatError(error)) return error
  const reason = String(error.facts.reason ?? error.message)
  const known = refusals.find(({ pattern }) => pattern.test(reason))
  if (known === undefined) return error
  return new HomeostatError(known.code, {
    message: `The transaction ${hash} was not taken: ${reason}`,
    retry: known.retry,
    facts: { hash, reason },
    hint: known.hint,
  })
}

function outOfGasMoney(account: Address, balance: bigint, needed: bigint): HomeostatError {
  const [has, needs] = [toDecimal(balance, ether), toDecimal(needed, ether)]
  return new HomeostatError('relayer-out-of-gas-money', {
    message: `The relayer ${account} has ${has} ETH, but the order may need ${needs}.`,
    retry: 'later',
    facts: { relayer: account, balanceEth: has, neededEth: needs },
    hint: `Send at least ${needs - has} ETH to ${account}.`,
  })
}

function wrongChain(settings: PortfolioSettings, chainId: number | undefined): HomeostatError {
  return new HomeostatError('wrong-chain', {
    message: `The stored transaction is for chain ${chainId ?? 'any'}, not ${settings.chain.chainId}.`,
    retry: 'never',
    facts: { wanted: settings.chain.chainId },
    hint: 'The stored bytes or the configuration were altered; do not send them.',
  })
}
