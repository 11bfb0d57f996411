// The whole house on one machine: the world, the synthesized app wired to stand-ins, and the demo's configuration in force.

import { mkdir, rm, writeFile } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { HomeostatError } from '../base/homeostat-error.ts'
import { type Connection, connect } from '../wiring/connect.ts'
import { outputsFile } from '../wiring/outputs-file.ts'
import { type DemoApprover, demoApprover, startSignServer } from './demo-approver.ts'
import { localConfiguration, localSecrets } from './local-configuration.ts'
import type { House, HouseOptions } from './runner/house.ts'
import { startHouse } from './runner/start-house.ts'
import { type SlackInbox, startSlackInbox } from './slack-inbox.ts'
import { synthesize } from './synthesize.ts'
import { startWorld, type World } from './world/world.ts'

export interface LocalOptions extends Pick<HouseOptions, 'onLog' | 'onInvocation' | 'onProblem'> {
  /** Told when a step is over. */
  readonly onStep: (what: string, milliseconds: number) => void
  /** Told when a step begins. */
  readonly onBegin?: (what: string) => void
  /** May look at the assembly, or alter it, before it is started. */
  readonly onSynthesized?: (cdkOut: string) => void
  /** Where the configuration, the assembly and the outputs go; `.homeostat` unless told otherwise. */
  readonly folder?: string
}

export interface Local {
  readonly world: World
  readonly house: House
  readonly connection: Connection
  readonly slack: SlackInbox
  readonly approver: DemoApprover
  readonly timingsMs: Readonly<Record<string, number>>
  stop(): Promise<void>
}

const blockSeconds = 1
const stackName = 'Homeostat'

/**
 * Starts everything in the order in which a deploy would: chain, configuration, synthesis, AWS, schedules.
 * What was started is stopped again if a later step fails.
 * @throws HomeostatError of the step that failed
 */
export async function startLocal(options: LocalOptions): Promise<Local> {
  const folder = resolve(options.folder ?? '.homeostat')
  const undo: (() => Promise<void>)[] = []
  const stop = async () => {
    for (const step of undo.splice(0).toReversed()) await step().catch(() => undefined)
  }
  const timingsMs: Record<string, number> = {}
  const timed = async <T>(name: string, what: string, work: () => Promise<T>): Promise<T> => {
    options.onBegin?.(what)
    const began = performance.now()
    const result = await work()
    timingsMs[name] = Math.round(performance.now() - began)
    options.onStep(what, timingsMs[name])
    return result
  }
  try {
    const world = await timed('world', 'deploy Aave, Uniswap, Safe and a treasury on anvil', () => startWorld())
    undo.push(() => world.stop())
    const configurationFile = join(folder, 'homeostat.yaml')
    await mkdir(folder, { recursive: true })
    await writeFile(configurationFile, localConfiguration({ chainId: world.chainId, addresses: world.addresses }))
    const cdkOut = await timed('synth', 'synthesize the CDK app and bundle its Lambdas', () =>
      synthesize({ outDir: join(folder, 'cdk.out'), context: { configuration: configurationFile } }),
    )
    options.onSynthesized?.(cdkOut)
    const privateKey = firstKey(world)
    const slack = await startSlackInbox()
    undo.push(() => slack.stop())
    let approveOrigin = ''
    const signer = await startSignServer(privateKey, () => approveOrigin)
    undo.push(() => signer.stop())
    const house = await timed('house', 'wire the template to embedded AWS and apply the configuration', () =>
      startHouse({
        cdkOut,
        secrets: { [localSecrets.rpc]: world.rpcUrl, [localSecrets.slack]: slack.url },
        environmentOverrides: { DEMO_SIGN_URL: signer.url },
        redeliverySeconds: 2,
        ...(options.onLog === undefined ? {} : { onLog: options.onLog }),
        ...(options.onInvocation === undefined ? {} : { onInvocation: options.onInvocation }),
        ...(options.onProblem === undefined ? {} : { onProblem: options.onProblem }),
      }),
    )
    undo.push(() => house.stop())
    const outputs = await writeOutputs(house, folder)
    undo.push(() => forget(folder))
    await writeFile(join(folder, 'world.json'), JSON.stringify({ rpcUrl: world.rpcUrl, addresses: world.addresses }))
    const connection = connect({ outputs, ...house.credentials() })
    approveOrigin = new URL(connection.approveUrl).origin
    await timed('clock', 'fund the relayer and start the clock', async () => {
      await world.fund(house.signerAddress('RelayerKey'), 10)
      await world.startIntervalMining(blockSeconds)
      await world.keepFeedsFresh(600)
    })
    undo.push(fireSchedulesEachBlock(world, house, options.onProblem ?? (() => undefined)))
    return { world, house, connection, slack, approver: demoApprover(privateKey), timingsMs, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** What the CLI of another process needs to find this house. */
async function writeOutputs(house: House, folder: string): Promise<Readonly<Record<string, string>>> {
  const { endpoint, region } = house.credentials()
  const outputs = { ...house.outputs, LocalEndpoint: endpoint, Region: region }
  await writeFile(join(folder, basename(outputsFile)), JSON.stringify({ [stackName]: outputs }, null, 2))
  return outputs
}

/** A house that is gone must not be found by the CLI. */
async function forget(folder: string): Promise<void> {
  await rm(join(folder, basename(outputsFile)), { force: true })
  await rm(join(folder, 'world.json'), { force: true })
}

/** The cloud's schedules run once a minute; here each block is as good as a minute. */
function fireSchedulesEachBlock(world: World, house: House, onProblem: (error: unknown) => void): () => Promise<void> {
  const abort = new AbortController()
  const loop = (async () => {
    let seen = 0
    while (!abort.signal.aborted) {
      try {
        const time = await world.blockTime()
        if (time !== seen) {
          seen = time
          await house.fireSchedules()
        }
      } catch (error) {
        if (!abort.signal.aborted) onProblem(error)
      }
      await pause(150, undefined, { signal: abort.signal }).catch(() => undefined)
    }
  })()
  return async () => {
    abort.abort()
    await loop
  }
}

function firstKey(world: World): `0x${string}` {
  const key = world.ownerPrivateKeys[0]
  if (key !== undefined) return key
  throw new HomeostatError('no-demo-key', {
    message: 'The local world has no demo approver.',
    retry: 'never',
    hint: 'Start it without owners of your own.',
  })
}
