// `homeostat discover`: finds what an address holds, and prints it as a homeostat.yaml to go on with.

import { readFileSync } from 'node:fs'
import { type Command, InvalidArgumentError } from 'commander'
import { HomeostatError, isHomeostatError } from '../../lib/base/homeostat-error.ts'
import { Redacted } from '../../lib/base/redacted.ts'
import type { Discovery } from '../../lib/sources/discovery/discover.ts'
import { colours as pc } from '../colours.ts'
import { progress } from '../progress.ts'

interface DiscoverFlags {
  readonly rpc: readonly string[]
  readonly fromBlock?: number
  readonly known?: string
  readonly json?: true
}

export function addDiscover(program: Command): void {
  program
    .command('discover')
    .description('Find what an address holds among known protocols and tokens, and print it as a homeostat.yaml.')
    .argument('<address>', 'the account: a Safe, or a wallet')
    .requiredOption('--rpc <url>', 'URL of a provider; several times: more than half must agree', collected)
    .option('--from-block <number>', 'read Transfer logs from this block on (default: 0)', blockNumber)
    .option('--known <file>', 'a homeostat.yaml whose chains, tokens, feeds and contracts are known already')
    .option('--json', 'print everything that was found as JSON, the YAML in `yaml`')
    .addHelpText(
      'after',
      [
        '',
        'It looks at the Transfer logs of the address, asks every contract that it meets what it is, and takes prices from feeds only.',
        'Anybody can send tokens and deploy contracts: what nobody who is known vouches for stands in comments, with the reason.',
        'Lines marked CHANGE are for you. Progress and warnings go to stderr, so that `> homeostat.yaml` holds the file.',
      ].join('\n'),
    )
    .action(run)
}

async function run(address: string, flags: DiscoverFlags): Promise<void> {
  const account = await accountAt(address)
  const configured = flags.known === undefined ? undefined : await knownIn(flags.known)
  for (const url of flags.rpc) mustBeUrl(url)
  const [{ discover }, { systemClock }] = await Promise.all([
    import('../../lib/sources/discovery/discover.ts'),
    import('../../lib/wiring/clock.ts'),
  ])
  const say = progress()
  const began = performance.now()
  const deps = { urls: flags.rpc.map((url) => new Redacted(url)), onProgress: (what: string) => say.begin(what) }
  let found: Discovery
  try {
    found = await discover(deps, {
      account,
      at: systemClock.now(),
      ...(flags.fromBlock === undefined ? {} : { fromBlock: flags.fromBlock }),
      ...(configured === undefined ? {} : { configured }),
    })
  } catch (error) {
    say.note(`${pc.red('✗')} looked at ${account}`)
    throw withAdvice(error)
  }
  say.done(`looked at ${account} on chain ${found.chainId}`, performance.now() - began)
  await print(found, flags)
}

async function print(found: Discovery, flags: DiscoverFlags): Promise<void> {
  const { assets, holdings, unpriced, leftOut, unseen } = found
  const counts = [
    `${assets.length} assets with a price`,
    `${holdings.length} holdings`,
    `${unpriced.length} tokens without a price`,
  ]
  console.error(`  ${counts.join(', ')}`)
  for (const { what, reason } of leftOut) console.error(`  ${pc.yellow('left out')}       ${what}: ${reason}`)
  for (const what of unseen) console.error(`  ${pc.yellow('not looked at')}  ${what}`)
  if (assets.length === 0) {
    if (flags.json === true) console.log(asJson(found, undefined))
    throw nothingFound(found)
  }
  const { draftConfiguration } = await import('../../lib/wiring/configuration/draft-configuration.ts')
  const yaml = draftConfiguration({ discovery: found, urls: flags.rpc })
  await check(yaml)
  console.log(flags.json === true ? asJson(found, yaml) : yaml.trimEnd())
}

function asJson({ known: _, ...found }: Discovery, yaml: string | undefined): string {
  return JSON.stringify({ ...found, yaml }, null, 2)
}

/** A draft that the configuration refuses is a defect of ours: it is printed all the same, with what is wrong. */
async function check(yaml: string): Promise<void> {
  const [{ parseConfiguration }, { ruleCompiler }, { formatProblems }] = await Promise.all([
    import('../../lib/wiring/configuration/parse-configuration.ts'),
    import('../../lib/wiring/configuration/read-configuration.ts'),
    import('../../lib/wiring/configuration/format-problems.ts'),
  ])
  const parsed = parseConfiguration({ compileRule: ruleCompiler }, { text: yaml, file: 'the draft' })
  if (parsed.problems !== undefined) console.error(formatProblems({ text: yaml, problems: parsed.problems }))
  else if (parsed.warnings.some(({ isPlaceholder }) => isPlaceholder))
    console.error(
      `  ${pc.yellow('CHANGE')}         the draft holds placeholders: it can be checked, and not be put in force yet`,
    )
}

async function accountAt(address: string) {
  const [{ addressSetting }, z] = await Promise.all([
    import('../../lib/sources/protocols/address-setting.ts'),
    import('../../lib/base/schema.ts'),
  ])
  const parsed = z.safeParse(addressSetting('the account'), address)
  if (parsed.success) return parsed.data
  throw new HomeostatError('not-an-address', {
    message: `${address.slice(0, 60)} ${parsed.error.issues[0]?.message}.`,
    retry: 'never',
    hint: 'Copy the address of the account again, such as a Safe; names like alice.eth are not resolved.',
  })
}

async function knownIn(file: string) {
  const [{ parseConfiguration }, { ruleCompiler }, { formatProblems }] = await Promise.all([
    import('../../lib/wiring/configuration/parse-configuration.ts'),
    import('../../lib/wiring/configuration/read-configuration.ts'),
    import('../../lib/wiring/configuration/format-problems.ts'),
  ])
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (cause) {
    const message = `${file} cannot be read.`
    throw new HomeostatError('no-configuration', { message, retry: 'never', hint: 'Name a homeostat.yaml.', cause })
  }
  const parsed = parseConfiguration({ compileRule: ruleCompiler }, { text, file })
  if (parsed.problems === undefined) return { chains: parsed.configuration.chains, source: file }
  throw new HomeostatError('configuration-refused', {
    message: formatProblems({ text, problems: parsed.problems }),
    retry: 'never',
    hint: 'Correct each line that is named, or leave --known out.',
  })
}

function withAdvice(error: unknown): unknown {
  if (!isHomeostatError(error) || error.hint !== undefined) return error
  const advice: Readonly<Record<string, string>> = {
    'multicall-failed': 'Multicall3 is not where it usually is: name a homeostat.yaml with `multicall3` by --known.',
    'head-too-old': 'The chain has stopped, or the provider lags: try another one.',
    'quorum-lost': 'The providers do not agree, or too few answer: leave the bad one out, or try again.',
  }
  const hint = advice[error.code] ?? 'Try another provider by --rpc.'
  return new HomeostatError(error.code, { message: error.message, retry: error.retry, facts: error.facts, hint })
}

function nothingFound({ account, chainId, unseen }: Discovery): HomeostatError {
  const isPartial = unseen.length > 0
  return new HomeostatError('nothing-found', {
    message: `${account} holds nothing with a known price on chain ${chainId}${isPartial ? ', as far as could be looked' : ''}.`,
    retry: 'never',
    facts: { account, chainId },
    hint: isPartial
      ? 'Try a provider that serves logs, or name tokens and feeds in a homeostat.yaml by --known.'
      : 'Is it the right chain? Tokens and feeds that you know can be named in a homeostat.yaml by --known.',
  })
}

function mustBeUrl(url: string): void {
  if (/^https?:\/\//i.test(url) && URL.canParse(url)) return
  throw new HomeostatError('rpc-url-invalid', {
    message: 'What --rpc names is not an http(s) URL.',
    retry: 'never',
    hint: 'Give a URL such as https://ethereum-rpc.publicnode.com.',
  })
}

function collected(url: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), url]
}

function blockNumber(text: string): number {
  const value = Number(text)
  if (/^\d+$/.test(text) && Number.isSafeInteger(value)) return value
  throw new InvalidArgumentError('must be a block number, 0 or more')
}
