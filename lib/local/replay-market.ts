// Plays a market's past through the whole house, row by row, and writes down what the house made of it.

import { setTimeout as pause } from 'node:timers/promises'
import { isHomeostatError } from '../base/homeostat-error.ts'
import { isEnded } from '../model/advance-order.ts'
import type { Order } from '../model/order.ts'
import type { Report } from '../model/report.ts'
import { localPortfolioId } from './local-configuration.ts'
import { approveOrder, type Moment, momentOf, type Rehearsal } from './rehearsal.ts'
import type { Local } from './start-local.ts'
import type { MarketHistory } from './world/market-csv.ts'
import { playMarket } from './world/play-market.ts'

/** One row of the market and the state of the house when the next one began. */
export interface ReplayRow {
  readonly row: number
  readonly marketAt: string
  readonly prices: Readonly<Record<string, number>>
  readonly moment?: Moment
  readonly alerts: readonly string[]
  readonly orders: readonly { readonly id: string; readonly status: string }[]
}

export interface Replay extends Omit<Rehearsal, 'breach'> {
  /** Absent if no row breached the health rule. */
  readonly breach?: Moment
  readonly rows: readonly ReplayRow[]
  readonly notes: readonly string[]
}

export interface ReplayOptions {
  readonly market: MarketHistory
  readonly rowSeconds: number
  /** Whether each proposed order is approved with the demo key, as a person would. */
  readonly approves: boolean
  readonly signal: AbortSignal
  readonly onLine: (line: string) => void
}

/** Seconds that an order may still take after the last row. */
const patienceSeconds = 30

export async function replayMarket(local: Local, options: ReplayOptions): Promise<Replay> {
  const { watch, orders } = local.connection
  const began = performance.now()
  const rows: ReplayRow[] = []
  const first = options.market.rows[0]
  if (first !== undefined) await local.world.setPrices(first.prices)
  const before = await freshReport(local, (report) => report.dataState.kind === 'FRESH')
  const told = new Set<string>()
  const tellEndings = (all: readonly Order[]) => {
    for (const line of endings(all, told)) options.onLine(line)
  }
  const approving = options.approves ? startApproving(local, options.onLine) : undefined
  options.onLine('row  market time            ETH       BTC          NAV     HF  state     orders and alerts')
  await playMarket(
    {
      drive: local.world,
      async onRow(row, index) {
        await pause(Math.min(options.rowSeconds * 1_000 * 0.8, 1_500))
        const [report] = await watch.latestReports(localPortfolioId, 1)
        const alerts = await watch.latestAlerts(localPortfolioId, 50)
        const known = new Set(rows.flatMap((one) => one.alerts))
        const current = await orders.orders(localPortfolioId, 20)
        const entry: ReplayRow = {
          row: index + 1,
          marketAt: new Date(row.at * 1_000).toISOString(),
          prices: row.prices as Readonly<Record<string, number>>,
          ...(report === undefined ? {} : { moment: momentOf(report) }),
          alerts: alerts
            .map((alert) => alert.id)
            .filter((id) => !known.has(id))
            .toReversed(),
          orders: current.map(({ id, status }) => ({ id, status })),
        }
        rows.push(entry)
        options.onLine(lineOf(entry))
        tellEndings(current)
      },
    },
    { rows: options.market.rows, rowSeconds: options.rowSeconds, signal: options.signal },
  )
  await settled(local)
  await approving?.stop()
  const done = await orders.orders(localPortfolioId, 100)
  tellEndings(done)
  const mined = Math.max(0, ...done.map((order) => order.receipt?.blockNumber ?? 0))
  const after = await freshReport(local, (report) => (report.blocks[0]?.number ?? 0) >= mined)
  const alerts = await watch.latestAlerts(localPortfolioId, 100)
  const raised = alerts.findLast((alert) => alert.ruleId === 'health' && alert.state === 'raised')
  const breach = raised === undefined ? undefined : await watch.report(localPortfolioId, raised.reportId)
  return {
    before: momentOf(before),
    ...(breach === undefined ? {} : { breach: momentOf(breach) }),
    after: momentOf(after),
    alerts,
    orders: done,
    deliveries: await watch.latestReceipts(localPortfolioId, 200),
    texts: local.house.smsOutbox().map(({ phoneNumber, message }) => ({ to: phoneNumber, text: message })),
    slack: local.slack.messages(),
    refusals: local.house.refusals(),
    timingsMs: { ...local.timingsMs, replay: Math.round(performance.now() - began) },
    rows,
    notes: options.market.notes,
  }
}

/** A line for each order that has ended since the last call, newest last. */
function endings(all: readonly Order[], told: Set<string>): readonly string[] {
  const fresh = all.filter(({ id, status }) => isEnded(status) && !told.has(id)).toReversed()
  for (const { id } of fresh) told.add(id)
  return fresh.map(({ id, status, ending }) => `     ${id} ended ${status}${ending === undefined ? '' : `: ${ending}`}`)
}

/** What came of it, for people: alerts, orders, the worst health factor and the last one. */
export function replaySummary(replay: Replay): readonly string[] {
  const factors = replay.rows.flatMap(({ row, moment }) =>
    moment?.healthFactor === undefined ? [] : [{ row, factor: moment.healthFactor }],
  )
  const worst = factors.reduce<(typeof factors)[number] | undefined>(
    (least, one) => (least === undefined || one.factor < least.factor ? one : least),
    undefined,
  )
  const raised = replay.alerts.filter(({ state }) => state === 'raised').map(({ ruleId }) => ruleId)
  const rules = [...new Set(raised)].map((rule) => `${raised.filter((one) => one === rule).length} of ${rule}`)
  return [
    `alerts   ${raised.length === 0 ? 'none' : `${raised.length} raised: ${rules.join(', ')}`}`,
    ...(replay.orders.length === 0 ? ['orders   none'] : []),
    ...replay.orders.toReversed().map(({ id, status, summary }) => `order    ${id} ${status}: ${summary}`),
    `HF       ${worst === undefined ? 'no row has one' : `worst ${worst.factor.toFixed(3)} in row ${worst.row}`}, at the end ${replay.after.healthFactor?.toFixed(3) ?? 'none'}`,
  ]
}

/** Approves what is proposed, each quote once. */
function startApproving(local: Local, onLine: (line: string) => void): { stop(): Promise<void> } {
  const abort = new AbortController()
  const seen = new Set<string>()
  const loop = (async () => {
    while (!abort.signal.aborted) {
      const open = (await local.connection.orders.orders(localPortfolioId, 5)).find(
        (order) => order.status === 'PROPOSED',
      )
      if (open !== undefined && !seen.has(open.safeTransactionHash)) {
        seen.add(open.safeTransactionHash)
        onLine(`     approving ${open.id}, quote ${open.quote}: ${open.summary}`)
        try {
          await approveOrder(local, open)
        } catch (error) {
          // A quote can change between reading and signing; the next one is signed instead.
          onLine(`     not approved: ${isHomeostatError(error) ? error.message : String(error)}`)
        }
      }
      await pause(150, undefined, { signal: abort.signal }).catch(() => undefined)
    }
  })()
  return {
    async stop() {
      abort.abort()
      await loop
    },
  }
}

async function settled(local: Local): Promise<void> {
  const deadline = performance.now() + patienceSeconds * 1_000
  const isOpen = (order: Order) => !isEnded(order.status)
  while (performance.now() < deadline) {
    if (!(await local.connection.orders.orders(localPortfolioId, 20)).some(isOpen)) return
    await pause(250)
  }
}

async function freshReport(local: Local, accepts: (report: Report) => boolean): Promise<Report> {
  const since = (await local.world.blockTime()) - 1
  for (;;) {
    const [report] = await local.connection.watch.latestReports(localPortfolioId, 1)
    if (report !== undefined && (report.blocks[0]?.timestamp ?? 0) >= since && accepts(report)) return report
    await pause(100)
  }
}

function lineOf({ row, marketAt, moment, alerts, orders, prices }: ReplayRow): string {
  const eth = (prices.ETH ?? moment?.prices.ETH)?.toFixed(2) ?? ''
  const btc = (prices.BTC ?? moment?.prices.BTC)?.toFixed(0) ?? ''
  const nav = moment === undefined ? '' : Math.round(moment.navUsd).toLocaleString('en-US')
  const open = orders[0] === undefined ? '' : `${orders[0].id} ${orders[0].status}`
  return [
    String(row).padStart(3),
    ` ${marketAt.slice(0, 16)}Z`,
    eth.padStart(9),
    btc.padStart(9),
    nav.padStart(12),
    (moment?.healthFactor?.toFixed(3) ?? '').padStart(6),
    ` ${(moment?.dataState ?? '').padEnd(9)}`,
    [open, ...alerts].filter((text) => text !== '').join('  '),
  ].join(' ')
}
