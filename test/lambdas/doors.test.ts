import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import { beforeAll, describe, expect, it } from 'vitest'
import { queueNames, queueVariable, variables } from '../../lib/base/deployment-names.ts'
import { openTemplate } from '../../lib/local/template/open-template.ts'
import { localPlace } from '../../lib/local/template/place.ts'
import { readAssembly } from '../../lib/local/template/read-assembly.ts'
import { root, synthesizedStack } from '../infra/fixture/synthesized-stack.ts'

interface Imported {
  readonly handler?: string
  readonly failure?: string
  readonly code?: string
  readonly asked: readonly string[]
}
type Environment = Readonly<Record<string, string>>

const files = readdirSync(join(root, 'lambdas')).sort()
/** `take-snapshot.ts` is the function TakeSnapshot; the one that serves a custom resource lies below it. */
const functionOf = (file: string) =>
  file === 'relayer-address.ts'
    ? 'RelayerDoor'
    : file.replace('.ts', '').replace(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase())

const environments = new Map<string, Environment>()
beforeAll(async () => {
  const place = { ...localPlace, endpointUrl: 'http://127.0.0.1:1' }
  const template = openTemplate(readAssembly(await synthesizedStack()), {
    place,
    functionUrl: () => 'http://127.0.0.1:1/',
  })
  for (const { type, logicalId, properties } of template.resources) {
    if (type !== 'AWS::Lambda::Function') continue
    const { Variables = {} } = (properties.Environment ?? {}) as { Variables?: Environment }
    environments.set(logicalId.replace(/Function[0-9A-F]{8}$/, ''), Variables)
  }
})
const environmentOf = (file: string): Environment => {
  const found = environments.get(functionOf(file))
  if (found === undefined) throw new Error(`no function for ${file} in the template`)
  return found
}

/** What node compiled for one door serves the next. */
const { NODE_COMPILE_CACHE } = process.env
const compiled = NODE_COMPILE_CACHE === undefined ? {} : { NODE_COMPILE_CACHE }

async function imported(file: string, environment: Environment): Promise<Imported> {
  const worker = new Worker(new URL('./fixture/import-door.ts', import.meta.url), {
    workerData: pathToFileURL(join(root, 'lambdas', file)).href,
    env: { ...environment, ...compiled, AWS_REGION: 'eu-west-1' },
    execArgv: [],
  })
  // It ends by itself, for a door that is loaded holds nothing open.
  const ended = once(worker, 'exit')
  const [answer] = await once(worker, 'message')
  await ended
  return answer as Imported
}

const ours: readonly string[] = [...Object.values(variables), ...queueNames.map(queueVariable)]
const isQueue = (name: string) => queueNames.map(queueVariable).includes(name)

/** Variables that a door looks for and can do without: bodies of memories and receipts are never large enough for the bucket. */
const missing: Readonly<Record<string, readonly string[]>> = {
  'deliver.ts': [variables.blobsBucket],
  'notify.ts': [variables.blobsBucket],
}

describe.each(files)('lambdas/%s', (file) => {
  let asIs: Imported
  beforeAll(async () => {
    asIs = await imported(file, environmentOf(file))
  })

  it('starts with the environment that the stack gives it, and exports a handler', () => {
    expect(asIs).toMatchObject({ handler: 'function' })
  })

  it('asks for every variable that the stack gives it, and is given every one that it asks for', () => {
    const given = Object.keys(environmentOf(file))
    const { asked } = asIs
    expect(given.filter((name) => !asked.includes(name))).toEqual([])
    // Which queues it may send to is for the stack to say; it asks for all.
    const wanted = asked.filter((name) => ours.includes(name) && !isQueue(name))
    expect(wanted.filter((name) => !given.includes(name))).toEqual(missing[file] ?? [])
  })

  it('is a front door: a sentence, no logic, 27 lines at most', () => {
    const lines = readFileSync(join(root, 'lambdas', file), 'utf8')
      .trimEnd()
      .split('\n')
    expect(lines[0]).toMatch(/^\/\/ Door: .+\.$/)
    expect(lines.length).toBeLessThanOrEqual(27)
  })
})

describe('a door without a variable that it needs', () => {
  it.each([
    ['tick.ts', variables.configTable],
    ['take-snapshot.ts', variables.watchTable],
    ['propose.ts', variables.deployment],
    ['execute.ts', variables.relayerKey],
  ])('%s does not start without %s, and says so', async (file, variable) => {
    const { [variable]: _, ...rest } = environmentOf(file)
    const answer = await imported(file, rest)
    expect(answer).toMatchObject({ code: 'missing-variable', failure: expect.stringContaining(variable) })
  })
})
