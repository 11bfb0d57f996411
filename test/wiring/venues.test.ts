// Venues in homeostat.yaml: read with the portfolios that have them, and refused at their lines.

import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { settingsOf } from '../../lib/store/settings-of.ts'
import { parseConfiguration } from '../../lib/wiring/configuration/parse-configuration.ts'
import { ruleCompiler } from '../../lib/wiring/configuration/read-configuration.ts'

const example = readFileSync(new URL('../../homeostat.yaml', import.meta.url), 'utf8')
const good = '{ id: deribit, kind: deribit, secret: homeostat/venue/deribit, underlyings: [BTC, ETH, SOL] }'
/** The example's first portfolio with a line more, and venues at the end. */
function read(venue: string, more = 'venues: [deribit]') {
  const text = `${example.replace(/^( +)(account: .*)$/m, `$1$2\n$1${more}`)}\nvenues:\n  - ${venue}\n`
  return parseConfiguration({ compileRule: ruleCompiler }, { text, file: 'homeostat.yaml' })
}
const reasons = (venue: string, more?: string) =>
  (read(venue, more).problems ?? []).map(({ reason, suggestion = '' }) => `${reason} ${suggestion}`).join('\n')

describe('venues', () => {
  it('are read with their default address, and stand in the settings of the portfolios that name them', () => {
    const { configuration } = read(good)
    if (configuration === undefined) throw new Error(reasons(good))
    const venue = {
      id: 'deribit',
      kind: 'deribit',
      url: 'https://www.deribit.com',
      secret: 'homeostat/venue/deribit',
      underlyings: ['BTC', 'ETH', 'SOL'],
    }
    expect(configuration.venues).toEqual([venue])
    const [first, ...others] = settingsOf(configuration, 'v1')
    expect(first?.venues).toEqual([venue])
    expect(others.every(({ venues }) => venues === undefined)).toBe(true)
  })

  it('are absent where there are none', () => {
    const { configuration } = parseConfiguration(
      { compileRule: ruleCompiler },
      { text: example, file: 'homeostat.yaml' },
    )
    expect(configuration).not.toHaveProperty('venues')
  })

  it.each([
    ['of a kind that is not known', good.replace('kind: deribit', 'kind: deribt'), 'deribit'],
    ['with a secret of another use', good.replace('homeostat/venue/', 'homeostat/rpc/'), 'homeostat/venue/deribit'],
    [
      'with a key instead of its name',
      good.replace('homeostat/venue/deribit', 'W0H6FJW4IRPZ1MOQ8FP6KMC5RZDUUKXS'),
      'secret itself',
    ],
    ['without underlyings', good.replace('[BTC, ETH, SOL]', '[]'), 'underlyings'],
    ['with an underlying twice', good.replace('SOL', 'BTC'), 'underlying'],
    ['with an underlying in small letters', good.replace('SOL', 'sol'), 'SOL'],
    ['over http', good.replace('secret:', 'url: http://www.deribit.com, secret:'), 'must be https'],
    ['with a path', good.replace('secret:', 'url: https://www.deribit.com/api/v2, secret:'), 'https://www.deribit.com'],
    ['called like a protocol', good.replace('id: deribit', 'id: opyn'), 'positions of another source'],
  ])('%s are refused with what was meant', (_, venue, said) => {
    expect(reasons(venue)).toContain(said)
  })

  it('that are not there are named by no portfolio', () => {
    expect(reasons(good, 'venues: [derbit]')).toContain('deribit')
  })

  it('tell what a declared option is valued in, so that nobody has to', () => {
    const terms = '{ asset: SOL, type: put, strike: 100, expiry: "2027-03-26T08:00:00Z", quantity: 5 }'
    const position = `positions: [{ id: puts, label: Puts, kind: vanilla-option, confirmedAt: "2026-11-01", terms: ${terms} }]`
    expect(reasons(good, position)).toContain('SOL has no price')
    expect(reasons(good, `venues: [deribit]\n    ${position}`)).toBe('')
  })
})
