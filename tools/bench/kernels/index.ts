// The registry: what `npm run bench` times, in the order of its table. A benchmark is a file beside this one and a line here.

import type { Bench } from '../define-bench.ts'
import {
  andersenLakeBench,
  baroneAdesiWhaleyBench,
  bjerksundStensland1993Bench,
  bjerksundStensland2002Bench,
} from './american.ts'
import { concentratedBench, stableSwapBench, weightedBench } from './amm.ts'
import { barrierBench, digitalBench, doubleBarrierBench, oneTouchBench } from './barriers.ts'
import { mixedBookBenches, optionBookBenches, smileBookBench } from './book.ts'
import { covarianceBench, dccFilterBench, garchFitBench } from './covariance.ts'
import { europeanBatchAllBench, europeanBatchBench, europeanSingleBench } from './european.ts'
import { impliedVolatilityBatchBench, impliedVolatilityBench } from './implied-volatility.ts'
import { normalCdfBench, normalQuantileBench } from './normal.ts'
import {
  fixedLookbackBench,
  floatingLookbackBench,
  kemnaVorstBench,
  margrabeBench,
  margrabeGreeksBench,
  partialLookbackBench,
  turnbullWakemanBench,
} from './paths.ts'
import { revaluationDirectBench, revaluationNettedBench } from './revaluation.ts'
import { sviBench } from './svi.ts'

export const benches: readonly Bench[] = [
  normalCdfBench,
  normalQuantileBench,
  europeanBatchBench,
  europeanBatchAllBench,
  europeanSingleBench,
  impliedVolatilityBench,
  impliedVolatilityBatchBench,
  sviBench,
  barrierBench,
  doubleBarrierBench,
  digitalBench,
  oneTouchBench,
  floatingLookbackBench,
  fixedLookbackBench,
  partialLookbackBench,
  margrabeBench,
  margrabeGreeksBench,
  turnbullWakemanBench,
  kemnaVorstBench,
  andersenLakeBench,
  baroneAdesiWhaleyBench,
  bjerksundStensland1993Bench,
  bjerksundStensland2002Bench,
  concentratedBench,
  stableSwapBench,
  weightedBench,
  revaluationDirectBench,
  revaluationNettedBench,
  ...optionBookBenches,
  ...mixedBookBenches,
  smileBookBench,
  covarianceBench,
  dccFilterBench,
  garchFitBench,
]
