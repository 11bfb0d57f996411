// Words for how the markets do that the portfolio depends on. What should have been read and was not is missing, so that its rule is in error.

import { describeSpan } from '../../base/time.ts'
import type { Report } from '../../model/report.ts'
import {
  borrowCapUsed,
  type HolderTelemetry,
  type MarketTelemetry,
  marketProtocols,
  type PoolTelemetry,
  supplyCapUsed,
  type Telemetry,
} from '../../model/telemetry.ts'
import { absent, atMost, defineTerm, type Found, found, leftOut, type Missing, missing, unknownKey } from './term.ts'

type MarketFigure = NonNullable<MarketTelemetry['unread']>[number]

export const telemetryWords = [
  defineTerm({
    name: 'utilisation',
    unit: 'fraction',
    meaning:
      'the part of an asset that is lent out, the highest of the markets that the portfolio is in; near 1 nobody can withdraw',
    keys: 'asset',
    read: (report, key) =>
      ofMarkets(report, key, {
        what: 'lends it',
        needs: ['utilisation', 'borrowed', 'available'],
        read: ({ utilisation }) => utilisation,
        pick: 'highest',
      }),
  }),
  defineTerm({
    name: 'available',
    unit: 'units of the asset',
    meaning:
      'what can be withdrawn or borrowed from a market now by everybody together, the least of the markets that the portfolio is in',
    keys: 'asset',
    read: (report, key) =>
      ofMarkets(report, key, {
        what: 'lends it',
        needs: ['available'],
        read: ({ available }) => available,
        pick: 'least',
      }),
  }),
  defineTerm({
    name: 'supplyCapUsed',
    unit: 'ratio',
    meaning:
      'how much of its cap on supply a market has used, the highest of the markets that the portfolio is in; at 1 nothing can be added',
    keys: 'asset',
    read: (report, key) =>
      ofMarkets(report, key, {
        what: 'caps its supply',
        needs: ['supplyCap', 'supplied'],
        read: supplyCapUsed,
        pick: 'highest',
      }),
  }),
  defineTerm({
    name: 'borrowCapUsed',
    unit: 'ratio',
    meaning: 'how much of its cap on debt a market has used, the highest of the markets that the portfolio is in',
    keys: 'asset',
    read: (report, key) =>
      ofMarkets(report, key, {
        what: 'caps its debt',
        needs: ['borrowCap', 'borrowed'],
        read: borrowCapUsed,
        pick: 'highest',
      }),
  }),
  defineTerm({
    name: 'marketHalt',
    unit: '0 open, 1 frozen, 2 paused',
    meaning:
      'whether a market has stopped: frozen takes nothing more in, paused lets nothing out; the worst of the markets that the portfolio is in',
    keys: 'asset',
    read: (report, key) =>
      ofMarkets(report, key, {
        what: 'could stop',
        needs: ['frozen', 'paused'],
        read: ({ frozen, paused }) =>
          frozen === undefined && paused === undefined ? undefined : paused === true ? 2 : frozen === true ? 1 : 0,
        pick: 'highest',
      }),
  }),
  defineTerm({
    name: 'depth2pct',
    unit: 'USD',
    meaning:
      'how much of an asset its pools take before the price of each has moved by 2 %, the pools of Uniswap v2 and v3 and weighted ones of Balancer that are known, together',
    keys: 'asset',
    read: (report, key) => depth(report, key),
  }),
  defineTerm({
    name: 'topHoldersShare',
    unit: 'fraction',
    meaning: 'the part of a token that its ten largest holders have, by its transfer logs',
    keys: 'asset',
    read: (report, key) => topHolders(report, key),
  }),
] as const

const isMarket = (one: Telemetry): one is MarketTelemetry => one.kind === 'market'
const isPool = (one: Telemetry): one is PoolTelemetry => one.kind === 'pool'
const isHolders = (one: Telemetry): one is HolderTelemetry => one.kind === 'holders'

interface MarketWord {
  /** For people: what a market does that has the figure. */
  readonly what: string
  /** Figures without which it is not known. */
  readonly needs: readonly MarketFigure[]
  readonly read: (market: MarketTelemetry) => number | undefined
  readonly pick: 'highest' | 'least'
}

function ofMarkets(report: Report, asset: string, { what, needs, read, pick }: MarketWord): Found {
  const unknown = unknownAbout(report, asset)
  if (unknown !== undefined) return unknown
  const markets = (report.telemetry ?? []).filter(isMarket).filter((one) => one.asset === asset)
  const unread = markets.filter((one) => needs.some((figure) => one.unread?.includes(figure) === true))
  const names = unread.map(({ label }) => label).join(', ')
  const gap = unread.length === 0 ? blindSpot(report, asset) : missing('not-read', `${names} could not be read`)
  const values = markets.filter((one) => !unread.includes(one)).flatMap((one) => read(one) ?? [])
  if (values.length === 0) return gap ?? absent(`no market that ${what} is in the portfolio`)
  return pick === 'least' ? atMost(Math.min(...values), gap) : (gap ?? found(Math.max(...values)))
}

function depth(report: Report, asset: string): Found {
  const unknown = unknownAbout(report, asset)
  if (unknown !== undefined) return unknown
  const pools = (report.telemetry ?? []).filter(isPool).filter(({ base, quote }) => base === asset || quote === asset)
  const dark = darkChain(report, asset)
  if (pools.length === 0) return dark ?? absent(`no pool is known that trades ${asset}`)
  const unread = pools.filter((one) => one.depth === undefined).map(({ label }) => label)
  if (unread.length > 0) return missing('not-read', `it would be a sum without ${unread.join(', ')}`)
  const usd = report.prices.find((one) => one.asset === asset)?.usd
  if (usd === undefined) return missing('no-price', `there is no price of ${asset}`)
  const units = pools.map((pool) => (pool.base === asset ? pool.depth?.down.base : pool.depth?.up.quote) ?? 0)
  return found(units.reduce((sum, one) => sum + one, 0) * usd)
}

/** A count is renewed every ten minutes; after so long something hinders it. */
const holdersGoodForSeconds = 6 * 3_600

/** Of a count that is not complete, the true share may be higher or lower: it is not known. */
function topHolders(report: Report, asset: string): Found {
  const unknown = unknownAbout(report, asset)
  if (unknown !== undefined) return unknown
  const counted = (report.telemetry ?? []).filter(isHolders).find((one) => one.asset === asset)
  if (counted === undefined) return missing('holders-unknown', `the holders of ${asset} have not been counted`)
  if (report.at - counted.at > holdersGoodForSeconds)
    return missing('holders-stale', `the holders of ${asset} were counted ${describeSpan(report.at - counted.at)} ago`)
  return counted.complete
    ? found(counted.topShare)
    : missing('holders-incomplete', `not all transfers of ${asset} have been counted yet`)
}

/** A report from before there was telemetry, or a name that is no asset of the portfolio. */
function unknownAbout(report: Report, asset: string): Missing | undefined {
  if (!report.prices.some((one) => one.asset === asset)) return unknownKey(asset, 'asset')
  return report.telemetry === undefined ? missing('telemetry-unknown', 'the markets were not read') : undefined
}

/** `arbitrum` of `USDC@arbitrum`, and of the position `arbitrum/aave-v3`; what is at home has no name of a chain. */
const chainOfAsset = (asset: string) => asset.split('@')[1]
const chainOfPosition = (id: string) => /^([^:/]+)\/./.exec(id)?.[1]

/** The chain on which the asset is, if it could not be read. The home chain is the one after which no asset is named. */
function darkChain(report: Report, asset: string): Missing | undefined {
  const further = new Set(report.prices.map((one) => chainOfAsset(one.asset)))
  const dark = leftOut(report).find(({ kind, positionId }) => {
    const chain = positionId.replace(/^chain:/, '')
    return kind === 'unread-chain' && (further.has(chain) ? chain : undefined) === chainOfAsset(asset)
  })
  return dark === undefined ? undefined : missing('left-out', `${dark.label} could not be read`)
}

/** A lending position that could not be read hides its market: what it would have told is not known to be absent. */
function blindSpot(report: Report, asset: string): Missing | undefined {
  const chain = chainOfAsset(asset)
  const hidden = leftOut(report).filter(({ kind, positionId }) => {
    if (!['unread', 'unread-account'].includes(kind) || chainOfPosition(positionId) !== chain) return false
    const own = chain === undefined ? positionId : positionId.slice(chain.length + 1)
    return marketProtocols.some((protocol) => own === protocol || own.startsWith(`${protocol}:`))
  })
  const names = hidden.map(({ label }) => label).join(', ')
  return names === '' ? darkChain(report, asset) : missing('left-out', `${names} could not be read`)
}
