// Versions of the configuration, each complete before the one pointer moves to it.

import { HomeostatError } from '../base/homeostat-error.ts'
import type { ChainSettings, WebhookInForce } from '../model/chain-settings.ts'
import type { ChainConfig, Configuration, PortfolioSettings } from '../model/configuration.ts'
import type { HistoryConfig } from '../model/history.ts'
import { countedTokens } from '../model/holder-count.ts'
import type { Address } from '../model/identity.ts'
import type { MacroSeriesConfig } from '../model/macro.ts'
import type { ConfigPointer, ConfigStore, Item, ItemKey, Table } from '../model/ports.ts'
import { chainSettingsOf } from './chain-settings-of.ts'
import { settingsOf } from './settings-of.ts'

const pointerKey: ItemKey = { partition: 'pointer', sort: 'pointer' }
/** Writes of one version that are under way at a time. */
const together = 20

interface VersionIndex {
  readonly portfolios: readonly { readonly id: string; readonly everySeconds: number }[]
  /** Absent in versions of before chains were followed. */
  readonly chains?: Awaited<ReturnType<ConfigStore['chains']>>
  readonly webhooks?: readonly WebhookInForce[]
  readonly history?: HistoryConfig
  readonly macro?: readonly MacroSeriesConfig[]
  readonly viewers: readonly Address[]
}

/** The configuration store on a table: reading a portfolio's settings is one Get. */
export function configStore(table: Table): ConfigStore {
  const index = async (version: string): Promise<VersionIndex> => {
    const item = await table.get({ partition: versionPartition(version), sort: 'index' })
    if (item === undefined) throw unknownVersion(version)
    return item.body as VersionIndex
  }
  return {
    async pointer() {
      const item = await table.get(pointerKey)
      return item && { ...(item.body as Omit<ConfigPointer, 'itemVersion'>), itemVersion: item.version }
    },
    portfolios: async (version) => (await index(version)).portfolios,
    chains: async (version) => (await index(version)).chains ?? [],
    async chain(version, chainId) {
      const item = await table.get({ partition: versionPartition(version), sort: `chain#${chainId}` })
      return item?.body as ChainSettings | undefined
    },
    webhooks: async (version) => (await index(version)).webhooks ?? [],
    history: async (version) => (await index(version)).history ?? { sources: [] },
    macro: async (version) => (await index(version)).macro ?? [],
    viewers: async (version) => (await index(version)).viewers,
    async settings(version, portfolioId) {
      const item = await table.get({ partition: versionPartition(version), sort: `portfolio#${portfolioId}` })
      return item?.body as PortfolioSettings | undefined
    },
    async putVersion(version, configuration) {
      const partition = versionPartition(version)
      const items = settingsOf(configuration, version).map((settings) => ({
        partition,
        sort: `portfolio#${settings.portfolio.id}`,
        body: settings,
      }))
      const chains = chainSettingsOf(configuration, version)
      const ofChains = chains.map((body) => ({ partition, sort: `chain#${body.chain.chainId}`, body }))
      await createAll(table, [...items, ...ofChains])
      const viewers = [...configuration.approvers.map(({ address }) => address), ...configuration.viewers]
      const body: VersionIndex = {
        portfolios: configuration.portfolios.map(({ id, everySeconds }) => ({ id, everySeconds })),
        chains: chains.map(({ chain }) => indexOf(chain)),
        webhooks: webhooksOf(configuration),
        ...(configuration.history === undefined ? {} : { history: configuration.history }),
        ...(configuration.macro === undefined ? {} : { macro: configuration.macro }),
        viewers: [...new Set(viewers)],
      }
      // Last: a version with an index is complete.
      await table.create({ partition, sort: 'index', body })
    },
    async movePointer(next, expectedItemVersion) {
      await index(next.version)
      const item = { ...pointerKey, body: next }
      const outcome = expectedItemVersion === 0 ? table.create(item) : table.replace(item, expectedItemVersion)
      return ['created', 'replaced'].includes(await outcome) ? 'moved' : 'conflict'
    },
  }
}

/** A version names its content, so an item that exists already is the same item. */
async function createAll(table: Table, items: readonly Omit<Item, 'version'>[]): Promise<void> {
  for (let start = 0; start < items.length; start += together) {
    await Promise.all(items.slice(start, start + together).map((item) => table.create(item)))
  }
}

/** @throws HomeostatError `unknown-reference` for a configuration that was never validated */
function indexOf(chain: ChainConfig): Awaited<ReturnType<ConfigStore['chains']>>[number] {
  const { id, chainId } = chain
  return countedTokens(chain).length === 0 ? { id, chainId } : { id, chainId, countsHolders: true }
}

function webhooksOf({ webhooks = [], chains }: Configuration): readonly WebhookInForce[] {
  return webhooks.map(({ id, kind, chain, secret }) => {
    const chainId = chains.find((one) => one.id === chain)?.chainId
    if (chainId !== undefined) return { id, kind, chainId, secret }
    throw new HomeostatError('unknown-reference', {
      message: `Webhook ${id} refers to ${chain}, which is not configured.`,
      retry: 'never',
      facts: { webhook: id, reference: chain },
      hint: 'Check the configuration with `homeostat config check`.',
    })
  })
}

function versionPartition(version: string): string {
  return `version#${version}`
}

function unknownVersion(version: string): HomeostatError {
  return new HomeostatError('unknown-version', {
    message: `Version ${version} of the configuration is not stored completely.`,
    retry: 'never',
    facts: { version },
    hint: 'Apply the configuration again: `homeostat config apply`.',
  })
}
