// All doors bundled by one run of esbuild: starting it, through npx and a shell, for each of eleven took longer than its work.

import { spawnSync } from 'node:child_process'
import { readdirSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { HomeostatError } from '../base/homeostat-error.ts'
import { bundling } from './bundling.ts'

const projectRoot = fileURLToPath(new URL('../../', import.meta.url))
/** One door a file, each exporting `handler`. */
export const lambdas = join(projectRoot, 'lambdas')

const made = new Set<string>()

/**
 * Bundles every file of lambdas/, at most once for an assembly.
 * @param outdir of the cloud assembly; the bundles lie below it until the process ends, and whoever deploys one copies it before
 * @returns the directory of a door's bundle, which is its `index.mjs` and the source map
 * @throws HomeostatError `bundling-failed`; what is wrong with the source stands on stderr
 */
export function bundledDoor(outdir: string, door: string): string {
  const bundles = join(outdir, 'doors')
  if (!made.has(bundles)) {
    bundleAll(bundles)
    made.add(bundles)
    process.once('exit', () => rmSync(bundles, { recursive: true, force: true }))
  }
  return join(bundles, door)
}

function bundleAll(bundles: string): void {
  const doors = readdirSync(lambdas).map((file) => file.replace(/\.ts$/, ''))
  const args = [
    ...doors.map((door) => `${door}/index=${join('lambdas', `${door}.ts`)}`),
    `--outdir=${bundles}`,
    '--out-extension:.js=.mjs',
    '--bundle',
    '--log-level=warning',
    `--platform=${bundling.platform}`,
    `--format=${bundling.format}`,
    `--target=${bundling.target}`,
    `--main-fields=${bundling.mainFields.join(',')}`,
    ...bundling.external.map((name) => `--external:${name}`),
    ...Object.entries(bundling.alias).map(([name, path]) => `--alias:${name}=${path}`),
    `--minify=${bundling.minify}`,
    `--sourcemap=${bundling.sourcemap ? 'linked' : 'none'}`,
    `--sources-content=${bundling.sourcesContent}`,
    `--banner:js=${bundling.banner}`,
  ]
  const { status, error } = spawnSync(esbuildBinary(), args, { cwd: projectRoot, stdio: ['ignore', 2, 2] })
  if (status === 0) return
  throw new HomeostatError('bundling-failed', {
    message: `esbuild could not bundle the doors (${error?.message ?? `status ${status}`}).`,
    retry: 'never',
    hint: 'Correct what it names above; if it says nothing, run npm ci.',
    cause: error,
  })
}

/** The binary of this platform, without the script that would start it. */
function esbuildBinary(): string {
  const fromEsbuild = createRequire(createRequire(import.meta.url).resolve('esbuild/package.json'))
  const file = process.platform === 'win32' ? 'esbuild.exe' : 'bin/esbuild'
  return fromEsbuild.resolve(`@esbuild/${process.platform}-${process.arch}/${file}`)
}
