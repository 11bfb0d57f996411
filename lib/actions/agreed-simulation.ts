// A pre-flight that as many providers agree on as the chain asks for: what is signed must not rest on one provider's word.

import { HomeostatError, isHomeostatError } from '../base/homeostat-error.ts'
import type { Simulation } from '../model/order.ts'
import type { Venues } from '../model/ports.ts'
import { blockNumberOf, type Chain, type OpenEach } from './chain-client.ts'
import { simulateCalls } from './simulate-calls.ts'

/** Clients imagine the next block at slightly different times, and interest grows by the second: figures may differ by this part. */
const tolerance = 1e-6

/**
 * The simulation at one block that k providers give alike: the same block, the same steps failed or not, the same state after within 1e-6. Where one
 * provider is enough it is the first that answers.
 * @throws HomeostatError `simulation-disagrees` (retry later), `rpc-missing`; with fewer than k answers, the fault of a provider that gave none
 */
export async function agreedSimulation(
  deps: { readonly openEach: OpenEach },
  params: Parameters<Venues['simulate']>[0],
): Promise<Simulation> {
  const { chain } = params.settings
  const chains = await deps.openEach(chain)
  const number = await newestCommon(chains, chain.quorum)
  const tries = await Promise.allSettled(
    chains.map((one) => simulateCalls({ chain: one }, { ...params, blockNumber: number })),
  )
  const found = tries.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  const agreed = found.find((one) => found.filter((other) => areAlike(one, other)).length >= chain.quorum)
  if (agreed !== undefined) return agreed
  if (found.length < chain.quorum) throw faultOf(tries) ?? disagreement(chain.id, found.length, chain.quorum)
  throw disagreement(chain.id, found.length, chain.quorum)
}

/** The k-th highest head: at least k have it. */
async function newestCommon(chains: readonly Chain[], quorum: number): Promise<bigint> {
  const heads = await Promise.allSettled(chains.map(blockNumberOf))
  const numbers = heads.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  const number = numbers.toSorted((a, b) => (a < b ? 1 : -1))[quorum - 1]
  if (number !== undefined) return number
  throw faultOf(heads) ?? disagreement('the chain', numbers.length, quorum)
}

function areAlike(a: Simulation, b: Simulation): boolean {
  return (
    a.block.hash === b.block.hash &&
    a.steps.length === b.steps.length &&
    a.steps.every((step, index) => step.ok === b.steps[index]?.ok) &&
    a.after.leftoverAllowances.join() === b.after.leftoverAllowances.join() &&
    areNear(a.healthFactorBefore, b.healthFactorBefore) &&
    areNear(a.after.healthFactor, b.after.healthFactor) &&
    areNear(a.after.debtUsd, b.after.debtUsd) &&
    areNear(a.after.collateralUsd, b.after.collateralUsd) &&
    [...new Set([...Object.keys(a.after.balanceChanges), ...Object.keys(b.after.balanceChanges)])].every((asset) =>
      areNear(a.after.balanceChanges[asset], b.after.balanceChanges[asset]),
    )
  )
}

function areNear(a: number | undefined, b: number | undefined): boolean {
  if (a === undefined || b === undefined) return a === b
  return Math.abs(a - b) <= tolerance * Math.max(Math.abs(a), Math.abs(b))
}

function faultOf(tries: readonly PromiseSettledResult<unknown>[]): HomeostatError | undefined {
  return tries.flatMap((one) => (one.status === 'rejected' && isHomeostatError(one.reason) ? [one.reason] : []))[0]
}

function disagreement(chain: string, answered: number, quorum: number): HomeostatError {
  return new HomeostatError('simulation-disagrees', {
    message: `No ${quorum} providers of ${chain} foresee the same outcome: ${answered} answered.`,
    retry: 'later',
    facts: { chain, answered, quorum },
    hint: 'It is tried again. If it goes on, one of the providers is wrong: see how they do on the page.',
  })
}
