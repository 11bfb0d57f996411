import { existsSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { readPanel } from '../../../bin/history-panel.ts'
import { returnPanel } from '../../../lib/risk/market/return-panel.ts'
import { crisisFromHistory } from '../../../lib/risk/stress/crisis-from-history.ts'

const day = 86_400
const series = (asset: string, closes: readonly (number | undefined)[]) => ({
  asset,
  bars: closes.flatMap((close, i) => (close === undefined ? [] : [{ start: i * day, close }])),
})
const panel = returnPanel({
  interval: '1d',
  series: [
    series('BTC', [100, 110, 90, 80, 84, 100]),
    series('ETH', [10, 11, 10, 6, 7, 8]),
    series('NEW', [undefined, undefined, 5, 4, undefined, 4]),
  ],
})

describe('crises out of a history', () => {
  const { worstBar, worstRun, notes } = crisisFromHistory({ panel, from: 0, to: 5 * day })

  it('are the bar with the lowest mean return, and the run from the high to the low', () => {
    expect(worstBar.spot).toEqual({
      BTC: expect.closeTo(80 / 90 - 1, 12),
      ETH: expect.closeTo(-0.4, 12),
      NEW: expect.closeTo(-0.2, 12),
    })
    expect(worstRun.spot).toEqual({ BTC: expect.closeTo(80 / 110 - 1, 12), ETH: expect.closeTo(6 / 11 - 1, 12) })
    expect([worstBar.id, worstRun.id]).toEqual(['1970-01-04', '1970-01-03..1970-01-04'])
  })

  it('leave assets with gaps to the rule for those that are not named, and say so', () => {
    expect(notes).toEqual([
      'worst run, 1970-01-03 to 1970-01-04: NEW have gaps and move by the rule for those that are not named',
    ])
  })

  it('look at the window alone, and refuse one without returns', () => {
    expect(crisisFromHistory({ panel, from: 4 * day, to: 5 * day }).worstBar.spot.BTC).toBeCloseTo(84 / 80 - 1, 12)
    expect(() => crisisFromHistory({ panel, from: 100 * day, to: 200 * day })).toThrow(
      expect.objectContaining({ code: 'no-history', hint: 'The history has returns from 1970-01-02 to 1970-01-06.' }),
    )
    const none = returnPanel({ interval: '1d', series: [series('BTC', [100])] })
    expect(() => crisisFromHistory({ panel: none, from: 0, to: day })).toThrow(
      expect.objectContaining({ code: 'no-history' }),
    )
  })

  const file = '../shared/data/panel_prices_daily_permissive.csv'
  it.skipIf(!existsSync(file))('of the real panel are those of the registry', async () => {
    const real = await readPanel(file, { only: ['BTC', 'ETH', 'XRP', 'LTC', 'ADA'] })
    const at = (date: string) => Date.parse(date) / 1_000
    const found = crisisFromHistory({ panel: real.panel, from: at('2020-03-01'), to: at('2020-03-31') }).worstBar
    expect(found.id).toBe('2020-03-12')
    expect(found.spot.ETH).toBeCloseTo(-0.431, 3)
    expect(found.spot.BTC).toBeCloseTo(-0.352, 3)
    expect(crisisFromHistory({ panel: real.panel, from: at('2022-11-01'), to: at('2022-11-30') }).worstBar.id).toBe(
      '2022-11-09',
    )
  })
})
