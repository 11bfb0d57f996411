// A kernel's refusal in the words of what was to be valued.

import { HomeostatError, isHomeostatError } from '../base/homeostat-error.ts'
import type { PositionTerms } from './index.ts'

/** What the arguments of kernels are called where people state them. */
const stated: Readonly<Record<string, string>> = {
  volatility: 'market.volatility',
  rate: 'market.interest',
  carry: 'market.carry',
  spot: 'market.spot',
  time: 'terms.expiry',
  price0: 'market.spot',
  price1: 'market.spot',
  rho: 'market.correlation',
  lower: 'terms.lowerBarrier',
  upper: 'terms.upperBarrier',
  averagingPeriod: 'terms.averagingStart',
  lookbackTime: 'terms.monitoringEnd',
  'past.average': 'terms.averageSoFar',
  fixingVolatilities: 'market.volatility',
  multiple: 'terms.strikeMultiple',
}

/** Runs a valuation; `out-of-domain` comes out as an error about this kind of instrument, with the field where the kernel names one. */
export function inWords<T>({ kind, terms }: PositionTerms, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (!isHomeostatError(error) || error.code !== 'out-of-domain' || error.facts.kind === kind) throw error
    const { facts, hint = '' } = error
    const argument = typeof facts.field === 'string' ? facts.field : undefined
    const field =
      argument === undefined ? undefined : Object.hasOwn(terms, argument) ? `terms.${argument}` : stated[argument]
    throw new HomeostatError('out-of-domain', {
      message: `This ${kind} cannot be valued: its terms or its market are beyond what the model holds. ${hint}`.trim(),
      retry: 'never',
      facts: { ...facts, kind, field: field ?? 'instrument.terms or market', rule: hint },
      hint: 'Look for a mistake in units in the terms, the dates or the market.',
      cause: error,
    })
  }
}
