// A dated future whose profit is paid in dollars: the forward of the market, marked and margined every day.

import * as z from '../../base/schema.ts'
import type { Usd } from '../../base/units.ts'
import { linearLiquidation } from '../../quant/margin-tiers.ts'
import { defineInstrument } from '../define-instrument.ts'
import { addGreeks, type Greeks, noGreeks, noTheta } from '../greeks/greeks.ts'
import { heldGreeks } from '../greeks/held-greeks.ts'
import { carryTo, forwardOf, statesCarry } from '../market/forwards.ts'
import { type Market, priceOf, rateOf } from '../market/market.ts'
import { isPast, yearsTo } from '../market/years-to.ts'
import { assetTerm, instantTerm, optionalTerm, priceTerm, signedTerm } from '../term-schemas.ts'
import { type Account, accountUsd, countedApart, marginTerms, openMargin, scaledMargin, tiersRise } from './margin.ts'
import { type PerpetualContract, perpetualDetails, perpetualWarnings, type SafeMarks } from './perpetual-contract.ts'

const futureTerms = z
  .strictObject({
    asset: assetTerm('what it is a future on'),
    expiry: instantTerm('when it is delivered or settled'),
    quantity: signedTerm('size; below 0 is short'),
    entryPrice: priceTerm('average price of entry'),
    settlementPrice: optionalTerm(
      priceTerm("the venue's settlement price once it has expired; without it an expired future follows the spot"),
    ),
    ...marginTerms('USD'),
  })
  .check(tiersRise)

type FutureTerms = z.output<typeof futureTerms>

/** The forward; once expired its settlement price, else the spot. USD per unit of the asset. */
function markOf({ asset, expiry, settlementPrice }: FutureTerms, market: Market): Usd {
  const forward = forwardOf(market, asset, expiry)
  return isPast(market, expiry) ? (settlementPrice ?? forward) : forward
}

/** USD. Profit is credited as the mark moves, so that it is not discounted. */
function profitOf(terms: FutureTerms, market: Market): Usd {
  return terms.quantity === 0 ? 0 : terms.quantity * (markOf(terms, market) - terms.entryPrice)
}

const accountOf = (terms: FutureTerms): Account => ({ held: openMargin(terms), cash: 0 })

/** F = S e^{bT}: linear in the spot, b T a unit of forward in the carry, and as time passes it comes to the spot by b F a year. */
function contractGreeks(terms: FutureTerms, market: Market): Greeks {
  const { asset, expiry, quantity, settlementPrice } = terms
  if (quantity === 0) return noGreeks
  const { underlying, rate } = rateOf(market, asset)
  const forward = forwardOf(market, asset, expiry)
  if (isPast(market, expiry))
    return { ...noGreeks, delta: { [underlying]: settlementPrice === undefined ? quantity * rate : 0 } }
  const byCarry = quantity * forward * yearsTo(market, expiry)
  return {
    ...noGreeks,
    delta: { [underlying]: quantity * rate * (forward / priceOf(market, asset)) },
    rho: statesCarry(market, underlying) ? 0 : byCarry,
    carryRho: { [underlying]: byCarry },
    theta: { ...noTheta, interest: -quantity * forward * carryTo(market, underlying, expiry) },
  }
}

/** Marks in USD; collateral in the asset moves along with the mark, everything else stays. */
function safeMarks(terms: FutureTerms, market: Market): SafeMarks | undefined {
  const { asset, quantity, entryPrice, maintenance: tiers } = terms
  if (tiers === undefined || isPast(market, terms.expiry)) return undefined
  const { underlying, rate } = rateOf(market, asset)
  const { units, usd } = countedApart(accountOf(terms), market, underlying)
  const collateralUnits = (units / rate) * (priceOf(market, asset) / markOf(terms, market))
  const safe = linearLiquidation({ size: quantity, entry: entryPrice, margin: usd, tiers, collateralUnits })
  return safe.kind === 'nowhere'
    ? { lowerUsd: undefined, upperUsd: undefined }
    : { lowerUsd: safe.lower, upperUsd: safe.upper }
}

const all = (terms: FutureTerms, market: Market) => {
  const markUsd = markOf(terms, market)
  const size = Math.abs(terms.quantity)
  const contract: PerpetualContract = {
    markUsd,
    settlementUsd: 1,
    profit: profitOf(terms, market),
    notional: size * markUsd,
    entryNotional: size * terms.entryPrice,
    fundingPerYear: undefined,
    safe: safeMarks(terms, market),
  }
  return { contract, account: accountOf(terms), tiers: terms.maintenance, market }
}

function expiryWarnings({ expiry, settlementPrice }: FutureTerms, market: Market): readonly string[] {
  if (!isPast(market, expiry)) return []
  return settlementPrice === undefined
    ? ['expired: valued at the spot, for want of a settlement price']
    : ['expired: valued at its settlement price']
}

export const future = defineInstrument({
  kind: 'future',
  family: 'perpetual',
  title: 'Dated future, paid in dollars',
  method:
    'margin + quantity x (forward - entry), not discounted: profit is credited day by day; the roll to the spot is theta.interest',
  terms: futureTerms,
  example: {
    asset: 'ETH',
    expiry: '2027-03-26T08:00:00Z',
    quantity: -200,
    entryPrice: 3_110,
    margin: [{ asset: 'USDC', quantity: 120_000 }],
    maintenance: [{ floor: 0, rate: 0.02 }],
  },
  assets: (terms) => [
    ...new Set([...(terms.quantity === 0 ? [] : [terms.asset]), ...openMargin(terms).map(({ asset }) => asset)]),
  ],
  scaled: (terms, factor) => ({ ...terms, quantity: terms.quantity * factor, ...scaledMargin(terms, factor) }),
  value: (terms, market) => accountUsd(accountOf(terms), market) + profitOf(terms, market),
  greeks: (terms, market) => addGreeks([heldGreeks(openMargin(terms), market), contractGreeks(terms, market)]),
  ageing: 'interest',
  details: (terms, market) => {
    if (terms.quantity === 0) return {}
    const { underlying } = rateOf(market, terms.asset)
    return {
      ...perpetualDetails(all(terms, market)),
      years: yearsTo(market, terms.expiry),
      ...(isPast(market, terms.expiry) ? {} : { basisPerYear: carryTo(market, underlying, terms.expiry) }),
    }
  },
  warnings: (terms, market) =>
    terms.quantity === 0 ? [] : [...expiryWarnings(terms, market), ...perpetualWarnings(all(terms, market))],
})
