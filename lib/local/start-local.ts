// The whole house on one machine: the world, the synthesized app wired to stand-ins, and the demo's configuration in force.

import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { connect as connectTcp } from 'node:net'
import { dirname, join, resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { HomeostatError } from '../base/homeostat-error.ts'
import { systemClock } from '../wiring/clock.ts'
import { type Connection, connect } from '../wiring/connect.ts'
import { localRunFiles } from '../wiring/outputs-file.ts'
import { syntheticHistory } from '../wiring/synthetic-history.ts'
import { startBlockSignal } from './block-signal.ts'
import { type DemoApprover, demoApprover, startSignServer } from './demo-approver.ts'
import { type ForgetSeenDeps, startForgetting } from './forget-seen.ts'
import { localConfiguration, localSecrets, localWebhook } from './local-configuration.ts'
import { providerSecret, startProviders } from './providers.ts'
import { awsCaller } from './runner/aws-call.ts'
import type { House, HouseOptions } from './runner/house.ts'
import { startHouse } from './runner/start-house.ts'
import { type SlackInbox, startSlackInbox } from './slack-inbox.ts'
import { synthesize } from './synthesize.ts'
import { startOutpost } from './world/outpost.ts'
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
/** Beside 31,337, which is the world's. */
const outpostChainId = 31_338
const stackName = 'Homeostat'
/** Of the made-up past. */
const historySeed = 1
/** Assets that no portfolio of the demo holds, with prices to end at: five at least have to vote on the regime. */
const elsewhere = { BNB: 560, SOL: 150, XRP: 0.55, ADA: 0.4, LTC: 72 } as const

/**
 * Starts everything in the order in which a deploy would: chain, configuration, synthesis, AWS, schedules.
 * What was started is stopped again if a later step fails.
 * @throws HomeostatError `already-running`, or of the step that failed
 */
export async function startLocal(options: LocalOptions): Promise<Local> {
  const folder = resolve(options.folder ?? '.homeostat')
  await mustBeAlone(folder)
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
    const outpost = await timed('outpost', 'start a second chain', () =>
      startOutpost({ chainId: outpostChainId, holder: world.addresses.treasury.safe, usdc: 120_000 }),
    )
    undo.push(() => outpost.stop())
    const { providers, stop: stopProviders } = await startProviders({ local: world.rpcUrl, outpost: outpost.rpcUrl })
    undo.push(stopProviders)
    const configurationFile = join(folder, 'homeostat.yaml')
    await mkdir(folder, { recursive: true })
    await writeFile(
      configurationFile,
      localConfiguration({
        chainId: world.chainId,
        addresses: world.addresses,
        outpost,
        at: Math.floor(Date.now() / 1_000),
      }),
    )
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
        secrets: {
          ...Object.fromEntries(providers.map(({ name, url }) => [providerSecret(name), url])),
          [localSecrets.slack]: slack.url,
          [localWebhook.secret]: localWebhook.key,
        },
        environmentOverrides: { DEMO_SIGN_URL: signer.url },
        redeliverySeconds: 2,
        ...(options.onLog === undefined ? {} : { onLog: options.onLog }),
        ...(options.onInvocation === undefined ? {} : { onInvocation: options.onInvocation }),
        ...(options.onProblem === undefined ? {} : { onProblem: options.onProblem }),
      }),
    )
    undo.push(() => house.stop())
    const { endpoint, region } = house.credentials()
    const outputs = { ...house.outputs, LocalEndpoint: endpoint, Region: region }
    undo.push(await leave(join(folder, localRunFiles.outputs), { [stackName]: outputs }))
    const drivable = { rpcUrl: world.rpcUrl, addresses: world.addresses, providers }
    undo.push(await leave(join(folder, localRunFiles.world), drivable))
    const connection = connect({ outputs, ...house.credentials() })
    approveOrigin = new URL(connection.approveUrl).origin
    await timed('clock', 'fund the relayer and start the clock', async () => {
      await world.fund(house.signerAddress('RelayerKey'), 10)
      await world.startIntervalMining(blockSeconds)
      await outpost.startIntervalMining(blockSeconds)
      await world.keepFeedsFresh(600)
    })
    const { onProblem = () => undefined } = options
    await timed('history', `make up four years of prices (synthetic, seed ${historySeed}) and calibrate`, async () => {
      await makeUpThePast({ history: connection.history, world })
      await house.fireSchedules('EveryHour')
    })
    undo.push(fireSchedulesEachBlock(world, house, onProblem))
    undo.push(startBlockSignal({ bus: connection.bus, onProblem }, [world, outpost]))
    undo.push(startForgetting({ ...forgetting(house, connection), onProblem }))
    return { world, house, connection, slack, approver: demoApprover(privateKey), timingsMs, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** So that regime and tail have something to stand on: a new world has no past. Others than the world's own assets vote on the regime only. */
async function makeUpThePast({
  history,
  world,
}: Pick<Connection, 'history'> & { readonly world: World }): Promise<void> {
  const { ETH, BTC, USDC } = await world.feeds()
  const prices = { ETH: ETH.usd, BTC: BTC.usd, USDC: USDC.usd, ...elsewhere }
  const past = syntheticHistory({ prices, at: systemClock.now(), seed: historySeed })
  await Promise.all(past.map((series) => history.putBars(series, series.bars)))
}

/**
 * Two runs in one folder would overwrite each other's files. What a killed run left behind does not answer, and is no obstacle.
 * @throws HomeostatError `already-running`
 */
async function mustBeAlone(folder: string): Promise<void> {
  const file = join(folder, localRunFiles.outputs)
  const text = await readFile(file, 'utf8').catch(() => '')
  const endpoint = /"LocalEndpoint":\s*"([^"]+)"/.exec(text)?.[1]
  if (endpoint === undefined || !(await answers(endpoint))) return
  throw new HomeostatError('already-running', {
    message: `A local run of this folder is there already: ${file} names ${endpoint}, which answers.`,
    retry: 'later',
    facts: { file, endpoint },
    hint: 'Stop it (`q` or Ctrl-C in its terminal), or start this one in another folder. If it is no run of yours, delete the file.',
  })
}

/** A connection is enough: a busy house takes it at once, and replies later. */
function answers(endpoint: string): Promise<boolean> {
  if (!URL.canParse(endpoint)) return Promise.resolve(false)
  const { hostname, port } = new URL(endpoint)
  return new Promise((settle) => {
    const socket = connectTcp({ host: hostname, port: Number(port || 80), timeout: 2_000 })
    const end = (is: boolean) => () => {
      socket.destroy()
      settle(is)
    }
    socket.on('connect', end(true)).on('error', end(false)).on('timeout', end(false))
  })
}

/** Writes what the CLI of another process needs to find this run; the returned function removes it, if it is still ours. */
async function leave(file: string, value: unknown): Promise<() => Promise<void>> {
  const text = JSON.stringify(value, null, 2)
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, text)
  return async () => {
    if ((await readFile(file, 'utf8')) === text) await rm(file, { force: true })
  }
}

/** Of the portfolios in force, with the rights of the operator: no function may delete. */
function forgetting(house: House, { config }: Connection): ForgetSeenDeps {
  const { endpoint, region, credentials } = house.credentials()
  return {
    operator: awsCaller({ endpointUrl: endpoint, region }, credentials.accessKeyId),
    tableName: house.outputs.WatchTableName ?? '',
    clock: systemClock,
    async portfolioIds() {
      const pointer = await config.pointer()
      return pointer === undefined ? [] : (await config.portfolios(pointer.version)).map(({ id }) => id)
    },
  }
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
