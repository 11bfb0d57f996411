// How a market of Compound v3 does: its base asset as something lent, the collateral that we hold as something capped.

import { parseAbi } from 'viem/utils'
import { toDecimal } from '../../base/amount.ts'
import type { AssetConfig } from '../../model/configuration.ts'
import type { Address } from '../../model/identity.ts'
import type { MarketTelemetry } from '../../model/telemetry.ts'
import type { ChainReader } from '../chain/chain-session.ts'
import type { Answer } from '../chain/contract-call.ts'
import { gapOf, type ReadingPart } from './define-protocol.ts'
import { erc20Abi } from './erc20.ts'

export const cometTelemetryAbi = parseAbi([
  'function totalSupply() view returns (uint256)',
  'function totalBorrow() view returns (uint256)',
  'function getReserves() view returns (int256)',
  'function isSupplyPaused() view returns (bool)',
  'function isWithdrawPaused() view returns (bool)',
  'function totalsCollateral(address asset) view returns (uint128 totalSupplyAsset, uint128 reserved)',
])

interface CometTelemetryParams {
  readonly comet: Address
  readonly base: AssetConfig
  readonly utilization: Answer<bigint>
  /** What the account has as collateral there. */
  readonly held: readonly { readonly asset: AssetConfig; readonly supplyCap: bigint }[]
}

interface Interest {
  /** Continuous, per year; absent if they could not be read. */
  readonly supply?: number
  readonly borrow?: number
}

/** All in one round. Frozen: nothing can be supplied. Paused: nothing can be withdrawn or borrowed. */
export async function askCometTelemetry(reader: ChainReader, { comet, base, utilization, held }: CometTelemetryParams) {
  const at = { to: comet, abi: cometTelemetryAbi } as const
  const [supplied, borrowed, reserves, supplyPaused, withdrawPaused, cash, totals] = await Promise.all([
    reader.ask({ ...at, functionName: 'totalSupply', args: [] }),
    reader.ask({ ...at, functionName: 'totalBorrow', args: [] }),
    reader.ask({ ...at, functionName: 'getReserves', args: [] }),
    reader.ask({ ...at, functionName: 'isSupplyPaused', args: [] }),
    reader.ask({ ...at, functionName: 'isWithdrawPaused', args: [] }),
    reader.ask({ to: base.address, abi: erc20Abi, functionName: 'balanceOf', args: [comet] }),
    Promise.all(
      held.map(({ asset }) => reader.ask({ ...at, functionName: 'totalsCollateral', args: [asset.address] })),
    ),
  ])
  const flags = { supplyPaused, withdrawPaused }
  return { comet, base, utilization, held, supplied, borrowed, reserves, cash, totals, ...flags }
}

type CometAnswers = Awaited<ReturnType<typeof askCometTelemetry>>

export function cometTelemetry(answers: CometAnswers, interest: Interest): ReadingPart {
  const { comet, base, held, totals } = answers
  const market = baseMarket(answers, interest)
  const collateral = held.map(({ asset, supplyCap }, index): MarketTelemetry => {
    const total = totals[index]
    const unread = [...(total?.ok === true ? [] : ['supplied' as const]), ...flagsOf(answers).unread]
    return {
      ...namesOf(comet, base, asset),
      ...(total?.ok === true ? { supplied: toDecimal(total.value[0], asset.decimals) } : {}),
      // A cap of 0 is no cap here, but a collateral that is being wound down.
      supplyCap: toDecimal(supplyCap, asset.decimals),
      ...flagsOf(answers).known,
      ...(unread.length === 0 ? {} : { unread }),
    }
  })
  const { supplied, borrowed, reserves, cash, supplyPaused, withdrawPaused } = answers
  const place = { subject: `compound-v3 telemetry of ${base.symbol}`, touches: { kind: 'context' } } as const
  const failed = [supplied, borrowed, reserves, cash, supplyPaused, withdrawPaused, ...totals].find((one) => !one.ok)
  return { telemetry: [market, ...collateral], gaps: failed === undefined || failed.ok ? [] : [gapOf(failed, place)] }
}

function namesOf(comet: Address, base: AssetConfig, asset: AssetConfig) {
  return {
    kind: 'market',
    id: `compound-v3:${comet}:${asset.symbol}`,
    protocol: 'compound-v3',
    label: `Compound v3 ${base.symbol}`,
    asset: asset.symbol,
  } as const
}

function flagsOf({ supplyPaused, withdrawPaused }: CometAnswers) {
  return {
    known: {
      ...(supplyPaused.ok ? { frozen: supplyPaused.value } : {}),
      ...(withdrawPaused.ok ? { paused: withdrawPaused.value } : {}),
    },
    unread: [...(supplyPaused.ok ? [] : ['frozen' as const]), ...(withdrawPaused.ok ? [] : ['paused' as const])],
  }
}

/** What lenders are not paid of what borrowers pay is the protocol's: it has no fixed share. */
function baseMarket(answers: CometAnswers, { supply, borrow }: Interest): MarketTelemetry {
  const { comet, base, supplied, borrowed, reserves, cash, utilization } = answers
  const whole = (answer: Answer<bigint>) => (answer.ok ? toDecimal(answer.value, base.decimals) : undefined)
  const [lent, owed, available, kept] = [whole(supplied), whole(borrowed), whole(cash), whole(reserves)]
  const used = utilization.ok ? toDecimal(utilization.value, 18) : undefined
  const isEmpty = lent === 0 && owed === 0
  const revenue =
    lent === undefined || owed === undefined || supply === undefined || borrow === undefined
      ? undefined
      : owed * borrow - lent * supply
  const unread = [
    ...(lent === undefined ? ['supplied' as const] : []),
    ...(owed === undefined ? ['borrowed' as const] : []),
    ...(available === undefined ? ['available' as const] : []),
    ...(used === undefined ? ['utilisation' as const] : []),
    ...flagsOf(answers).unread,
  ]
  return {
    ...namesOf(comet, base, base),
    ...(lent === undefined ? {} : { supplied: lent }),
    ...(owed === undefined ? {} : { borrowed: owed }),
    ...(available === undefined ? {} : { available }),
    ...(used === undefined || isEmpty ? {} : { utilisation: used }),
    ...(kept === undefined ? {} : { reserves: kept }),
    ...(revenue === undefined ? {} : { revenuePerYear: revenue }),
    ...flagsOf(answers).known,
    ...(unread.length === 0 ? {} : { unread }),
  }
}
