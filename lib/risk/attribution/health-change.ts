// Why an account's health factor moved, through the eyes of its protocol.

import { isHomeostatError } from '../../base/homeostat-error.ts'
import { own } from '../../instruments/market/market.ts'
import { assetsOf } from '../../instruments/value.ts'
import type { FigureChange } from '../../model/figure-change.ts'
import { marketThrough } from '../price-lens.ts'
import { healthFactorOf } from '../solvency/health.ts'
import type { Assessed } from './assessed.ts'
import { changeSum } from './change-sum.ts'
import { marketCauses, mixedMarket } from './mixed-market.ts'
import { causesOfTerms, mixedTerms, termCauseNames } from './mixed-terms.ts'
import { splitActive } from './split-active.ts'

/**
 * Prices and rates of the protocol's oracles, interest, quantities, thresholds. What the protocol states beyond the model is `what the model does not explain`.
 * Nothing for an account that has no health factor at one of both ends.
 */
export function healthChange(params: {
  readonly before: Assessed
  readonly after: Assessed
  readonly positionId: string
}): readonly FigureChange[] {
  const { before, after, positionId } = params
  const stated = ({ report }: Assessed) => report.accounts.find((one) => one.positionId === positionId)?.healthFactor
  const [from, to] = [stated(before), stated(after)]
  const [old, late] = [termsOf(before, positionId), termsOf(after, positionId)]
  if (from === undefined || to === undefined || old === undefined || late === undefined) return []
  const [lens, lensAfter] = [marketThrough('protocol', before.snapshot), marketThrough('protocol', after.snapshot)]
  const assets = [...assetsOf(old), ...assetsOf(late)]
  const read = new Set(assets.flatMap((asset) => own(lensAfter.exchangeRates, asset)?.underlying ?? []))
  const moved = marketCauses(lens, lensAfter).filter(
    ({ kind, key }) => (kind === 'price' && read.has(key)) || (kind === 'rate' && assets.includes(key)),
  )
  const terms = causesOfTerms(old, late)
  const seconds = lensAfter.at - lens.at
  const factorIn = (isAfter: readonly boolean[]) => {
    const market = mixedMarket(
      lens,
      lensAfter,
      moved.filter((_, i) => isAfter[i]),
    )
    const mixed = mixedTerms(old, late, { taken: terms.filter((_, i) => isAfter[moved.length + i]), seconds })
    return mixed.kind === 'loan' ? healthFactorOf(mixed.terms, market) : undefined
  }
  const sum = changeSum()
  const figure = `healthFactor.${positionId}`
  const split = splitActive({
    causes: moved.length + terms.length,
    figures: (isAfter) => {
      try {
        const found = factorIn(isAfter)
        return found === undefined ? undefined : [found]
      } catch (error) {
        if (!isHomeostatError(error)) throw error
        return undefined
      }
    },
  })
  if (split === undefined) return sum.close(figure, { from, to, gross: 0 })
  const names = [
    ...moved.map(({ name }) => name),
    ...terms.map((one) => (one === 'path' ? 'thresholds' : termCauseNames[one])),
  ]
  for (const [i, name] of names.entries()) sum.add(figure, name, split.parts[i]?.[0] ?? 0, split.method)
  const explained = split.parts.reduce((total, [part = 0]) => total + part, 0)
  const beyond = to - from - explained
  if (Math.abs(beyond) > 1e-9 * Math.max(from, to)) sum.add(figure, 'what the model does not explain', beyond)
  return sum.close(figure, { from, to, gross: 0 })
}

function termsOf({ snapshot }: Assessed, positionId: string) {
  return snapshot.positions.find(({ id }) => id === positionId)?.instrument
}
