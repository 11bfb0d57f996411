// Webhooks in homeostat.yaml: read with the chain that they tell of, and refused at their lines.

import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parseConfiguration } from '../../lib/wiring/configuration/parse-configuration.ts'

const example = readFileSync(new URL('../../homeostat.yaml', import.meta.url), 'utf8')
const read = (entry: string) =>
  parseConfiguration(
    { compileRule: () => ({ ok: true }) },
    { text: `${example}\nwebhooks:\n  - ${entry}\n`, file: 'homeostat.yaml' },
  )
const good = '{ id: eth, kind: alchemy, chain: ethereum, secret: homeostat/webhook/eth }'
const reasons = (entry: string) =>
  (read(entry).problems ?? []).map(({ reason, suggestion = '' }) => `${reason} ${suggestion}`)

describe('webhooks', () => {
  it('are read, and their absence is the configuration that it was before there were any', () => {
    expect(read(good).configuration?.webhooks).toEqual([
      { id: 'eth', kind: 'alchemy', chain: 'ethereum', secret: 'homeostat/webhook/eth' },
    ])
    const without = parseConfiguration({ compileRule: () => ({ ok: true }) }, { text: example, file: 'homeostat.yaml' })
    expect(without.configuration).not.toHaveProperty('webhooks')
  })

  it.each([
    ['of a kind that is not known', good.replace('alchemy', 'alchemi'), 'alchemy'],
    ['of a chain that is not there', good.replace('chain: ethereum', 'chain: etherium'), 'ethereum'],
    ['with a secret that the door cannot read', good.replace('webhook/', 'rpc/'), 'homeostat/webhook/eth'],
    ['without a secret', good.replace(', secret: homeostat/webhook/eth', ''), '`secret` is missing'],
    ['twice', `${good}\n  - ${good}`, 'stands twice'],
  ])('%s are refused with what was meant', (_, entry, said) => {
    expect(reasons(entry).join('\n')).toContain(said)
  })
})
