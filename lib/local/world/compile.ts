// Our own two contracts are compiled where they are used, so that no compiled artifact lives in the repository.

import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { HomeostatError } from '../../base/homeostat-error.ts'
import type { Artifact } from './artifact.ts'
import { readCached, writeCached } from './cache-folder.ts'

const fromHere = createRequire(import.meta.url)
const sourceFiles = ['price-feed.sol', 'mintable-token.sol'] as const

export interface OwnContracts {
  readonly priceFeed: Artifact
  readonly mintableToken: Artifact
}

interface SolcOutput {
  readonly errors?: readonly { readonly severity: string; readonly formattedMessage: string }[]
  readonly contracts?: Readonly<
    Record<
      string,
      Readonly<
        Record<string, { readonly abi: unknown; readonly evm: { readonly bytecode: { readonly object: string } } }>
      >
    >
  >
}

function sources(): Record<string, { content: string }> {
  return Object.fromEntries(
    sourceFiles.map((file) => [file, { content: readFileSync(new URL(file, import.meta.url), 'utf8') }]),
  )
}

/**
 * Compiles the sources of this room with solc from npm, or takes the result from the cache (about 1 s against 1 ms).
 * @throws HomeostatError `world-compile-failed` with the compiler's messages
 */
export function compileOwnContracts(): OwnContracts {
  const input = JSON.stringify({
    language: 'Solidity',
    sources: sources(),
    settings: {
      evmVersion: 'paris',
      optimizer: { enabled: true, runs: 200 },
      outputSelection: { '*': { '*': ['abi', 'evm.bytecode.object'] } },
    },
  })
  const { version } = fromHere('solc/package.json') as { version: string }
  const name = `solc-${createHash('sha256').update(version).update(input).digest('hex').slice(0, 16)}.json`
  const cached = readCached(name)
  if (cached !== undefined) return JSON.parse(cached) as OwnContracts
  const solc = fromHere('solc') as { compile(input: string): string }
  const output = JSON.parse(solc.compile(input)) as SolcOutput
  const contracts = { priceFeed: pick(output, 0, 'PriceFeed'), mintableToken: pick(output, 1, 'MintableToken') }
  writeCached(name, JSON.stringify(contracts))
  return contracts
}

function pick(output: SolcOutput, file: 0 | 1, contract: string): Artifact {
  const compiled = output.contracts?.[sourceFiles[file]]?.[contract]
  if (compiled === undefined || compiled.evm.bytecode.object === '') {
    const failures = (output.errors ?? []).filter(({ severity }) => severity === 'error')
    throw new HomeostatError('world-compile-failed', {
      message: `${contract} did not compile: ${failures.map(({ formattedMessage }) => formattedMessage).join('\n')}`,
      retry: 'never',
      facts: { file: sourceFiles[file] },
      hint: 'Correct the source, or reinstall solc with npm ci.',
    })
  }
  return { contractName: contract, abi: compiled.abi as Artifact['abi'], bytecode: `0x${compiled.evm.bytecode.object}` }
}
