// The tail risk of a snapshot: its positions and accounts as `assessTail` takes them, with what is left out told, and never an error instead of a report.

import { isHomeostatError } from '../../base/homeostat-error.ts'
import type { Ratio, Usd } from '../../base/units.ts'
import type { Market } from '../../instruments/market/market.ts'
import type { MarketModel } from '../../model/market-model.ts'
import type { AccountHealth, PositionRisk } from '../../model/report.ts'
import type { Position, Snapshot } from '../../model/snapshot.ts'
import type { TailRisk } from '../../model/tail-risk.ts'
import { isDollar } from '../is-dollar.ts'
import { assessTail } from './assess-tail.ts'
import type { TailAccount } from './liquidation-chance.ts'
import { pegJumps, pegNote } from './peg-jumps.ts'
import { withTodaysMoves } from './todays-move.ts'

export interface TailSettings {
  /** Scenarios; absent: 10,000. */
  readonly count?: number
  /** Absent: told by the snapshot's id, so that a report can be computed again. */
  readonly seed?: number
  readonly targetProbability?: Ratio
  readonly gasUsd?: Usd
  /** Liquidation bonus where the protocol's is not known; absent: 6 %. */
  readonly assumedBonus?: Ratio
}

export interface SnapshotTail {
  readonly tail?: TailRisk
  readonly tailMissing?: string
}

/** Nothing without a model; what stands in the way otherwise is `tailMissing`, in words. */
export function tailOfSnapshot(params: {
  readonly snapshot: Snapshot
  readonly model: MarketModel | undefined
  readonly settings: TailSettings | undefined
  /** Those of the snapshot that have a value. */
  readonly valued: readonly Position[]
  readonly accounts: readonly AccountHealth[]
  /** As the report has them: also what could not be read. */
  readonly positions: readonly PositionRisk[]
  readonly market: Market
  readonly lens: Market
}): SnapshotTail {
  const { snapshot, model, settings = {}, valued, positions, market, lens } = params
  if (model === undefined) return {}
  if (valued.length === 0) return { tailMissing: 'no position has a value' }
  const dollars = Object.keys(market.spot).filter((name) => isDollar(market.spot[name]))
  try {
    const today = withTodaysMoves(model, snapshot)
    const tail = assessTail({
      ...settings,
      jumps: pegJumps(dollars),
      seed: settings.seed ?? seedOf(snapshot.id),
      positions: valued,
      accounts: params.accounts.flatMap((one) => accountOf(one, snapshot)),
      market,
      lens,
      model: today.model,
    })
    if (tail === undefined)
      return { tailMissing: 'the market model has too little history to draw from, or no scenario values the book' }
    const known = new Set(valued.map(({ id }) => id))
    const unseen = positions
      .filter(({ positionId }) => !known.has(positionId))
      .map(({ positionId, label, dataState }) => ({
        positionId,
        reason: dataState.kind === 'FRESH' ? `${label} is left out` : dataState.reasons.join('; '),
      }))
    return {
      tail: {
        ...tail,
        ...(today.raisedBy.length === 0 ? {} : { raisedBy: today.raisedBy }),
        leftOut: [...unseen, ...tail.leftOut],
        notes: [
          ...today.notes,
          ...tail.notes,
          ...(dollars.length === 0 ? [] : [pegNote(dollars)]),
          ...doubtsOf(params),
        ],
      },
    }
  } catch (error) {
    if (!isHomeostatError(error)) throw error
    return { tailMissing: error.message }
  }
}

function accountOf({ positionId, protocol, unexplainedDebtUsd = 0 }: AccountHealth, snapshot: Snapshot): TailAccount[] {
  const position = snapshot.positions.find(({ id }) => id === positionId)
  if (position?.instrument.kind !== 'loan') return []
  const reading = snapshot.lending.find((one) => (one.positionId ?? one.protocol) === positionId)
  const bonus = reading?.legs
    .filter(({ liquidationBonus }) => liquidationBonus > 0)
    .map((leg) => [leg.asset, leg.liquidationBonus])
  return [
    {
      positionId,
      protocol,
      terms: position.instrument.terms,
      unexplainedDebtUsd,
      ...(bonus === undefined ? {} : { bonus: Object.fromEntries(bonus) }),
    },
  ]
}

/** What makes an account's chance doubtful. */
function doubtsOf({ accounts, positions }: Parameters<typeof tailOfSnapshot>[0]): readonly string[] {
  const known = new Set(accounts.map(({ positionId }) => positionId))
  const unseen = positions.filter(
    ({ kind, positionId }) => (kind === 'loan' || kind === 'unread-account') && !known.has(positionId),
  )
  return [
    ...unseen.map(({ label }) => `${label} has no health factor that is known: its liquidation is in no figure`),
    ...accounts
      .filter(({ disagreement }) => disagreement !== undefined)
      .map(
        ({ positionId }) =>
          `${positionId}: model and protocol disagree on its health; the debt that would explain it counts in full`,
      ),
  ]
}

/** FNV-1a of the text (Fowler, Noll & Vo), 32 bits. */
function seedOf(text: string): number {
  let hash = 0x811c9dc5
  for (const letter of text) hash = Math.imul(hash ^ (letter.codePointAt(0) ?? 0), 0x01000193)
  return hash >>> 0
}
