// The conventions that a machine can check: how files are called and opened, and how much stands in one.

import { readFileSync } from 'node:fs'
import { basename, dirname, join, matchesGlob } from 'node:path'
import { describe, expect, it } from 'vitest'
import vitestConfig from '../../vitest.config.ts'
import { repository } from './cruise.ts'
import { repositoryFiles } from './repository-files.ts'

const read = (file: string) => readFileSync(join(repository, file), 'utf8')
const code = repositoryFiles.filter((file) => /^(bin|lambdas|lib|test|tools)\//.test(file))
const typescript = code.filter((file) => file.endsWith('.ts'))
const product = typescript.filter((file) => !file.startsWith('test/'))

const kebabCase = /^[a-z0-9]+(-[a-z0-9]+)*(\.(test|contract))?\.[a-z]+$/

/** Lines that say something: neither empty nor comment only. */
const linesOfCode = (text: string) => text.split('\n').filter((line) => !/^\s*($|\/\/|\/?\*)/.test(line)).length

describe('names', () => {
  it('of files are kebab-case', () => {
    expect(code.map((file) => basename(file)).filter((name) => name !== 'README.md' && !kebabCase.test(name))).toEqual(
      [],
    )
  })

  it('of folders are nouns of the domain', () => {
    const folders = [...new Set(code.flatMap((file) => dirname(file).split('/')))]
    const vague = ['utils', 'util', 'helpers', 'helper', 'common', 'core', 'services', 'types', 'misc', 'shared']
    expect(folders.filter((name) => vague.includes(name))).toEqual([])
    expect(product.filter((file) => vague.includes(basename(file, '.ts')))).toEqual([])
  })

  it('of index files are those of registries: there are no barrels', () => {
    const barrels = product.filter((file) => basename(file) === 'index.ts' && /^export (\*|\{)/m.test(read(file)))
    expect(barrels).toEqual([])
  })
})

describe('files', () => {
  it('open with a sentence that says why they exist', () => {
    const silent = product.filter((file) => {
      const [first = '', second = ''] = read(file).split('\n')
      return !(first.startsWith('#!') ? second : first).startsWith('// ')
    })
    expect(silent).toEqual([])
  })

  it('of doors hold at most 25 lines of code and no logic', () => {
    const doors = product.filter((file) => file.startsWith('lambdas/'))
    expect(doors.length).toBeGreaterThan(9)
    const long = doors.map((file) => [file, linesOfCode(read(file))] as const)
    expect(long.filter(([, lines]) => lines > 25)).toEqual([])
    expect(doors.filter((file) => /\b(if|for|while|switch)\s*\(/.test(read(file)))).toEqual([])
  })

  it('aim at 300 lines (longer ones are named, none is refused below 450)', () => {
    const lengths = product.map((file) => [file, read(file).split('\n').length - 1] as const)
    const long = lengths.filter(([, lines]) => lines > 300)
    for (const [file, lines] of long) console.warn(`${file}: ${lines} lines; 300 are aimed at.`)
    expect(long.filter(([, lines]) => lines > 450)).toEqual([])
  })

  it('hold classes only for errors, secrets, constructs of the CDK and the commands of commander', () => {
    const withClasses = product.filter((file) => /^(export )?(abstract )?class /m.test(read(file)))
    const allowed = ['lib/base/homeostat-error.ts', 'lib/base/redacted.ts', 'bin/patient-command.ts']
    expect(withClasses.filter((file) => !file.startsWith('lib/infra/') && !allowed.includes(file))).toEqual([])
  })
})

describe('rooms', () => {
  const rooms = [...new Set(product.filter((file) => file.startsWith('lib/')).map((file) => file.split('/')[1] ?? ''))]

  it('have a README of at most 25 lines', () => {
    const readmes = rooms.map((room) => {
      const file = `lib/${room}/README.md`
      return [file, code.includes(file) ? read(file).trimEnd().split('\n').length : undefined] as const
    })
    expect(readmes.filter(([, lines]) => lines === undefined || lines > 25)).toEqual([])
  })
})

describe('tests', () => {
  const projects = (vitestConfig.test?.projects ?? []) as readonly {
    readonly test: { readonly name: string; readonly include: readonly string[] }
  }[]
  const tests = repositoryFiles.filter((file) => /\.(test|spec)\.[jt]sx?$/.test(file))

  it('each run in exactly one project', () => {
    const astray = tests.flatMap((file) => {
      const matching = projects.filter(({ test }) => test.include.some((glob) => matchesGlob(file, glob)))
      return matching.length === 1 ? [] : [[file, matching.map(({ test }) => test.name)]]
    })
    expect(tests.length).toBeGreaterThan(50)
    expect(astray).toEqual([])
  })

  it('are never left as the only one, and are skipped only where something is missing', () => {
    const marks = tests.filter((file) =>
      /\b(it|test|describe)\.(only|skip|todo)\(/.test(read(file).replace(/\/[*/].*$/gm, '')),
    )
    expect(marks.filter((file) => !file.endsWith('fences/names.test.ts'))).toEqual([])
  })
})
