// `homeostat local`: the whole house on this machine; watches, or runs the line once without a person.

import { accessSync, constants, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { type Command, InvalidArgumentError } from 'commander'
import { HomeostatError, isHomeostatError } from '../../lib/base/homeostat-error.ts'
import { readPortfolio } from '../../lib/flows/console.ts'
import { makeConsoleLink } from '../../lib/flows/console-session.ts'
import type { Local } from '../../lib/local/start-local.ts'
import { systemClock, systemHash, systemRandom } from '../../lib/wiring/clock.ts'
import { colours as pc } from '../colours.ts'
import { printError } from '../print-error.ts'
import { type Progress, progress } from '../progress.ts'
import { rehearsalSummary } from '../rehearsal-summary.ts'
import { terminalView } from '../terminal-view.ts'

interface LocalFlags {
  readonly once?: true
  readonly json?: string
  readonly market?: string
  readonly from?: string
  readonly to?: string
  readonly rowSeconds: number
  readonly fall: number
  readonly verbose?: true
}

export function addLocal(program: Command): void {
  program
    .command('local')
    .description('Run everything on this machine: real contracts on anvil, the Lambdas of cdk.out on embedded AWS.')
    .option(
      '--once',
      'let the market fall, approve with the demo key, execute, measure, and exit (implied without a terminal)',
    )
    .option('--json <file>', 'write what happened to a file (`-` for standard output); implies --once')
    .option('--market <csv>', 'play prices from a CSV file: timestamp or timestamp_utc, columns ASSET or ASSET_close')
    .option('--from <instant>', 'first row of the market to play, e.g. 2024-08-04T12:00Z')
    .option('--to <instant>', 'last row of the market to play')
    .option('--row-seconds <seconds>', 'wall time of a row', positive, 1)
    .option('--fall <fraction>', 'how far the market falls with --once', fraction, 0.18)
    .option('--verbose', 'show the log of each Lambda')
    .action(run)
}

async function run(flags: LocalFlags): Promise<void> {
  const isOnce = flags.once === true || flags.json !== undefined || process.stdin.isTTY !== true
  mustBeWritable(flags.json)
  const say = progress()
  const interruption = onInterruption()
  const { startLocal } = await import('../../lib/local/start-local.ts')
  const market = flags.market === undefined ? undefined : await readMarket(flags, say)
  const starting = startLocal({
    onBegin: (what) => {
      // Thrown here it unwinds what was started, in the house's own order.
      interruption.signal.throwIfAborted()
      say.begin(what)
    },
    onStep: say.done,
    onProblem: printError,
    onLog: (line) => {
      // What fails is shown in any case: a line that waits in silence helps nobody.
      if (flags.verbose === true) say.note(pc.dim(`${line.door.padEnd(20)} ${line.text}`))
      else if (/"event":"[a-z.]*failed"/.test(line.text)) say.note(pc.yellow(`${line.door}: ${line.text}`))
    },
  })
  const working = starting.then((local) => useHouse(local, { flags, say, market, isOnce, interruption }))
  const ended = await Promise.race([interruption.code, working]).catch((error: unknown) => {
    // Ctrl-C reaches what we have started as well: that it fails now is no error.
    if (interruption.signal.aborted) return interruption.code
    throw error
  })
  if (ended === undefined) return
  say.note(pc.dim('stopping'))
  // What does not stop by itself ends with the process, chain and synthesis included.
  await Promise.race([working.catch(() => undefined), pause(stopPatienceMs)])
  process.exit(ended)
}

async function useHouse(
  local: Local,
  params: {
    readonly flags: LocalFlags
    readonly say: Progress
    readonly market: Awaited<ReturnType<typeof readMarket>> | undefined
    readonly isOnce: boolean
    readonly interruption: Interruption
  },
): Promise<undefined> {
  const { flags, say, market, isOnce, interruption } = params
  const { signal } = interruption
  try {
    if (signal.aborted) return
    if (market !== undefined) await playMarket(local, market, flags, say, signal, isOnce)
    // A rehearsal knows no signal: it is left where it is, and its house stopped.
    else if (isOnce) await Promise.race([rehearseOnce(local, flags, say), interruption.code])
    else await watchAndDrive(local, signal)
  } finally {
    await local.stop()
  }
}

interface Interruption {
  readonly signal: AbortSignal
  /** Resolves with the exit code once somebody wants an end: 130 for Ctrl-C. */
  readonly code: Promise<number>
}

const stopPatienceMs = 3_000

/** `npm start` passes on a signal that the terminal has sent to us as well: so soon it is the same one. */
const sameSignalMs = 500

/** The first signal asks to stop, the next does not wait for it. */
function onInterruption(): Interruption {
  const abort = new AbortController()
  let firstAt = 0
  const code = new Promise<number>((resolve) => {
    for (const [name, number] of [
      ['SIGINT', 130],
      ['SIGTERM', 143],
    ] as const) {
      process.on(name, () => {
        if (abort.signal.aborted) {
          if (performance.now() - firstAt > sameSignalMs) process.exit(number)
          return
        }
        firstAt = performance.now()
        abort.abort()
        resolve(number)
      })
    }
  })
  return { signal: abort.signal, code }
}

async function rehearseOnce(local: Local, flags: LocalFlags, say: Progress): Promise<void> {
  const { rehearse } = await import('../../lib/local/rehearsal.ts')
  const result = await rehearse(local, { fall: flags.fall, onBegin: say.begin, onStep: say.done })
  write(flags.json, result)
  for (const line of rehearsalSummary(result)) say.note(line)
}

async function readMarket(flags: LocalFlags, say: Progress) {
  const { parseInstant, parseMarket } = await import('../../lib/local/world/market-csv.ts')
  const instant = (text: string | undefined) => {
    if (text === undefined) return undefined
    const at = parseInstant(text)
    if (at !== undefined) return at
    throw new HomeostatError('not-an-instant', {
      message: `${text} is not an instant.`,
      retry: 'never',
      hint: 'Write it as 2024-08-04T12:00Z; without a zone it is in UTC.',
    })
  }
  const from = instant(flags.from)
  const to = instant(flags.to)
  const history = parseMarket(readCsv(flags.market ?? ''), {
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
  })
  for (const note of history.notes) say.note(pc.dim(`market: ${note}`))
  return history
}

function readCsv(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new HomeostatError('no-market', {
      message: `The market ${file} cannot be read.`,
      retry: 'never',
      facts: { file },
      hint: 'Name a CSV file with timestamp or timestamp_utc and columns such as ETH or ETH_close.',
      cause,
    })
  }
}

async function playMarket(
  local: Local,
  market: Awaited<ReturnType<typeof readMarket>>,
  flags: LocalFlags,
  say: Progress,
  signal: AbortSignal,
  approves: boolean,
): Promise<void> {
  const { replayMarket, replaySummary } = await import('../../lib/local/replay-market.ts')
  const { mustHaveNoRefusal } = await import('../../lib/local/rehearsal.ts')
  const result = await replayMarket(local, {
    market,
    rowSeconds: flags.rowSeconds,
    approves,
    signal,
    onLine: (line) => say.note(line),
  })
  write(flags.json, result)
  say.note(['', ...replaySummary(result)].join('\n'))
  mustHaveNoRefusal(local)
}

async function watchAndDrive(local: Local, interrupted: AbortSignal): Promise<void> {
  const { localPortfolioId } = await import('../../lib/local/local-configuration.ts')
  const { approveOrder } = await import('../../lib/local/rehearsal.ts')
  const quit = new AbortController()
  const signal = AbortSignal.any([quit.signal, interrupted])
  const link = await consoleLink(local)
  const help = [
    `Page     ${link}`,
    pc.dim('         good for ten minutes, once; `l` makes another'),
    `Keys     ${pc.bold('f')} market falls 10 %   ${pc.bold('r')} rises 5 %   ${pc.bold('a')} approve the open order   ${pc.bold('l')} new link   ${pc.bold('q')} quit`,
    `Or       npx homeostat market fall 0.1   from another terminal; npx homeostat order list`,
  ]
  let shown = ''
  // Below the view, which is drawn anew each block: printed past it, a reply would be gone within a second.
  let reply = ''
  const move = async (factor: number) => {
    const feeds = await local.world.feeds()
    await local.world.setPrices({ ETH: feeds.ETH.usd * factor, BTC: feeds.BTC.usd * factor })
  }
  const keys: Readonly<Record<string, () => Promise<unknown>>> = {
    f: () => move(0.9),
    r: () => move(1.05),
    l: async () => {
      reply = await consoleLink(local)
    },
    a: async () => {
      const open = (await local.connection.orders.orders(localPortfolioId, 5)).find(
        (order) => order.status === 'PROPOSED',
      )
      if (open === undefined) reply = 'No order yet: it comes when a rule with a plan breaks; press f again.'
      else await approveOrder(local, open)
    },
  }
  process.stdin.setRawMode(true).resume()
  process.stdin.on('data', (data) => {
    const key = data.toString()
    if (key === 'q' || key === '\u0003') return quit.abort()
    reply = ''
    keys[key]?.().catch((error: unknown) => {
      if (isHomeostatError(error)) reply = pc.red(`${error.code}: ${error.message}`)
      else printError(error)
    })
  })
  while (!signal.aborted) {
    const view = await readPortfolio({ ...local.connection, clock: systemClock }, localPortfolioId)
    const stamp = `${view?.reportAt}${view?.orders[0]?.status}${view?.alerts.length}${reply}`
    if (view !== undefined && view.reportAt !== undefined && stamp !== shown) {
      shown = stamp
      process.stdout.write(
        `\x1b[2J\x1b[H${[...terminalView(view), '', ...help, ...(reply === '' ? [] : ['', reply])].join('\n')}\n`,
      )
    }
    await pause(200, undefined, { signal }).catch(() => undefined)
  }
  process.stdin.setRawMode(false).pause()
}

async function consoleLink(local: Local): Promise<string> {
  const { sessions, pageUrl } = local.connection
  const link = await makeConsoleLink({ sessions, clock: systemClock, random: systemRandom, hash: systemHash })
  return `${pageUrl.replace(/\/$/, '')}${link.path}`
}

/**
 * Looked at before anything starts: a minute's work must not be lost for a typing error.
 * @throws HomeostatError `not-writable`
 */
function mustBeWritable(file: string | undefined): void {
  if (file === undefined || file === '-') return
  try {
    if (existsSync(file) && statSync(file).isDirectory()) throw new Error('it is a folder')
    accessSync(existsSync(file) ? file : dirname(file), constants.W_OK)
  } catch (cause) {
    throw new HomeostatError('not-writable', {
      message: `${file} cannot be written.`,
      retry: 'never',
      facts: { file },
      hint: 'Name a file in a folder that exists and that you may write to, or `-` for standard output.',
      cause,
    })
  }
}

function write(file: string | undefined, value: unknown): void {
  if (file === undefined) return
  const text = `${JSON.stringify(value, null, 2)}\n`
  if (file === '-') process.stdout.write(text)
  else writeFileSync(file, text)
}

function positive(text: string): number {
  const value = Number(text)
  if (Number.isFinite(value) && value > 0) return value
  throw new InvalidArgumentError('must be a number above zero')
}

function fraction(text: string): number {
  const value = Number(text)
  if (Number.isFinite(value) && value > 0 && value < 0.9) return value
  throw new InvalidArgumentError('must be a fraction between 0 and 0.9, such as 0.18 for a fall by 18 %')
}
