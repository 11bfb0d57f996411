import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { escapeMrkdwn, slackBody } from '../../../lib/actions/notifiers/slack.ts'
import type { Notice } from '../../../lib/model/receipt.ts'

const notice: Notice = {
  id: 'treasury~health~1~raised',
  portfolioId: 'treasury',
  severity: 'critical',
  title: 'Treasury: health factor 1.147 < 1.3',
  lines: ['ETH fell.', 'Repay & rest.'],
  link: 'https://example.com/o/1?a=1&b=2|x>y',
  at: 1,
}

function unescaped(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&')
}

describe('a message to Slack', () => {
  it('is a title, the lines and a link, with links not opened by Slack', () => {
    expect(slackBody(notice)).toEqual({
      text: 'CRITICAL: Treasury: health factor 1.147 &lt; 1.3',
      unfurl_links: false,
      unfurl_media: false,
      blocks: [
        {
          type: 'section',
          text: { type: 'mrkdwn', text: ':rotating_light: *Treasury: health factor 1.147 &lt; 1.3*' },
        },
        { type: 'section', text: { type: 'mrkdwn', text: 'ETH fell.\nRepay &amp; rest.' } },
        { type: 'section', text: { type: 'mrkdwn', text: '<https://example.com/o/1?a=1&amp;b=2%7Cx%3Ey|Open>' } },
      ],
    })
  })

  it('shows a recovery calmly, whatever its severity', () => {
    const body = slackBody({ ...notice, mood: 'good' })
    expect(body.text).toMatch(/^RECOVERED: /)
    expect(body.blocks[0]?.text.text).toMatch(/^:white_check_mark: /)
  })

  it('can be read back from its escapes, and holds none of the three characters that make mentions and links', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('<', '>', '&', '!', 'a', ';', 'lt', 'amp') }), (text) => {
        const escaped = escapeMrkdwn(text)
        expect(escaped).not.toMatch(/[<>]/)
        expect(escaped.replaceAll(/&(amp|lt|gt);/g, '')).not.toContain('&')
        expect(unescaped(escaped)).toBe(text)
      }),
    )
  })

  it('never makes a mention, a second link or a section that Slack would refuse, whatever a notice says', () => {
    const text = fc.oneof(fc.string({ maxLength: 4_000 }), fc.constantFrom('<!channel>', '<@U1|x>', '&'.repeat(3_500)))
    fc.assert(
      fc.property(text, fc.array(text, { maxLength: 5 }), fc.webUrl(), (title, lines, link) => {
        const body = slackBody({ ...notice, title: title.slice(0, 140), lines, link })
        const texts = body.blocks.map((block) => block.text.text)
        for (const one of [body.text, ...texts.slice(0, -1)]) expect(one).not.toMatch(/[<>]/)
        expect(texts.at(-1)).toMatch(/^<[^<>|]+\|Open>$/)
        for (const one of texts) {
          expect(one.length).toBeLessThanOrEqual(3_000)
          expect(one.length).toBeGreaterThan(0)
          expect(one.replaceAll(/&(amp|lt|gt);/g, '')).not.toContain('&')
        }
      }),
    )
  })
})
