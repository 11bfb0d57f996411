// A batch in memory: text in, lines and what people are told out.

import { Writable } from 'node:stream'
import { answerLines, type LinesSummary, type LineWork } from '../../bin/json-lines.ts'

export type Answered = LinesSummary & {
  readonly out: readonly Readonly<Record<string, unknown>>[]
  readonly text: string
  readonly told: string
}

/** Runs a command's work on an input that comes in the given chunks. */
export async function answerText<Result extends object>(
  input: string | Iterable<Uint8Array>,
  work: LineWork<Result>,
): Promise<Answered> {
  const chunks: string[] = []
  const told: string[] = []
  const output = new Writable({
    write(chunk, _encoding, done) {
      chunks.push(String(chunk))
      done()
    },
  })
  const summary = await answerLines(
    {
      input: typeof input === 'string' ? [Buffer.from(input)] : input,
      output,
      messages: { write: (text) => told.push(text) },
      showsProgress: false,
    },
    work,
  )
  const text = chunks.join('')
  const out =
    text === ''
      ? []
      : text
          .trimEnd()
          .split('\n')
          .map((line) => JSON.parse(line))
  return { ...summary, out, text, told: told.join('') }
}
