// Which tokens have their holders counted, from their logs and in a time of its own (holder-counts.ts): a reading asks nothing for it.

import * as z from '../../base/schema.ts'
import { listTerm, noted } from '../../instruments/term-schemas.ts'
import { assetsBySymbol } from './as-configured.ts'
import { defineProtocol, gapOf } from './define-protocol.ts'
import { symbolSetting } from './pools-setting.ts'

const blockMessage = 'must be the number of a block'

export const holders = defineProtocol({
  name: 'holders',
  title: 'Who holds a token, counted from its transfers',
  evidence: 'real contracts',
  settings: z.strictObject({
    tokens: listTerm(
      z.strictObject({
        asset: symbolSetting('the token'),
        fromBlock: noted(
          z.int(blockMessage).check(z.gte(0, blockMessage)),
          'block number',
          'of its first transfer, or earlier: a count that begins later is never complete',
        ),
      }),
      'tokens whose transfers are counted',
    ).check(
      z.minLength(1, 'must name a token, or be left out with its protocol'),
      z.maxLength(20, 'must be at most 20 tokens'),
      z.refine((tokens) => new Set(tokens.map(({ asset }) => asset)).size === tokens.length, 'must name each once'),
    ),
  }),
  read: async (_reader, { chain, settings }) => {
    const known = assetsBySymbol(
      chain,
      settings.tokens.map(({ asset }) => asset),
    )
    const place = { subject: 'holders', touches: { kind: 'context' } } as const
    return known.ok ? {} : { gaps: [gapOf(known, place)] }
  },
})
