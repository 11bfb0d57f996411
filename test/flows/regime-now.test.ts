// The regime of a report: what one wrong bar or print does to it (nothing), and what a storm of today does.

import { describe, expect, it } from 'vitest'
import { type Bar, barStartOf } from '../../lib/model/history.ts'
import type { AssetPrice } from '../../lib/model/snapshot.ts'
import { buildMarketModel } from '../../lib/risk/market/build-market-model.ts'
import { regimeNow } from '../../lib/risk/market/regime-now.ts'
import { syntheticBars } from './synthetic-bars.ts'

const to = barStartOf(1_722_816_000, '1d')
const assets = ['BTC', 'ETH', 'SOL', 'LTC', 'XRP', 'ADA', 'BNB']
const bars = syntheticBars({ interval: '1d', count: 900, to, assets, seed: 11 })

function modelOf(change: (asset: string, bars: readonly Bar[]) => readonly Bar[] = (_, same) => same) {
  const daily = [...bars].map(([asset, own]) => ({ asset, interval: '1d' as const, bars: change(asset, own) }))
  return buildMarketModel({ daily, hourly: [], seed: 1, notes: [], id: `${to}~test`, madeAt: to })
}
const model = modelOf()

/** Every asset at so many times its last close. */
function seen(factor: number, of: (asset: string) => Partial<AssetPrice> = () => ({})) {
  const prices = assets.map((asset): AssetPrice => {
    const usd = (bars.get(asset)?.at(-1)?.close ?? 0) * factor
    return { asset, underlying: asset, usd, heartbeatSeconds: 3_600, dataState: { kind: 'FRESH' }, ...of(asset) }
  })
  return { at: to + 3_600, prices }
}

const tenfold = (asset: string, at: number) => (own: string, all: readonly Bar[]) =>
  own === asset ? all.map((bar, index) => (index === at ? { ...bar, close: bar.close * 10 } : bar)) : all

describe('the regime', () => {
  it('is there, plain JSON, and the same for the same history', () => {
    expect(model.regime?.universe.toSorted()).toEqual(assets.toSorted())
    expect(model.regimeState).toBeDefined()
    expect(JSON.parse(JSON.stringify(model))).toEqual(model)
    expect(modelOf()).toEqual(model)
  })

  it.each([400, 898, 899])('does not flip on bar %d of 900 that is ten times too large', (at) => {
    const wrong = modelOf(tenfold('ETH', at))
    expect(wrong.regime?.regime).toBe(model.regime?.regime)
    expect(wrong.assets.find(({ asset }) => asset === 'ETH')?.remarks.join()).toMatch(/left out|not used/)
  })

  it('does not flip on three days that are missing, and no return is made over them', () => {
    const gap = modelOf((asset, all) => (asset === 'BTC' ? all.filter((_, index) => index < 890 || index > 892) : all))
    expect(gap.regime?.regime).toBe(model.regime?.regime)
    expect(gap.assets.find(({ asset }) => asset === 'BTC')).toMatchObject({ missing: 4 })
  })

  it('with the moves of the day so far is told as provisional, and that of the last whole day where nothing moved it', () => {
    expect(regimeNow(model, seen(1))?.isProvisional).toBe(true)
    expect(regimeNow(model, seen(1))?.regime).toBe(model.regime?.regime)
    expect(regimeNow(model, { at: to + 3_600, prices: [] })).toEqual(model.regime)
  })

  it('takes no print that the snapshot distrusts, and no close that is not of yesterday', () => {
    const distrusted = seen(10, () => ({ dataState: { kind: 'BLIND', reasons: ['jumped alone'] } }))
    expect(regimeNow(model, distrusted)).toEqual(model.regime)
    expect(regimeNow(model, { ...seen(0.5), at: to + 2 * 86_400 })).toEqual(model.regime)
  })

  it('does not flip on one asset alone that is ten times as high', () => {
    const one = seen(1)
    const prices = one.prices.map((price) => (price.asset === 'ETH' ? { ...price, usd: (price.usd ?? 0) * 10 } : price))
    expect(regimeNow(model, { ...one, prices })?.regime).toBe(model.regime?.regime)
  })

  it('of a day on which everything falls by half is worse at once', () => {
    expect(model.regime?.regime).toBe('calm')
    expect(regimeNow(model, seen(0.5))?.regime).not.toBe('calm')
  })
})
