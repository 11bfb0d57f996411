// Says whether a `run.json` tells the whole story: a fall, an alert, an order approved and executed, a recovery, everybody told.

import { readFileSync } from 'node:fs'
import { argv, exit, stderr, stdout } from 'node:process'
import { fileURLToPath } from 'node:url'
import * as z from '../lib/base/schema.ts'

const moment = z.object({
  navUsd: z.number(),
  healthFactor: z.number(),
  netDelta: z.record(z.string(), z.number()),
  netGreeks: z.object({
    delta: z.record(z.string(), z.number()),
    vega: z.record(z.string(), z.record(z.string(), z.number())),
    theta: z.object({ decay: z.number(), funding: z.number(), interest: z.number(), fees: z.number() }),
  }),
  positions: z.array(z.object({ kind: z.string(), greeks: z.object({ delta: z.record(z.string(), z.number()) }) })),
  dataState: z.literal('FRESH'),
})
const measured = z.object({ healthFactor: z.number(), costUsd: z.number() })
const order = z.object({
  id: z.string().check(z.minLength(1)),
  status: z.string(),
  approvals: z.array(z.object({ approver: z.string(), signature: z.string() })),
  transactions: z.array(z.object({ hash: z.string(), raw: z.string() })),
  predicted: measured,
  actual: z.optional(measured),
})
const run = z.object({
  before: moment,
  breach: moment,
  after: moment,
  alerts: z.array(z.object({ ruleId: z.string(), state: z.string() })),
  orders: z.array(order),
  deliveries: z.array(z.object({ notifierId: z.string(), delivery: z.object({ kind: z.string() }) })),
  timingsMs: z.record(z.string(), z.number()),
})

/** What is missing or wrong in the content of a `run.json`, in words; empty when all is told. */
export const faultsOf = (value: unknown): readonly string[] => {
  const { data, error } = z.safeParse(run, value)
  if (data === undefined) return (error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`)
  const { before, breach, after, alerts, orders, deliveries } = data
  const confirmed = orders.find(({ status }) => status === 'CONFIRMED')
  const { approvals = [], transactions = [], predicted, actual } = confirmed ?? {}
  const claims: readonly (readonly [boolean, string])[] = [
    [
      breach.healthFactor < before.healthFactor,
      'the market fell, so the health factor at the breach is below the one before',
    ],
    [
      after.healthFactor > breach.healthFactor,
      'the order worked, so the health factor after is above the one at the breach',
    ],
    [alerts.some(({ state }) => state === 'raised'), 'an alert was raised'],
    [confirmed !== undefined, 'an order is CONFIRMED'],
    [approvals.length > 0, 'the confirmed order has an approval'],
    [transactions.length > 0, 'the confirmed order has a transaction'],
    [
      predicted !== undefined && actual !== undefined && Math.abs(actual.healthFactor - predicted.healthFactor) < 0.01,
      'the health factor that the order led to is the predicted one to 0.01',
    ],
    [
      Object.values(before.netGreeks.vega.ETH ?? {}).some((vega) => vega > 0) && before.netGreeks.theta.decay < 0,
      'the option leg shows in the net Greeks: vega above 0, decay below',
    ],
    [before.netGreeks.theta.funding > 0, 'the short perpetual shows in the net Greeks: funding is received'],
    [
      Object.entries(before.netGreeks.delta).every(([name, net]) => {
        const parts = before.positions.map(({ greeks }) => greeks.delta[name] ?? 0)
        const gross = parts.reduce((sum, part) => sum + Math.abs(part), 1)
        return Math.abs(parts.reduce((sum, part) => sum + part, 0) - net) <= 1e-9 * gross
      }),
      'the deltas of all positions sum to the net delta',
    ],
    [deliveries.some(({ delivery }) => delivery.kind === 'accepted'), 'somebody was told'],
  ]
  return claims.filter(([holds]) => !holds).map(([, claim]) => `does not hold: ${claim}`)
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  const faults = faultsOf(JSON.parse(readFileSync(argv[2] ?? 'run.json', 'utf8')))
  if (faults.length > 0) stderr.write(`${faults.join('\n')}\n`)
  else stdout.write('The run tells the whole story.\n')
  exit(faults.length === 0 ? 0 : 1)
}
