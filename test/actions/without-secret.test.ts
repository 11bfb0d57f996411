import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { withoutSecret } from '../../lib/actions/without-secret.ts'

const key = fc.stringMatching(/^[A-Za-z0-9_-]{8,40}$/)

describe('a text without the secret of a URL', () => {
  it('never holds the key, wherever the URL has it and however the text quotes it', () => {
    fc.assert(
      fc.property(key, fc.string(), fc.string(), (secret, before, after) => {
        const urls = [
          `https://rpc.example.com/v2/${secret}`,
          `https://rpc.example.com/?apikey=${secret}&x=1`,
          `https://user:${secret}@rpc.example.com/`,
          `https://hooks.example.com/services/T000/B000/${secret}`,
        ]
        for (const url of urls) {
          const text = `${before}${url}${after} ${secret} "${secret}"`
          expect(withoutSecret(text, url)).not.toContain(secret)
        }
      }),
    )
  })

  it('takes out percent-encoded keys in both spellings', () => {
    const url = 'https://rpc.example.com/?key=ab%2Fcdefgh'
    expect(withoutSecret('ab/cdefgh and ab%2Fcdefgh', url)).toBe('[redacted] and [redacted]')
  })

  it('keeps the host and everything else', () => {
    const url = 'https://rpc.example.com/v2/0123456789abcdef'
    expect(withoutSecret('rpc.example.com answered v2: execution reverted', url)).toBe(
      'rpc.example.com answered v2: execution reverted',
    )
    expect(withoutSecret('nothing', 'not a url')).toBe('nothing')
  })
})
