// Anvil's own methods and batches of them, which viem has no plain door for.

import { HomeostatError } from '../../base/homeostat-error.ts'

export interface RpcCall {
  readonly method: string
  readonly params: readonly unknown[]
}

export interface Rpc {
  readonly url: string
  /** One call. @throws HomeostatError `world-rpc-failed`, `world-rpc-unreachable` */
  request(method: string, params?: readonly unknown[]): Promise<unknown>
  /** Many calls in one request; results in the order of the calls. The first failed one throws. */
  batch(calls: readonly RpcCall[]): Promise<readonly unknown[]>
}

interface RpcAnswer {
  readonly id: number
  readonly result?: unknown
  readonly error?: { readonly code: number; readonly message: string }
}

/** @param timeoutSeconds for one request, batches too */
export function makeRpc(url: string, timeoutSeconds = 30): Rpc {
  async function post(body: unknown, method: string): Promise<unknown> {
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(timeoutSeconds * 1_000),
      })
      return await response.json()
    } catch (error) {
      throw new HomeostatError('world-rpc-unreachable', {
        message: `The local chain did not answer ${method} within ${timeoutSeconds} s.`,
        retry: 'later',
        facts: { method, host: new URL(url).host },
        hint: 'Is the local world still running? `homeostat local` starts one.',
        cause: error,
      })
    }
  }

  function resultOf(answer: RpcAnswer | undefined, method: string): unknown {
    if (answer !== undefined && answer.error === undefined) return answer.result
    throw new HomeostatError('world-rpc-failed', {
      message: `${method} failed on the local chain: ${answer?.error?.message ?? 'no answer to this call'}`,
      retry: 'never',
      facts: { method, reason: answer?.error?.message ?? 'no answer' },
    })
  }

  return {
    url,
    async request(method, params = []) {
      return resultOf((await post({ jsonrpc: '2.0', id: 1, method, params }, method)) as RpcAnswer, method)
    },
    async batch(calls) {
      if (calls.length === 0) return []
      const body = calls.map(({ method, params }, id) => ({ jsonrpc: '2.0', id, method, params }))
      const answers = (await post(body, `a batch of ${calls.length}`)) as readonly RpcAnswer[]
      const byId = new Map(answers.map((answer) => [answer.id, answer]))
      return calls.map(({ method }, id) => resultOf(byId.get(id), method))
    },
  }
}
