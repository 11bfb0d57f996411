// A price feed has a new answer: the aggregator behind the proxy says so, not the proxy that is configured.

import { parseAbi } from 'viem/utils'
import type { Address } from '../../model/identity.ts'
import { defineEvent, everybody } from './define-event.ts'
import { printed } from './log-words.ts'

export const aggregatorAbi = parseAbi(['function aggregator() view returns (address)'])

export const feedAnswer = defineEvent({
  name: 'feed-answer',
  title: 'New answers of price feeds (AnswerUpdated of the aggregator behind the proxy)',
  signatures: ['AnswerUpdated(int256,uint256,uint256)'],
  async speakers(reader, scope) {
    const found = await Promise.all(
      scope.chain.assets.map(async ({ symbol, feed }) => {
        if (feed === undefined) return []
        const answer = await reader.ask({ to: feed.address, abi: aggregatorAbi, functionName: 'aggregator', args: [] })
        const behind = answer.ok ? (answer.value.toLowerCase() as Address) : undefined
        const speaker = { subject: `feed ${symbol}`, portfolios: everybody(scope) }
        // A feed without a proxy speaks for itself.
        const addresses = new Set(behind === undefined ? [feed.address] : [feed.address, behind])
        return [...addresses].map((address) => ({ ...speaker, address }))
      }),
    )
    return found.flat()
  },
  meaning: ({ words }) => ({ severity: 'info', says: `answered ${printed(words.signed(0))}` }),
})
