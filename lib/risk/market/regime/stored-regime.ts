// The regime's memory as plain JSON, so that it stands in a market model and goes on from there.

import type { EwmaState } from '../../../quant/covariance/ewma-moments.ts'
import type { RegimeCore } from './regime-core.ts'

type Plain<T> = {
  readonly [K in keyof T]: T[K] extends Float64Array ? readonly number[] : T[K] extends object ? Plain<T[K]> : T[K]
}

/** Plain JSON, and unchanged by a round through text. */
export interface StoredRegime extends Omit<RegimeCore, 'indicators'> {
  readonly version: 1
  readonly indicators: Omit<RegimeCore['indicators'], 'ewma'> & { readonly ewma: StoredEwma }
}

type StoredEwma = Omit<EwmaState, 'variance' | 'joint' | 'moments'> & {
  readonly variance: readonly number[]
  readonly joint: readonly number[]
  readonly moments: Plain<EwmaState['moments']>
}

const moments = ['effective', 'cross', 'squareI', 'squareJ', 'm22', 'm31', 'm13'] as const

export function storedRegime(core: RegimeCore): StoredRegime {
  const { ewma } = core.indicators
  const plain = Object.fromEntries(moments.map((name) => [name, Array.from(ewma.moments[name])]))
  return {
    ...core,
    version: 1,
    indicators: {
      ...core.indicators,
      ewma: {
        ...ewma,
        variance: Array.from(ewma.variance),
        joint: Array.from(ewma.joint),
        moments: { assets: ewma.moments.assets, ...plain } as StoredEwma['moments'],
      },
    },
  }
}

/** Undefined for what is no memory of this version: then it is made anew from history. */
export function resumedRegime(stored: unknown): RegimeCore | undefined {
  if (typeof stored !== 'object' || stored === null || !('version' in stored) || stored.version !== 1) return undefined
  const { version: _, ...rest } = stored as StoredRegime
  const { ewma } = rest.indicators
  const typed = Object.fromEntries(moments.map((name) => [name, Float64Array.from(ewma.moments[name])]))
  return {
    ...rest,
    indicators: {
      ...rest.indicators,
      ewma: {
        ...ewma,
        variance: Float64Array.from(ewma.variance),
        joint: Float64Array.from(ewma.joint),
        moments: { assets: ewma.moments.assets, ...typed } as EwmaState['moments'],
      },
    },
  }
}
