// How a chain is written: providers and their quorum, tokens, and the contracts of the venues.

import { secretPrefixes } from '../../base/deployment-names.ts'
import { nearestWord } from '../../base/nearest-word.ts'
import type * as z from '../../base/schema.ts'
import type {
  AaveV3Config,
  ChainConfig,
  CheckpointConfig,
  EventsConfig,
  RpcProvider,
  SafeConfig,
  SequencerConfig,
  UniswapV3Config,
} from '../../model/configuration.ts'
import type { Hash } from '../../model/identity.ts'
import type { Protocol } from '../../sources/protocols/define-protocol.ts'
import { protocols } from '../../sources/protocols/index.ts'
import { bySchema } from './by-schema.ts'
import { defaults } from './defaults.ts'
import { knownBlocks } from './known-blocks.ts'
import { asset, placeAt, refuseSharedFeeds } from './read-asset.ts'
import { refuseUnknownPer } from './read-prices.ts'
import { address, basisPoints, fraction, id, number, rpcUrl, seconds, secretName, text, whole } from './scalars.ts'
import { type CheckParams, derived, listOf, mapOf, optional, type Reader, required, withDefault } from './shapes.ts'
import type { Place, Sheet } from './sheet.ts'

const positive = { min: 0, max: 1e12, above: 0 }

/** Ids that everybody knows, so that a slip in `chainId` shows. */
const wellKnown: Readonly<Record<string, number>> = {
  ethereum: 1,
  mainnet: 1,
  optimism: 10,
  bnb: 56,
  gnosis: 100,
  polygon: 137,
  base: 8_453,
  arbitrum: 42_161,
  avalanche: 43_114,
  sepolia: 11_155_111,
}

const providerName = text({ what: 'a name of at most 40 characters', max: 40 })

const byUrl = mapOf<{ readonly name: string; readonly url: string }>({
  url: required(rpcUrl),
  name: derived(providerName, ({ url }) => (typeof url === 'string' ? URL.parse(url)?.host : undefined)),
})
const bySecret = mapOf<{ readonly name: string; readonly secret: string }>({
  secret: required(secretName(secretPrefixes.rpc)),
  name: derived(providerName, ({ secret }) => (typeof secret === 'string' ? secret.slice(0, 40) : undefined)),
})

const provider: Reader<RpcProvider> = (sheet, place) => {
  const keys = sheet.entries(place)?.map(({ key }) => key) ?? []
  if (keys.includes('url') && keys.includes('secret')) {
    sheet.report(place, { reason: 'a provider has a `url` or a `secret` that holds the URL, not both' })
    return undefined
  }
  return (keys.includes('secret') ? bySecret : byUrl)(sheet, place)
}

const aaveV3 = mapOf<AaveV3Config>(
  { pool: required(address), dataProvider: required(address), oracle: required(address) },
  distinctAddresses,
)

const uniswapV3 = mapOf<UniswapV3Config>(
  {
    factory: required(address),
    positions: required(address),
    router: required(address),
    quoter: required(address),
    feeTiers: withDefault(
      listOf(whole({ min: 1, max: 999_999 }), { min: 1, uniqueItems: 'fee tier' }),
      defaults.uniswapV3.feeTiers,
    ),
  },
  distinctAddresses,
)

const sequencer = mapOf<SequencerConfig>({
  address: required(address),
  graceSeconds: withDefault(seconds({ min: 0, max: 86_400 }), defaults.sequencer.graceSeconds),
})

const events = mapOf<EventsConfig>({
  reorgDepth: optional(whole({ min: 1, max: 1_000 })),
  poolMoveBps: optional(basisPoints(5_000)),
  largeTransferUsd: optional(number(positive)),
  largeTransferShare: optional(fraction),
})

const safe = mapOf<SafeConfig>(
  { multiSendCallOnly: required(address), universalRouter: required(address) },
  distinctAddresses,
)

const configurable: readonly Protocol<string, z.ZodMiniType>[] = (
  protocols as unknown as readonly Protocol<string, z.ZodMiniType>[]
).filter(({ settings }) => settings !== undefined)

/** `NAME: settings`, each by the schema of its protocol. */
const protocolSettings: Reader<Readonly<Record<string, unknown>>> = (sheet, place) => {
  const names = configurable.map(({ name }) => name)
  const entries = sheet.entries(place)
  if (entries === undefined) {
    sheet.report(place, { reason: `\`protocols\` must be a map of ${names.join(', ')}` })
    return undefined
  }
  const read = entries.flatMap(({ key, keyPlace, value }) => {
    const protocol = configurable.find(({ name }) => name === key)
    if (protocol?.settings !== undefined) {
      const settings = bySchema(protocol.settings)(sheet, value)
      return settings === undefined ? [] : [[key, settings] as const]
    }
    sheet.report(keyPlace, { reason: `there is no protocol \`${key}\``, suggestion: nearestWord(key, names) })
    return []
  })
  return read.length === entries.length ? Object.fromEntries(read) : undefined
}

/** The whole one would look like a private key, which no configuration may hold. By its source: without quotes YAML takes it for a number. */
const blockHash: Reader<Hash> = (sheet, place) => {
  const source = sheet.scalar(place)?.source ?? ''
  const given = source.replace(/^["']|["']$/g, '').toLowerCase()
  if (/^0x[0-9a-f]{32,63}$/.test(given)) return given as Hash
  sheet.report(place, { reason: '`hash` must be the beginning of the hash of a block: 0x and its first 32 digits' })
  return undefined
}

const checkpoint = mapOf<CheckpointConfig>({
  number: required(whole({ min: 0, max: Number.MAX_SAFE_INTEGER })),
  hash: required(blockHash),
})

export const chain: Reader<ChainConfig> = mapOf<ChainConfig>(
  {
    id: required(id),
    chainId: required(whole({ min: 1, max: Number.MAX_SAFE_INTEGER })),
    rpc: required(listOf(provider, { min: 1, unique: ['name', 'url', 'secret'] })),
    quorum: derived(whole({ min: 1, max: 20 }), ({ rpc }) =>
      Array.isArray(rpc) ? defaults.chain.quorum(rpc.length) : undefined,
    ),
    multicall3: withDefault(address, defaults.chain.multicall3),
    checkpoint: derived(checkpoint, ({ chainId }) => knownBlocks[Number(chainId)]),
    maxBlockAgeSeconds: withDefault(seconds({ min: 1, max: 86_400 }), defaults.chain.maxBlockAgeSeconds),
    maxFinalityLagSeconds: optional(seconds({ min: 1, max: 604_800 })),
    sequencer: optional(sequencer),
    confirmations: withDefault(whole({ min: 1, max: 1_000 }), defaults.chain.confirmations),
    assets: required(listOf(asset, { min: 1, unique: ['symbol', 'address'] })),
    aaveV3: optional(aaveV3),
    uniswapV3: optional(uniswapV3),
    safe: optional(safe),
    events: optional(events),
    protocols: optional(protocolSettings),
  },
  ({ sheet, place, draft, at }) => {
    const expected = wellKnown[draft.id ?? '']
    if (expected !== undefined && draft.chainId !== undefined && draft.chainId !== expected) {
      const reason = `\`chainId\` of ${draft.id} is ${expected}, not ${draft.chainId}`
      sheet.report(at('chainId'), { reason, suggestion: String(expected) })
    }
    const rpc = sheet.entries(place)?.find(({ key }) => key === 'rpc')?.value
    const providers = rpc && sheet.items(rpc)?.length
    if (providers !== undefined && draft.quorum !== undefined && draft.quorum > Math.max(1, providers)) {
      const reason = `\`quorum\` asks ${draft.quorum} providers to agree, and there are ${providers}`
      sheet.report(at('quorum'), { reason, suggestion: String(Math.max(1, providers)) })
    }
    refuseSharedFeeds(sheet, at('assets'))
    refuseUnknownPer(sheet, at('assets'))
    refuseOneProviderTwice(sheet, at('rpc'))
  },
)

/** A quorum counts providers: one that stands twice would agree with itself. Other paths of one host are only suspicious. */
function refuseOneProviderTwice(sheet: Sheet, rpc: Place): void {
  const seen: { readonly url: URL; readonly source: string; readonly place: Place }[] = []
  for (const item of sheet.items(rpc) ?? []) {
    const place = placeAt(sheet, item, 'url')
    const source = place && sheet.scalar(place)?.source
    const url = source === undefined ? null : URL.parse(source.replace(/^["']|["']$/g, ''))
    if (place === undefined || source === undefined || url === null) continue
    const same = seen.find((one) => endpointOf(one.url) === endpointOf(url))
    const near = seen.find((one) => one.url.hostname === url.hostname && !isOwnHost(url.hostname))
    // The very same text is refused where the list is read.
    if (same !== undefined && same.source !== source)
      sheet.report(place, {
        reason: `this is the URL at ${same.place.path} once more: a quorum would count one provider twice`,
      })
    else if (same === undefined && near !== undefined)
      sheet.warn(place, {
        reason: `the host of ${near.place.path} once more: if it is one provider, a quorum of both proves little`,
      })
    seen.push({ url, source, place })
  }
}

/** What a request goes to, however it is written: host in lower case, no default port, no slash at the end, no fragment. */
function endpointOf(url: URL): string {
  return `${url.protocol}//${url.host.replace(/\.$/, '')}${url.pathname.replace(/\/+$/, '')}${url.search}`
}

/** One machine of our own may well run several nodes. */
function isOwnHost(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^[\d.]+$/.test(host)
}

/** Two roles at one address are a slip of the clipboard. */
function distinctAddresses<T extends object>({ sheet, draft, at }: CheckParams<T>): void {
  const seen = new Map<unknown, string>()
  for (const [key, value] of Object.entries(draft)) {
    if (typeof value !== 'string') continue
    const earlier = seen.get(value)
    if (earlier === undefined) seen.set(value, key)
    else
      sheet.report(at(key as keyof T & string), {
        reason: `\`${key}\` has the address of \`${earlier}\`: one of them is wrong`,
      })
  }
}
