// Every file that somebody wrote for this repository: what a clean checkout holds, without asking git.

import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { repository } from './cruise.ts'

/** Installed, generated or cached; the same list as .gitignore. */
const made = new Set([
  'node_modules',
  'cdk.out',
  '.homeostat',
  '.git',
  'coverage',
  '.vitest',
  'run.json',
  'cdk.context.json',
  '.DS_Store',
])

const filesBelow = (folder: string): readonly string[] =>
  readdirSync(join(repository, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (made.has(entry.name) || entry.name.endsWith('.tsbuildinfo')) return []
    return entry.isDirectory() ? filesBelow(path) : [path]
  })

/** Paths from the root of the repository, such as `lib/base/units.ts`. */
export const repositoryFiles = filesBelow('')
