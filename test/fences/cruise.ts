// The import fences as `npm run fences` runs them, on this repository or on a planted house.

import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** Root of this repository, ending in a slash. */
export const repository = fileURLToPath(new URL('../../', import.meta.url))
const command = `${repository}node_modules/dependency-cruiser/bin/dependency-cruiser.mjs`
const config = `${repository}.dependency-cruiser.cjs`

export interface Violation {
  readonly rule: string
  readonly from: string
  readonly to: string
}

export interface Cruise {
  readonly modules: number
  readonly violations: readonly Violation[]
}

interface CruiseOutput {
  readonly summary: {
    readonly totalCruised: number
    readonly violations: readonly {
      readonly rule: { readonly name: string }
      readonly from: string
      readonly to: string
    }[]
  }
}

/** Cruises `folders` of the house at `root` with the repository's rules. */
export const cruise = async (root: string, folders: readonly string[]): Promise<Cruise> => {
  const text = await new Promise<string>((resolve, reject) => {
    execFile(
      process.execPath,
      [command, '--config', config, '--output-type', 'json', ...folders],
      { cwd: root, maxBuffer: 256 * 1024 * 1024 },
      // The JSON reporter ends with the number of violations as exit code: what counts is what it printed.
      (error, stdout, stderr) =>
        stdout.startsWith('{') ? resolve(stdout) : reject(new Error(stderr, { cause: error })),
    )
  })
  const { summary } = JSON.parse(text) as CruiseOutput
  return {
    modules: summary.totalCruised,
    violations: summary.violations.map(({ rule, from, to }) => ({ rule: rule.name, from, to })),
  }
}
