// What the two parts of a split yield share: the asset, the date, and the yield that prices both.

import * as z from '../../base/schema.ts'
import { secondsPerYear } from '../../base/time.ts'
import type { UnixSeconds } from '../../base/units.ts'
import type { Market } from '../market/market.ts'
import { isPast, yearsTo } from '../market/years-to.ts'
import { assetTerm, instantTerm, optionalTerm, priceTerm, rateTerm, signedTerm } from '../term-schemas.ts'

export interface FixedYieldTerms {
  readonly asset: string
  readonly quantity: number
  readonly maturity: UnixSeconds
  readonly impliedYield?: number | undefined
  readonly principalPrice?: number | undefined
  readonly priceAt?: UnixSeconds | undefined
}

/** Fresh schemas for one instrument's terms. */
export function fixedYieldTerms() {
  return {
    asset: assetTerm('what one principal token pays at maturity: the accounting asset, not its yield-bearing wrapper'),
    quantity: signedTerm('tokens held; below 0 is short', 'tokens'),
    maturity: instantTerm('when it matures'),
    impliedYield: optionalTerm(
      rateTerm('the yield that is fixed until maturity: a principal token is exp(-yield x years) of the asset'),
    ),
    principalPrice: optionalTerm(
      priceTerm(
        'instead of impliedYield, what a principal token was traded at',
        'units of the asset per principal token',
      ),
    ),
    priceAt: optionalTerm(instantTerm('when the principalPrice was true: before maturity')),
  }
}

/** What `fixedYieldTerms` cannot say of a single term. */
export const statesYield = z.refine<FixedYieldTerms>(
  ({ impliedYield, principalPrice }) => (impliedYield === undefined) !== (principalPrice === undefined),
  { path: ['impliedYield'], message: 'must be given, or a principalPrice instead of it' },
)
export const datesPrice = z.refine<FixedYieldTerms>(
  ({ principalPrice, priceAt, maturity }) =>
    principalPrice === undefined ? priceAt === undefined : priceAt !== undefined && priceAt < maturity,
  { path: ['priceAt'], message: 'must stand beside a principalPrice, and be before maturity' },
)

/** The yield y of the terms, continuous per year: stated, or -ln(price) over the years from then to maturity; it stays as time passes. */
function yieldOf({ impliedYield, principalPrice = 1, priceAt = 0, maturity }: FixedYieldTerms): number {
  return impliedYield ?? (-Math.log(principalPrice) * secondsPerYear) / (maturity - priceAt)
}

/** What is left of it in a market: years (0 once matured) and what a principal token is worth, in units of the asset; par from maturity on. */
export function fixedYieldAt(terms: FixedYieldTerms, market: Market) {
  const y = yieldOf(terms)
  const years = yearsTo(market, terms.maturity)
  const isMatured = isPast(market, terms.maturity)
  return { y, years, isMatured, principal: isMatured ? 1 : Math.exp(-y * years) }
}
