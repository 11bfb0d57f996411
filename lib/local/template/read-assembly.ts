// Opens what `cdk synth` wrote: finds one stack's template and the directories of its assets, and checks nothing else.

import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { HomeostatError, translated } from '../../base/homeostat-error.ts'
import * as z from '../../base/schema.ts'
import { parse } from '../../base/schema.ts'

const manifestSchema = z.object({
  artifacts: z.record(
    z.string(),
    z.object({
      type: z.string(),
      properties: z.optional(z.record(z.string(), z.unknown())),
      displayName: z.optional(z.string()),
    }),
  ),
})
const assetsSchema = z.object({
  files: z.record(
    z.string(),
    z.object({
      source: z.object({ path: z.optional(z.string()), packaging: z.optional(z.string()) }),
      destinations: z.record(z.string(), z.object({ objectKey: z.string() })),
    }),
  ),
  dockerImages: z.optional(z.record(z.string(), z.unknown())),
})
const resourceSchema = z.object({
  Type: z.string(),
  Properties: z.optional(z.record(z.string(), z.unknown())),
  Condition: z.optional(z.string()),
  DependsOn: z.optional(z.union([z.string(), z.array(z.string())])),
})
const templateSchema = z.object({
  Resources: z.record(z.string(), resourceSchema),
  Outputs: z.optional(z.record(z.string(), z.object({ Value: z.unknown(), Condition: z.optional(z.string()) }))),
  Parameters: z.optional(z.record(z.string(), z.object({ Type: z.string(), Default: z.optional(z.unknown()) }))),
  Conditions: z.optional(z.record(z.string(), z.unknown())),
  Mappings: z.optional(z.record(z.string(), z.unknown())),
})

export type RawTemplate = z.output<typeof templateSchema>

export interface Assembly {
  readonly stackName: string
  readonly template: RawTemplate
  /** The directory behind a Lambda's `Code.S3Key`. @throws HomeostatError `assembly-asset-missing` */
  assetDirectory(objectKey: string): string
}

function readJson<S extends z.ZodMiniType>(schema: S, file: string): z.output<S> {
  let text: unknown
  try {
    text = JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    throw translated(error, 'assembly-unreadable', {
      message: `Cannot read ${file} of the synthesized app.`,
      retry: 'never',
      facts: { file },
      hint: 'Synthesize the app again.',
    })
  }
  return parse(schema, text, file)
}

function assetPaths(directory: string, files: readonly string[]): Map<string, string> {
  const paths = new Map<string, string>()
  for (const file of files) {
    const assets = readJson(assetsSchema, join(directory, file))
    for (const { source, destinations } of Object.values(assets.files)) {
      for (const { objectKey } of Object.values(destinations)) {
        if (source.path !== undefined) paths.set(objectKey, join(directory, source.path))
      }
    }
  }
  return paths
}

/**
 * Reads one stack of a cloud assembly.
 * @param cdkOut directory that holds `manifest.json`
 * @param stackName may be left out when the assembly has one stack
 * @throws HomeostatError `assembly-unreadable`, `assembly-stack-unknown`, `invalid-input`
 */
export function readAssembly(cdkOut: string, stackName?: string): Assembly {
  const directory = resolve(cdkOut)
  const { artifacts } = readJson(manifestSchema, join(directory, 'manifest.json'))
  const of = (type: string) => Object.entries(artifacts).filter(([, artifact]) => artifact.type === type)
  const stacks = of('aws:cloudformation:stack').map(([id, { properties }]) => ({
    name: String(properties?.stackName ?? id),
    file: String(properties?.templateFile),
  }))
  const wanted = stackName === undefined && stacks.length === 1 ? stacks[0] : stacks.find((s) => s.name === stackName)
  if (wanted === undefined) {
    const names = stacks.map(({ name }) => name).join(', ')
    throw new HomeostatError('assembly-stack-unknown', {
      message: stackName === undefined ? `Say which stack to run: ${names}.` : `No stack ${stackName}, but ${names}.`,
      retry: 'never',
      facts: { stacks: names },
    })
  }
  const manifests = of('cdk:asset-manifest').map(([, { properties }]) => String(properties?.file))
  const paths = assetPaths(directory, manifests)
  return {
    stackName: wanted.name,
    template: readJson(templateSchema, join(directory, wanted.file)),
    assetDirectory(objectKey) {
      const path = paths.get(objectKey)
      if (path !== undefined) return path
      throw new HomeostatError('assembly-asset-missing', {
        message: `No asset manifest names ${objectKey}.`,
        retry: 'never',
        facts: { objectKey },
        hint: 'Only file assets staged by the app itself can be run.',
      })
    },
  }
}
