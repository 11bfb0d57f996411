// A provider asked by somebody who has time and asks strangers: few requests at once, most calls fail, and a huge answer costs only itself.

import { encodeFunctionData, parseAbi } from 'viem/utils'
import { isHomeostatError } from '../../base/homeostat-error.ts'
import type { Address, PinnedBlock } from '../../model/identity.ts'
import { type RawAnswer, unread } from '../chain/contract-call.ts'
import type { EncodedCall, Provider } from '../chain/provider.ts'

const callsPerRequest = 400
const requestsAtOnce = 4
/** A provider whose every answer is too large, or a chain of contracts that all burn gas, is not worth more. */
const mostSplits = 300

const timeAbi = parseAbi(['function getCurrentBlockTimestamp() view returns (uint256 timestamp)'])
const timeCall = encodeFunctionData({ abi: timeAbi, functionName: 'getCurrentBlockTimestamp' })

/**
 * The same provider with a patient `multicall`. Calls that fail without a word are believed, because the last call of each request always
 * succeeds: if it does not, one before it has burned the gas, and the request is asked again in halves.
 * @param provider connected with `silence: 'ordinary'`
 */
export function patient(provider: Provider, multicall3: Address): Provider {
  let splits = 0

  const inHalves = async (calls: readonly EncodedCall[], block: PinnedBlock): Promise<readonly RawAnswer[]> => {
    splits += 1
    const middle = Math.ceil(calls.length / 2)
    const first = await shielded(calls.slice(0, middle), block)
    return [...first, ...(await shielded(calls.slice(middle), block))]
  }

  const shielded = async (calls: readonly EncodedCall[], block: PinnedBlock): Promise<readonly RawAnswer[]> => {
    const isDivisible = calls.length > 1 && splits < mostSplits
    try {
      const answers = await provider.multicall([...calls, { to: multicall3, data: timeCall }], block)
      const isStarved = answers.at(-1)?.ok !== true
      return isStarved && isDivisible ? await inHalves(calls, block) : answers.slice(0, -1)
    } catch (error) {
      if (!isHomeostatError(error) || error.code !== 'rpc-too-large') throw error
      if (isDivisible) return await inHalves(calls, block)
      if (calls.length > 1) throw error
      return [unread('malformed-return', 'its answer is too large')]
    }
  }

  return {
    ...provider,
    async multicall(calls, block) {
      const answers: RawAnswer[] = []
      const size = callsPerRequest - 1
      for (let start = 0; start < calls.length; start += size * requestsAtOnce) {
        const starts = Array.from({ length: requestsAtOnce }, (_, index) => start + index * size)
        const slices = starts.map((from) => calls.slice(from, from + size)).filter(({ length }) => length > 0)
        answers.push(...(await Promise.all(slices.map((slice) => shielded(slice, block)))).flat())
      }
      return answers
    },
  }
}
