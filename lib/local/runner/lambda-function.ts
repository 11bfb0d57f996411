// A function of the template: up to N execution environments, one invocation at a time in each, and what it has said lately.

import type { FunctionWorker, Outcome, WorkerPlan } from './function-worker.ts'
import { startFunctionWorker } from './function-worker.ts'

export interface LogLine {
  /** What people call the function: its logical id without `Function` and CDK's hash. */
  readonly door: string
  readonly text: string
  readonly stream: 'stdout' | 'stderr'
  /** Milliseconds since 1970. */
  readonly atMs: number
}

export interface Invocation {
  readonly door: string
  readonly outcome: Outcome['kind']
  /** `errorType: errorMessage` of a failure. */
  readonly failure: string | undefined
  readonly durationMs: number
}

export interface LambdaFunction {
  readonly logicalId: string
  readonly door: string
  readonly name: string
  readonly arn: string
  readonly timeoutSeconds: number
  /** Execution environments at most. */
  readonly concurrency: number
  readonly accessKeyId: string
  /** Waits for a free environment. Never rejects: failures are outcomes. */
  invoke(event: unknown, invokedFunctionArn?: string): Promise<Outcome>
  /** Starts an environment ahead of the first invocation. */
  warm(): void
  /** The latest lines, oldest first. */
  log(): readonly LogLine[]
  stop(): Promise<void>
}

export interface FunctionPlan extends Omit<WorkerPlan, 'onLine'> {
  readonly logicalId: string
  readonly door: string
  readonly arn: string
  readonly concurrency: number
  readonly accessKeyId: string
  readonly onLog: (line: LogLine) => void
  readonly onInvocation: (invocation: Invocation) => void
}

const keptLines = 1_000
const stopped: Outcome = {
  kind: 'failed',
  errorType: 'Runtime.Stopped',
  errorMessage: 'The house was stopped',
  trace: '',
}

/** Makes a function; no thread starts before `warm` or the first invocation. */
export function makeLambdaFunction(plan: FunctionPlan): LambdaFunction {
  const { door, arn, concurrency } = plan
  const lines: LogLine[] = []
  const idle: FunctionWorker[] = []
  const all = new Set<FunctionWorker>()
  const waiting: ((worker: FunctionWorker | undefined) => void)[] = []
  let isStopped = false

  function onLine(text: string, stream: 'stdout' | 'stderr'): void {
    const line = { door, text, stream, atMs: Date.now() }
    lines.push(line)
    if (lines.length > keptLines) lines.shift()
    plan.onLog(line)
  }
  function start(): FunctionWorker {
    const worker = startFunctionWorker({ ...plan, onLine })
    all.add(worker)
    return worker
  }
  function discardDead(): void {
    for (const worker of all) if (!worker.isAlive()) all.delete(worker)
  }
  async function borrow(): Promise<FunctionWorker | undefined> {
    if (isStopped) return undefined
    discardDead()
    for (let worker = idle.pop(); worker !== undefined; worker = idle.pop()) if (worker.isAlive()) return worker
    if (all.size < concurrency) return start()
    return new Promise((resolve) => waiting.push(resolve))
  }
  function giveBack(worker: FunctionWorker): void {
    discardDead()
    const next = waiting.shift()
    if (next !== undefined) next(worker.isAlive() ? worker : start())
    else if (worker.isAlive()) idle.push(worker)
  }

  return {
    logicalId: plan.logicalId,
    door,
    name: plan.functionName,
    arn,
    timeoutSeconds: plan.timeoutSeconds,
    concurrency,
    accessKeyId: plan.accessKeyId,
    async invoke(event, invokedFunctionArn = arn) {
      const worker = await borrow()
      if (worker === undefined) return stopped
      const startedMs = performance.now()
      const outcome = await worker.invoke(event, invokedFunctionArn)
      const durationMs = performance.now() - startedMs
      if (!isStopped) giveBack(worker)
      const failure = outcome.kind === 'failed' ? `${outcome.errorType}: ${outcome.errorMessage}` : undefined
      if (outcome.kind === 'failed') onLine(`ERROR ${outcome.trace || failure}`, 'stderr')
      plan.onInvocation({ door, outcome: outcome.kind, failure, durationMs })
      return outcome
    },
    warm() {
      if (!isStopped && all.size === 0) idle.push(start())
    },
    log: () => [...lines],
    async stop() {
      isStopped = true
      for (const resolve of waiting.splice(0)) resolve(undefined)
      await Promise.all([...all].map((worker) => worker.stop()))
    },
  }
}
