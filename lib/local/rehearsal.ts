// The whole line once, without a person: the market falls, the alert fires, an order is approved, executed, confirmed and measured again.

import { setTimeout as pause } from 'node:timers/promises'
import { HomeostatError } from '../base/homeostat-error.ts'
import { isEnded } from '../model/advance-order.ts'
import type { Order } from '../model/order.ts'
import type { DeliveryReceipt } from '../model/receipt.ts'
import type { PositionRisk, Report } from '../model/report.ts'
import type { Alert } from '../model/verdict.ts'
import { localPortfolioId } from './local-configuration.ts'
import type { Local } from './start-local.ts'

/** One moment of the portfolio, as `run.json` shows it. */
export interface Moment {
  readonly at: number
  readonly blockNumber: number
  readonly navUsd: number
  readonly healthFactor?: number
  readonly netDelta: Readonly<Record<string, number>>
  /** Of all positions, netted; whose part is whose stands in `positions`. */
  readonly netGreeks: Report['netGreeks']
  readonly netGreeksUsd: Report['netGreeksUsd']
  readonly positions: readonly Pick<PositionRisk, 'positionId' | 'label' | 'kind' | 'valueUsd' | 'greeks' | 'details'>[]
  readonly prices: Readonly<Record<string, number>>
  readonly dataState: string
  readonly dataStateReasons: readonly string[]
}

export interface Rehearsal {
  readonly before: Moment
  readonly breach: Moment
  readonly after: Moment
  readonly alerts: readonly Alert[]
  readonly orders: readonly Order[]
  readonly deliveries: readonly DeliveryReceipt[]
  readonly texts: readonly { readonly to: string; readonly text: string }[]
  readonly slack: readonly unknown[]
  readonly refusals: readonly unknown[]
  readonly timingsMs: Readonly<Record<string, number>>
}

export interface RehearsalOptions {
  readonly onStep: (what: string, milliseconds: number) => void
  readonly onBegin?: (what: string) => void
  /** 0.18: ETH and BTC fall by 18 %. */
  readonly fall: number
}

const patienceMs = 25_000

/**
 * Runs on a house that was just started.
 * @throws HomeostatError `rehearsal-stuck` naming the step that did not happen in time, `call-refused` naming the grant that a role lacks
 */
export async function rehearse(local: Local, options: RehearsalOptions): Promise<Rehearsal> {
  const { watch, orders } = local.connection
  const timingsMs: Record<string, number> = {}
  const began = performance.now()
  const step = async <T>(name: string, what: string, look: () => Promise<T | undefined>): Promise<T> => {
    options.onBegin?.(what)
    const start = performance.now()
    const found = await until(what, () => {
      mustHaveNoRefusal(local)
      return look()
    })
    timingsMs[name] = Math.round(performance.now() - start)
    options.onStep(what, timingsMs[name])
    return found
  }
  const newest = async () => (await watch.latestReports(localPortfolioId, 1))[0]

  const before = await step('firstReport', 'first snapshot and report', async () => {
    const report = await newest()
    return report?.dataState.kind === 'FRESH' ? report : undefined
  })
  await step('fall', `the market falls by ${(options.fall * 100).toFixed(0)} %`, () =>
    fall(local, before, options.fall),
  )
  const breach = await step('alert', 'the health factor breaches its limit: alert', async () => {
    const alert = (await watch.latestAlerts(localPortfolioId, 20)).find(
      (one) => one.ruleId === 'health' && one.state === 'raised',
    )
    return alert === undefined ? undefined : watch.report(localPortfolioId, alert.reportId)
  })
  const proposed = await step('proposal', 'order quoted, simulated and proposed', async () => {
    const order = (await orders.orders(localPortfolioId, 5))[0]
    return order?.status === 'PROPOSED' ? order : undefined
  })
  await step('approval', "an owner's signature approves it", () => approveOrder(local, proposed))
  const done = await step('execution', 'executed on chain and confirmed', async () => {
    const order = await orders.order(proposed.id)
    return order !== undefined && isEnded(order.status) ? order : undefined
  })
  if (done.status !== 'CONFIRMED') throw ended(done)
  const after = await step('remeasure', 'measured again', async () => {
    const report = await newest()
    const mined = done.receipt?.blockNumber ?? 0
    return report !== undefined && report.dataState.kind === 'FRESH' && blockOf(report) >= mined ? report : undefined
  })
  const deliveries = await step('deliveries', 'everybody was told', async () => {
    const receipts = await watch.latestReceipts(localPortfolioId, 100)
    return receipts.some((receipt) => receipt.noticeId.includes('~CONFIRMED~')) ? receipts : undefined
  })
  mustHaveNoRefusal(local)
  return {
    before: momentOf(before),
    breach: momentOf(breach),
    after: momentOf(after),
    alerts: await watch.latestAlerts(localPortfolioId, 100),
    orders: await orders.orders(localPortfolioId, 100),
    deliveries,
    texts: local.house.smsOutbox().map(({ phoneNumber, message }) => ({ to: phoneNumber, text: message })),
    slack: local.slack.messages(),
    refusals: local.house.refusals(),
    timingsMs: { ...local.timingsMs, ...timingsMs, rehearsal: Math.round(performance.now() - began) },
  }
}

/** Posts the demo owner's signature to the approve URL, as the page does. */
export async function approveOrder(local: Pick<Local, 'approver' | 'connection'>, order: Order): Promise<true> {
  const signature = await local.approver.sign(order)
  const url = `${local.connection.approveUrl.replace(/\/$/, '')}/o/${encodeURIComponent(order.id)}/${order.linkKey}/approvals`
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ signature, safeTransactionHash: order.safeTransactionHash }),
    signal: AbortSignal.timeout(10_000),
  })
  if (response.ok) return true
  throw new HomeostatError('approval-refused', {
    message: `The approval of ${order.id} was refused with ${response.status}: ${(await response.text()).slice(0, 300)}`,
    retry: 'never',
    facts: { orderId: order.id, status: response.status },
  })
}

/** A report as a moment. */
export function momentOf(report: Report): Moment {
  return {
    at: report.at,
    blockNumber: blockOf(report),
    navUsd: report.navUsd,
    ...(report.healthFactor === undefined ? {} : { healthFactor: report.healthFactor }),
    netDelta: report.netGreeks.delta,
    netGreeks: report.netGreeks,
    netGreeksUsd: report.netGreeksUsd,
    positions: report.positions.map(({ positionId, label, kind, valueUsd, greeks, details }) => ({
      positionId,
      label,
      kind,
      valueUsd,
      ...(greeks === undefined ? {} : { greeks }),
      ...(details === undefined ? {} : { details }),
    })),
    prices: report.price,
    dataState: report.dataState.kind,
    dataStateReasons: report.dataState.kind === 'FRESH' ? [] : report.dataState.reasons,
  }
}

async function fall(local: Local, before: Report, by: number): Promise<true> {
  const { ETH = 0, BTC = 0 } = before.price
  await local.world.setPrices({ ETH: ETH * (1 - by), BTC: BTC * (1 - by) })
  return true
}

function blockOf(report: Report): number {
  return report.blocks[0]?.number ?? 0
}

async function until<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  const deadline = performance.now() + patienceMs
  for (;;) {
    const found = await look()
    if (found !== undefined) return found
    if (performance.now() > deadline) {
      throw new HomeostatError('rehearsal-stuck', {
        message: `This did not happen within ${patienceMs / 1_000} s: ${what}.`,
        retry: 'never',
        facts: { step: what },
        hint: 'Run with --verbose to see the log of each Lambda.',
      })
    }
    await pause(100)
  }
}

/**
 * In the cloud the call would fail, too: a run must not pass because something else made up for it.
 * @throws HomeostatError `call-refused`
 */
export function mustHaveNoRefusal({ house }: Pick<Local, 'house'>): void {
  const [first, ...more] = house.refusals()
  if (first === undefined) return
  throw new HomeostatError('call-refused', {
    message: `${first.by} may not call ${first.action} on ${first.resource || 'what it asked for'}: ${first.why}.`,
    retry: 'never',
    facts: { by: first.by, action: first.action, resource: first.resource, further: more.length },
    hint: 'Grant it to the door in lib/infra/stacks, and show it in the table of test/infra/grants.test.ts.',
  })
}

function ended(order: Order): HomeostatError {
  return new HomeostatError('order-not-confirmed', {
    message: `Order ${order.id} ended as ${order.status}: ${order.ending ?? 'no reason was recorded'}.`,
    retry: 'never',
    facts: { orderId: order.id, status: order.status },
  })
}
