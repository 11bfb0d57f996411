// A lock that `npm ci` accepts on every platform and at every registry, and versions that do not wander.

import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { completeLock, type Lock, missingOptional } from '../../tools/complete-lock.ts'
import { repository } from './cruise.ts'

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
}

const parsed = <T>(file: string) => JSON.parse(readFileSync(`${repository}${file}`, 'utf8')) as T
const lock = parsed<Lock>('package-lock.json')
const manifest = parsed<Manifest>('package.json')

describe('package-lock.json', () => {
  it('has an entry for every optional dependency of a locked package (else: npm run lock)', () => {
    expect(missingOptional(lock)).toEqual([])
    expect(Object.keys(lock.packages)).toContain('node_modules/@biomejs/cli-darwin-arm64')
  })

  it('names what package.json names', () => {
    const { dependencies, devDependencies } = (lock.packages[''] ?? {}) as Manifest
    expect({ dependencies, devDependencies }).toEqual({
      dependencies: manifest.dependencies,
      devDependencies: manifest.devDependencies,
    })
  })

  it('names no place to download from: each machine has its own registry', () => {
    const text = readFileSync(`${repository}package-lock.json`, 'utf8')
    expect(text.match(/"resolved":/g)).toBeNull()
    expect(text.match(/"[^"]*:\/\/[^"]*\.tgz[^"]*"/g)).toBeNull()
  })
})

describe('package.json', () => {
  it('pins every version exactly', () => {
    const wandering = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies }).filter(
      ([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version),
    )
    expect(wandering).toEqual([])
  })
})

describe('complete-lock', () => {
  const tool = { version: '1.0.0', optionalDependencies: { '@tool/linux-arm-musleabihf': '1.0.0' }, dev: true }

  it('adds what is missing, with its platform, and leaves the rest as it was', () => {
    const lacking = { lockfileVersion: 3, packages: { '': {}, 'node_modules/tool': tool, 'node_modules/zoo': {} } }
    expect(completeLock(lacking)).toEqual({
      lockfileVersion: 3,
      packages: {
        '': {},
        'node_modules/@tool/linux-arm-musleabihf': {
          version: '1.0.0',
          cpu: ['arm'],
          dev: true,
          libc: ['musl'],
          optional: true,
          os: ['linux'],
        },
        'node_modules/tool': tool,
        'node_modules/zoo': {},
      },
    })
    expect(Object.keys(completeLock(lacking).packages)).toEqual([
      '',
      'node_modules/@tool/linux-arm-musleabihf',
      'node_modules/tool',
      'node_modules/zoo',
    ])
  })

  it('changes nothing the second time', () => {
    const complete = completeLock({ packages: { 'node_modules/tool': tool } })
    expect(completeLock(complete)).toBe(complete)
  })

  it('puts a second version below the package that wants it', () => {
    const taken = {
      'node_modules/@tool/linux-arm-musleabihf': { version: '2.0.0' },
      'node_modules/a/node_modules/tool': tool,
    }
    expect(Object.keys(completeLock({ packages: taken }).packages)).toContain(
      'node_modules/a/node_modules/tool/node_modules/@tool/linux-arm-musleabihf',
    )
  })

  it('finds an entry that node would find higher up', () => {
    const around = {
      'node_modules/a/node_modules/@tool/linux-arm-musleabihf': { version: '1.0.0' },
      'node_modules/a/node_modules/tool': tool,
    }
    expect(missingOptional({ packages: around })).toEqual([])
  })

  it.each(['^1.0.0', '1.x', 'latest'])('refuses to guess which version %s is', (version) => {
    const lacking = { packages: { 'node_modules/tool': { optionalDependencies: { '@tool/darwin-x64': version } } } }
    expect(() => completeLock(lacking)).toThrow(/only a registry/)
  })

  it('refuses a package whose name tells no platform', () => {
    const lacking = { packages: { 'node_modules/tool': { optionalDependencies: { fast: '1.0.0' } } } }
    expect(() => completeLock(lacking)).toThrow(/does not tell its platform/)
  })
})
