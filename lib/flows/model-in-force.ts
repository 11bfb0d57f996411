// The market model for a run that can do without one: what keeps it from us is said and costs nothing else.

import { isHomeostatError } from '../base/homeostat-error.ts'
import type { MarketModelStore } from '../model/market-ports.ts'
import type { Log } from '../model/ports.ts'
import type { AssessParams } from '../risk/assess.ts'

/** One small read where the model is the one of before. Never throws. */
export async function modelInForce(deps: {
  readonly models: MarketModelStore
  readonly log: Log
}): Promise<Pick<AssessParams, 'model' | 'modelConfirmedAt' | 'modelMissing'>> {
  try {
    const pointer = await deps.models.pointer()
    if (pointer === undefined)
      return { modelMissing: 'no market model has been made yet: there are no prices to learn from' }
    const model = await deps.models.model(pointer.id)
    if (model !== undefined) return { model, modelConfirmedAt: pointer.confirmedAt }
    return { modelMissing: `the market model ${pointer.id} is not stored any more, or an older release wrote it` }
  } catch (error) {
    const code = isHomeostatError(error) ? error.code : 'unexpected'
    deps.log.line('market-model.unread', { code })
    return { modelMissing: `the market model could not be read (${code})` }
  }
}
