// How an asset's variance follows its daily or hourly returns: fitted where the history is long enough for it, else by the usual memory.

import { filterGarch, fitGarch, type GarchParameters } from '../../quant/garch.ts'

/** Returns below which a fitted memory is mostly noise. */
export const enoughForGarch = 250

export interface VolatilityDynamics {
  readonly method: 'garch' | 'ewma'
  readonly parameters: GarchParameters
  /** Per bar: h_t is known before return t; the last one is the forecast of the next bar. */
  readonly variances: Float64Array
}

/**
 * GARCH(1,1) with Student innovations from 250 returns on (of BTC, ETH, BNB, XRP, ADA and LTC, fitted to the end of 2021, these forecast
 * 2022 to 2024 better than normal ones by QLIKE for all but BNB), else exponential weights with the half-life (as GARCH: omega 0, alpha + beta 1).
 * @param returns of which at least one moves; gaps are `undefined`
 * @param halfLife of the exponential weights, in bars
 */
export function volatilityDynamics(params: {
  readonly returns: readonly (number | undefined)[]
  readonly halfLife: number
}): VolatilityDynamics {
  const { returns, halfLife } = params
  const known = returns.filter((r) => r !== undefined)
  if (known.length >= enoughForGarch) {
    const { parameters } = fitGarch({ returns, law: 'student' })
    return { method: 'garch', parameters, variances: filterGarch({ parameters, returns }) }
  }
  const alpha = 1 - 0.5 ** (1 / halfLife)
  const longRun = known.reduce((sum, r) => sum + r * r, 0) / known.length
  const parameters = { omega: 0, alpha, beta: 1 - alpha, longRun }
  return { method: 'ewma', parameters, variances: filterGarch({ parameters, returns, first: longRun }) }
}
