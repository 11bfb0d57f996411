// Batches on the command line: one JSON object a line in, one JSON object a line out, and no line stops the others.

import { open } from 'node:fs/promises'
import type { Writable } from 'node:stream'
import { HomeostatError } from '../lib/base/homeostat-error.ts'
import type { JsonRecord } from './json-record.ts'
import { closingOutcome, type Outcome, type OutcomeSink, outcomeOf } from './line-outcome.ts'
import { type LineTable, tableSink } from './line-table.ts'
import { wholeLines } from './whole-lines.ts'

/** What a command does with each line. */
export interface LineWork<Result extends object> {
  /**
   * The result for a line: a plain object with neither `id` nor `line` in it; the runner adds the id, or the line where
   * there is none. Throws a HomeostatError to refuse the line, best one of `refusal(...)`, whose facts `field` and
   * `rule` are shown. NaN or an infinity anywhere in the result refuses the line, too.
   */
  readonly answer: (record: JsonRecord, line: number) => Result
  /** Further lines after the last one; one with a key `error` counts as refused. */
  readonly finish?: () => readonly object[]
}

export interface LineStreams {
  readonly input: AsyncIterable<Uint8Array> | Iterable<Uint8Array>
  readonly output: Writable
  /** For people: the summary, and the progress of anything that takes longer than a second. */
  readonly messages: { write(text: string): unknown }
  readonly showsProgress: boolean
}

export interface LinesSummary {
  /** Lines answered; blank ones are not. */
  readonly lines: number
  readonly refused: number
  /** True if the reader of the output went away before the end. */
  readonly cutShort: boolean
}

/**
 * The body of a command: reads FILE, or standard input where it is `-` or absent, and writes a line for each line, in
 * order: `{ id, ...result }` or `{ id, line, error: { code, message, field?, rule?, hint? } }`. With any refused the
 * exit code is 1 and stderr says how many. Memory stays bounded; the reader of the output sets the pace. On a terminal,
 * without --json, prints `table` instead. Throws `no-input`, `input-failed`, `output-failed`.
 *
 *     const { runJsonLines } = await import('../json-lines.ts')
 *     await runJsonLines({ command: 'price', file, json: flags.json }, { answer: (record) => priceOf(record) })
 */
export async function runJsonLines<Result extends object>(
  params: {
    readonly command: string
    readonly file?: string | undefined
    readonly json?: true | undefined
    readonly table?: LineTable<Result>
  },
  work: LineWork<Result>,
): Promise<void> {
  const { stdout, stderr } = process
  const input = await openInput(params.command, params.file)
  const table = stdout.isTTY === true && params.json !== true ? params.table : undefined
  const showsProgress = stderr.isTTY === true && stdout.isTTY !== true
  const streams = { input, output: stdout, messages: stderr, showsProgress }
  const { refused, cutShort } = await answerLines(streams, work, table)
  if (refused > 0 && !cutShort) process.exitCode = 1
}

/** Text is written when it is this long, or the last was written so long ago. */
const [fullLength, fullMilliseconds] = [64 * 1_024, 250]

/** {@link runJsonLines} between any two streams. */
export async function answerLines<Result extends object>(
  streams: LineStreams,
  work: LineWork<Result>,
  table?: LineTable<Result>,
): Promise<LinesSummary> {
  const sink = table === undefined ? jsonSink(streams.output) : tableSink(table)
  const tally = makeTally(streams)
  let number = 0
  let flushed = performance.now()
  for await (const block of wholeLines(streams.input)) {
    for (const source of block) {
      number += 1
      const outcome = outcomeOf(source, number, work.answer)
      if (outcome === undefined) continue
      tally.count(outcome)
      const isFull = sink.take(outcome)
      const now = performance.now()
      if (!isFull && now - flushed < fullMilliseconds) continue
      flushed = now
      await sink.flush()
      tally.showProgress(now)
      if (sink.isClosed()) return tally.end(true)
    }
    await sink.flush()
    if (sink.isClosed()) return tally.end(true)
  }
  for (const result of work.finish?.() ?? []) {
    const outcome = closingOutcome(result as Result)
    tally.count(outcome)
    sink.take(outcome)
  }
  await sink.end()
  return tally.end(sink.isClosed())
}

function jsonSink(output: Writable): OutcomeSink<object> {
  let text = ''
  let failure: NodeJS.ErrnoException | undefined
  // `homeostat iv FILE | head` is no failure: who reads has seen enough.
  const isClosed = () => failure?.code === 'EPIPE' || failure?.code === 'ERR_STREAM_DESTROYED'
  // Stays for good: a pipe may report its end long after the last write.
  output.on('error', (error) => {
    failure ??= error
  })
  const flush = async () => {
    const full = text
    text = ''
    if (full !== '' && failure === undefined) await new Promise<void>((settle) => output.write(full, () => settle()))
    if (failure === undefined || isClosed()) return
    throw new HomeostatError('output-failed', {
      message: `The results cannot be written: ${failure.message}.`,
      retry: 'later',
      hint: 'Is the disk full?',
      cause: failure,
    })
  }
  const take = (outcome: Outcome<object>) => {
    text += `${outcome.text}\n`
    return text.length >= fullLength
  }
  return { take, flush, end: flush, isClosed }
}

/** Counts what was refused, for the summary. */
function makeTally({ messages, showsProgress }: LineStreams) {
  const began = performance.now()
  let [lines, refused, first] = [0, 0, '']
  let shownAt = 0
  return {
    count({ line, error }: Outcome<object>): void {
      if (line !== undefined) lines += 1
      if (error === undefined) return
      refused += 1
      if (refused > 1) return
      first = `${line === undefined ? 'after the last line' : `at line ${grouped(line)}`}: ${error.message}`
    },
    showProgress(now: number): void {
      const seconds = (now - began) / 1_000
      if (!showsProgress || seconds < 1 || now - shownAt < fullMilliseconds) return
      shownAt = now
      messages.write(`\r\x1b[2K… ${grouped(lines)} lines, ${grouped(lines / seconds)} a second`)
    },
    end(cutShort: boolean): LinesSummary {
      if (shownAt > 0) messages.write('\r\x1b[2K')
      if (!cutShort && lines === 0) messages.write('No line was read.\n')
      if (!cutShort && refused > 0)
        messages.write(
          `${grouped(refused)} of ${grouped(lines)} lines ${refused === 1 ? 'was' : 'were'} refused; the first ${first}\n`,
        )
      return { lines, refused, cutShort }
    },
  }
}

function grouped(count: number): string {
  return Math.round(count).toLocaleString('en')
}

async function openInput(command: string, file: string | undefined): Promise<AsyncIterable<Uint8Array>> {
  if (file === undefined || file === '-') {
    if (process.stdin.isTTY !== true) return readFrom(process.stdin, 'standard input')
    throw new HomeostatError('no-input', {
      message: 'There is nothing to read: standard input is the terminal.',
      retry: 'never',
      hint: `Name a file, or pipe JSON lines in: homeostat ${command} FILE. homeostat ${command} --describe shows a line.`,
    })
  }
  try {
    const handle = await open(file)
    if ((await handle.stat()).isDirectory()) throw new Error('it is a folder')
    return readFrom(handle.createReadStream({ highWaterMark: 4 * fullLength }), file)
  } catch (cause) {
    throw inputFailed(file, cause)
  }
}

async function* readFrom(stream: AsyncIterable<Uint8Array>, name: string): AsyncGenerator<Uint8Array> {
  try {
    yield* stream
  } catch (cause) {
    throw inputFailed(name, cause)
  }
}

function inputFailed(name: string, cause: unknown): HomeostatError {
  return new HomeostatError('input-failed', {
    message: `${name} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}.`,
    retry: 'never',
    hint: 'Name a file of JSON lines, or - for standard input.',
    cause,
  })
}
