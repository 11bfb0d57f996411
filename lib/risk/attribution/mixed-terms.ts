// Two states of one position as causes: how much of it, what it earned, what its pool became, and what it remembers of the way.

import { secondsPerYear } from '../../base/time.ts'
import type { PositionTerms } from '../../instruments/index.ts'

/** In the stated order. `liquidity`: what the whole pool holds. `path`: fixings, barriers, thresholds and all other terms. */
const termCauses = ['interest', 'quantity', 'income', 'liquidity', 'path'] as const
export type TermCause = (typeof termCauses)[number]

export const termCauseNames: Readonly<Record<TermCause, string>> = {
  interest: 'interest accrued',
  quantity: 'quantity',
  income: 'fees and funding accrued',
  liquidity: 'liquidity of the pool',
  path: 'path',
}

const causeOfField: Readonly<Record<string, TermCause>> = {
  quantity: 'quantity',
  shares: 'quantity',
  liquidity: 'quantity',
  lpTokens: 'quantity',
  margin: 'quantity',
  entryPrice: 'quantity',
  owed: 'income',
  owed0: 'income',
  owed1: 'income',
  accruedFunding: 'income',
  accruedYield: 'income',
  coins: 'liquidity',
  reserve0: 'liquidity',
  reserve1: 'liquidity',
  totalSupply: 'liquidity',
  amplification: 'liquidity',
  poolPrice: 'liquidity',
}

/** In what the terms differ; both are of one kind. */
export function causesOfTerms(before: PositionTerms, after: PositionTerms): readonly TermCause[] {
  if (before.terms === after.terms) return []
  if (before.kind === 'loan' && after.kind === 'loan') return causesOfLoan(before.terms, after.terms)
  const found = new Set(
    fieldsOf(before, after).flatMap((field) => (isSame(before, after, field) ? [] : [causeOf(field)])),
  )
  return termCauses.filter((cause) => found.has(cause))
}

/** The earlier terms with these causes as in the later; `seconds` lie between. */
export function mixedTerms(
  before: PositionTerms,
  after: PositionTerms,
  params: { readonly taken: readonly TermCause[]; readonly seconds: number },
): PositionTerms {
  const { taken, seconds } = params
  if (before.terms === after.terms) return before
  if (before.kind === 'loan' && after.kind === 'loan')
    return { kind: 'loan', terms: mixedLoan(before.terms, after.terms, taken, seconds) }
  const terms = Object.fromEntries(
    fieldsOf(before, after).flatMap((field) => {
      const from = taken.includes(causeOf(field)) ? after : before
      return Object.hasOwn(from.terms, field) ? [[field, (from.terms as Fields)[field]] as const] : []
    }),
  )
  return { kind: before.kind, terms } as PositionTerms
}

type Fields = Readonly<Record<string, unknown>>

function fieldsOf(before: PositionTerms, after: PositionTerms): readonly string[] {
  return [...new Set([...Object.keys(before.terms), ...Object.keys(after.terms)])]
}

function causeOf(field: string): TermCause {
  return Object.hasOwn(causeOfField, field) ? (causeOfField[field] ?? 'path') : 'path'
}

function isSame(before: PositionTerms, after: PositionTerms, field: string): boolean {
  const [one, other] = [(before.terms as Fields)[field], (after.terms as Fields)[field]]
  return one === other || JSON.stringify(one) === JSON.stringify(other)
}

type LoanTerms = Extract<PositionTerms, { readonly kind: 'loan' }>['terms']

/** All legs of one asset on one side. */
interface LoanSide {
  readonly quantity: number
  /** Weighted by quantity; absent: no collateral. */
  readonly threshold?: number
  /** Earned or owed over the time between, at the stated rates. */
  readonly accrued: number
}

function sideOf(
  legs: readonly {
    readonly asset: string
    readonly quantity: number
    readonly rate?: number | undefined
    readonly liquidationThreshold?: number
  }[],
  asset: string,
  seconds: number,
): LoanSide {
  const own = legs.filter((leg) => leg.asset === asset)
  const sum = (pick: (leg: (typeof own)[number]) => number) => own.reduce((total, leg) => total + pick(leg), 0)
  const quantity = sum((leg) => leg.quantity)
  const accrued = sum((leg) => leg.quantity * Math.expm1(((leg.rate ?? 0) * seconds) / secondsPerYear))
  if (quantity === 0) return { quantity, accrued }
  return { quantity, accrued, threshold: sum((leg) => leg.quantity * (leg.liquidationThreshold ?? 0)) / quantity }
}

const assetsIn = (one: LoanTerms['debt'], other: LoanTerms['debt']) =>
  [...new Set([...one, ...other].map(({ asset }) => asset))].toSorted()

/** A threshold counts for health, not for value: it is `path`. */
function causesOfLoan(before: LoanTerms, after: LoanTerms): readonly TermCause[] {
  const found = new Set<TermCause>()
  for (const side of ['collateral', 'debt'] as const)
    for (const asset of assetsIn(before[side], after[side])) {
      const [old, late] = [sideOf(before[side], asset, 1), sideOf(after[side], asset, 1)]
      if (old.quantity !== late.quantity) found.add('quantity')
      if (old.quantity !== late.quantity && old.accrued !== 0) found.add('interest')
      if ((old.threshold ?? late.threshold) !== (late.threshold ?? old.threshold)) found.add('path')
    }
  return termCauses.filter((cause) => found.has(cause))
}

/** Interest at the earlier rates over the time between; what else changed is bought, sold, lent or repaid. */
function mixedLoan(before: LoanTerms, after: LoanTerms, taken: readonly TermCause[], seconds: number): LoanTerms {
  const legs = (side: 'collateral' | 'debt') =>
    assetsIn(before[side], after[side]).map((asset) => {
      const [old, late] = [sideOf(before[side], asset, seconds), sideOf(after[side], asset, seconds)]
      const accrued = old.quantity === late.quantity ? 0 : old.accrued
      const rest = late.quantity - old.quantity - accrued
      const moved = (taken.includes('interest') ? accrued : 0) + (taken.includes('quantity') ? rest : 0)
      const isWhole = taken.includes('quantity') && (accrued === 0 || taken.includes('interest'))
      const [from, other] = taken.includes('path') ? [late, old] : [old, late]
      return {
        asset,
        quantity: isWhole ? late.quantity : old.quantity + moved,
        liquidationThreshold: from.threshold ?? other.threshold ?? 0,
      }
    })
  return { collateral: legs('collateral'), debt: legs('debt').map(({ asset, quantity }) => ({ asset, quantity })) }
}
