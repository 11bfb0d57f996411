// Proves that the import table holds, and that each of its rules catches what it is for.

import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Cruise, cruise, repository } from './cruise.ts'

const folders = ['bin', 'lib', 'lambdas', 'test', 'tools']

describe('the repository', () => {
  it('breaks no rule of the import table, and is really looked at', async () => {
    const { modules, violations } = await cruise(repository, folders)
    expect(violations).toEqual([])
    // Under some versions of TypeScript the cruiser sees no module at all and reports success.
    expect(modules).toBeGreaterThan(250)
  })
})

const from = (path: string) => `import * as it from '${path}'\nexport const planted = it\n`
const typeFrom = (path: string) => `import type { stone } from '${path}'\nexport type Planted = typeof stone\n`
const whenAsked = (path: string) => `export const planted = () => import('${path}')\n`

/** file, what is planted in it, the rules that must catch it. Every module named `stone` exists in the planted house. */
const bad: readonly (readonly [file: string, source: string, ...rules: string[]])[] = [
  ['lib/base/planted.ts', from('../quant/stone.ts'), 'base-imports-nothing-of-ours'],
  ['lib/quant/planted.ts', from('../model/stone.ts'), 'quant-imports-only-what-it-may'],
  ['lib/instruments/planted.ts', from('../model/stone.ts'), 'instruments-imports-only-what-it-may'],
  ['lib/model/planted.ts', from('../risk/stone.ts'), 'model-imports-only-what-it-may'],
  ['lib/sources/planted.ts', from('../snapshot/stone.ts'), 'sources-imports-only-what-it-may'],
  ['lib/snapshot/planted.ts', from('../sources/stone.ts'), 'snapshot-imports-only-what-it-may'],
  ['lib/snapshot/types.ts', typeFrom('../risk/stone.ts'), 'snapshot-imports-only-what-it-may'],
  ['lib/risk/planted.ts', from('../decisions/stone.ts'), 'risk-imports-only-what-it-may'],
  ['lib/decisions/planted.ts', from('../risk/stone.ts'), 'decisions-imports-only-what-it-may'],
  ['lib/decisions/asked.ts', whenAsked('../actions/stone.ts'), 'decisions-imports-only-what-it-may'],
  ['lib/actions/planted.ts', from('../decisions/stone.ts'), 'actions-imports-only-what-it-may'],
  ['lib/store/planted.ts', from('../flows/stone.ts'), 'store-imports-only-what-it-may'],
  ['lib/bus/planted.ts', from('../store/stone.ts'), 'bus-imports-only-what-it-may'],
  ['lib/web/planted.ts', from('../flows/stone.ts'), 'web-imports-only-what-it-may'],
  ['lib/flows/planted.ts', from('../actions/stone.ts'), 'flows-imports-only-what-it-may'],
  ['lib/flows/stored.ts', from('../store/stone.ts'), 'flows-imports-only-what-it-may'],
  ['lib/flows/wired.ts', typeFrom('../wiring/stone.ts'), 'flows-imports-only-what-it-may'],
  ['lib/wiring/planted.ts', from('../local/stone.ts'), 'wiring-imports-only-what-it-may'],
  ['lib/local/planted.ts', from('../flows/stone.ts'), 'local-imports-only-what-it-may'],
  ['lib/infra/planted.ts', from('../wiring/stone.ts'), 'infra-imports-only-what-it-may'],
  ['lib/cellar/planted.ts', from('../base/stone.ts'), 'folder-without-a-rule'],
  ['lambdas/planted.ts', from('../lib/risk/stone.ts'), 'lambdas-only-wire'],
  ['lambdas/stored.ts', from('../lib/store/stone.ts'), 'lambdas-only-wire'],
  ['bin/app.ts', from('../lib/wiring/stone.ts'), 'app-only-builds-stacks'],
  ['bin/planted.ts', from('../lib/store/stone.ts'), 'command-line-imports-flows'],
  ['bin/commands/planted.ts', from('../../lib/local/stone.ts'), 'command-line-loads-when-asked'],
  ['bin/commands/sources.ts', from('../../lib/sources/stone.ts'), 'command-line-loads-when-asked'],
  ['lib/instruments/zod.ts', from('zod/mini'), 'vendor-zod'],
  ['lib/risk/viem.ts', from('viem'), 'vendor-viem'],
  ['lib/risk/viem-utils.ts', from('viem/utils'), 'vendor-viem'],
  ['lib/model/viem.ts', from('viem/utils'), 'vendor-viem'],
  ['lib/wiring/viem.ts', from('viem'), 'vendor-viem'],
  ['lib/decisions/mathjs.ts', from('mathjs/number'), 'vendor-mathjs'],
  ['lib/decisions/rules/language.ts', from('mathjs'), 'vendor-mathjs-number-only'],
  ['lib/flows/dynamodb.ts', from('@aws-sdk/client-dynamodb'), 'vendor-aws-sdk-client-dynamodb'],
  ['lib/flows/s3.ts', from('@aws-sdk/client-s3'), 'vendor-aws-sdk-client-s3'],
  ['lib/actions/sqs.ts', from('@aws-sdk/client-sqs'), 'vendor-aws-sdk-client-sqs'],
  ['lib/bus/sns.ts', from('@aws-sdk/client-sns'), 'vendor-aws-sdk-client-sns'],
  ['lib/store/kms.ts', from('@aws-sdk/client-kms'), 'vendor-aws-sdk-client-kms'],
  ['lib/actions/secrets.ts', from('@aws-sdk/client-secrets-manager'), 'vendor-aws-sdk-client-secrets-manager'],
  ['lib/wiring/cdk.ts', from('aws-cdk-lib'), 'vendor-aws-cdk-lib'],
  ['lib/local/constructs.ts', from('constructs'), 'vendor-constructs'],
  ['lib/local/nag.ts', from('cdk-nag'), 'vendor-cdk-nag'],
  ['lib/infra/yaml.ts', from('yaml'), 'vendor-yaml'],
  ['lib/wiring/commander.ts', from('commander'), 'vendor-commander'],
  ['lib/wiring/colours.ts', from('picocolors'), 'vendor-picocolors'],
  ['lib/web/graph-layout.ts', from('@dagrejs/dagre'), 'vendor-dagrejs-dagre'],
  ['lib/web/figures-scale.ts', from('d3-scale'), 'vendor-d3-scale'],
  ['lib/web/figures-shape.ts', from('d3-shape'), 'vendor-d3-shape'],
  ['lib/flows/columns.ts', from('string-width'), 'vendor-string-width'],
  ['lib/wiring/fauxqs.ts', from('fauxqs'), 'vendor-fauxqs', 'vendor-of-development'],
  ['lib/infra/esbuild.ts', from('esbuild'), 'vendor-without-a-rule', 'vendor-of-development'],
  ['lib/store/undeclared.ts', from('@smithy/types'), 'vendor-without-a-rule', 'vendor-not-declared'],
  ['lambdas/sdk.ts', from('@aws-sdk/client-kms'), 'vendor-aws-sdk-client-kms'],
  ['lib/base/node.ts', from('node:crypto'), 'no-node-in-pure-rooms'],
  ['lib/risk/node.ts', from('node:fs'), 'no-node-in-pure-rooms'],
  ['lib/risk/old-node.ts', from('fs'), 'no-node-in-pure-rooms'],
  ['lib/flows/node.ts', from('node:timers/promises'), 'no-node-in-pure-rooms'],
  ['lib/web/node.ts', from('node:http'), 'no-node-in-pure-rooms'],
  ['lambdas/node.ts', from('node:fs'), 'no-node-in-pure-rooms'],
  ['lib/wiring/tested.ts', from('../../test/stone.ts'), 'wiring-imports-only-what-it-may', 'no-import-of-tests'],
  ['lib/risk/and-round.ts', from('./round.ts'), 'no-cycles'],
  ['lib/quant/orphan.ts', 'export const alone = 1\n', 'no-orphans'],
  ['lib/quant/nowhere.ts', from('./nowhere-at-all.ts'), 'no-unresolved'],
]

/** What must pass, so that the rules are not merely strict. */
const good: readonly (readonly [file: string, source: string])[] = [
  ['lib/base/schema.ts', from('zod/mini')],
  ['lib/model/order-hash.ts', from('viem/utils')],
  ['lib/sources/good.ts', from('viem')],
  ['lib/store/good.ts', from('@aws-sdk/client-dynamodb')],
  ['lib/risk/good.ts', from('../instruments/stone.ts')],
  ['lib/flows/good.ts', from('../web/stone.ts')],
  ['lib/wiring/good.ts', from('../store/stone.ts')],
  ['lambdas/good.ts', from('../lib/actions/stone.ts')],
  ['bin/good.ts', whenAsked('../lib/local/stone.ts')],
  ['bin/commands/good.ts', typeFrom('../../lib/local/stone.ts')],
]

const floors = [
  ...['base', 'quant', 'instruments', 'model', 'sources', 'snapshot', 'risk', 'decisions', 'actions'],
  ...['store', 'bus', 'web', 'flows', 'wiring', 'local', 'infra'],
]

describe('a house with planted imports', () => {
  let house = ''
  let found: Cruise

  const write = (file: string, source: string) => {
    mkdirSync(dirname(join(house, file)), { recursive: true })
    writeFileSync(join(house, file), source)
  }

  beforeAll(async () => {
    house = mkdtempSync(join(tmpdir(), 'homeostat-planted-'))
    symlinkSync(join(repository, 'node_modules'), join(house, 'node_modules'))
    for (const file of ['package.json', 'tsconfig.json']) cpSync(join(repository, file), join(house, file))
    for (const floor of floors) write(`lib/${floor}/stone.ts`, `export const stone = '${floor}'\n`)
    write('test/stone.ts', 'export const stone = 1\n')
    write('tools/stone.ts', 'export const stone = 1\n')
    // A cycle is reported once, at one of its files: this is the other.
    write('lib/risk/round.ts', from('./and-round.ts'))
    for (const [file, source] of [...bad, ...good]) write(file, source)
    found = await cruise(house, folders)
  })
  afterAll(() => rmSync(house, { recursive: true, force: true }))

  const rulesAgainst = (file: string) => [
    ...new Set(found.violations.filter((violation) => violation.from === file).map(({ rule }) => rule)),
  ]

  it.each(bad)('is refused for %s', (file, _source, ...rules) => {
    expect(rulesAgainst(file).toSorted()).toEqual(rules.toSorted())
  })

  it.each(good)('is accepted for %s', (file) => {
    expect(rulesAgainst(file)).toEqual([])
  })

  it('breaks every rule there is', () => {
    const { forbidden } = createRequire(import.meta.url)(join(repository, '.dependency-cruiser.cjs')) as {
      readonly forbidden: readonly { readonly name: string }[]
    }
    const broken = new Set(found.violations.map(({ rule }) => rule))
    expect(forbidden.map(({ name }) => name).filter((name) => !broken.has(name))).toEqual([])
  })
})
