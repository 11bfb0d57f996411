// The real command line as a child process, with text for its standard input.

import { spawn } from 'node:child_process'
import { Readable } from 'node:stream'

const root = new URL('../..', import.meta.url).pathname

export interface Ran {
  readonly code: number | null
  readonly out: string
  readonly err: string
  /** Standard output, line by line. */
  readonly lines: readonly Readonly<Record<string, unknown>>[]
}

export function runHomeostat(words: readonly string[], input: string | Iterable<string> = ''): Promise<Ran> {
  const env = { ...process.env, NO_COLOR: '1' }
  const child = spawn(process.execPath, ['bin/homeostat.ts', ...words], { cwd: root, env, timeout: 30_000 })
  const text = { out: '', err: '' }
  child.stdout.setEncoding('utf8').on('data', (chunk) => {
    text.out += chunk
  })
  child.stderr.setEncoding('utf8').on('data', (chunk) => {
    text.err += chunk
  })
  child.stdin.on('error', () => undefined)
  Readable.from(typeof input === 'string' ? [input] : input).pipe(child.stdin)
  return new Promise((settle) => child.on('close', (code) => settle({ code, ...text, lines: parsed(text.out) })))
}

function parsed(out: string): Ran['lines'] {
  return out.startsWith('{"')
    ? out
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line))
    : []
}
