// Why a health factor moved: an exact split of its change between two reports.

import type { AssetSymbol, Underlying } from '../model/identity.ts'
import type { AccountHealth, Report } from '../model/report.ts'

export interface HealthAttribution {
  readonly from: number
  readonly to: number
  /** Sum to `to - from`. */
  readonly parts: readonly { readonly cause: string; readonly change: number }[]
}

interface LegState {
  readonly collateral: number
  readonly debt: number
  readonly liquidationThreshold: number
}

/** An account as a function of prices, quantities and thresholds. */
interface Account {
  readonly price: ReadonlyMap<AssetSymbol, number>
  readonly legs: ReadonlyMap<AssetSymbol, LegState>
}

/**
 * Stated order: prices, one underlying after the other by name, at the old quantities; then quantities, at the new prices; then thresholds.
 * Each step's effect is the difference that it makes, so that the parts sum without a residual.
 * @returns nothing if one of the two has no health factor or cannot be priced
 */
export function attributeHealth(params: {
  readonly previous: Report
  readonly current: Report
  readonly positionId: string
}): HealthAttribution | undefined {
  const { previous, current, positionId } = params
  const before = accountOf(previous, positionId)
  const after = accountOf(current, positionId)
  if (before === undefined || after === undefined) return undefined
  const assets = [...new Set([...before.legs.keys(), ...after.legs.keys()])]
  const underlyingOf = new Map(current.prices.map((price) => [price.asset, price.underlying]))
  const underlyings: readonly Underlying[] = [
    ...new Set(assets.map((asset) => underlyingOf.get(asset) ?? asset)),
  ].toSorted()

  const steps: { readonly cause: string; readonly account: Account }[] = []
  let price = before.price
  for (const underlying of underlyings) {
    const moved = assets.filter((asset) => (underlyingOf.get(asset) ?? asset) === underlying)
    price = new Map([...price, ...moved.flatMap((asset) => entry(after.price, asset))])
    steps.push({ cause: `price of ${underlying}`, account: { price, legs: before.legs } })
  }
  steps.push({ cause: 'quantities', account: { price, legs: quantitiesOf(after, before) } })
  steps.push({ cause: 'thresholds', account: { price, legs: after.legs } })

  const from = healthOf(before)
  const to = healthOf(after)
  const levels = [from, ...steps.map((step) => healthOf(step.account))]
  if (from === undefined || to === undefined || levels.some((level) => level === undefined)) return undefined
  const explained = steps.map((step, index) => ({
    cause: step.cause,
    change: (levels[index + 1] ?? Number.NaN) - (levels[index] ?? Number.NaN),
  }))
  // What the protocol states beyond the model moves too, and is nobody's price or quantity.
  const [statedFrom, statedTo] = [statedHealth(previous, positionId, from), statedHealth(current, positionId, to)]
  const unexplained = statedTo - to - (statedFrom - from)
  const parts =
    unexplained === 0 ? explained : [...explained, { cause: 'what the model does not explain', change: unexplained }]
  return { from: statedFrom, to: statedTo, parts }
}

/** The reported factor where the protocol's is apart from the model's; else the model's. */
function statedHealth(report: Report, positionId: string, modelled: number): number {
  const account = report.accounts.find((one) => one.positionId === positionId)
  return account?.unexplainedDebtUsd === undefined ? modelled : (account.healthFactor ?? modelled)
}

function accountOf(report: Report, positionId: string): Account | undefined {
  const account: AccountHealth | undefined = report.accounts.find((one) => one.positionId === positionId)
  if (account?.healthFactor === undefined) return undefined
  // The legs' own prices, so that the parts add up to the reported factor; for an asset that is not in the account yet, the report's.
  const listed = report.prices.flatMap((one): [AssetSymbol, number][] => {
    const usd = one.protocolUsd ?? one.usd
    return usd === undefined ? [] : [[one.asset, usd]]
  })
  const used = account.legs.flatMap((leg): [AssetSymbol, number][] => {
    if (leg.collateral > 0) return [[leg.asset, leg.collateralUsd / leg.collateral]]
    return leg.debt > 0 ? [[leg.asset, leg.debtUsd / leg.debt]] : []
  })
  return { price: new Map([...listed, ...used]), legs: new Map(account.legs.map((leg) => [leg.asset, leg])) }
}

/** New quantities under old thresholds; an asset that is new brings its own. */
function quantitiesOf(after: Account, before: Account): Account['legs'] {
  return new Map(
    [...after.legs].map(([asset, leg]) => {
      const old = before.legs.get(asset)
      const kept = old !== undefined && old.collateral > 0 ? old.liquidationThreshold : leg.liquidationThreshold
      return [asset, { ...leg, liquidationThreshold: kept }]
    }),
  )
}

function healthOf({ price, legs }: Account): number | undefined {
  let power = 0
  let debt = 0
  for (const [asset, leg] of legs) {
    const usd = price.get(asset) ?? Number.NaN
    power += leg.collateral * usd * leg.liquidationThreshold
    debt += leg.debt * usd
  }
  const health = power / debt
  return Number.isFinite(health) ? health : undefined
}

function entry<K, V>(map: ReadonlyMap<K, V>, key: K): readonly [K, V][] {
  const value = map.get(key)
  return value === undefined ? [] : [[key, value]]
}
