// Protocol contracts come compiled in their npm packages; they are read from there and linked, never copied into the repository.

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Abi, Address, Hex } from 'viem'
import { HomeostatError } from '../../base/homeostat-error.ts'

const fromHere = createRequire(import.meta.url)

export interface Artifact {
  readonly contractName: string
  readonly abi: Abi
  /** Creation code, with placeholders where libraries are linked. */
  readonly bytecode: string
  /** source file -> library -> where its address goes (offsets and lengths in bytes) */
  readonly linkReferences?: Readonly<
    Record<string, Readonly<Record<string, readonly { readonly start: number; readonly length: number }[]>>>
  >
}

/**
 * The artifact at a path inside an installed package, such as `@uniswap/v3-core/artifacts/contracts/X.sol/X.json`.
 * @throws HomeostatError `world-artifact-missing`
 */
export function loadArtifact(path: string): Artifact {
  try {
    return JSON.parse(readFileSync(fromHere.resolve(path), 'utf8')) as Artifact
  } catch (error) {
    throw new HomeostatError('world-artifact-missing', {
      message: `The compiled contract ${path} is not installed.`,
      retry: 'never',
      facts: { path },
      hint: 'Run npm ci with development dependencies: the local world reads protocol contracts from node_modules.',
      cause: error,
    })
  }
}

/**
 * Creation code with the libraries' addresses filled in.
 * @throws HomeostatError `world-library-missing` when one that the code needs is not given
 */
export function linkedBytecode(artifact: Artifact, libraries: Readonly<Record<string, Address>>): Hex {
  let code = artifact.bytecode
  for (const [library, places] of Object.values(artifact.linkReferences ?? {}).flatMap(Object.entries)) {
    const address = libraries[library]
    if (address === undefined) {
      throw new HomeostatError('world-library-missing', {
        message: `${artifact.contractName} needs the library ${library}.`,
        retry: 'never',
        facts: { contract: artifact.contractName, library },
        hint: 'Deploy the library first and pass its address.',
      })
    }
    for (const { start, length } of places) {
      const from = 2 + start * 2
      code = code.slice(0, from) + address.slice(2).toLowerCase() + code.slice(from + length * 2)
    }
  }
  return code as Hex
}
