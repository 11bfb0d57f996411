// `homeostat rule check`: whether a rule is one, what it says in words, and how it stands now.

import type { Command } from 'commander'
import type { Term } from '../../lib/decisions/rules/term.ts'
import type { Report } from '../../lib/model/report.ts'
import { colours as pc } from '../colours.ts'
import { type InstallationFlags, openInstallation, withInstallation } from '../installation.ts'
import { printTable } from '../print-table.ts'
import { onlyPortfolio } from './snapshot.ts'

interface RuleFlags extends InstallationFlags {
  readonly json?: true
  readonly now?: true
  readonly portfolio?: string
}

export function addRule(program: Command): void {
  const group = program.command('rule').description('Rules: the expressions that raise alerts.')
  withInstallation(
    group
      .command('check')
      .description(
        "Check and explain a rule, e.g. homeostat rule check 'healthFactor < 1.3'; text stands in double quotes: 'regime == \"crisis\"'.",
      )
      .argument('<expression>'),
  )
    .option('--now', 'also evaluate it on the latest report of the installation')
    .option('--portfolio <id>', 'whose report; may be left out if there is one portfolio')
    .option('--json', 'print JSON')
    .action(check)
  group.command('words').description('List the words that a rule may use.').option('--json', 'print JSON').action(words)
}

async function check(expression: string, flags: RuleFlags): Promise<void> {
  const { compileRule } = await import('../../lib/decisions/rules/language.ts')
  const { explainRule } = await import('../../lib/decisions/rules/explain.ts')
  const { reviewRule } = await import('../../lib/decisions/rules/review-rule.ts')
  const rule = compileRule(expression)
  const notes = reviewRule(rule)
  const report = flags.now === true ? await latestReport(flags) : undefined
  const explanation = explainRule({ rule, ...(report === undefined ? {} : { report }) })
  if (flags.json === true) {
    console.log(
      JSON.stringify({ ok: true, expression, ...explanation, ...(notes.length === 0 ? {} : { notes }) }, null, 2),
    )
    return
  }
  console.log(`${pc.green('ok')}  ${explanation.says}`)
  for (const line of explanation.reads) console.log(`    ${line}`)
  for (const note of notes) console.log(`${pc.yellow('note')}  ${note}`)
  if (explanation.now !== undefined) console.log(`now ${explanation.now}`)
}

async function latestReport(flags: RuleFlags): Promise<Report | undefined> {
  const connection = await openInstallation(flags)
  return (await connection.watch.latestReports(flags.portfolio ?? (await onlyPortfolio(connection)), 1))[0]
}

/** An account need not be named. */
const sampleKeys = { none: '', underlying: '.ETH', asset: '.WETH', series: '.SPX', account: '[.aave]' } as const

async function words(flags: { readonly json?: true }): Promise<void> {
  const { vocabulary } = await import('../../lib/decisions/rules/vocabulary.ts')
  const rows = (vocabulary as readonly Term[]).map(({ name, unit, meaning, keys, levels }) => {
    const key = typeof keys === 'string' ? sampleKeys[keys] : `.${keys.join('|')}`
    return { word: `${name}${key}`, unit, meaning, ...(levels === undefined ? {} : { values: levels }) }
  })
  if (flags.json === true) {
    console.log(JSON.stringify(rows, null, 2))
    return
  }
  printTable(
    [
      { title: 'word', align: 'left' },
      { title: 'unit', align: 'left' },
      { title: 'meaning', align: 'left' },
    ],
    rows.map(({ word, unit, meaning }) => [word, unit, meaning]),
  )
}
