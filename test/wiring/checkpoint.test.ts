// A block by which a chain is recognised is written with the beginning of its hash: the whole one could be a private key, and is refused like one.

import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { parseConfiguration } from '../../lib/wiring/configuration/parse-configuration.ts'
import { ruleCompiler } from '../../lib/wiring/configuration/read-configuration.ts'

const example = readFileSync(new URL('../../homeostat.yaml', import.meta.url), 'utf8')
const withCheckpoint = (hash: string) => {
  const text = example.replace(/^( +)(chainId: .*)$/m, `$1$2\n$1checkpoint: { number: 19000000, hash: ${hash} }`)
  return parseConfiguration({ compileRule: ruleCompiler }, { text, file: 'homeostat.yaml' })
}

it('is taken with quotes and without', () => {
  const hash = `0x${'1e'.repeat(16)}`
  for (const written of [hash, `'${hash}'`])
    expect(withCheckpoint(written).configuration?.chains[0]?.checkpoint).toEqual({ number: 19_000_000, hash })
})

it('is refused if it is no beginning of a hash, and if it is a whole one', () => {
  const reasons = (hash: string) => withCheckpoint(hash).problems?.map(({ reason }) => reason)
  expect(reasons('0x1234')).toEqual([expect.stringContaining('its first 32 digits')])
  expect(reasons(`0x${'1e'.repeat(32)}`)).toEqual([expect.stringContaining('private key')])
})
