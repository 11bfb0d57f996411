// Fires a whole deployment into one block: addresses follow from nonces, so nothing waits for a receipt before the end.

import {
  type Abi,
  type Address,
  encodeDeployData,
  encodeFunctionData,
  getContractAddress,
  type Hex,
  numberToHex,
} from 'viem'
import { HomeostatError } from '../../base/homeostat-error.ts'
import { type Artifact, linkedBytecode } from './artifact.ts'
import type { Rpc, RpcCall } from './rpc.ts'

export interface ContractCall {
  /** What it does, for the message if it fails. */
  readonly name: string
  readonly to: Address
  readonly abi: Abi | readonly unknown[]
  readonly functionName: string
  readonly args?: readonly unknown[]
  readonly value?: bigint
}

export interface Deployer {
  readonly address: Address
  /** Queues a creation; the address is where it will be. */
  deploy(artifact: Artifact, args?: readonly unknown[], libraries?: Readonly<Record<string, Address>>): Address
  /** Queues a call. */
  call(call: ContractCall): void
  /** Mines what is queued, in order, in one block. @throws HomeostatError `world-deployment-failed` naming the first that failed */
  flush(): Promise<void>
}

interface Queued {
  readonly name: string
  readonly transaction: Readonly<Record<string, string>>
}

/** Enough for the largest creation; the block's own limit is raised while deploying. */
const gasPerTransaction = numberToHex(15_000_000)

/** Expects anvil not to mine by itself. One deployer per account at a time: it counts the nonces. */
export async function makeDeployer({ rpc }: { readonly rpc: Rpc }, account: Address): Promise<Deployer> {
  let nonce = Number(await rpc.request('eth_getTransactionCount', [account, 'pending']))
  let queue: Queued[] = []

  function push(name: string, fields: Readonly<Record<string, string>>): void {
    const fees = { maxFeePerGas: numberToHex(100_000_000_000), maxPriorityFeePerGas: numberToHex(1_000_000_000) }
    const transaction = { from: account, nonce: numberToHex(nonce), gas: gasPerTransaction, ...fees, ...fields }
    queue.push({ name, transaction })
    nonce += 1
  }

  return {
    address: account,
    deploy(artifact, args = [], libraries = {}) {
      const address = getContractAddress({ from: account, nonce: BigInt(nonce) })
      const bytecode = linkedBytecode(artifact, libraries)
      push(`deploy ${artifact.contractName}`, { data: encodeDeployData({ abi: artifact.abi, bytecode, args }) })
      return address
    },
    call({ name, to, abi, functionName, args = [], value = 0n }) {
      const data = encodeFunctionData({ abi: abi as Abi, functionName, args })
      push(name, { to, data, value: numberToHex(value) })
    },
    async flush() {
      const sent = queue
      queue = []
      const calls: RpcCall[] = sent.map(({ transaction }) => ({ method: 'eth_sendTransaction', params: [transaction] }))
      const hashes = (await rpc.batch(calls)) as readonly Hex[]
      await rpc.request('evm_mine')
      const receipts = await rpc.batch(hashes.map((hash) => ({ method: 'eth_getTransactionReceipt', params: [hash] })))
      const failed = receipts.findIndex((receipt) => (receipt as { status?: string } | null)?.status !== '0x1')
      if (failed !== -1) throw await deploymentFailed(rpc, sent[failed]?.name ?? 'unknown', hashes[failed] ?? '0x')
    },
  }
}

async function deploymentFailed(rpc: Rpc, name: string, hash: Hex): Promise<HomeostatError> {
  const trace = await rpc.request('debug_traceTransaction', [hash, { tracer: 'callTracer' }]).catch(() => undefined)
  const reason = trace === undefined ? 'it was not mined' : innermostReason(trace as CallTrace)
  return new HomeostatError('world-deployment-failed', {
    message: `The local world could not be set up: "${name}" failed: ${reason}.`,
    retry: 'never',
    facts: { step: name, transaction: hash },
    hint: 'If the packages changed, compare their versions with package.json; a changed option may be out of the market’s reach.',
  })
}

interface CallTrace {
  readonly to?: string
  readonly error?: string
  readonly revertReason?: string
  readonly output?: string
  readonly calls?: readonly CallTrace[]
}

/** The deepest failed call is where it began; those above only pass it on. */
function innermostReason(trace: CallTrace): string {
  const inner = trace.calls?.findLast((call) => call.error !== undefined)
  if (inner !== undefined) return innermostReason(inner)
  return `${trace.revertReason ?? trace.error ?? 'no reason given'} at ${trace.to ?? 'creation'} ${trace.output ?? ''}`.trim()
}
