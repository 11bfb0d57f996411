import { describe, expect, it } from 'vitest'
import type { MarketRow } from '../../lib/local/world/market-csv.ts'
import { playMarket } from '../../lib/local/world/play-market.ts'

const rows: readonly MarketRow[] = [2_914, 2_800, 2_700].map((ETH, index) => ({
  at: 1_722_729_600 + index * 3_600,
  line: index + 2,
  prices: { ETH },
}))

function recorder() {
  const seen: string[] = []
  return {
    seen,
    drive: { setPrices: async (prices: MarketRow['prices']) => void seen.push(`price ${prices.ETH}`) },
    onRow: (row: MarketRow, index: number) => void seen.push(`row ${index} of line ${row.line}`),
  }
}

describe('playing a market', () => {
  it('puts each row on the chain before it tells of it, in order, and leaves none out', async () => {
    const { seen, ...deps } = recorder()
    expect(await playMarket(deps, { rows, rowSeconds: 0 })).toEqual({ rows: 3, aborted: false })
    expect(seen).toEqual([
      'price 2914',
      'row 0 of line 2',
      'price 2800',
      'row 1 of line 3',
      'price 2700',
      'row 2 of line 4',
    ])
  })

  it('keeps the pace of the wall clock', async () => {
    const began = performance.now()
    await playMarket(recorder(), { rows, rowSeconds: 0.05 })
    const took = performance.now() - began
    expect(took).toBeGreaterThan(95)
    expect(took).toBeLessThan(1_000)
  })

  it('ends at once when it is aborted while it waits for the next row', async () => {
    const { seen, drive, onRow } = recorder()
    const controller = new AbortController()
    const abortAtSecond = (row: MarketRow, index: number) => {
      onRow(row, index)
      if (index === 1) setImmediate(() => controller.abort())
    }
    const played = playMarket({ drive, onRow: abortAtSecond }, { rows, rowSeconds: 0.2, signal: controller.signal })
    expect(await played).toEqual({ rows: 2, aborted: true })
    expect(seen).not.toContain('price 2700')
  })

  it('plays nothing when it was aborted before', async () => {
    const { seen, ...deps } = recorder()
    expect(await playMarket(deps, { rows, rowSeconds: 0, signal: AbortSignal.abort() })).toEqual({
      rows: 0,
      aborted: true,
    })
    expect(seen).toEqual([])
  })

  it('stops at a row that the chain refuses', async () => {
    const { seen, onRow } = recorder()
    const drive = { setPrices: () => Promise.reject(new Error('no chain')) }
    await expect(playMarket({ drive, onRow }, { rows, rowSeconds: 0 })).rejects.toThrow('no chain')
    expect(seen).toEqual([])
  })
})
