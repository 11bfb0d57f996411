// The messages between the runner and a function's thread. Payloads travel as JSON text, as they do to and from Lambda.

export interface WorkerSetup {
  readonly modulePath: string
  readonly exportName: string
  readonly functionName: string
  readonly memoryMb: number
}

export interface InvocationRequest {
  readonly id: string
  readonly event: string
  readonly invokedFunctionArn: string
  /** Milliseconds since 1970. */
  readonly deadlineMs: number
}

interface Failure {
  readonly errorType: string
  readonly errorMessage: string
  readonly trace: string
}

export type WorkerReport =
  | { readonly kind: 'ready' }
  | ({ readonly kind: 'init-failed' } & Failure)
  | { readonly kind: 'done'; readonly id: string; readonly payload: string }
  | ({ readonly kind: 'failed'; readonly id: string } & Failure)
