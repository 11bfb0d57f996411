// Completes package-lock.json with the platform packages that a registry mirror lacked: npm drops them silently on install, and `npm ci` then refuses the lock.

import { readFileSync, writeFileSync } from 'node:fs'
import { argv } from 'node:process'
import { fileURLToPath } from 'node:url'

/** What this tool reads and writes of an entry of a lock of version 3. */
export interface LockEntry {
  readonly version?: string
  readonly optionalDependencies?: Readonly<Record<string, string>>
  readonly cpu?: readonly string[]
  readonly dev?: boolean
  readonly devOptional?: boolean
  readonly libc?: readonly string[]
  readonly optional?: boolean
  readonly os?: readonly string[]
}

export interface Lock {
  readonly packages: Readonly<Record<string, LockEntry>>
}

export interface MissingEntry {
  /** Key of the package that names the dependency, such as `node_modules/oxc-parser`. */
  readonly parent: string
  readonly name: string
  readonly version: string
}

/** Optional dependencies of locked packages for which the lock has no entry of that version where node would look. */
export const missingOptional = ({ packages }: Lock): readonly MissingEntry[] =>
  Object.entries(packages).flatMap(([parent, { optionalDependencies = {} }]) =>
    Object.entries(optionalDependencies)
      .filter(([name, version]) => {
        const found = keysFrom(parent, name)
          .map((key) => packages[key])
          .find((entry) => entry !== undefined)
        return found === undefined || (isExact(version) && found.version !== version)
      })
      .map(([name, version]) => ({ parent, name, version })),
  )

/**
 * The lock with an entry for each missing optional dependency, its platform read from its name and without an integrity, because
 * nobody here has seen the package. A lock that lacks nothing comes back as it is.
 * @throws Error for a version range, which only a registry could resolve, and for a name that tells no platform
 */
export const completeLock = <L extends Lock>(lock: L): L => {
  const added = missingOptional(lock).map(({ parent, name, version }): readonly [string, LockEntry] => {
    if (!isExact(version))
      throw new Error(`${parent} wants ${name}@${version}: only a registry can say which version that is.`)
    const { cpu, libc, os } = platformOf(name)
    const { dev, devOptional } = lock.packages[parent] ?? {}
    const key = `node_modules/${name}`
    // Keys in npm's own order, so that npm does not rewrite what was written here.
    const entry: LockEntry = {
      version,
      cpu: [cpu],
      ...(dev === undefined ? {} : { dev }),
      ...(devOptional === undefined ? {} : { devOptional }),
      ...(libc === undefined ? {} : { libc: [libc] }),
      optional: true,
      os: [os],
    }
    return [lock.packages[key] === undefined ? key : `${parent}/${key}`, entry]
  })
  if (added.length === 0) return lock
  const packages = Object.entries({ ...lock.packages, ...Object.fromEntries(added) })
  return { ...lock, packages: Object.fromEntries(packages.toSorted(([a], [b]) => a.localeCompare(b, 'en'))) }
}

const isExact = (version: string) => /^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version)

/** Where node looks for `name` from within the package at `parent`, nearest first. */
function keysFrom(parent: string, name: string): readonly string[] {
  const key = `${parent === '' ? '' : `${parent}/`}node_modules/${name}`
  if (parent === '') return [key]
  return [key, ...keysFrom(parent.slice(0, parent.lastIndexOf('node_modules/')).replace(/\/$/, ''), name)]
}

const systems = ['android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'sunos', 'win32', 'aix']
const processors: Readonly<Record<string, string>> = {
  amd64: 'x64',
  arm: 'arm',
  arm64: 'arm64',
  ia32: 'ia32',
  loong64: 'loong64',
  mips64el: 'mips64el',
  ppc64: 'ppc64',
  riscv64: 'riscv64',
  s390x: 's390x',
  wasm32: 'wasm32',
  x64: 'x64',
}

/** `@oxc-parser/binding-linux-arm-musleabihf` -> linux, arm, musl. */
function platformOf(name: string): { readonly os: string; readonly cpu: string; readonly libc: string | undefined } {
  const words = name.split(/[/-]/)
  const os = words.find((word) => systems.includes(word))
  const cpu = words.map((word) => processors[word]).find((word) => word !== undefined)
  if (os === undefined || cpu === undefined) throw new Error(`${name} does not tell its platform.`)
  const last = words.at(-1) ?? ''
  const libc = last.startsWith('musl') ? 'musl' : last.startsWith('gnu') ? 'glibc' : undefined
  return { os, cpu, libc: os === 'linux' ? libc : undefined }
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  const file = new URL('../package-lock.json', import.meta.url)
  const lock = JSON.parse(readFileSync(file, 'utf8')) as Lock
  const missing = missingOptional(lock)
  if (missing.length > 0) writeFileSync(file, `${JSON.stringify(completeLock(lock), undefined, 2)}\n`)
  const names = missing.map(({ name, version }) => `  ${name}@${version}\n`).join('')
  process.stdout.write(
    missing.length === 0 ? 'package-lock.json lacks nothing.\n' : `Added to package-lock.json:\n${names}`,
  )
}
