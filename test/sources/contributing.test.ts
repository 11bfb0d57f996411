// What CONTRIBUTING.md shows of a protocol is the protocol: an example that is not run is soon wrong.

import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

const read = (file: string) => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8')

it('the example of how to add a protocol is the file that it names', () => {
  const [, section = ''] = read('CONTRIBUTING.md').split('## Adding a protocol')
  const file = /`(lib\/sources\/protocols\/[\w-]+\.ts)`/.exec(section)?.[1] ?? ''
  const [, shown] = /```ts\n([\s\S]*?)```/.exec(section) ?? []
  expect(shown).toBe(read(file))
})
