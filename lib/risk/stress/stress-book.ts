// A book made ready to be revalued in many moved markets: what each position reads, so that only what moved is valued again.

import { isHomeostatError } from '../../base/homeostat-error.ts'
import type { Usd } from '../../base/units.ts'
import type { PositionTerms } from '../../instruments/index.ts'
import { instrumentOf } from '../../instruments/instrument-of.ts'
import { type Market, own, rateOf } from '../../instruments/market/market.ts'
import { assetsOf, value } from '../../instruments/value.ts'
import type { AssetSymbol, Underlying } from '../../model/identity.ts'
import { isDollar } from '../is-dollar.ts'
import { healthLegsOf, type LoanTerms } from '../solvency/health.ts'
import { type MarketMove, movedMarket } from './market-move.ts'

export interface StressBookParams {
  /** Those that can be valued in `market`. */
  readonly positions: readonly {
    readonly positionId: string
    readonly label: string
    readonly instrument: PositionTerms
  }[]
  /** Loans that can be priced through `lens`. */
  readonly accounts: readonly {
    readonly positionId: string
    readonly terms: LoanTerms
    /** Stays as it is whatever the market does. */
    readonly unexplainedDebtUsd: Usd
  }[]
  readonly market: Market
  readonly lens: Market
}

export interface StressedPosition {
  readonly positionId: string
  readonly label: string
  readonly terms: PositionTerms
  readonly base: Usd
  readonly assets: readonly AssetSymbol[]
  /** Underlyings whose price it reads, and whose volatility. */
  readonly spots: readonly Underlying[]
  readonly volatilities: readonly Underlying[]
  /** USD now by underlying, where the value is linear in prices: it is what they move it by. */
  readonly linear?: ReadonlyMap<Underlying, Usd>
}

export interface AccountLeg {
  readonly asset: AssetSymbol
  readonly underlying: Underlying
  /** Collateral x liquidation threshold, and debt, at the protocol's price now. */
  readonly powerUsd: Usd
  readonly debtUsd: Usd
}

export interface StressedBookAccount {
  readonly positionId: string
  readonly unexplainedDebtUsd: Usd
  readonly legs: readonly AccountLeg[]
}

export interface StressBook {
  readonly market: Market
  readonly positions: readonly StressedPosition[]
  /** Those of them that are not linear, and what the linear ones are worth together by underlying. */
  readonly bent: readonly StressedPosition[]
  readonly linear: ReadonlyMap<Underlying, Usd>
  /** Those that owe something. */
  readonly accounts: readonly StressedBookAccount[]
  readonly navUsd: Usd
  /** Underlyings that anything reads, dollars apart: by name. */
  readonly risky: readonly Underlying[]
  readonly dollars: readonly Underlying[]
}

/** @throws HomeostatError what the valuation of a position in the market as it is throws */
export function stressBook({ positions, accounts, market, lens }: StressBookParams): StressBook {
  const prepared = positions.map((one) => preparedPosition(one, market))
  const held = accounts.map(({ positionId, terms, unexplainedDebtUsd }) => ({
    positionId,
    unexplainedDebtUsd,
    legs: healthLegsOf(terms, lens).map(({ asset, collateralUsd, liquidationThreshold, debtUsd }) => ({
      asset,
      underlying: rateOf(lens, asset).underlying,
      powerUsd: collateralUsd * liquidationThreshold,
      debtUsd,
    })),
  }))
  const read = new Set([
    ...prepared.flatMap(({ spots, volatilities }) => [...spots, ...volatilities]),
    ...held.flatMap(({ legs }) => legs.map(({ underlying }) => underlying)),
  ])
  const dollar = (underlying: Underlying) => isDollar(own(market.spot, underlying) ?? own(lens.spot, underlying))
  const names = [...read].toSorted()
  return {
    market,
    positions: prepared,
    bent: prepared.filter((one) => one.linear === undefined),
    linear: linearSum(prepared),
    accounts: held.filter((account) => healthFactorIn(account, { spot: {} }) !== undefined),
    navUsd: prepared.reduce((sum, { base }) => sum + base, 0),
    risky: names.filter((one) => !dollar(one)),
    dollars: names.filter(dollar),
  }
}

function linearSum(positions: readonly StressedPosition[]): ReadonlyMap<Underlying, Usd> {
  const sum = new Map<Underlying, Usd>()
  for (const { linear } of positions)
    for (const [underlying, usd] of linear ?? []) sum.set(underlying, (sum.get(underlying) ?? 0) + usd)
  return sum
}

function preparedPosition(
  { positionId, label, instrument: terms }: StressBookParams['positions'][number],
  market: Market,
): StressedPosition {
  const base = value(terms, market)
  const assets = assetsOf(terms)
  const { optionality, legs } = instrumentOf(terms.kind)
  // An empty or settled position may name what the market does not know.
  const underlyingOf = (asset: AssetSymbol) => own(market.exchangeRates, asset)?.underlying ?? []
  const volatile = (optionality?.(terms.terms as never) ?? []).flatMap(({ asset }) => underlyingOf(asset))
  const volatilities = [...new Set(volatile)].filter((one) => own(market.volatility, one) !== undefined)
  const spots = [...new Set([...assets.flatMap(underlyingOf), ...volatile])]
  const shown = { positionId, label, terms, base, assets, spots, volatilities }
  const linear = new Map<Underlying, Usd>()
  for (const leg of legs?.(terms.terms as never, market) ?? [undefined]) {
    if (leg?.kind === 'cash') continue
    if (leg?.kind !== 'holding') return shown
    const { underlying, rate } = rateOf(market, leg.asset)
    linear.set(
      underlying,
      (linear.get(underlying) ?? 0) + leg.quantity * rate * (market.spot[underlying] ?? Number.NaN),
    )
  }
  return { ...shown, linear }
}

/**
 * Values of positions in one moved market, which is made at most once; nothing for a position that no model can value there. What the move does not touch
 * keeps its value, and what is linear in prices is scaled, unless one of its rates moves.
 */
export function valuerIn(market: Market, move: MarketMove): (position: StressedPosition) => Usd | undefined {
  let there: Market | undefined
  const factorOf = (underlying: Underlying) => own(move.spot, underlying) ?? 1
  return (position) => {
    const { terms, base, linear, spots, volatilities, assets } = position
    const isRateMoved = move.rates !== undefined && assets.some((asset) => (own(move.rates, asset) ?? 1) !== 1)
    if (linear !== undefined && !isRateMoved) {
      let usd = base
      for (const [underlying, held] of linear) usd += held * (factorOf(underlying) - 1)
      return Number.isFinite(usd) ? usd : undefined
    }
    const isMoved =
      isRateMoved ||
      spots.some((one) => factorOf(one) !== 1) ||
      volatilities.some((one) => (own(move.volatility, one) ?? 1) !== 1)
    if (!isMoved) return base
    there ??= movedMarket(market, move)
    return valueIn(terms, there)
  }
}

function valueIn(terms: PositionTerms, market: Market): Usd | undefined {
  try {
    return value(terms, market)
  } catch (error) {
    if (!isHomeostatError(error)) throw error
    return undefined
  }
}

export interface BookChange {
  /** Left-out positions apart, on both sides. */
  readonly changeUsd: Usd
  readonly leftOut: readonly StressedPosition[]
}

/** The whole book in one moved market, by full revaluation; `usdIn` may know the values of those that are not linear already. */
export function changeIn(
  book: StressBook,
  move: MarketMove,
  usdIn: (position: StressedPosition) => Usd | undefined = valuerIn(book.market, move),
): BookChange {
  const { linear, bent, positions } = book
  const leftOut: StressedPosition[] = []
  let changeUsd = 0
  for (const [underlying, usd] of linear) changeUsd += usd * ((own(move.spot, underlying) ?? 1) - 1)
  // One sum stands for all that is linear, unless one of them has to be valued alone.
  const isSummed = Number.isFinite(changeUsd) && Object.values(move.rates ?? {}).every((factor) => factor === 1)
  if (!isSummed) changeUsd = 0
  for (const position of isSummed ? bent : positions) {
    const usd = usdIn(position)
    if (usd === undefined) leftOut.push(position)
    else changeUsd += usd - position.base
  }
  return { changeUsd, leftOut }
}

/** The protocol counts dollars to 1e-8; less than that is no debt. */
const protocolQuantumUsd = 1e-8

/** `healthFactorOf` in the moved lens. Absent without debt. */
export function healthFactorIn(account: StressedBookAccount, move: MarketMove): number | undefined {
  let [power, debt] = [0, account.unexplainedDebtUsd]
  for (const { asset, underlying, powerUsd, debtUsd } of account.legs) {
    const factor = (own(move.spot, underlying) ?? 1) * (own(move.rates, asset) ?? 1)
    power += powerUsd * factor
    debt += debtUsd * factor
  }
  return debt < protocolQuantumUsd ? undefined : power / debt
}

/** The lowest of all accounts; absent without debt. */
export function lowestHealthIn(book: StressBook, move: MarketMove): number | undefined {
  const factors = book.accounts.flatMap((account) => healthFactorIn(account, move) ?? [])
  return factors.length === 0 ? undefined : Math.min(...factors)
}

export function labelsOf(positions: readonly StressedPosition[]): { readonly leftOut?: readonly string[] } {
  return positions.length === 0 ? {} : { leftOut: [...new Set(positions.map(({ label }) => label))] }
}
