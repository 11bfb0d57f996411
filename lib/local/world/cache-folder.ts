// What takes long to make (compiled sources, a deployed chain) is kept between runs in one place that `npm ci` wipes.

import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

const fromHere = createRequire(import.meta.url)
const folder = join(dirname(fromHere.resolve('solc/package.json')), '..', '.cache', 'homeostat')

/** The cached text under this name, or undefined if there is none that can be read. */
export function readCached(name: string): string | undefined {
  try {
    return readFileSync(join(folder, name), 'utf8')
  } catch {
    return undefined
  }
}

/** Keeps text under this name. A folder that cannot be written only costs the next run its time, so it is no error. */
export function writeCached(name: string, text: string): void {
  try {
    mkdirSync(folder, { recursive: true })
    const unfinished = join(folder, `${name}.${process.pid}`)
    writeFileSync(unfinished, text)
    renameSync(unfinished, join(folder, name))
  } catch {
    // See above: the cache is only a saving.
  }
}
