// Reads homeostat.yaml: a configuration with every default filled in, or everything that is wrong with it, each with its line.

import { createHash } from 'node:crypto'
import type { Configuration } from '../../model/configuration.ts'
import { contractsOf, onePortfolioAnAccount } from './account-checks.ts'
import { defaults } from './defaults.ts'
import type { KnownNames, KnownVenue } from './known-names.ts'
import type { Problem } from './problem.ts'
import { chain } from './read-chain.ts'
import { history } from './read-history.ts'
import { macroSeries } from './read-macro.ts'
import { approver, notifier } from './read-people.ts'
import { type CompileRule, portfolio } from './read-portfolio.ts'
import { oneAccountAPortfolio, venue } from './read-venues.ts'
import { webhook } from './read-webhook.ts'
import { address } from './scalars.ts'
import { listOf, mapOf, optional, required, withDefault } from './shapes.ts'
import { openSheet, type Place, type Sheet } from './sheet.ts'

export type ParsedConfiguration =
  | {
      readonly configuration: Configuration
      /** Names the content: the beginning of sha256 over its canonical JSON, defaults included. */
      readonly version: string
      /** sha256 of the file's bytes. */
      readonly fileHash: string
      /** What is allowed, and probably not meant. */
      readonly warnings: readonly Problem[]
      readonly problems?: undefined
    }
  | { readonly problems: readonly Problem[]; readonly configuration?: undefined }

/**
 * Parses and checks a configuration file; reports all problems at once.
 * @param deps.compileRule says whether a text is a rule of the language
 * @param params.file its name, for the problems only
 */
export function parseConfiguration(
  deps: { readonly compileRule: CompileRule },
  params: { readonly text: string; readonly file: string },
): ParsedConfiguration {
  const sheet = openSheet(params)
  if (sheet.problems().length > 0 && sheet.root.node === undefined) return { problems: sheet.problems() }
  if (sheet.root.node === undefined) {
    sheet.report(sheet.root, { reason: 'the file is empty; docs/configuration.md says what it may hold' })
    return { problems: sheet.problems() }
  }
  const configuration = readerOf(knownNames(sheet), deps.compileRule)(sheet, sheet.root)
  const problems = sheet.problems()
  if (configuration === undefined || problems.length > 0) return { problems }
  return {
    configuration,
    version: createHash('sha256').update(canonicalJson(configuration)).digest('hex').slice(0, 16),
    fileHash: createHash('sha256').update(params.text).digest('hex'),
    warnings: sheet.warnings(),
  }
}

function readerOf(known: KnownNames, compileRule: CompileRule) {
  return mapOf<Configuration>(
    {
      chains: required(listOf(chain, { min: 1, unique: ['id', 'chainId'] })),
      portfolios: required(listOf(portfolio(known, compileRule), { min: 1, unique: ['id'] })),
      approvers: withDefault(listOf(approver, { unique: ['id', 'address'] }), []),
      viewers: withDefault(listOf(address, { uniqueItems: 'viewer' }), []),
      notifiers: required(listOf(notifier, { min: 1, unique: ['id'] })),
      webhooks: optional(listOf(webhook(known.chains.map(({ id }) => id)), { unique: ['id'] })),
      venues: optional(listOf(venue, { min: 1, unique: ['id'] })),
      history: optional(history),
      macro: optional(listOf(macroSeries, { min: 1, unique: ['series'] })),
    },
    ({ sheet, at }) => {
      onePortfolioAnAccount(sheet, at('portfolios'))
      oneAccountAPortfolio(sheet, at('portfolios'), known.venues)
    },
  )
}

/** Names are gathered first, so that a broken chain does not make its portfolios complain as well. */
function knownNames(sheet: Sheet): KnownNames {
  const { root } = sheet
  return {
    approvers: textsAt(sheet, root, 'approvers', 'id'),
    series: textsAt(sheet, root, 'macro', 'series'),
    venues: itemsAt(sheet, root, 'venues').flatMap((place) => venueNames(sheet, place) ?? []),
    notifiers: itemsAt(sheet, root, 'notifiers').flatMap((place) => {
      const id = textAt(sheet, place, 'id')
      return id === undefined
        ? []
        : { id, minSeverity: textAt(sheet, place, 'minSeverity') ?? defaults.notifier.minSeverity }
    }),
    chains: itemsAt(sheet, root, 'chains').flatMap((place) => {
      const entries = sheet.entries(place) ?? []
      const id = entries.find(({ key }) => key === 'id')?.value
      const value = id && sheet.scalar(id)?.value
      if (typeof value !== 'string') return []
      return {
        id: value,
        assets: textsAt(sheet, place, 'assets', 'symbol'),
        underlyings: [...new Set(textsAt(sheet, place, 'assets', 'underlying'))],
        underlyingOf: Object.fromEntries(
          itemsAt(sheet, place, 'assets').flatMap((asset) => {
            const [symbol, underlying] = [textAt(sheet, asset, 'symbol'), textAt(sheet, asset, 'underlying')]
            return symbol === undefined || underlying === undefined ? [] : [[symbol, underlying] as const]
          }),
        ),
        keys: entries.map(({ key }) => key),
        chainId: numberAt(sheet, place, 'chainId'),
        contracts: contractsOf(sheet, place),
      }
    }),
  }
}

function venueNames(sheet: Sheet, place: Place): KnownVenue | undefined {
  const id = textAt(sheet, place, 'id')
  const underlyings = itemsAt(sheet, place, 'underlyings').map((item) => String(sheet.scalar(item)?.value))
  return id === undefined ? undefined : { id, underlyings, hasKey: textAt(sheet, place, 'secret') !== undefined }
}

function itemsAt(sheet: Sheet, place: Place, key: string): readonly Place[] {
  const list = sheet.entries(place)?.find((entry) => entry.key === key)?.value
  return (list && sheet.items(list)) ?? []
}

function textsAt(sheet: Sheet, place: Place, list: string, key: string): readonly string[] {
  return itemsAt(sheet, place, list).flatMap((item) => textAt(sheet, item, key) ?? [])
}

function textAt(sheet: Sheet, place: Place, key: string): string | undefined {
  const value = scalarAt(sheet, place, key)
  return typeof value === 'string' ? value : undefined
}

function numberAt(sheet: Sheet, place: Place, key: string): number | undefined {
  const value = scalarAt(sheet, place, key)
  return typeof value === 'number' ? value : undefined
}

function scalarAt(sheet: Sheet, place: Place, key: string): unknown {
  const value = sheet.entries(place)?.find((entry) => entry.key === key)?.value
  return value && sheet.scalar(value)?.value
}

/** Keys sorted, so that the order in the file does not make another version. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  )
}
