import { describe, expect, it } from 'vitest'
import { generateSecret } from '../../../lib/local/stand-ins/secrets-manager.ts'

describe('a generated secret', () => {
  it('has the length and the characters that were asked for', () => {
    const secret = generateSecret({ PasswordLength: 200, ExcludePunctuation: true, ExcludeCharacters: 'abc' })
    expect(secret).toMatch(/^[A-Zd-z0-9]{200}$/)
  })

  it('has 32 characters unless told otherwise, and is another each time', () => {
    const secrets = new Set(Array.from({ length: 20 }, () => generateSecret({})))
    expect([...secrets].map(({ length }) => length)).toEqual(Array(20).fill(32))
  })

  it('is placed into a JSON template', () => {
    const secret = generateSecret({
      SecretStringTemplate: '{"user":"desk"}',
      GenerateStringKey: 'password',
      PasswordLength: 8,
    })
    expect(JSON.parse(secret)).toEqual({ user: 'desk', password: expect.stringMatching(/^.{8}$/) })
  })
})
