// Two markets as a list of causes, any of which can be taken from the later while the rest stays with the earlier.

import { type Market, own } from '../../instruments/market/market.ts'

/** One thing in which two markets differ. */
export interface MarketCause {
  readonly name: string
  readonly kind: 'price' | 'rate' | 'volatility' | 'correlation' | 'interest' | 'funding' | 'time'
  /** Underlying of a price, a volatility or a funding; asset of a rate. */
  readonly key: string
}

/** In the stated order: prices, exchange rates, volatilities, correlation, interest and forwards, funding, time. */
export function marketCauses(before: Market, after: Market): readonly MarketCause[] {
  const keyed = (kind: MarketCause['kind'], name: string, one: Keyed, other: Keyed): MarketCause[] =>
    keysOf(one, other)
      .filter((key) => differ(own(one, key), own(other, key)))
      .map((key) => ({ name: `${name} of ${key}`, kind, key }))
  const whole = (kind: MarketCause['kind'], name: string, isMoved: boolean): MarketCause[] =>
    isMoved ? [{ name, kind, key: '' }] : []
  const rates = (market: Market) =>
    Object.fromEntries(Object.entries(market.exchangeRates).map(([asset, { rate }]) => [asset, rate]))
  return [
    ...keyed('price', 'price', before.spot, after.spot),
    ...keyed('rate', 'rate', rates(before), rates(after)),
    ...keyed('volatility', 'volatility', before.volatility, after.volatility),
    ...whole('correlation', 'correlation', differ(before.correlation, after.correlation)),
    ...whole(
      'interest',
      'interest and forwards',
      differ([before.interest, before.carry], [after.interest, after.carry]),
    ),
    ...whole(
      'funding',
      'funding',
      differ([before.funding, before.perpetualPremium], [after.funding, after.perpetualPremium]),
    ),
    ...whole('time', 'time', before.at !== after.at),
  ]
}

type Keyed = Readonly<Record<string, unknown>> | undefined

function keysOf(one: Keyed, other: Keyed): readonly string[] {
  return [...new Set([...Object.keys(one ?? {}), ...Object.keys(other ?? {})])].toSorted()
}

function differ(one: unknown, other: unknown): boolean {
  return one !== other && JSON.stringify(one) !== JSON.stringify(other)
}

/** The earlier market with these causes as in the later. What only one of both knows is there in either: it is no change of a price. */
export function mixedMarket(before: Market, after: Market, taken: readonly MarketCause[]): Market {
  const has = (kind: MarketCause['kind']) => taken.some((one) => one.kind === kind)
  const keys = (kind: MarketCause['kind']) => taken.filter((one) => one.kind === kind).map(({ key }) => key)
  const rates = { ...after.exchangeRates, ...before.exchangeRates }
  const moved = keys('rate').flatMap((key) => {
    const [old, late] = [own(before.exchangeRates, key), own(after.exchangeRates, key)]
    return late === undefined ? [] : [[key, { ...(old ?? late), ...late }] as const]
  })
  return {
    at: has('time') ? after.at : before.at,
    spot: laid(before.spot, after.spot, keys('price')),
    exchangeRates: moved.length === 0 ? rates : { ...rates, ...Object.fromEntries(moved) },
    ...defined('volatility', laid(before.volatility, after.volatility, keys('volatility'))),
    ...defined('correlation', has('correlation') ? after.correlation : (before.correlation ?? after.correlation)),
    ...defined('interest', has('interest') ? after.interest : before.interest),
    ...defined('carry', has('interest') ? after.carry : before.carry),
    ...defined('funding', has('funding') ? after.funding : (before.funding ?? after.funding)),
    ...defined(
      'perpetualPremium',
      has('funding') ? after.perpetualPremium : (before.perpetualPremium ?? after.perpetualPremium),
    ),
  }
}

function laid<T>(
  before: Readonly<Record<string, T>> | undefined,
  after: Readonly<Record<string, T>> | undefined,
  keys: readonly string[],
): Record<string, T> {
  const laid: Record<string, T> = { ...after, ...before }
  for (const key of keys) {
    const late = own(after, key)
    if (late !== undefined) laid[key] = late
  }
  return laid
}

/** Nothing where there is nothing: an optional field is absent, not undefined. */
function defined<Name extends string, T>(name: Name, value: T | undefined): { readonly [K in Name]?: T } {
  return (value === undefined ? {} : { [name]: value }) as { readonly [K in Name]?: T }
}
