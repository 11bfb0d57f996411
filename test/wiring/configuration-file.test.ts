import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readConfiguration } from '../../lib/wiring/configuration/read-configuration.ts'

const example = new URL('../../homeostat.yaml', import.meta.url)
/** The example with a desk's own addresses. */
const deskText = readFileSync(example, 'utf8')
  .replace('0x5afe00000000000000000000000000000000cafe', `0x${'5a'.repeat(20)}`)
  .replace('0xa11ce00000000000000000000000000000000001', `0x${'a1'.repeat(20)}`)
let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'configuration-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

function fileWith(content: string | Uint8Array): string {
  const file = join(folder, 'homeostat.yaml')
  writeFileSync(file, content)
  return file
}

describe('reading a configuration from disk with the real rule language', () => {
  it('refuses the example itself, and says which lines to change', async () => {
    await expect(readConfiguration(example)).rejects.toMatchObject({
      code: 'configuration-is-example',
      retry: 'never',
      facts: { problems: 2 },
      hint: expect.stringContaining('CHANGE'),
      message: expect.stringMatching(/homeostat\.yaml:\d+:14 `account` still holds.*[\s\S]*`address` still holds/),
    })
  })

  it("accepts the example with a desk's addresses, rules included", async () => {
    const { configuration, version, fileHash } = await readConfiguration(fileWith(deskText))
    expect(configuration.portfolios[0]?.rules.map(({ id }) => id)).toEqual([
      'low-health',
      'eth-exposure',
      'usdc-depeg',
      'liquidation-odds',
      'crisis',
      'bad-day',
    ])
    expect(version).toMatch(/^[0-9a-f]{16}$/)
    expect(fileHash).toMatch(/^[0-9a-f]{64}$/)
  })

  it.each<readonly [string, string]>([
    ['healthFactor = 99', 'an assignment'],
    ['healthFaktor < 1.3', 'a mistyped word'],
    ['abs(netDelta.ETC) > 3', 'an underlying that the chain does not have'],
    ['healthFactor + 1', 'a number for a condition'],
    [`${'('.repeat(60)}healthFactor${')'.repeat(60)} < 1`, 'brackets without end'],
  ])('refuses %s at its line: %s', async (rule) => {
    const text = deskText.replace('when: price.USDC < 0.985', `when: ${rule}`)
    const line = text.slice(0, text.indexOf(`when: ${rule}`)).split('\n').length
    await expect(readConfiguration(fileWith(text))).rejects.toMatchObject({
      code: 'configuration-refused',
      retry: 'never',
      message: expect.stringContaining(`homeostat.yaml:${line}:`),
      facts: { problems: 1 },
    })
  })

  it('says what was probably meant by a mistyped word of a rule', async () => {
    const text = deskText.replace('netDelta.ETH', 'netDelta.ETJ')
    await expect(readConfiguration(fileWith(text))).rejects.toMatchObject({
      message: expect.stringMatching(/mean.*ETH/),
    })
  })

  it('says so when the file is not there or not text', async () => {
    await expect(readConfiguration(join(folder, 'nothing.yaml'))).rejects.toMatchObject({
      code: 'configuration-unreadable',
      message: expect.stringContaining('cannot be read'),
    })
    await expect(readConfiguration(fileWith(Uint8Array.of(0x63, 0xff, 0xfe)))).rejects.toMatchObject({
      code: 'configuration-unreadable',
      message: expect.stringContaining('not UTF-8'),
    })
  })
})
