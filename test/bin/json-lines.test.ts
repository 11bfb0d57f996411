import { Writable } from 'node:stream'
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { answerLines, type LineWork } from '../../bin/json-lines.ts'
import { type JsonRecord, refusal } from '../../bin/json-record.ts'
import type { LineTable } from '../../bin/line-table.ts'
import { HomeostatError } from '../../lib/base/homeostat-error.ts'
import { answerText } from './answer-text.ts'

const echo: LineWork<object> = { answer: ({ id: _, ...record }: JsonRecord) => ({ record }) }

describe('a batch of JSON lines', () => {
  it('answers each line in order, by its id or else its number', async () => {
    const { text, lines, refused, told } = await answerText('{"id":"a","x":1}\n{"x":2}\n{"id":7,"x":[3]}\n', echo)
    expect(text).toBe('{"id":"a","record":{"x":1}}\n{"line":2,"record":{"x":2}}\n{"id":7,"record":{"x":[3]}}\n')
    expect({ lines, refused, told }).toEqual({ lines: 3, refused: 0, told: '' })
  })

  it('skips blank lines and still counts them', async () => {
    const { out, lines } = await answerText('\n  \t\r\n{"x":1}\r\n\n{"x":2}', echo)
    expect(out).toEqual([
      { line: 3, record: { x: 1 } },
      { line: 5, record: { x: 2 } },
    ])
    expect(lines).toBe(2)
  })

  it('reads a file with a byte order mark', async () => {
    expect((await answerText('\ufeff{"x":1}\n', echo)).out).toEqual([{ line: 1, record: { x: 1 } }])
  })

  it('says that nothing was read', async () => {
    expect(await answerText('\n \n', echo)).toMatchObject({
      text: '',
      lines: 0,
      refused: 0,
      told: 'No line was read.\n',
    })
  })

  it('is the same however the bytes come in', async () => {
    const record = fc.record({ id: fc.oneof(fc.string({ unit: 'grapheme' }), fc.integer()), x: fc.jsonValue() })
    const lines = fc.array(
      fc.oneof(
        record.map((one) => JSON.stringify(one)),
        fc.constant(''),
        fc.constant('{"broken'),
      ),
    )
    await fc.assert(
      fc.asyncProperty(lines, fc.array(fc.nat(), { maxLength: 20 }), fc.boolean(), async (all, cuts, ends) => {
        const bytes = Buffer.from(all.join('\n') + (ends ? '\n' : ''))
        const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b)
        const chunks = places.slice(1).map((place, i) => bytes.subarray(places[i], place))
        const [whole, cut] = [await answerText([bytes], echo), await answerText(chunks, echo)]
        expect(cut).toEqual(whole)
        expect(whole.lines).toBe(all.filter((line) => line !== '').length)
        expect(whole.refused).toBe(all.filter((line) => line.startsWith('{"broken')).length)
      }),
      { numRuns: 60 },
    )
  })

  it('has no error for an object that only looks as if a field stood in it twice', async () => {
    const tricky = { a: { a: [{ a: 1 }, { a: '"a":{' }] }, 'b:"\\': 'c:\\', '': ':', 'd"': '\\"x":1' }
    expect((await answerText(JSON.stringify(tricky), echo)).out).toEqual([{ line: 1, record: tricky }])
    await fc.assert(
      fc.asyncProperty(fc.dictionary(fc.string(), fc.jsonValue()), async ({ id: _, ...one }) => {
        expect((await answerText(JSON.stringify(one, null, 1).replaceAll('\n', ' '), echo)).refused).toBe(0)
      }),
      { numRuns: 100 },
    )
  })
})

describe('a bad line', () => {
  const bad: readonly (readonly [string, string | Buffer, object])[] = [
    ['that is not JSON', '{"x":1', { code: 'not-json' }],
    ['that is a number as only JavaScript writes it', '{"x":NaN}', { code: 'not-json' }],
    ['that is an array', '[{"x":1}]', { code: 'not-an-object', hint: expect.stringContaining("jq -c '.[]'") }],
    ['that is null', 'null', { code: 'not-an-object', message: 'The line holds null, not an object.' }],
    ['with a field twice', '{"x":1,"y":{"x":2},"x":3}', { code: 'duplicate-field', field: 'x' }],
    ['with a field twice, once in escapes', '{"a":[{"\\u0078":1,"x":3}]}', { code: 'duplicate-field', field: 'x' }],
    ['that is not UTF-8', Buffer.from([0x7b, 0xff, 0xfe, 0x7d]), { code: 'not-utf-8' }],
    ['with an id that JSON numbers cannot hold', '{"id":12345678901234567890}', { code: 'invalid-input', field: 'id' }],
    ['with an id that is no name', '{"id":{"a":1}}', { code: 'invalid-input', field: 'id' }],
    [
      'that the command refuses',
      '{"id":"r","refuse":true}',
      { code: 'no', message: 'No.', field: 'x', rule: 'must be y' },
    ],
    ['that the command stumbles over', '{"stumble":true}', { code: 'unexpected', message: 'stumbled' }],
    ['whose result is not a number', '{"nan":true}', { code: 'not-finite', field: 'greeks.gamma' }],
    ['whose result is infinite', '{"inf":true}', { code: 'not-finite', field: 'path[1]' }],
    ['nested deeper than the stack', `{"x":${'['.repeat(200_000)}${']'.repeat(200_000)}}`, { code: 'too-deep' }],
  ]
  const work: LineWork<object> = {
    answer(record) {
      if (record.refuse === true) throw refusal('no', { message: 'No.', field: 'x', rule: 'must be y' })
      if (record.stumble === true) throw new TypeError('stumbled')
      if (record.nan === true) return { value: 1, greeks: { gamma: Number.NaN } }
      if (record.inf === true) return { path: [1, -Infinity] }
      return { text: 'null, and null again', nothing: null }
    },
  }

  it.each(bad)('%s is refused by its line number, and the others are answered', async (_, line, error) => {
    const good = Buffer.from('{"id":"good"}\n')
    const answered = await answerText([Buffer.concat([good, Buffer.from(line), Buffer.from('\n'), good])], work)
    expect(answered.out[1]).toMatchObject({ line: 2, error })
    expect([answered.out[0], answered.out[2]]).toEqual(
      [1, 3].map(() => ({ id: 'good', text: 'null, and null again', nothing: null })),
    )
    expect(answered).toMatchObject({ lines: 3, refused: 1 })
    expect(answered.told).toMatch(/^1 of 3 lines was refused; the first at line 2: .+\n$/)
  })

  it('keeps its id', async () => {
    expect((await answerText('{"id":"r","refuse":true}', work)).text).toBe(
      '{"id":"r","line":1,"error":{"code":"no","message":"No.","field":"x","rule":"must be y"}}\n',
    )
  })

  it('among thousands is counted, and the first is told', async () => {
    const input = Array.from({ length: 20_000 }, (_, i) => (i % 10_000 === 16 ? 'x\n' : `{"id":${i}}\n`)).join('')
    const { told, out, refused } = await answerText(input, work)
    expect(told).toMatch(/^2 of 20,000 lines were refused; the first at line 17: Unexpected token/)
    expect({ length: out.length, refused }).toEqual({ length: 20_000, refused: 2 })
  })

  it('without an end is skipped, not held', async () => {
    function* endless() {
      yield Buffer.from('{"id":"before"}\n{"x":"')
      for (let i = 0; i < 40; i += 1) yield Buffer.alloc(2 ** 20, 'y')
      yield Buffer.from('"}\n{"id":"after"}\n')
    }
    const { out } = await answerText(endless(), work)
    expect(out).toMatchObject([{ id: 'before' }, { line: 2, error: { code: 'line-too-long' } }, { id: 'after' }])
  })
})

describe('what a command adds after the last line', () => {
  it('is written without a number, and counts as refused if it is an error', async () => {
    const finish = () => [{ total: 2 }, { error: { code: 'bad-total', message: 'Bad.' } }, { mean: Number.NaN }]
    const { out, lines, refused, told } = await answerText('{"x":1}\n{"x":2}\n', { ...echo, finish })
    expect(out.slice(2)).toMatchObject([
      { total: 2 },
      { error: { code: 'bad-total' } },
      { error: { code: 'not-finite', field: 'mean' } },
    ])
    expect({ lines, refused }).toEqual({ lines: 2, refused: 2 })
    expect(told).toContain('the first after the last line: Bad.')
  })
})

describe('a table', () => {
  it('has a row for each line, numbers to the right, refusals in words, and the closing words at the end', async () => {
    const printed: string[] = []
    const log = vi.spyOn(console, 'log').mockImplementation((line: string) => void printed.push(line))
    const table: LineTable<{ x: number }> = {
      columns: [{ title: 'x', align: 'right' }],
      row: ({ x }) => [x.toFixed(1)],
      note: ({ x }) => (x > 100 ? 'large' : ''),
      closing: () => ['the end'],
    }
    const answer = ({ x }: JsonRecord) => {
      if (typeof x === 'number') return { x }
      throw refusal('no', { message: 'No number.', field: 'x', rule: 'must be a number' })
    }
    const input = [Buffer.from('{"id":"a","x":1}\n{"x":1000}\n{"id":"c"}\n')]
    const streams = { input, output: new Writable(), messages: { write: () => undefined }, showsProgress: false }
    try {
      await answerLines(streams, { answer, finish: () => [{}] }, table)
    } finally {
      log.mockRestore()
    }
    expect(printed).toEqual([
      'id           x  note',
      'a          1.0',
      'line 2  1000.0  large',
      'c               refused No number. The x must be a number.',
      'the end',
    ])
  })
})

describe('the progress', () => {
  it('is told from the first second on, a few times a second, and wiped at the end', async () => {
    const told: string[] = []
    const output = new Writable({ write: (_chunk, _encoding, done) => done() })
    async function* slow() {
      for (let i = 0; i < 32; i += 1) {
        yield Buffer.from('{"x":1}\n'.repeat(1_000))
        await new Promise((settle) => setTimeout(settle, 50))
      }
    }
    const messages = { write: (text: string) => told.push(text) }
    const began = performance.now()
    await answerLines({ input: slow(), output, messages, showsProgress: true }, echo)
    const wiped = '\r\x1b[2K'
    expect(told.at(-1)).toBe(wiped)
    const shown = told.slice(0, -1).map((text) => text.replace(wiped, ''))
    expect(shown.filter((text) => !/^… [\d,]+ lines, [\d,]+ a second$/.test(text))).toEqual([])
    expect(shown.length).toBeGreaterThan(0)
    expect(shown.length).toBeLessThanOrEqual(1 + (performance.now() - began - 1_000) / 250)
  })
})

describe('the reader of the output', () => {
  const quiet = { messages: { write: () => undefined }, showsProgress: false }
  /** Ten thousand lines a chunk. */
  function* chunks(pulled: { count: number }) {
    for (let i = 0; i < 40; i += 1) {
      pulled.count += 1
      yield Buffer.from('{"x":12345678}\n'.repeat(10_000))
    }
  }

  it('sets the pace: nothing is read ahead of what is written', async () => {
    const pulled = { count: 0 }
    let isHeld = true
    const held: (() => void)[] = []
    const output = new Writable({
      write(_chunk, _encoding, done) {
        if (isHeld) held.push(done)
        else done()
      },
    })
    const done = answerLines({ input: chunks(pulled), output, ...quiet }, echo)
    await new Promise((settle) => setTimeout(settle, 100))
    expect({ pulled: pulled.count, writes: held.length }).toEqual({ pulled: 1, writes: 1 })
    isHeld = false
    for (const release of held) release()
    expect(await done).toEqual({ lines: 400_000, refused: 0, cutShort: false })
  })

  it('may go away: the work ends, and that is no failure', async () => {
    const pulled = { count: 0 }
    const told: string[] = []
    const output = new Writable({
      write: (_chunk, _encoding, done) => done(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' })),
    })
    const streams = { input: chunks(pulled), output, messages: { write: (text: string) => told.push(text) } }
    const summary = await answerLines({ ...streams, showsProgress: false }, { answer: () => ({ x: Number.NaN }) })
    expect(summary.cutShort).toBe(true)
    expect({ pulled: pulled.count, told }).toEqual({ pulled: 1, told: [] })
  })

  it('that fails otherwise stops the command with the reason', async () => {
    const output = new Writable({
      write: (_chunk, _encoding, done) => done(Object.assign(new Error('no space left on device'), { code: 'ENOSPC' })),
    })
    const failing = answerLines({ input: chunks({ count: 0 }), output, ...quiet }, echo)
    await expect(failing).rejects.toThrow(HomeostatError)
    await expect(failing).rejects.toMatchObject({ code: 'output-failed', message: expect.stringContaining('no space') })
  })
})
