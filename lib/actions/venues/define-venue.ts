// The shape of a venue: which intents it makes exact, and which typed actions it encodes as which calls.

import type { UnixSeconds, Usd } from '../../base/units.ts'
import type { PortfolioSettings } from '../../model/configuration.ts'
import type { AssetSymbol } from '../../model/identity.ts'
import type { Action, Call } from '../../model/order.ts'
import type { Intent } from '../../model/verdict.ts'
import type { Chain } from '../chain-client.ts'

export type ActionKind = Action['kind']
type ActionOf<K extends ActionKind> = Extract<Action, { kind: K }>
/** The intents that name this venue. */
export type IntentOf<Kind extends string> = Extract<Intent, { protocol: Kind } | { venue: Kind }>

export interface EncodeContext {
  readonly settings: PortfolioSettings
  /** Of the deadline that opens the batch. */
  readonly validUntil: UnixSeconds
}

export type Encoder<K extends ActionKind> = (action: ActionOf<K>, context: EncodeContext) => Call

/** What planning has come to after some of the intents. Units are the tokens' smallest. */
export interface Draft {
  readonly actions: readonly Action[]
  /** What the account will hold at least at this point of the batch. */
  readonly holdings: Readonly<Record<AssetSymbol, bigint>>
  /** What the swaps so far bring: at least, and as the plan expected. */
  readonly bought: Readonly<Record<AssetSymbol, { readonly least: bigint; readonly expected: bigint }>>
  /** Taken out of and paid back to lending so far. */
  readonly withdrawn: Readonly<Record<AssetSymbol, bigint>>
  readonly repaid: Readonly<Record<AssetSymbol, bigint>>
  /** Pool fees and price impact so far, at the quotes. */
  readonly costUsd: Usd
}

export interface PlanContext {
  readonly chain: Chain
  readonly blockNumber: bigint
  readonly settings: PortfolioSettings
  readonly prices: Readonly<Record<AssetSymbol, Usd>>
  /** The plan's intents before this one: they move the same pools. */
  readonly earlier: readonly Intent[]
}

/** Adds an intent's actions to the draft. Pure: what it needed from the chain was read before. */
export type Step = (draft: Draft) => Draft

/** Reads what an intent needs, all intents at once; the steps are applied in order afterwards. */
export type Look<Kind extends string> = (context: PlanContext, intent: IntentOf<Kind>) => Promise<Step>

export interface Venue<Kind extends string, Encoders, Looking> {
  readonly kind: Kind
  /** One line for people and for the README's table. */
  readonly title: string
  readonly encode: Encoders
  /** Only venues that intents name have one. */
  readonly look: Looking
}

export function defineVenue<
  const Kind extends string,
  const Encoders extends { readonly [K in ActionKind]?: Encoder<K> },
  Looking extends Look<Kind> | undefined,
>(venue: Venue<Kind, Encoders, Looking>): Venue<Kind, Encoders, Looking> {
  return venue
}
