// Puts a version of the configuration in force: every item of it first, then one conditional flip of the pointer.

import type { Configuration } from '../model/configuration.ts'
import type { Clock, ConfigStore, Log } from '../model/ports.ts'

export interface ApplyConfigDeps {
  readonly config: ConfigStore
  readonly clock: Clock
  readonly log: Log
}

export interface ApplyConfigParams {
  readonly configuration: Configuration
  readonly version: string
  /** Of the file's bytes. */
  readonly fileHash: string
  readonly by: 'deploy' | 'cli'
}

export type ApplyConfigOutcome =
  | { readonly kind: 'applied'; readonly version: string; readonly previous?: string }
  /** A deploy that carries the file of the last deploy has nothing to say. */
  | { readonly kind: 'unchanged'; readonly version: string; readonly reason: string }
  /** Somebody moved the pointer by hand since the last deploy: theirs stays until it is applied by hand, too. */
  | { readonly kind: 'kept'; readonly version: string; readonly reason: string }

export async function applyConfig(deps: ApplyConfigDeps, params: ApplyConfigParams): Promise<ApplyConfigOutcome> {
  const pointer = await deps.config.pointer()
  const outcome = await decideAndMove(deps, params, pointer)
  deps.log.line('apply-config', { ...outcome, by: params.by })
  return outcome
}

async function decideAndMove(
  deps: ApplyConfigDeps,
  params: ApplyConfigParams,
  pointer: Awaited<ReturnType<ConfigStore['pointer']>>,
): Promise<ApplyConfigOutcome> {
  const { version, fileHash, by } = params
  if (by === 'deploy' && pointer !== undefined) {
    if (pointer.deployedFileHash === fileHash)
      return { kind: 'unchanged', version: pointer.version, reason: 'the file is the one of the last deploy' }
    if (pointer.movedBy !== 'deploy')
      return {
        kind: 'kept',
        version: pointer.version,
        reason: `version ${pointer.version} was applied by ${pointer.movedBy} since the last deploy; run \`homeostat config apply\` to put this file in force`,
      }
  }
  if (pointer?.version === version && by === 'cli')
    return { kind: 'unchanged', version, reason: 'this very configuration is in force' }
  await deps.config.putVersion(version, params.configuration)
  const deployedFileHash = by === 'deploy' ? fileHash : pointer?.deployedFileHash
  const moved = await deps.config.movePointer(
    {
      version,
      movedAt: deps.clock.now(),
      movedBy: by,
      ...(deployedFileHash === undefined ? {} : { deployedFileHash }),
    },
    pointer?.itemVersion ?? 0,
  )
  if (moved === 'conflict')
    return {
      kind: 'kept',
      version: pointer?.version ?? version,
      reason: 'somebody else moved the pointer at the same moment; look at what is in force, then apply again',
    }
  return { kind: 'applied', version, ...(pointer === undefined ? {} : { previous: pointer.version }) }
}
