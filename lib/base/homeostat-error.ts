// One class for every failure we raise ourselves: a literal code, whether a retry can help, facts, and a hint for the operator.

export interface ErrorDetails {
  /** What is wrong, in a sentence, without secrets. */
  readonly message: string
  /** `later`: the same call may succeed; `never`: something has to change first. */
  readonly retry: 'later' | 'never'
  readonly facts?: Readonly<Record<string, string | number | boolean>>
  /** What the operator can do. */
  readonly hint?: string
  readonly cause?: unknown
}

/** Identify it by `code`: class names do not survive minification. */
export class HomeostatError extends Error {
  readonly code: string
  readonly retry: 'later' | 'never'
  readonly facts: Readonly<Record<string, string | number | boolean>>
  readonly hint: string | undefined

  constructor(code: string, details: ErrorDetails) {
    super(details.message, details.cause === undefined ? undefined : { cause: details.cause })
    this.name = 'HomeostatError'
    this.code = code
    this.retry = details.retry
    this.facts = details.facts ?? {}
    this.hint = details.hint
  }
}

/** True for our own errors, also across bundles. */
export function isHomeostatError(error: unknown): error is HomeostatError {
  return error instanceof Error && 'code' in error && 'retry' in error && 'facts' in error
}

/** A foreign error as ours; ours as it is. The foreign message is kept only if the caller says that it holds no secret. */
export function translated(error: unknown, code: string, details: Omit<ErrorDetails, 'cause'>): HomeostatError {
  return isHomeostatError(error) ? error : new HomeostatError(code, { ...details, cause: error })
}
