// What runs inside a function's thread: loads the bundle once, then answers one invocation after another, as Lambda's runtime does.

import { pathToFileURL } from 'node:url'
import { parentPort, workerData } from 'node:worker_threads'
import type { InvocationRequest, WorkerReport, WorkerSetup } from './worker-protocol.ts'

const { modulePath, exportName, functionName, memoryMb } = workerData as WorkerSetup
const report = (message: WorkerReport) => parentPort?.postMessage(message)
type Handler = (event: unknown, context: object) => unknown

function failure(error: unknown): { errorType: string; errorMessage: string; trace: string } {
  if (!(error instanceof Error)) return { errorType: 'Error', errorMessage: String(error), trace: '' }
  return { errorType: error.name, errorMessage: error.message, trace: error.stack ?? '' }
}

async function load(): Promise<Handler | undefined> {
  try {
    const module = (await import(pathToFileURL(modulePath).href)) as Record<string, unknown>
    const found = module[exportName] ?? (module.default as Record<string, unknown> | undefined)?.[exportName]
    if (typeof found !== 'function') throw new Error(`${modulePath} exports no function ${exportName}`)
    return found as Handler
  } catch (error) {
    report({ kind: 'init-failed', ...failure(error) })
    return undefined
  }
}

async function answer(
  handler: Handler,
  { id, event, deadlineMs, invokedFunctionArn }: InvocationRequest,
): Promise<void> {
  const context = {
    awsRequestId: id,
    functionName,
    functionVersion: '$LATEST',
    invokedFunctionArn,
    memoryLimitInMB: String(memoryMb),
    logGroupName: functionName,
    logStreamName: 'local',
    callbackWaitsForEmptyEventLoop: false,
    getRemainingTimeInMillis: () => Math.max(0, deadlineMs - Date.now()),
  }
  try {
    const result = await handler(JSON.parse(event), context)
    report({ kind: 'done', id, payload: JSON.stringify(result) ?? 'null' })
  } catch (error) {
    report({ kind: 'failed', id, ...failure(error) })
  }
}

const handler = await load()
if (handler !== undefined) {
  parentPort?.on('message', (request: InvocationRequest) => void answer(handler, request))
  report({ kind: 'ready' })
}
