import { expect, it } from 'vitest'
import { drawPaths } from '../../../lib/risk/tail/draw-paths.ts'
import { pegJumps, pegNote } from '../../../lib/risk/tail/peg-jumps.ts'
import { fitReturns } from '../../../lib/risk/tail/return-model.ts'
import { panelOf, plantedReturns } from './planted-panel.ts'

it('a stablecoin without any move in its history still breaks as often as is assumed, and says so', () => {
  const model = fitReturns({ panel: panelOf(plantedReturns(1, ['ETH'], 400)) })
  const paths = drawPaths({
    model,
    factors: ['ETH', 'USDC'],
    steps: 10,
    count: 100_000,
    seed: 1,
    standIns: { USDC: { multiple: 0 } },
    jumps: pegJumps(['USDC']),
  })
  const ends = paths.moves.subarray(19 * 100_000, 20 * 100_000).map(Math.exp)
  const share = (below: number) => ends.filter((price) => price < below).length / 100_000
  expect(share(0.9)).toBeCloseTo((0.105 * 10) / 365, 3)
  expect(share(0.1)).toBeCloseTo((0.005 * 10) / 365, 3)
  expect(pegNote(['USDC'])).toContain('USDC: assumed to break to 0.88 once in 10 years')
})
