// A provider asked by somebody who has time: thousands of questions go out a few requests at a time, and a huge answer costs only itself.

import { isHomeostatError } from '../../base/homeostat-error.ts'
import type { PinnedBlock } from '../../model/identity.ts'
import { type RawAnswer, unread } from '../chain/contract-call.ts'
import type { EncodedCall, Provider } from '../chain/provider.ts'

/** Four requests at the same time. */
const callsAtOnce = 1_600
/** A provider whose every answer is too large is at fault itself. */
const mostSplits = 200

/** The same provider with a patient `multicall`. */
export function patient(provider: Provider): Provider {
  let splits = 0

  const shielded = async (calls: readonly EncodedCall[], block: PinnedBlock): Promise<readonly RawAnswer[]> => {
    try {
      return await provider.multicall(calls, block)
    } catch (error) {
      if (!isHomeostatError(error) || error.code !== 'rpc-too-large' || splits >= mostSplits) throw error
      splits += 1
      if (calls.length === 1) return [unread('malformed-return', 'its answer is too large')]
      const middle = Math.ceil(calls.length / 2)
      const first = await shielded(calls.slice(0, middle), block)
      return [...first, ...(await shielded(calls.slice(middle), block))]
    }
  }

  return {
    ...provider,
    async multicall(calls, block) {
      const answers: RawAnswer[] = []
      for (let start = 0; start < calls.length; start += callsAtOnce) {
        answers.push(...(await shielded(calls.slice(start, start + callsAtOnce), block)))
      }
      return answers
    },
  }
}
