// Deribit's names of instruments, read strictly: a name that is not understood is told, never guessed.

import { instantOf } from '../../base/calendar.ts'
import type { UnixSeconds, Usd } from '../../base/units.ts'

interface Contract {
  /** What it is on. */
  readonly base: string
  /** Paid in the base itself where absent; else a stablecoin. */
  readonly settlement?: string
}

export type DeribitInstrument =
  | ({ readonly kind: 'perpetual' } & Contract)
  | ({ readonly kind: 'future'; readonly expiry: UnixSeconds } & Contract)
  | ({
      readonly kind: 'option'
      readonly expiry: UnixSeconds
      readonly strike: Usd
      readonly type: 'call' | 'put'
    } & Contract)

/** `BTC-PERPETUAL`, `BTC-27MAR26`, `BTC-27MAR26-100000-C`, `XRP_USDC-27MAR26-0d625-P`. */
const form =
  /^([A-Z0-9]{2,10})(?:_(USDC|USDT))?-(?:PERPETUAL|(\d{1,2})([A-Z]{3})(\d{2})(?:-(\d{1,9})(?:d(\d{1,9}))?-([CP]))?)$/
const months = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC']

/** Everything expires at 08:00 UTC; undefined for combinations, spot pairs and names of another form. */
export function deribitInstrument(name: string): DeribitInstrument | undefined {
  const found = form.exec(name)
  if (found === null) return undefined
  const [, base = '', settlement, day, month, year, strike, decimals, type] = found
  const contract = settlement === undefined ? { base } : { base, settlement }
  if (day === undefined || month === undefined || year === undefined) return { kind: 'perpetual', ...contract }
  const number = months.indexOf(month) + 1
  const date = `20${year}-${String(number).padStart(2, '0')}-${day.padStart(2, '0')}`
  const expiry = number === 0 ? undefined : instantOf(`${date}T08:00:00Z`)
  if (expiry === undefined) return undefined
  if (strike === undefined) return { kind: 'future', expiry, ...contract }
  const price = Number(decimals === undefined ? strike : `${strike}.${decimals}`)
  return price > 0
    ? { kind: 'option', expiry, strike: price, type: type === 'C' ? 'call' : 'put', ...contract }
    : undefined
}

/** Coins whose options and perpetuals are paid in the coin itself; all others are paid in USDC. */
const coinSettled = ['BTC', 'ETH']

export interface DeribitMarket {
  readonly indexName: string
  readonly perpetual: string
  /** Under which its book summaries are listed. */
  readonly currency: string
}

export function deribitMarket(underlying: string): DeribitMarket {
  if (coinSettled.includes(underlying))
    return { indexName: `${underlying.toLowerCase()}_usd`, perpetual: `${underlying}-PERPETUAL`, currency: underlying }
  const pair = `${underlying}_USDC`
  return { indexName: pair.toLowerCase(), perpetual: `${pair}-PERPETUAL`, currency: 'USDC' }
}
