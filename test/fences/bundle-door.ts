// One door as it is deployed: bundled with the stack's own options, and what went into it.

import { readdirSync } from 'node:fs'
import { build } from 'esbuild'
import { bundling } from '../../lib/infra/bundling.ts'
import { repository } from './cruise.ts'

export interface Bundle {
  readonly door: string
  readonly bytes: number
  /** Packages that are in the bundle, by bytes. */
  readonly packages: ReadonlyMap<string, number>
  /** Files that are in the bundle with at least one byte, relative to the repository. */
  readonly files: readonly string[]
}

export const doors = readdirSync(`${repository}lambdas`).map((file) => file.replace(/\.ts$/, ''))

export const bundleDoor = async (door: string): Promise<Bundle> => {
  const { metafile } = await build({
    absWorkingDir: repository,
    entryPoints: [`lambdas/${door}.ts`],
    outfile: 'index.mjs',
    write: false,
    metafile: true,
    logLevel: 'error',
    bundle: true,
    ...bundling,
    mainFields: [...bundling.mainFields],
    external: [...bundling.external],
    alias: { ...bundling.alias },
    banner: { js: bundling.banner },
  })
  const output = metafile.outputs['index.mjs']
  if (output === undefined) throw new Error(`No bundle came out of ${door}.`)
  const inputs = Object.entries(output.inputs).filter(([, { bytesInOutput }]) => bytesInOutput > 0)
  const packages = new Map<string, number>()
  for (const [file, { bytesInOutput }] of inputs) {
    const name = packageOf(file)
    if (name !== undefined) packages.set(name, (packages.get(name) ?? 0) + bytesInOutput)
  }
  return { door, bytes: output.bytes, packages, files: inputs.map(([file]) => file) }
}

const packageOf = (file: string) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1]
