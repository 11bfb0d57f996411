// From what a contract answered to the links that follow from it.

import type { Address } from '../../model/identity.ts'
import { lowerCase } from '../discovery/findings.ts'
import type { Identity } from './classify.ts'
import { isPlace } from './found.ts'
import { addressGetters } from './getters.ts'
import type { DraftLink } from './graph-draft.ts'
import type { Pointer, Probe } from './probe.ts'

/** Without what is written into its code: that has to be asked for first. */
export function linksOfProbe(probe: Probe, identity: Identity): readonly DraftLink[] {
  const { address: to, implementation, beacon, admin, guard, fallbackHandler, delegate, firstWord, answers } = probe
  const code = { kind: 'controlled-by', as: 'protocol' } as const
  const point = (pointer: Pointer | undefined, rest: Omit<DraftLink, 'from' | 'to' | 'evidence'>) =>
    pointer === undefined ? [] : [{ from: pointer.to, to, evidence: pointer.evidence, ...rest }]
  const safe = identity.safe !== undefined
  return [
    ...point(implementation, { role: 'implementation', ...code }),
    ...point(beacon, { role: 'beacon', kind: 'upgradable-by', as: 'protocol' }),
    ...point(admin, { role: 'proxy-admin', kind: 'upgradable-by', as: 'admin-key' }),
    ...point(delegate, { role: 'delegate', ...code }),
    ...(safe ? point(guard, { role: 'guard', ...code }) : []),
    ...(safe ? point(fallbackHandler, { role: 'component', ...code }) : []),
    ...(safe && firstWord !== undefined
      ? point({ to: firstWord, evidence: 'slot 0 (masterCopy of a Safe)' }, { role: 'implementation', ...code })
      : []),
    ...(identity.safe?.owners ?? []).map(
      (from): DraftLink => ({
        from,
        to,
        role: 'signer',
        kind: 'controlled-by',
        as: 'admin-key',
        evidence: 'getOwners()',
      }),
    ),
    ...addressGetters.flatMap(({ name, role, kind, as }): readonly DraftLink[] => {
      const from = addressAt(answers, name)
      // A proxy's own getter repeats its slot.
      if (from === undefined || from === implementation?.to) return []
      return [{ from, to, role, kind, as, evidence: `${name}()` }]
    }),
  ]
}

function addressAt(answers: Probe['answers'], name: string): Address | undefined {
  const answer = answers.get(name)
  return typeof answer === 'string' && isPlace(answer) ? lowerCase(answer) : undefined
}
