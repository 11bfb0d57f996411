// `homeostat order`: see orders, verify them independently of the page, approve or reject them with an owner's key.

import type { Command } from 'commander'
import { HomeostatError } from '../../lib/base/homeostat-error.ts'
import type { Order } from '../../lib/model/order.ts'
import { colours as pc } from '../colours.ts'
import { type InstallationFlags, openInstallation, withInstallation } from '../installation.ts'
import { printTable } from '../print-table.ts'
import { mustBeKnown, onlyPortfolio } from './snapshot.ts'

interface OrderFlags extends InstallationFlags {
  readonly json?: true
}

interface SigningFlags extends OrderFlags {
  readonly signature?: string
}

/** Never an argument: arguments show in process lists and shell histories. */
const keyVariable = 'HOMEOSTAT_APPROVER_KEY'

export function addOrder(program: Command): void {
  const group = program.command('order').description('Orders: see, verify, approve, reject.')
  withInstallation(
    group
      .command('list')
      .description('List the orders of a portfolio, newest first.')
      .argument('[portfolio]', 'id of the portfolio; may be left out if there is one'),
  )
    .option('--json', 'print JSON')
    .action(list)
  withInstallation(
    group.command('show').description('Show one order: what, why, cost, calls, life.').argument('<order>'),
  )
    .option('--json', 'print JSON')
    .action(show)
  withInstallation(
    group
      .command('verify')
      .description(
        'Recompute digest, batch, Safe hash, approvals and event chain of an order, and say what to compare.',
      )
      .argument('<order>'),
  )
    .option('--json', 'print JSON')
    .action(verify)
  for (const [name, what] of [
    ['approve', "Approve an order with an owner's signature."],
    ['reject', "Reject an order with an approver's signature."],
  ] as const) {
    withInstallation(group.command(name).description(what).argument('<order>'))
      .option('--signature <hex>', `a signature made elsewhere; otherwise the key in ${keyVariable} signs`)
      .option('--json', 'print JSON')
      .action((id: string, flags: SigningFlags) => decideOn(id, flags, name))
  }
}

async function list(portfolio: string | undefined, flags: OrderFlags): Promise<void> {
  const connection = await openInstallation(flags)
  const orders = await connection.orders.orders(portfolio ?? (await onlyPortfolio(connection)), 50)
  // A portfolio that was taken out keeps its orders; one that never was is a slip.
  if (orders.length === 0 && portfolio !== undefined) await mustBeKnown(connection, portfolio)
  if (flags.json === true) {
    console.log(JSON.stringify(orders, null, 2))
    return
  }
  if (orders.length === 0) {
    console.log('No orders yet.')
    return
  }
  printTable(
    [
      { title: 'order', align: 'left' },
      { title: 'status', align: 'left' },
      { title: 'approvals', align: 'right' },
      { title: 'HF before', align: 'right' },
      { title: 'HF after', align: 'right' },
      { title: 'cost', align: 'right' },
      { title: 'what', align: 'left' },
    ],
    orders.map((order) => [
      order.id,
      order.status,
      `${order.approvals.length}/${order.requiredApprovals}`,
      order.simulation.healthFactorBefore?.toFixed(3) ?? '',
      (order.actual ?? order.predicted).healthFactor?.toFixed(3) ?? '',
      `$${((order.actual ?? order.predicted).costUsd ?? 0).toFixed(2)}`,
      order.summary,
    ]),
  )
}

async function show(id: string, flags: OrderFlags): Promise<void> {
  const order = await read(id, flags)
  if (flags.json === true) {
    console.log(JSON.stringify(order, null, 2))
    return
  }
  const { orderView } = await import('../../lib/web/order-view.ts')
  const { systemClock } = await import('../../lib/wiring/clock.ts')
  const view = orderView(order, systemClock.now())
  console.log(`${pc.bold(order.id)}  ${order.status}  quote ${order.quote}, ${view.validity}`)
  console.log(`what        ${order.summary}\nwhy         ${order.why}\notherwise   ${view.doNothing}`)
  for (const call of order.calls) console.log(`step        ${call.label}`)
  for (const line of view.alternatives) console.log(`instead     ${line}`)
  for (const row of view.outcome)
    console.log(
      `${row.what.padEnd(26)} predicted ${row.predicted.padStart(14)}${order.actual === undefined ? '' : `   actual ${row.actual.padStart(14)}`}`,
    )
  console.log(`sign        ${order.safeTransactionHash}`)
  if (view.approvePath !== undefined) {
    const { approveUrl } = await openInstallation(flags)
    console.log(`open        ${approveUrl.replace(/\/+$/, '')}${view.approvePath}`)
  }
  if (view.ended && view.ending !== undefined) console.log(`ended       ${view.ending}`)
  for (const event of view.timeline)
    console.log(`${new Date(event.at * 1_000).toISOString()}  ${event.status.padEnd(10)} ${event.note}`)
}

async function verify(id: string, flags: OrderFlags): Promise<void> {
  const { chainHolds, orderDefect, recoverSigner } = await import('../../lib/model/order-hash.ts')
  const order = await read(id, flags)
  const defect = orderDefect(order)
  const signers = await Promise.all(
    order.approvals.map(({ signature }) => recoverSigner(order.safeTransactionHash, signature)),
  )
  const strangers = order.approvals.filter((approval, index) => signers[index] !== approval.approver)
  const result = {
    orderId: order.id,
    holds: defect === undefined && chainHolds(order.events) && strangers.length === 0,
    digest: order.digest,
    safeTransactionHash: order.safeTransactionHash,
    ...(defect === undefined ? {} : { defect }),
    eventsHold: chainHolds(order.events),
    approvals: order.approvals.map(({ approver }, index) => ({ approver, recovered: signers[index] })),
  }
  if (flags.json === true) console.log(JSON.stringify(result, null, 2))
  else {
    console.log(
      result.holds
        ? pc.green('The order is whole.')
        : pc.red(`The order is not whole: ${defect ?? 'its events or approvals do not hold'}.`),
    )
    console.log(`digest                  ${order.digest}\nSafe transaction hash   ${order.safeTransactionHash}`)
    console.log('Compare the Safe transaction hash with the page and with what your wallet shows before it signs.')
  }
  if (!result.holds) process.exitCode = 1
}

/** On the stores and the bus themselves: it works while the approve URL is flooded, throttled or gone. */
async function decideOn(id: string, flags: SigningFlags, verb: 'approve' | 'reject'): Promise<void> {
  const connection = await openInstallation(flags)
  const order = await read(id, flags)
  const signature = flags.signature ?? (await sign(order, verb))
  const { approveOrder, rejectOrder } = await import('../../lib/flows/approve-order.ts')
  const { currentSettings } = await import('../../lib/flows/current-settings.ts')
  const { systemClock } = await import('../../lib/wiring/clock.ts')
  const deps = {
    orders: connection.orders,
    bus: connection.bus,
    clock: systemClock,
    settings: (portfolioId: string) => currentSettings(connection.config, portfolioId),
    log: { line: noteLeftOver },
  }
  const { safeTransactionHash } = order
  const signed = { orderId: id, signature, safeTransactionHash, channel: 'cli' } as const
  const outcome = await (verb === 'approve' ? approveOrder(deps, signed) : rejectOrder(deps, signed))
  if (outcome.kind === 'refused') {
    const { code, message, hint } = outcome
    throw new HomeostatError(code, {
      message,
      retry: code === 'busy' ? 'later' : 'never',
      facts: { orderId: id },
      hint,
    })
  }
  const stored = outcome.order
  if (flags.json === true)
    console.log(JSON.stringify({ orderId: id, status: stored.status, approvals: stored.approvals }))
  else console.log(`${id}: ${stored.status}, ${stored.approvals.length} of ${stored.requiredApprovals} approval(s)`)
}

/** The decision is stored; what could not be announced is sent by `deliver` within a minute. */
function noteLeftOver(event: string, facts: Readonly<Record<string, unknown>>): void {
  if (event === 'outbox-left') console.error(pc.yellow(`stored, and announced within a minute: ${facts.reason}`))
}

async function sign(order: Order, verb: 'approve' | 'reject'): Promise<string> {
  const key = process.env[keyVariable]
  if (key === undefined || !/^0x[0-9a-fA-F]{64}$/.test(key)) {
    throw new HomeostatError('no-approver-key', {
      message: `No signature was given, and ${keyVariable} holds no private key (0x and 64 hexadecimal digits).`,
      retry: 'never',
      hint: `Sign in your wallet by the link of \`homeostat order show\`, pass --signature, or set ${keyVariable} for this one command.`,
    })
  }
  const { signApproval, signRejection } = await import('../../lib/wiring/sign-locally.ts')
  return verb === 'approve' ? signApproval(key as `0x${string}`, order) : signRejection(key as `0x${string}`, order)
}

async function read(id: string, flags: InstallationFlags): Promise<Order> {
  const order = await (await openInstallation(flags)).orders.order(id)
  if (order !== undefined) return order
  throw new HomeostatError('unknown-order', {
    message: `There is no order ${id}.`,
    retry: 'never',
    facts: { orderId: id },
    hint: 'See `homeostat order list`.',
  })
}
