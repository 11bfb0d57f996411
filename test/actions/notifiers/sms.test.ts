import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { gsmLength, gsmSafe, smsText } from '../../../lib/actions/notifiers/sms.ts'
import type { Notice } from '../../../lib/model/receipt.ts'

const notice: Notice = {
  id: 'treasury~health~1~raised',
  portfolioId: 'treasury',
  severity: 'critical',
  title: 'Treasury: health factor 1.147 < 1.3',
  lines: ['ETH fell 23 % since the last snapshot.'],
  at: 1,
}
const link =
  'https://abcdefghijklmnopqrstuvwxyz012345.lambda-url.eu-central-1.on.aws/o/treasury~restore-health~0001/0123456789abcdef'

describe('a short message', () => {
  it('says severity and title first, then what there is room for, then the link', () => {
    expect(smsText({ ...notice, link })).toBe(
      `CRITICAL Treasury: health factor 1.147 < 1.3. ETH fell 23 % since the last snapshot.\n${link}`,
    )
  })

  it('has at most 140 characters before its link, all in GSM’s alphabet, and the link whole', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 200 })
    fc.assert(
      fc.property(text, fc.array(text, { maxLength: 4 }), fc.boolean(), (title, lines, linked) => {
        const message = smsText({ ...notice, title, lines, ...(linked ? { link } : {}) })
        const [body = '', last] = message.split('\n')
        expect(gsmLength(body)).toBeLessThanOrEqual(140)
        expect([...body].every((character) => gsmLength(character) > 0)).toBe(true)
        expect(last).toBe(linked ? link : undefined)
        expect(body.startsWith('CRITICAL ')).toBe(true)
      }),
    )
  })

  it('ends in dots when it is cut, and is not cut at exactly 140', () => {
    const fits = 'x'.repeat(140 - 'CRITICAL '.length)
    expect(smsText({ ...notice, title: fits, lines: [] })).toBe(`CRITICAL ${fits}`)
    expect(smsText({ ...notice, title: `${fits}x`, lines: [] })).toMatch(/^CRITICAL x{128}\.\.\.$/)
  })

  it('is cut at the end of a sentence, without dots, if that leaves most of it', () => {
    const lines = [
      'Health factor 1.5 -> 1.23 in 60 s: price of ETH -0.2646, quantities -0.008347.',
      'Data is fresh, 12 s old.',
    ]
    const body = smsText({ ...notice, lines })
    expect(body).toBe(
      'CRITICAL Treasury: health factor 1.147 < 1.3. Health factor 1.5 -> 1.23 in 60 s: price of ETH -0.2646, quantities -0.008347.',
    )
  })

  it('is cut at the end of a word, with dots apart, where no sentence ends: never inside of a number', () => {
    for (let length = 80; length < 120; length++) {
      const line = `${'a'.repeat(length - 50)} price of ETH -0.2646, quantities -0.008347, thresholds -0.271, rest -0.123456789`
      const body = smsText({ ...notice, lines: [line] })
      const kept = body.replace(/ \.\.\.$/, '')
      const whole = `CRITICAL ${notice.title}. ${line}`
      expect(whole.startsWith(kept)).toBe(true)
      expect(whole.charAt(kept.length)).toMatch(/[ ,]|^$/)
      expect(body).not.toMatch(/\.{4}|\d\.\.\./)
    }
  })

  it('does not double a full stop, and names a recovery as one, whatever channel its severity reaches', () => {
    expect(smsText({ ...notice, mood: 'good', title: 'It is over.' })).toBe(
      'RECOVERED It is over. ETH fell 23 % since the last snapshot.',
    )
  })

  it('spells what GSM cannot write', () => {
    expect(gsmSafe('ETH −23 % → “now” … Zürich, Žižkov, naïve, 漢字\nhealth ≥ 1.3')).toBe(
      'ETH -23 % -> "now" ... Zürich, Zizkov, naive, ?? health >= 1.3',
    )
  })

  it('counts the characters of the extension twice', () => {
    expect(gsmLength('a€[]')).toBe(7)
  })
})
