// `homeostat watch`: reads any chain by a given RPC, prints what it sees and what the rules say, and writes nothing.

import { setTimeout as pause } from 'node:timers/promises'
import { type Command, InvalidArgumentError } from 'commander'
import { HomeostatError } from '../../lib/base/homeostat-error.ts'
import { hostOf, Redacted } from '../../lib/base/redacted.ts'
import type { ChainConfig, PortfolioSettings } from '../../lib/model/configuration.ts'
import type { VenueSources } from '../../lib/model/ports.ts'
import { type Alert, emptyMemory, type PortfolioMemory } from '../../lib/model/verdict.ts'
import { colours as pc } from '../colours.ts'
import { progress } from '../progress.ts'
import { terminalView } from '../terminal-view.ts'

interface WatchFlags {
  readonly rpc: readonly string[]
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
    .requiredOption(
      '--rpc <url>',
      'URL of a provider, in place of those in the file; again for a second one that must agree; CHAIN=URL for a further chain of the portfolio',
      collected,
    )
    .requiredOption('--portfolio <file>', 'a homeostat.yaml that describes the portfolio and its chain')
    .option('--id <portfolio>', 'which portfolio of the file; may be left out if there is one')
    .option('--every <seconds>', 'seconds between two looks', seconds)
    .option('--once', 'look once and exit (implied without a terminal)')
    .option('--json', 'one JSON line for each look: snapshot, report and alerts')
    .action(watch)
}

async function watch(flags: WatchFlags): Promise<void> {
  const urls = new Map<string, Redacted>()
  const settings = readThrough(urls, await settingsFrom(flags), flags.rpc)
  const [{ chainSources }, { venueSources }] = await Promise.all([
    import('../../lib/sources/chain-sources.ts'),
    import('../../lib/sources/venue-sources.ts'),
  ])
  const sources = chainSources({
    secret: async (name) => {
      const url = urls.get(name)
      // Names of the file lie in the cloud.
      if (url === undefined) throw new Error(name)
      return url
    },
  })
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
  const snapshot = assemble({
    reading,
    settings,
    venues: told,
    chains: memory.chains,
    priceMemory: memory.prices,
  })
  const report = assess({ snapshot })
  const isBlind = report.dataState.kind === 'BLIND'
  if (isBlind) say.note(`${pc.red('✗')} ${what} from ${settings.chain.rpc.map(({ name }) => name).join(', ')}`)
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
  return settings
}

/** Each chain by the URLs that were given for it; a further chain without any by those of the file, as far as they need no secret. */
function readThrough(
  urls: Map<string, Redacted>,
  settings: PortfolioSettings,
  given: readonly string[],
): PortfolioSettings {
  const { chain: home, elsewhere = [] } = settings
  const known = [home, ...elsewhere.map(({ chain }) => chain)].map(({ id }) => id)
  const named = given.map((text) => {
    const [, id = home.id, url = text] = /^([a-z0-9-]+)=(.*)$/.exec(text) ?? []
    if (!known.includes(id)) throw unknownChain(id, known)
    return { id, url }
  })
  const through = (chain: ChainConfig): ChainConfig => {
    const own = named.filter(({ id }) => id === chain.id)
    if (own.length === 0) return chain
    const rpc = own.map(({ url }, index) => {
      const secret = `${chain.id} ${index}`
      urls.set(secret, new Redacted(url))
      return { name: own.length === 1 ? hostOf(url) : `${hostOf(url)} #${index + 1}`, secret }
    })
    return { ...chain, rpc, quorum: Math.floor(rpc.length / 2) + 1 }
  }
  return {
    ...settings,
    chain: through(home),
    ...(elsewhere.length === 0 ? {} : { elsewhere: elsewhere.map((one) => ({ ...one, chain: through(one.chain) })) }),
  }
}

function unknownChain(id: string, known: readonly string[]): HomeostatError {
  return new HomeostatError('unknown-chain', {
    message: `The portfolio is on ${known.join(', ')}, not on ${id}.`,
    retry: 'never',
    facts: { chain: id },
    hint: 'Write --rpc URL for its home chain, --rpc CHAIN=URL for a further one.',
  })
}

function collected(text: string, earlier: readonly string[] | undefined): readonly string[] {
  return [...(earlier ?? []), text]
}

function seconds(text: string): number {
  const value = Number(text)
  if (Number.isFinite(value) && value >= 1) return value
  throw new InvalidArgumentError('must be a number of seconds, at least 1')
}
