// Ends a switch over a union: the compiler proves that every alternative was handled.

/** Throws if it is ever reached; unreachable by type. */
export function unreachable(value: never): never {
  throw new Error(`unreachable: ${JSON.stringify(value)}`)
}
