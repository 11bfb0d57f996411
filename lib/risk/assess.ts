// From a snapshot to a report: value, Greeks, health and a spot stress, with the state of the data behind every number.

import type { UnixSeconds } from '../base/units.ts'
import { greeksInUsd } from '../instruments/greeks/in-usd.ts'
import type { Market } from '../instruments/market/market.ts'
import { assetsOf, value } from '../instruments/value.ts'
import { type DataState, fresh, type Gap, worse } from '../model/data-state.ts'
import type { AssetSymbol } from '../model/identity.ts'
import type { MarketModel } from '../model/market-model.ts'
import type { LendingReading } from '../model/reading.ts'
import type { AccountHealth, PositionRisk, PriceView, Report, SpareHolding } from '../model/report.ts'
import type { Position, Snapshot } from '../model/snapshot.ts'
import type { Assessed } from './attribution/assessed.ts'
import { attributeChange } from './attribution/attribute-change.ts'
import { dayChanges } from './attribution/day-changes.ts'
import { type TailDraw, valueAtRiskOf } from './attribution/tail-change.ts'
import { netGreeks } from './greeks/net.ts'
import { modelStanding } from './market/model-standing.ts'
import { marketThrough, referencePrice, withoutProtocolPrice } from './price-lens.ts'
import { assessHealth } from './solvency/health.ts'
import { safeCollateral } from './solvency/safe-collateral.ts'
import { stressTest } from './stress/stress-test.ts'
import { type TailSettings, tailOfSnapshot } from './tail/tail-of-snapshot.ts'
import { missingIn, type Valuation, valuationOf } from './valuation.ts'

type LoanPosition = Position & { readonly instrument: Extract<Position['instrument'], { readonly kind: 'loan' }> }

export interface AssessParams {
  readonly snapshot: Snapshot
  /** What was learned from history; absent: the report has no regime and no tail risk, and says why. */
  readonly model?: MarketModel
  /** When the model was last found to be the newest that can be made; absent: when it was made. */
  readonly modelConfirmedAt?: UnixSeconds
  /** Why there is no model, in words. */
  readonly modelMissing?: string
  /** How scenarios are drawn; absent: as `TailSettings` tells. */
  readonly tail?: TailSettings
  /** The snapshot before with its report: then the report says why its figures changed. */
  readonly previous?: Assessed
}

/**
 * Never throws for a gap. A position that cannot be valued is listed with value 0, no Greeks and its own state BLIND: it is *left out* of every sum,
 * and the report is DEGRADED with a reason that names it. So is a position that the snapshot could not read at all. Sums over nothing known are 0.
 */
export function assess({ snapshot, tail: settings, previous, ...history }: AssessParams): Report {
  const market = marketThrough('feed', snapshot)
  const lens = marketThrough('protocol', snapshot)
  const feedOnly = withoutProtocolPrice(snapshot)
  const loans = snapshot.positions.filter(isLoan)
  const solvable = loans.filter((loan) => missingIn(lens, loan).length === 0)
  const accounts = solvable.map((loan) => healthOf(loan, lens, snapshot))
  const valuations = new Map(
    snapshot.positions.map((one) => [one.id, valuationOf(one, market, blindnessOf(one, snapshot))]),
  )
  const valued = snapshot.positions.filter(({ id }) => valuations.get(id)?.kind === 'valued')
  const positions = [
    ...snapshot.positions.map((position) => riskOf(position, { snapshot, valuations, feedOnly, accounts })),
    ...unreadPositions(snapshot),
  ]
  const net = netGreeks(positions)
  const healthFactors = accounts.flatMap((account) => account.healthFactor ?? [])
  const stress = stressTest({
    positions: valued.map(({ id, label, instrument }) => ({ positionId: id, label, instrument })),
    accounts: solvable.map((loan) => ({
      positionId: loan.id,
      terms: loan.instrument.terms,
      unexplainedDebtUsd: accounts.find((one) => one.positionId === loan.id)?.unexplainedDebtUsd ?? 0,
    })),
    market,
    lens,
    ...(history.model === undefined ? {} : { model: history.model }),
  })
  // The same random numbers as last time, so that a change of the figures is no luck of the draw.
  const drawn = previous?.report.tail === undefined ? {} : { seed: previous.report.tail.seed }
  const tailOf = (model: MarketModel | undefined, draw: TailSettings) =>
    tailOfSnapshot({
      ...{ snapshot, model, valued, accounts, positions, market, lens },
      settings: { ...drawn, ...settings, ...draw },
    })
  const report: Report = {
    id: [snapshot.id, snapshot.configVersion, ...(history.model === undefined ? [] : [history.model.id])].join('~'),
    snapshotId: snapshot.id,
    portfolioId: snapshot.portfolioId,
    configVersion: snapshot.configVersion,
    at: snapshot.at,
    blocks: snapshot.blocks,
    ...(snapshot.chains === undefined ? {} : { chains: snapshot.chains }),
    ...(snapshot.priceMemory === undefined ? {} : { priceMemory: snapshot.priceMemory }),
    navUsd: positions.reduce((sum, position) => sum + position.valueUsd, 0),
    netGreeks: net,
    netGreeksUsd: greeksInUsd(net, market),
    price: market.spot,
    ...(healthFactors.length === 0 ? {} : { healthFactor: Math.min(...healthFactors) }),
    positions,
    accounts,
    stress: stress.rows,
    stressTest: stress.test,
    spare: valued.flatMap((position) => spareOf(position, market)),
    prices: pricesOf(snapshot, feedOnly, loans),
    pools: snapshot.pools.map(({ pool, base, quote, feeTier, price }) => ({ pool, base, quote, feeTier, price })),
    ...(snapshot.marketSources === undefined ? {} : { marketSources: snapshot.marketSources }),
    ...(snapshot.venueAccounts === undefined ? {} : { venueAccounts: snapshot.venueAccounts }),
    ...(snapshot.telemetry === undefined ? {} : { telemetry: snapshot.telemetry }),
    ...modelStanding({ ...history, snapshot }),
    ...tailOf(history.model, {}),
    dataAgeSeconds: oldestAge(snapshot),
    dataState: stateOf(snapshot, positions),
  }
  if (previous === undefined) return report
  const after = { snapshot, report, ...(history.model === undefined ? {} : { model: history.model }) }
  const valueAtRisk = ({ model, seed, scenarios }: TailDraw) =>
    valueAtRiskOf(tailOf(model, { seed, count: scenarios }).tail)
  const changes = attributeChange({ before: previous, after, valueAtRisk })
  return { ...report, changes, dayChanges: dayChanges({ before: previous, after, changes }) }
}

function isLoan(position: Position): position is LoanPosition {
  return position.instrument.kind === 'loan'
}

/** The protocol's own summary of the account that a position stands for. */
function readingOf(loan: LoanPosition, snapshot: Snapshot): LendingReading | undefined {
  return snapshot.lending.find(
    ({ positionId, protocol }) => loan.id === (positionId ?? protocol) || loan.id.startsWith(`${protocol}:`),
  )
}

function healthOf(loan: LoanPosition, lens: Market, snapshot: Snapshot): AccountHealth {
  const reasons = loan.dataState.kind === 'FRESH' ? [] : loan.dataState.reasons
  const reading = readingOf(loan, snapshot)
  const account = assessHealth({ positionId: loan.id, terms: loan.instrument.terms, lens, reading, reasons })
  return { ...account, safe: safeCollateral({ account, prices: snapshot.prices, telemetry: snapshot.telemetry ?? [] }) }
}

/** What the data behind a position says, where that leaves it out: what a BLIND snapshot still knows is shown under its own state. */
function blindnessOf(position: Position, snapshot: Snapshot): DataState {
  return snapshot.dataState.kind === 'BLIND' ? fresh : inheritedState(position, snapshot)
}

function riskOf(
  position: Position,
  params: {
    readonly snapshot: Snapshot
    readonly valuations: ReadonlyMap<string, Valuation>
    readonly feedOnly: ReadonlySet<AssetSymbol>
    readonly accounts: readonly AccountHealth[]
  },
): PositionRisk {
  const { id: positionId, label, instrument } = position
  const shown = { positionId, label, kind: instrument.kind, assets: assetsOf(instrument) }
  const valuation = params.valuations.get(positionId)
  if (valuation?.kind !== 'valued') {
    const dataState = worse(position.dataState, blind(valuation?.reason ?? `${label} is left out`))
    return { ...shown, valueUsd: 0, dataState }
  }
  const { valueUsd, greeks, details, warnings } = valuation
  return {
    ...shown,
    valueUsd,
    greeks,
    ...(Object.keys(details).length === 0 ? {} : { details }),
    ...(warnings.length === 0 ? {} : { warnings }),
    dataState: worse(
      inheritedState(position, params.snapshot),
      isLoan(position) ? solvencyState(position, params) : fresh,
    ),
  }
}

/** A position is no fresher than the prices it reads. */
function inheritedState(position: Position, snapshot: Snapshot): DataState {
  const read = new Set(assetsOf(position.instrument))
  return snapshot.prices
    .filter(
      (one) =>
        read.has(one.asset) ||
        (read.has(one.underlying) && one === referencePrice('feed', one.underlying, snapshot.prices)),
    )
    .reduce((state, one) => worse(state, one.dataState), position.dataState)
}

/** What stands between an account's health factor and trust in it. */
function solvencyState(
  loan: LoanPosition,
  params: {
    readonly snapshot: Snapshot
    readonly feedOnly: ReadonlySet<AssetSymbol>
    readonly accounts: readonly AccountHealth[]
  },
): DataState {
  const account = params.accounts.find((one) => one.positionId === loan.id)
  const reasons = [
    ...assetsOf(loan.instrument)
      .filter((asset) => params.feedOnly.has(asset))
      .map(feedStandsIn),
    ...(account?.disagreement ?? []),
  ]
  return reasons.length === 0 ? fresh : { kind: 'DEGRADED', reasons }
}

function feedStandsIn(asset: AssetSymbol): string {
  return `no protocol price for ${asset}: its feed stands in for the health factor`
}

/** Positions, and whole chains, that a gap of the snapshot names and that are not in it: left out, and seen to be. */
function unreadPositions(snapshot: Snapshot): readonly PositionRisk[] {
  const known = new Set(snapshot.positions.map((position) => position.id))
  return snapshot.gaps.flatMap((gap) => {
    const unread = unreadPart(gap)
    if (unread === undefined || known.has(unread.positionId)) return []
    known.add(unread.positionId)
    const dataState = blind(`${unread.label} is left out: ${gap.reason}`)
    return [{ ...unread, valueUsd: 0, dataState }]
  })
}

function unreadPart({ subject, touches }: Gap): Pick<PositionRisk, 'positionId' | 'label' | 'kind'> | undefined {
  if (touches.kind === 'position') {
    const kind = touches.mayOwe === true ? 'unread-account' : 'unread'
    return { positionId: touches.positionId, label: subject, kind }
  }
  if (touches.kind !== 'chain') return undefined
  return { positionId: `chain:${touches.chain}`, label: `everything on ${touches.chain}`, kind: 'unread-chain' }
}

function blind(reason: string): DataState {
  return { kind: 'BLIND', reasons: [reason] }
}

function spareOf({ instrument }: Position, market: Market): readonly SpareHolding[] {
  if (instrument.kind !== 'spot' || instrument.terms.quantity <= 0) return []
  const { asset, quantity } = instrument.terms
  return [{ asset, quantity, usd: value(instrument, market) }]
}

function pricesOf(
  snapshot: Snapshot,
  feedOnly: ReadonlySet<AssetSymbol>,
  loans: readonly LoanPosition[],
): readonly PriceView[] {
  const lent = new Set(loans.flatMap((loan) => assetsOf(loan.instrument)))
  return snapshot.prices.map((one) => {
    const { asset, underlying, usd, protocolUsd, marketUsd, lensGap, source, isRefused, signals } = one
    const ageSeconds = ageOf(one, snapshot)
    const stoodIn: DataState =
      lent.has(asset) && feedOnly.has(asset) ? { kind: 'DEGRADED', reasons: [feedStandsIn(asset)] } : fresh
    return {
      asset,
      underlying,
      ...(usd === undefined ? {} : { usd }),
      ...(ageSeconds === undefined ? {} : { ageSeconds }),
      ...(protocolUsd === undefined ? {} : { protocolUsd }),
      ...(marketUsd === undefined ? {} : { marketUsd }),
      ...(lensGap === undefined ? {} : { lensGap }),
      ...(source === undefined ? {} : { source }),
      ...(isRefused === undefined ? {} : { isRefused }),
      ...(signals === undefined ? {} : { signals }),
      dataState: worse(one.dataState, stoodIn),
    }
  })
}

/** The age of the oldest price that a position reads; without positions, of the oldest price; 0 without any. */
function oldestAge(snapshot: Snapshot): number {
  const used = new Set(snapshot.positions.flatMap((position) => assetsOf(position.instrument)))
  const priced = snapshot.prices.filter((one) => one.usd !== undefined)
  const relevant = used.size === 0 ? priced : priced.filter((one) => used.has(one.asset))
  return relevant.reduce((oldest, one) => Math.max(oldest, ageOf(one, snapshot) ?? 0), 0)
}

function ageOf(price: Snapshot['prices'][number], snapshot: Snapshot): number | undefined {
  if (price.ageSeconds !== undefined) return price.ageSeconds
  return price.updatedAt === undefined ? undefined : snapshot.at - price.updatedAt
}

function stateOf(snapshot: Snapshot, positions: readonly PositionRisk[]): DataState {
  return positions.reduce<DataState>((state, { dataState }) => {
    // One position that cannot be valued does not blind the portfolio: it degrades it, by name.
    const shared: DataState =
      dataState.kind === 'BLIND' && snapshot.dataState.kind !== 'BLIND'
        ? { kind: 'DEGRADED', reasons: dataState.reasons }
        : dataState
    return worse(state, shared)
  }, snapshot.dataState)
}
