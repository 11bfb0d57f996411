// `homeostat config`: check a configuration, and put it in force without a deploy.

import { readFileSync } from 'node:fs'
import type { Command } from 'commander'
import { HomeostatError } from '../../lib/base/homeostat-error.ts'
import { colours as pc } from '../colours.ts'
import { type InstallationFlags, openInstallation, withInstallation } from '../installation.ts'

export function addConfig(program: Command): void {
  const group = program.command('config').description('The configuration: check it, apply it.')
  group
    .command('check')
    .description('Check a configuration file: every problem with file, line, reason and the nearest right word.')
    .argument('[file]', 'the configuration', 'homeostat.yaml')
    .option('--json', 'print JSON')
    .action(check)
  withInstallation(
    group
      .command('apply')
      .description('Check a configuration file and put it in force; open orders made under the old one become void.')
      .argument('[file]', 'the configuration', 'homeostat.yaml'),
  )
    .option('--json', 'print JSON')
    .action(apply)
}

async function read(file: string) {
  const { parseConfiguration } = await import('../../lib/wiring/configuration/parse-configuration.ts')
  const { ruleCompiler } = await import('../../lib/wiring/configuration/read-configuration.ts')
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (cause) {
    throw new HomeostatError('no-configuration', {
      message: `${file} cannot be read.`,
      retry: 'never',
      facts: { file },
      hint: 'Name the file, or start from the homeostat.yaml in the repository.',
      cause,
    })
  }
  return { text, parsed: parseConfiguration({ compileRule: ruleCompiler }, { text, file }) }
}

async function check(file: string, flags: { readonly json?: true }): Promise<void> {
  const { text, parsed } = await read(file)
  if (parsed.problems !== undefined) {
    if (flags.json === true) console.log(JSON.stringify({ ok: false, problems: parsed.problems }, null, 2))
    else await printProblems(text, parsed.problems)
    process.exitCode = 1
    return
  }
  const { configuration, version, warnings } = parsed
  const { chains, portfolios, approvers, notifiers } = configuration
  if (flags.json === true) {
    console.log(JSON.stringify({ ok: true, version, warnings, configuration }, null, 2))
    return
  }
  if (warnings.length > 0) {
    console.error(
      pc.yellow(
        `WARNING  ${warnings.some((one) => one.isPlaceholder) ? 'this file can be checked, and not be put in force' : 'probably not meant'}`,
      ),
    )
    await printProblems(text, warnings, 'warning')
  }
  console.log(`${pc.green('ok')}  ${file}, version ${parsed.version}`)
  console.log(
    `    ${chains.length} chain(s), ${portfolios.length} portfolio(s), ${approvers.length} approver(s), ${notifiers.length} notifier(s)`,
  )
}

async function apply(file: string, flags: InstallationFlags & { readonly json?: true }): Promise<void> {
  const { text, parsed } = await read(file)
  if (parsed.problems !== undefined) {
    if (flags.json === true) console.log(JSON.stringify({ kind: 'refused', problems: parsed.problems }, null, 2))
    else await printProblems(text, parsed.problems)
    process.exitCode = 1
    return
  }
  const { refusePlaceholders } = await import('../../lib/wiring/configuration/read-configuration.ts')
  refusePlaceholders({ text, file, warnings: parsed.warnings })
  const { applyConfig } = await import('../../lib/flows/apply-config.ts')
  const { systemClock } = await import('../../lib/wiring/clock.ts')
  const { config } = await openInstallation(flags)
  const quiet = { line: () => undefined }
  const outcome = await applyConfig({ config, clock: systemClock, log: quiet }, { ...parsed, by: 'cli' })
  if (flags.json === true) console.log(JSON.stringify(outcome))
  else if (outcome.kind === 'applied')
    console.log(
      `${pc.green('applied')}  version ${outcome.version}${outcome.previous === undefined ? '' : `, before it ${outcome.previous}`}`,
    )
  else console.log(`${pc.yellow(outcome.kind)}  version ${outcome.version} is in force: ${outcome.reason}`)
  if (outcome.kind === 'kept') process.exitCode = 1
}

async function printProblems(
  text: string,
  problems: Parameters<
    typeof import('../../lib/wiring/configuration/format-problems.ts').formatProblems
  >[0]['problems'],
  what: 'problem' | 'warning' = 'problem',
): Promise<void> {
  const { formatProblems } = await import('../../lib/wiring/configuration/format-problems.ts')
  console.error(formatProblems({ text, problems, what }))
}
