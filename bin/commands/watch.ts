// `homeostat watch`: reads any chain by a given RPC, prints what it sees and what the rules say, and writes nothing.

import { setTimeout as pause } from 'node:timers/promises'
import { type Command, InvalidArgumentError } from 'commander'
import { HomeostatError } from '../../lib/base/homeostat-error.ts'
import { hostOf, Redacted } from '../../lib/base/redacted.ts'
import type { PortfolioSettings } from '../../lib/model/configuration.ts'
import type { VenueSources } from '../../lib/model/ports.ts'
import { type Alert, emptyMemory, type PortfolioMemory } from '../../lib/model/verdict.ts'
import { colours as pc } from '../colours.ts'
import { progress } from '../progress.ts'
import { terminalView } from '../terminal-view.ts'

interface WatchFlags {
  readonly rpc: string
  readonly portfolio: string
  readonly id?: string
  readonly once?: true
  readonly json?: true
  readonly every?: number
}

export function addWatch(program: Command): void {
  program
    .command('watch')
    .description('Watch a portfolio from this machine: reads the chain, prints, writes nothing.')
    .requiredOption('--rpc <url>', 'URL of a provider; read in place of those in the file')
    .requiredOption('--portfolio <file>', 'a homeostat.yaml that describes the portfolio and its chain')
    .option('--id <portfolio>', 'which portfolio of the file; may be left out if there is one')
    .option('--every <seconds>', 'seconds between two looks', seconds)
    .option('--once', 'look once and exit (implied without a terminal)')
    .option('--json', 'one JSON line for each look: snapshot, report and alerts')
    .action(watch)
}

async function watch(flags: WatchFlags): Promise<void> {
  const settings = await settingsFrom(flags)
  const [{ chainSources }, { venueSources }] = await Promise.all([
    import('../../lib/sources/chain-sources.ts'),
    import('../../lib/sources/venue-sources.ts'),
  ])
  const secret = new Redacted(flags.rpc)
  const sources = chainSources({ secret: async () => secret })
  // Keys of venues stay in the cloud: their markets are read, their accounts are told to be missing.
  const venues = venueSources({ secret: (name) => Promise.reject(new Error(name)) })
  const isOnce = flags.once === true || process.stdout.isTTY !== true
  const every = flags.every ?? settings.portfolio.everySeconds
  let memory = emptyMemory(settings.portfolio.id)
  for (;;) {
    memory = await look(flags, { settings, sources, venues, memory })
    if (isOnce) return
    await pause(every * 1_000)
  }
}

async function look(
  flags: WatchFlags,
  params: {
    readonly settings: PortfolioSettings
    readonly sources: ReturnType<typeof import('../../lib/sources/chain-sources.ts').chainSources>
    readonly venues: VenueSources
    readonly memory: PortfolioMemory
  },
): Promise<PortfolioMemory> {
  const { settings, sources, venues, memory } = params
  const [{ assemble }, { assess }, { decide }, { portfolioView }, { systemClock }] = await Promise.all([
    import('../../lib/snapshot/assemble.ts'),
    import('../../lib/risk/assess.ts'),
    import('../../lib/decisions/decide.ts'),
    import('../../lib/web/portfolio-view.ts'),
    import('../../lib/wiring/clock.ts'),
  ])
  const say = progress()
  const what = `read ${settings.portfolio.id} on ${settings.chain.id}`
  say.begin(what)
  const began = performance.now()
  const at = systemClock.now()
  const [reading, told] = await Promise.all([sources.read({ settings, at }), venues.read({ settings, at })])
  const snapshot = assemble({ reading, settings, venues: told })
  const report = assess({ snapshot })
  const isBlind = report.dataState.kind === 'BLIND'
  if (isBlind) say.note(`${pc.red('✗')} ${what} from ${hostOf(flags.rpc)}`)
  else say.done(what, performance.now() - began)
  const verdict = decide({ report, memory, settings, at })
  if (flags.json === true) console.log(JSON.stringify({ snapshot, report, alerts: verdict.alerts }))
  else {
    const view = portfolioView({
      portfolioId: settings.portfolio.id,
      settings,
      reports: [report],
      snapshots: [snapshot],
      alerts: [],
      orders: [],
      receipts: [],
      at,
    })
    console.log(terminalView(view).join('\n'))
    for (const alert of verdict.alerts) console.log(alertLines(alert).join('\n    '))
  }
  if (isBlind) process.exitCode = 1
  return verdict.memory
}

/** Without the reasons of blindness, which the view above says already. */
function alertLines({ state, severity, title, why, todo }: Alert): readonly string[] {
  if (state === 'blind') return [`${pc.red(severity)}  cannot see the portfolio`, todo]
  return [`${state === 'recovered' ? pc.green('recovered') : pc.red(severity)}  ${title}`, why, todo]
}

async function settingsFrom(flags: WatchFlags): Promise<PortfolioSettings> {
  const { readConfiguration } = await import('../../lib/wiring/configuration/read-configuration.ts')
  const { settingsOf } = await import('../../lib/wiring/configuration/settings-of.ts')
  const { configuration, version } = await readConfiguration(flags.portfolio)
  const all = settingsOf(configuration, version)
  const settings =
    flags.id === undefined
      ? all.length === 1
        ? all[0]
        : undefined
      : all.find(({ portfolio }) => portfolio.id === flags.id)
  if (settings === undefined) {
    throw new HomeostatError('which-portfolio', {
      message: `${flags.portfolio} describes ${all.map(({ portfolio }) => portfolio.id).join(', ')}${flags.id === undefined ? '' : `, but not ${flags.id}`}.`,
      retry: 'never',
      hint: 'Name one of them with --id.',
    })
  }
  const chain = { ...settings.chain, rpc: [{ name: 'command-line', secret: 'command-line' }], quorum: 1 }
  return { ...settings, chain }
}

function seconds(text: string): number {
  const value = Number(text)
  if (Number.isFinite(value) && value >= 1) return value
  throw new InvalidArgumentError('must be a number of seconds, at least 1')
}
