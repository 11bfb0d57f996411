import { describe, expect, it } from 'vitest'
import { PatientCommand } from '../../bin/patient-command.ts'

/** What a person reads who typed these words, with what was run. */
async function typed(...words: readonly string[]) {
  const told: string[] = []
  const program = new PatientCommand('homeostat').exitOverride().configureOutput({
    writeErr: (text) => void told.push(text),
    writeOut: (text) => void told.push(text),
  })
  let ran = false
  program
    .command('risk')
    .requiredOption('--history <csv>', 'prices')
    .requiredOption('--portfolio <file>', 'a book')
    .addHelpText('after', 'many lines of help')
    .action(() => {
      ran = true
    })
  await program.parseAsync(['risk', ...words], { from: 'user' }).catch(() => undefined)
  return { told: told.join(''), ran }
}

describe('words that a command does not understand', () => {
  it('a misspelt option is named, with the nearest, although the right one is missing', async () => {
    const { told, ran } = await typed('--histroy', 'x.csv', '--portfolio', 'book.json')
    expect(told).toContain("unknown option '--histroy'")
    expect(told).toContain('Did you mean --history?')
    expect(told).not.toContain('not specified')
    expect(ran).toBe(false)
  })

  it('a missing option is named after the usage line, last, without the whole help', async () => {
    const { told } = await typed('--portfolio', 'book.json')
    expect(told.trimEnd().split('\n').at(-1)).toBe("error: required option '--history <csv>' not specified")
    expect(told).toMatch(/^usage: homeostat risk \[options\]\n/)
    expect(told).not.toContain('many lines of help')
  })

  it('right words run, and --help still tells all', async () => {
    expect((await typed('--history', 'x', '--portfolio', 'y')).ran).toBe(true)
    const { told } = await typed('--help')
    expect(told).toContain('many lines of help')
  })
})
