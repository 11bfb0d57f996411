// What a rehearsal of the local world comes to, in a few aligned lines.

import type { Moment, Rehearsal } from '../lib/local/rehearsal.ts'

/** The portfolio before, at the breach and after; the order, predicted and actual; who was told. */
export function rehearsalSummary(result: Rehearsal): readonly string[] {
  const { before, breach, after, orders, deliveries } = result
  const [order] = orders
  const told = [...new Set(deliveries.map((one) => one.notifierId))].join(', ')
  return [
    ['', momentLine('before', before), momentLine('breach', breach), momentLine('after', after)].join('\n'),
    ...(order === undefined
      ? []
      : [
          `order    ${order.summary}: ${order.status}`,
          `         predicted HF ${order.predicted.healthFactor?.toFixed(4)}, actual ${order.actual?.healthFactor?.toFixed(4)}; predicted cost ${usd(order.predicted.costUsd ?? 0)}, actual ${usd(order.actual?.costUsd ?? 0)}`,
        ]),
    `told     ${told}`,
  ]
}

function momentLine(name: string, moment: Moment): string {
  const healthFactor = (moment.healthFactor ?? Number.NaN).toFixed(3)
  const delta = (moment.netDelta.ETH ?? 0).toFixed(1).padStart(6)
  return `${name.padEnd(8)} ${usd(moment.navUsd).padStart(12)}  HF ${healthFactor}  ETH delta ${delta}  ${curvature(moment)}  ${moment.dataState}`
}

/** Gamma and vega of ETH and the carry of all. */
function curvature({ netGreeksUsd: { gammaUsd1pct, vegaPerPoint, thetaPerDay } }: Moment): string {
  const [gamma, vega] = [usd(gammaUsd1pct.ETH ?? 0), usd(vegaPerPoint.ETH ?? 0)]
  return `gamma ${gamma.padStart(8)} per 1 %  vega ${vega.padStart(5)} a point  carry ${usd(thetaPerDay.total).padStart(5)} a day`
}

function usd(value: number): string {
  return `$${value.toLocaleString('en-US', { maximumFractionDigits: value > -1_000 && value < 1_000 ? 2 : 0 })}`
}
