// The names by which the stack, the configuration and the doors understand each other: queues, environment variables, secrets.

export const queueNames = [
  'chains',
  'snapshots',
  'assessments',
  'proposals',
  'notifications',
  'executions',
  'settlements',
] as const
export type QueueName = (typeof queueNames)[number]

export const variables = {
  watchTable: 'WATCH_TABLE',
  ordersTable: 'ORDERS_TABLE',
  configTable: 'CONFIG_TABLE',
  blobsBucket: 'BLOBS_BUCKET',
  relayerKey: 'RELAYER_KEY_ID',
  /** URLs of the queues whose messages start the door, joined by commas. */
  consumedQueues: 'CONSUMED_QUEUE_URLS',
  /** Names the installation; part of every order's digest. */
  deployment: 'DEPLOYMENT',
  approveUrl: 'APPROVE_URL',
  consoleUrl: 'CONSOLE_URL',
  /** Only ever set by the local runner: where the demo approver's key signs. */
  demoSignUrl: 'DEMO_SIGN_URL',
} as const

/** How the names of secrets begin, by what they are for: a role reads those of its own work and no others. */
export const secretPrefixes = {
  rpc: 'homeostat/rpc/',
  notify: 'homeostat/notify/',
  webhook: 'homeostat/webhook/',
  venue: 'homeostat/venue/',
} as const

/** `SNAPSHOTS_QUEUE_URL` for `snapshots`. */
export function queueVariable(queue: QueueName): string {
  return `${queue.toUpperCase()}_QUEUE_URL`
}
