// One execution environment of a function: a thread with its own environment, memory limit and time limit.

import { randomUUID } from 'node:crypto'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { Worker } from 'node:worker_threads'
import type { InvocationRequest, WorkerReport, WorkerSetup } from './worker-protocol.ts'

export interface WorkerPlan extends WorkerSetup {
  readonly environment: Readonly<Record<string, string>>
  readonly timeoutSeconds: number
  readonly onLine: (text: string, stream: 'stdout' | 'stderr') => void
}

/** What came of an invocation; a failing handler is an expected outcome. */
export type Outcome =
  | { readonly kind: 'done'; readonly payload: unknown }
  | { readonly kind: 'failed'; readonly errorType: string; readonly errorMessage: string; readonly trace: string }

export interface FunctionWorker {
  /** One at a time. */
  invoke(event: unknown, invokedFunctionArn: string): Promise<Outcome>
  /** False once the thread was killed or died; it takes no more invocations then. */
  isAlive(): boolean
  stop(): Promise<void>
}

/** Lambda gives initialisation ten seconds of its own, before the function's time limit counts. */
const initSeconds = 10

function failed(errorType: string, errorMessage: string, trace = ''): Outcome {
  return { kind: 'failed', errorType, errorMessage, trace }
}

function describeDeath(error: unknown): Outcome {
  if (!(error instanceof Error)) return failed('Runtime.ExitError', String(error))
  const outOfMemory = 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY'
  return failed(outOfMemory ? 'Runtime.OutOfMemory' : 'Runtime.ExitError', error.message, error.stack)
}

function spawn(plan: WorkerPlan): Worker {
  const { modulePath, exportName, functionName, memoryMb, environment, onLine } = plan
  const setup: WorkerSetup = { modulePath, exportName, functionName, memoryMb }
  const worker = new Worker(new URL('./worker-entry.ts', import.meta.url), {
    workerData: setup,
    env: { ...environment },
    execArgv: [],
    stdout: true,
    stderr: true,
    resourceLimits: { maxOldGenerationSizeMb: memoryMb },
  })
  const lines = (stream: Readable, name: 'stdout' | 'stderr') =>
    createInterface({ input: stream }).on('line', (text) => onLine(text, name))
  lines(worker.stdout, 'stdout')
  lines(worker.stderr, 'stderr')
  return worker
}

/** Starts a thread and loads the bundle in it; an invocation waits for that. */
export function startFunctionWorker(plan: WorkerPlan): FunctionWorker {
  const worker = spawn(plan)
  let isAlive = true
  let settle: ((outcome: Outcome) => void) | undefined
  let initDone: (outcome: Outcome | undefined) => void = () => {}
  const initialised = new Promise<Outcome | undefined>((resolve) => {
    initDone = resolve
  })

  function die(outcome: Outcome): void {
    isAlive = false
    clearTimeout(initTimer)
    initDone(outcome)
    settle?.(outcome)
    void worker.terminate()
  }
  const initTimer = setTimeout(
    () => die(failed('Sandbox.Timedout', `Initialisation took longer than ${initSeconds} s`)),
    initSeconds * 1_000,
  )
  worker.on('error', (error) => die(describeDeath(error)))
  worker.on('exit', (code) => die(failed('Runtime.ExitError', `Runtime exited with exit status ${code}`)))
  worker.on('message', (message: WorkerReport) => {
    if (message.kind === 'ready') {
      clearTimeout(initTimer)
      initDone(undefined)
    } else if (message.kind === 'init-failed') {
      die(failed(message.errorType, message.errorMessage, message.trace))
    } else if (message.kind === 'done') {
      settle?.({ kind: 'done', payload: JSON.parse(message.payload) })
    } else {
      settle?.(failed(message.errorType, message.errorMessage, message.trace))
    }
  })

  return {
    async invoke(event, invokedFunctionArn) {
      const initFailure = await initialised
      if (initFailure !== undefined) return initFailure
      const id = randomUUID()
      const limitMs = plan.timeoutSeconds * 1_000
      const { promise, resolve } = Promise.withResolvers<Outcome>()
      settle = resolve
      const message = `${id} Task timed out after ${plan.timeoutSeconds.toFixed(2)} seconds`
      const timer = setTimeout(() => die(failed('Sandbox.Timedout', message)), limitMs)
      const request: InvocationRequest = {
        id,
        event: JSON.stringify(event) ?? '{}',
        invokedFunctionArn,
        deadlineMs: Date.now() + limitMs,
      }
      worker.postMessage(request)
      const outcome = await promise
      clearTimeout(timer)
      settle = undefined
      return outcome
    },
    isAlive: () => isAlive,
    async stop() {
      die(failed('Runtime.Stopped', 'The house was stopped'))
      await worker.terminate()
    },
  }
}
