// Typed actions as the calls of one batch, and the proof that no approval outlives or exceeds what it is for.

import { isAddressEqual } from 'viem'
import { HomeostatError } from '../base/homeostat-error.ts'
import type { PortfolioSettings } from '../model/configuration.ts'
import type { Address, AssetSymbol } from '../model/identity.ts'
import type { Action, Call } from '../model/order.ts'
import { venueOf } from './configured.ts'
import { encodeAction } from './venues/index.ts'

/**
 * One call for each action, in order. Pure.
 * @throws HomeostatError `no-deadline`, `approval-not-exact`, and what the venues' encoders throw
 */
export function encodeActions(params: {
  readonly settings: PortfolioSettings
  readonly actions: readonly Action[]
}): readonly Call[] {
  const { settings, actions } = params
  const [deadline, ...others] = actions
  if (deadline?.kind !== 'deadline' || others.some(({ kind }) => kind === 'deadline')) throw noDeadline(deadline?.kind)
  mustBeExact(settings, actions)
  return actions.map((action) => encodeAction(action, { settings, validUntil: deadline.validUntil }))
}

/** What a spender may still take of an asset at a point of the batch. */
interface Allowance {
  readonly asset: AssetSymbol
  readonly spender: Address
  readonly units: bigint
  /** Not set back to zero since. */
  readonly open: boolean
}

/** Each approval is used up to its last unit by what follows, then set to zero; nothing takes more than was approved for it. */
function mustBeExact(settings: PortfolioSettings, actions: readonly Action[]): void {
  let allowances: readonly Allowance[] = []
  const find = (asset: AssetSymbol, spender: Address) =>
    allowances.find((one) => one.asset === asset && isAddressEqual(one.spender, spender))
  const set = (next: Allowance) => {
    const known = find(next.asset, next.spender)
    allowances = [...allowances.filter((one) => one !== known), next]
  }
  for (const action of actions) {
    if (action.kind === 'approve') {
      const { asset, spender } = action
      if ((find(asset, spender)?.units ?? 0n) > 0n) throw notExact(asset, 'more is approved than is taken')
      set({ asset, spender, units: BigInt(action.units), open: action.units !== '0' })
      continue
    }
    const taking = takes(settings, action)
    if (taking === undefined) continue
    const left = (find(taking.asset, taking.spender)?.units ?? 0n) - taking.units
    if (left < 0n) throw notExact(taking.asset, 'more is taken than is approved')
    set({ ...taking, units: left, open: true })
  }
  const open = allowances.find((one) => one.open)
  if (open !== undefined) throw notExact(open.asset, 'it is not set back to zero')
}

/** Which tokens an action lets which spender take. */
function takes(settings: PortfolioSettings, action: Action): Omit<Allowance, 'open'> | undefined {
  switch (action.kind) {
    case 'aave-v3-repay':
      return { asset: action.asset, spender: venueOf(settings, 'aaveV3').pool, units: BigInt(action.units) }
    case 'uniswap-v3-swap':
      return { asset: action.assetIn, spender: venueOf(settings, 'uniswapV3').router, units: BigInt(action.unitsIn) }
    case 'aave-v3-withdraw':
    case 'approve':
    case 'deadline':
      return undefined
  }
}

function notExact(asset: AssetSymbol, why: string): HomeostatError {
  return new HomeostatError('approval-not-exact', {
    message: `An approval of ${asset} is not exact: ${why}.`,
    retry: 'never',
    facts: { asset, why },
    hint: 'The order was altered, or this is a defect of the venue that planned it.',
  })
}

function noDeadline(first: string | undefined): HomeostatError {
  return new HomeostatError('no-deadline', {
    message: 'A batch opens with its one deadline: a Safe signature never expires by itself.',
    retry: 'never',
    facts: { first: first ?? 'nothing' },
    hint: 'The order was altered, or this is a defect of what planned it.',
  })
}
