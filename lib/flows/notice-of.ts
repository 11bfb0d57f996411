// Alerts and order news in words: what, how much, against which limit, why, how old the data is, what to do and what it costs.

import { describeSpan } from '../base/time.ts'
import type { PortfolioSettings, Severity } from '../model/configuration.ts'
import type { MessageOf } from '../model/messages.ts'
import type { Order } from '../model/order.ts'
import type { Notice } from '../model/receipt.ts'
import type { Alert } from '../model/verdict.ts'
import { orderPath } from '../web/order-view.ts'

/** An alert as people are told of it. */
export function noticeOfAlert(alert: Alert, settings: PortfolioSettings, consoleUrl: string | undefined): Notice {
  const isOver = alert.state === 'recovered'
  const state =
    alert.dataState.kind === 'FRESH'
      ? `Data is fresh, ${describeSpan(alert.dataAgeSeconds)} old.`
      : `Data is ${alert.dataState.kind}: ${alert.dataState.reasons.join('; ')}.`
  return {
    id: alert.id,
    portfolioId: alert.portfolioId,
    severity: alert.severity,
    ...(isOver ? { mood: 'good' as const } : {}),
    title: clip(`${settings.portfolio.name}: ${alert.title}`),
    // Short channels show the beginning only: what to do comes before why, unless there is nothing to do.
    lines: [
      ...(isOver ? [] : [alert.todo]),
      alert.why,
      ...(alert.durationSeconds === undefined ? [] : [`It lasted ${describeSpan(alert.durationSeconds)}.`]),
      state,
      ...(isOver ? [alert.todo] : []),
    ].filter((line) => line !== ''),
    at: alert.at,
    ...(consoleUrl === undefined ? {} : { link: consoleUrl }),
  }
}

const severityOf: Readonly<Record<string, Severity>> = {
  PROPOSED: 'critical',
  SUBMITTED: 'critical',
  CONFIRMED: 'warning',
  REVERTED: 'critical',
  FAILED: 'critical',
  VOID: 'warning',
  EXPIRED: 'warning',
}

/** The edge that the news is of. */
export function orderNoticeId({ orderId, status, quote }: MessageOf<'order-news'>): string {
  return `${orderId}~${status}~${quote}`
}

/** News of an order; the id is the edge, so that the same news is told once. */
export function noticeOfOrder(
  order: Order,
  news: MessageOf<'order-news'>,
  settings: PortfolioSettings,
  approveUrl: string | undefined,
): Notice {
  const { title, lines } = words(order, news.status)
  return {
    id: orderNoticeId(news),
    portfolioId: order.portfolioId,
    severity: severityOf[news.status] ?? 'info',
    title: clip(`${settings.portfolio.name}: ${title}`),
    lines,
    at: order.events.at(-1)?.at ?? order.createdAt,
    ...(approveUrl === undefined ? {} : { link: `${approveUrl.replace(/\/$/, '')}${orderPath(order)}` }),
  }
}

function words(order: Order, status: string): { readonly title: string; readonly lines: readonly string[] } {
  const before = ratio(order.simulation.healthFactorBefore)
  const after = ratio(order.predicted.healthFactor)
  switch (status) {
    case 'PROPOSED':
      return {
        title: `approve? health factor ${before} -> ${after}: ${order.summary}`,
        lines: [
          order.why,
          `Health factor ${before} now, ${after} after (simulated at block ${order.block.number}).`,
          `Cost about ${usd(order.predicted.costUsd)}, of which gas ${usd(order.predicted.gasUsd)}.`,
          order.doNothing.text,
          `Needs ${order.requiredApprovals} approval(s); valid for ${describeSpan(order.validUntil - order.quotedAt)} from its quote.`,
          `Compare before you sign: ${order.safeTransactionHash}`,
        ],
      }
    case 'CONFIRMED':
      return {
        title: `done: ${order.summary}`,
        lines: [
          ...(order.actual === undefined
            ? [`What came of it could not be measured (predicted: health factor ${after}).`]
            : [
                `Health factor ${ratio(order.actual.healthFactor)} (predicted ${after}).`,
                `Cost ${usd(order.actual.costUsd)} (predicted ${usd(order.predicted.costUsd)}), gas ${usd(order.actual.gasUsd)}.`,
              ]),
          `Transaction ${order.receipt?.hash ?? 'unknown'}`,
        ],
      }
    case 'SUBMITTED':
      return {
        title: `stuck: ${order.summary}`,
        lines: [
          order.events.findLast((event) => event.kind === 'fee-cap')?.note ?? 'It is not mined.',
          'Act by hand, or raise maxGasUsd.',
        ],
      }
    case 'APPROVED':
      return {
        title: `approved: ${order.summary}`,
        lines: [`By ${order.approvals.map((one) => one.approver).join(', ')}.`],
      }
    default:
      return { title: `${status.toLowerCase()}: ${order.summary}`, lines: [order.ending ?? 'No reason was recorded.'] }
  }
}

function clip(text: string): string {
  if (text.length <= 140) return text
  // At a word's end where there is one: half a number would be another number.
  const end = text.lastIndexOf(' ', 138)
  return end < 70 ? `${text.slice(0, 139)}…` : `${text.slice(0, end).replace(/[,;:]$/, '')} …`
}

function ratio(value: number | undefined): string {
  return value === undefined ? 'none (no debt)' : value.toFixed(3)
}

function usd(value: number | undefined): string {
  return value === undefined ? 'unknown' : `${value.toLocaleString('en-US', { maximumFractionDigits: 2 })} USD`
}
