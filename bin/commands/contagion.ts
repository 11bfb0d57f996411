// `homeostat contagion`: what the failure of one thing costs everything that stands on it.

import { type Command, InvalidArgumentError, Option } from 'commander'
import { HomeostatError } from '../../lib/base/homeostat-error.ts'
import type { Shock } from '../../lib/risk/contagion/failure.ts'
import { contagionMethods } from '../../lib/risk/contagion/methods.ts'

interface ContagionFlags {
  readonly graph?: string
  readonly fail: readonly string[]
  readonly drain: readonly string[]
  readonly depeg: readonly Shock[]
  readonly method: string
  readonly recovery: number
  readonly defaultRecovery?: number
  readonly target?: string
  readonly paths: number
  readonly svg?: string
  readonly json?: true
}

interface GraphFlags {
  readonly graph: string
  readonly svg?: string
  readonly dot?: string
  readonly json?: true
}

export function addContagion(program: Command): void {
  const several = (value: string, before: readonly string[]) => [...before, value]
  const group = program
    .command('contagion')
    .description('What the failure of one node costs whoever stands on it, and by which paths.')
    .option('--graph <file>', 'a dependency graph in JSON; - for stdin')
    .option('--fail <node>', 'a node that fails and takes with it what it governs; may be repeated', several, [])
    .option('--drain <pool>', 'a pool or market that is emptied, the same as --fail', several, [])
    .option('--depeg <asset=share>', 'an asset that pays a share of its face value, such as USDC=0.9', depeg, [])
    .addOption(
      new Option('--method <name>', 'how losses spread')
        .choices(contagionMethods.map(({ name }) => name))
        .default('eisenberg-noe'),
    )
    .option('--recovery <share>', 'what a failed node still pays of its debts, 0..1', share, 0)
    .option('--default-recovery <share>', 'rogers-veraart: what a defaulting node realises, 0..1 (0.8)', share)
    .option('--target <node>', 'paths to this node; left out: to each portfolio, else to whoever loses most')
    .option('--paths <n>', 'how many paths to each', count, 5)
    .option('--svg <file>', 'write a picture of the failure; - for standard output')
    .option('--json', 'print JSON')
    .addHelpText('after', help)
    .action(async (flags: ContagionFlags) => {
      const { printContagion } = await import('../contagion/print-contagion.ts')
      const shocks = [
        ...[...flags.fail, ...flags.drain].map((node) => ({ node, recovery: flags.recovery, governs: true })),
        ...flags.depeg,
      ]
      if (flags.graph === undefined)
        throw new HomeostatError('invalid-input', {
          message: 'There is no graph.',
          retry: 'never',
          hint: 'Name its file: --graph graph.json. homeostat contagion --help shows one.',
        })
      if (shocks.length === 0)
        throw new HomeostatError('invalid-input', {
          message: 'Nothing fails.',
          retry: 'never',
          hint: 'Say what does: --fail NODE, --drain POOL or --depeg ASSET=0.9.',
        })
      await printContagion({ ...flags, graph: flags.graph, shocks })
    })
  // Options after the word `graph` are its own.
  group.enablePositionalOptions()
  addGraph(group)
}

function addGraph(group: Command): void {
  group
    .command('graph')
    .description('Write the graph itself: as a table, JSON, DOT or a picture.')
    .requiredOption('--graph <file>', 'a dependency graph in JSON; - for stdin')
    .option('--svg <file>', 'write an SVG picture; - for standard output')
    .option('--dot <file>', 'write it for Graphviz; - for standard output')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  homeostat contagion graph --graph graph.json --svg graph.svg')
    .action(async (flags: GraphFlags) => {
      const { writeGraph } = await import('../contagion/write-graph.ts')
      await writeGraph(flags)
    })
}

const help = `
A graph:
  {
    "nodes": [
      { "id": "usdc", "kind": "token" },
      { "id": "aave", "kind": "market", "externalAssetsUsd": 20 },
      { "id": "admin", "kind": "multisig" },
      { "id": "fund", "kind": "portfolio", "externalLiabilitiesUsd": 0 }
    ],
    "edges": [
      { "from": "usdc",  "to": "aave", "kind": "collateral-for", "usd": 80 },
      { "from": "admin", "to": "aave", "kind": "upgradable-by",  "usd": 100 },
      { "from": "aave",  "to": "fund", "kind": "holds",          "usd": 90 }
    ]
  }

From owes to: "usd" is what it owes at face value. Edges priced-by, upgradable-by and controlled-by owe nothing: if from
fails, to is robbed of "usd" (times "lossGivenFailure", 0..1, if stated), and by that share fails towards what it governs.
equityUsd = externalAssetsUsd + claims - liabilities - externalLiabilitiesUsd: one of the first two is enough; a node that
states neither is taken to be just solvent. loss is the fall of a node's own equity; claimsLost what it gets less from others.

Methods: eisenberg-noe (each pays what it can, pro rata), rogers-veraart (who defaults realises a part only), debtrank
(claims lose value with the equity of their debtor, linear), run (as eisenberg-noe; markets that lose pay out of what is
at hand, and their loans, edges lends-to, cannot be called).

Examples:
  homeostat contagion --graph graph.json --fail usdc
  homeostat contagion --graph graph.json --depeg usdc=0.9 --method rogers-veraart --json`

function share(text: string): number {
  const value = Number(text)
  if (text.trim() !== '' && value >= 0 && value <= 1) return value
  throw new InvalidArgumentError('It must be a share from 0 to 1.')
}

function count(text: string): number {
  const value = Number(text)
  if (Number.isInteger(value) && value >= 0 && value <= 1_000) return value
  throw new InvalidArgumentError('It must be a whole number from 0 to 1,000.')
}

function depeg(text: string, before: readonly Shock[]): readonly Shock[] {
  const at = text.lastIndexOf('=')
  if (at <= 0) throw new InvalidArgumentError('It must name an asset and what it pays, such as USDC=0.9.')
  return [...before, { node: text.slice(0, at), recovery: share(text.slice(at + 1)), governs: false }]
}
