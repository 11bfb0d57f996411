// Random networks of liabilities for properties: some sparse, some dense, some with a hole that pulls others down.

import fc from 'fast-check'
import { type LiabilityNetwork, liabilityNetwork } from '../../../lib/quant/network/liability-network.ts'

/** Whole cents: a reference solver drops what is next to nothing. */
const cents = (max: number) => fc.nat(max).map((value) => value / 100)

export interface RandomNetwork {
  readonly network: LiabilityNetwork
  readonly assets: readonly number[]
}

export const aNetwork: fc.Arbitrary<RandomNetwork> = fc
  .integer({ min: 1, max: 25 })
  .chain((nodes) =>
    fc.record({
      nodes: fc.constant(nodes),
      liabilities: fc.array(
        fc.record({
          from: fc.nat(nodes - 1),
          to: fc.nat(nodes - 1),
          amount: cents(10_000),
        }),
        { maxLength: 4 * nodes },
      ),
      external: fc.array(fc.oneof(fc.constant(0), cents(5_000)), {
        minLength: nodes,
        maxLength: nodes,
      }),
      assets: fc.array(fc.oneof(fc.constant(0), cents(20_000)), {
        minLength: nodes,
        maxLength: nodes,
      }),
    }),
  )
  .map(({ assets, ...network }) => ({ network: liabilityNetwork(network), assets }))
