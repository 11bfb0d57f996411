// The shape of every further source of an asset's price, and the fields that their settings share.

import type * as z from '../../base/schema.ts'
import type { UnixSeconds } from '../../base/units.ts'
import type { AssetConfig, ChainConfig } from '../../model/configuration.ts'
import type { PriceQuote } from '../../model/price-quote.ts'
import type { ChainReader } from '../chain/chain-session.ts'
import type { Refusal } from '../protocols/as-configured.ts'
import type { Evidence } from '../protocols/define-protocol.ts'

/** A price, with what makes it doubtful; or why there is none. */
export type Quoted =
  | {
      readonly ok: true
      readonly quote: Omit<PriceQuote, 'asset' | 'kind'>
      readonly doubts: readonly Refusal[]
    }
  | Refusal

export interface PriceSource<Kind extends string = string, Schema extends z.ZodMiniType = z.ZodMiniType> {
  /** `kind` of an entry of `assets[].prices`. */
  readonly kind: Kind
  /** One line for people and for the README's table. */
  readonly title: string
  readonly evidence: Evidence
  /** Of the entry without its kind. */
  readonly settings: Schema
  /** A failed call is a refusal; only faults of the whole chain are thrown. */
  readonly read: (
    reader: ChainReader,
    params: {
      readonly chain: ChainConfig
      readonly asset: AssetConfig
      readonly at: UnixSeconds
      readonly settings: z.output<Schema>
    },
  ) => Promise<Quoted>
}

export function definePriceSource<const Kind extends string, Schema extends z.ZodMiniType>(
  source: PriceSource<Kind, Schema>,
): PriceSource<Kind, Schema> {
  return source
}
