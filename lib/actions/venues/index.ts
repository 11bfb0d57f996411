// The registry of venues: one line a venue; the encoders of all typed actions and the planners of all intents are derived from it.

import type { Action, Call } from '../../model/order.ts'
import type { Intent } from '../../model/verdict.ts'
import { aaveV3 } from './aave-v3.ts'
import type { ActionKind, EncodeContext, Encoder, PlanContext, Step } from './define-venue.ts'
import { safe } from './safe.ts'
import { uniswapV3 } from './uniswap-v3.ts'

export const venues = [safe, aaveV3, uniswapV3] as const

type KindsOf<V> = V extends { readonly encode: infer Encoders } ? keyof Encoders : never
type Encoders = { readonly [K in ActionKind]: Encoder<K> }

/** An action that no venue encodes does not compile here. */
const unencoded: Readonly<Record<Exclude<ActionKind, KindsOf<(typeof venues)[number]>>, never>> = {}
const encoders: Encoders = { ...unencoded, ...safe.encode, ...aaveV3.encode, ...uniswapV3.encode }

/** One typed action as its one call. @throws HomeostatError if it names what the configuration does not */
export function encodeAction(action: Action, context: EncodeContext): Call {
  const encode = encoders[action.kind] as (action: Action, context: EncodeContext) => Call
  return encode(action, context)
}

/** Reads what an intent needs at the order's block, by the venue that it names. */
export function lookAt(context: PlanContext, intent: Intent): Promise<Step> {
  return intent.kind === 'swap' ? uniswapV3.look(context, intent) : aaveV3.look(context, intent)
}
