// How each provider did during a run, for the reading's own record.

import type { HomeostatError } from '../../base/homeostat-error.ts'
import type { RpcProvider } from '../../model/configuration.ts'
import type { ProviderOutcome } from '../../model/reading.ts'

export interface OutcomeBook {
  host(name: string, host: string): void
  healthy(name: string): void
  /** Until `answered`, a provider that is healthy so far owes an answer. */
  asked(name: string): void
  answered(name: string): void
  /** The first fault of a provider is kept. */
  failed(name: string, fault: HomeostatError): void
  /** Forgets such faults, for another attempt: a provider that still has them says so again. */
  forgive(codes: readonly string[]): void
  faults(): readonly { readonly name: string; readonly fault: HomeostatError }[]
  outcomes(): readonly ProviderOutcome[]
}

/** Milliseconds count from here to a provider's first verdict. */
export function outcomeBook(providers: readonly RpcProvider[]): OutcomeBook {
  const started = performance.now()
  const hosts = new Map<string, string>()
  const faults = new Map<string, HomeostatError>()
  const verdicts = new Map<string, number>()
  const owed = new Map<string, number>()
  const owe = (name: string, change: number) => void owed.set(name, (owed.get(name) ?? 0) + change)
  const mark = (name: string) => {
    if (!verdicts.has(name)) verdicts.set(name, Math.round(performance.now() - started))
  }
  return {
    host: (name, host) => void hosts.set(name, host),
    healthy: mark,
    asked: (name) => owe(name, 1),
    answered: (name) => owe(name, -1),
    failed(name, fault) {
      mark(name)
      if (!faults.has(name)) faults.set(name, fault)
    },
    forgive(codes) {
      for (const [name, { code }] of faults) if (codes.includes(code)) faults.delete(name)
    },
    faults: () => [...faults].map(([name, fault]) => ({ name, fault })),
    outcomes: () => providers.map(({ name }) => outcomeOf(name)),
  }

  function outcomeOf(name: string): ProviderOutcome {
    const verdict = verdicts.get(name)
    const milliseconds = verdict ?? Math.round(performance.now() - started)
    const host = hosts.get(name) ?? '[unknown]'
    const fault = faults.get(name)
    if (fault !== undefined) return { name, host, ok: false, milliseconds, code: fault.code }
    return verdict === undefined || (owed.get(name) ?? 0) > 0
      ? { name, host, ok: false, milliseconds, code: 'no-answer-yet' }
      : { name, host, ok: true, milliseconds }
  }
}
