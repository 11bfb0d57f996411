// A house whose inner events can be awaited, so that no test has to guess how long something takes.

import type { House, HouseOptions } from '../../../lib/local/runner/house.ts'
import type { Invocation, LogLine } from '../../../lib/local/runner/lambda-function.ts'
import { startHouse } from '../../../lib/local/runner/start-house.ts'

export interface Watch {
  readonly house: House
  readonly invocations: readonly Invocation[]
  readonly lines: readonly LogLine[]
  readonly problems: readonly unknown[]
  /** Resolves when `holds` is true, asked after each invocation and line. */
  until(holds: () => boolean): Promise<void>
}

export async function watchedHouse(options: HouseOptions): Promise<Watch> {
  const invocations: Invocation[] = []
  const lines: LogLine[] = []
  const problems: unknown[] = []
  const waiting = new Set<() => void>()
  const note = <T>(list: T[], item: T) => {
    list.push(item)
    for (const ask of [...waiting]) ask()
  }
  const house = await startHouse({
    ...options,
    onInvocation: (invocation) => note(invocations, invocation),
    onLog: (line) => note(lines, line),
    onProblem: (problem) => note(problems, problem),
  })
  return {
    house,
    invocations,
    lines,
    problems,
    until: (holds) =>
      new Promise((resolve) => {
        const ask = () => {
          if (!holds()) return
          waiting.delete(ask)
          resolve()
        }
        waiting.add(ask)
        ask()
      }),
  }
}
