// Days on which the market broke, so that a breach is seen to be one of them or not.

import { instantOf } from '../../base/calendar.ts'
import type { UnixSeconds } from '../../base/units.ts'

interface KnownCrisis {
  readonly name: string
  /** First and last day, UTC. */
  readonly from: string
  readonly to: string
}

const crises: readonly KnownCrisis[] = [
  { name: 'pandemic', from: '2020-03-08', to: '2020-03-19' },
  { name: 'mining ban in China', from: '2021-05-12', to: '2021-05-24' },
  { name: 'Terra', from: '2022-05-07', to: '2022-05-15' },
  { name: 'Celsius and 3AC', from: '2022-06-10', to: '2022-06-20' },
  { name: 'FTX', from: '2022-11-06', to: '2022-11-14' },
  { name: 'USDC and Silicon Valley Bank', from: '2023-03-08', to: '2023-03-14' },
  { name: 'yen carry trades', from: '2024-08-02', to: '2024-08-07' },
]

/** From the first second to the end of the last day. */
export function knownCrises(): readonly {
  readonly label: string
  readonly from: UnixSeconds
  readonly to: UnixSeconds
}[] {
  return crises.map(({ name, from, to }) => ({
    label: name,
    from: instantOf(from) ?? 0,
    to: (instantOf(to) ?? 0) + 86_400,
  }))
}

/** The crisis that one of the bars from `at`, so many seconds in all, lay in. */
export function crisisAt(at: UnixSeconds, seconds: number): string | undefined {
  return knownCrises().find(({ from, to }) => at + seconds > from && at < to)?.label
}
