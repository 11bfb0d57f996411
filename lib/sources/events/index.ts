// The registry of what is listened to: one line an event.

import { blacklist } from './blacklist.ts'
import { feedAnswer } from './feed-answer.ts'
import { largeTransfer } from './large-transfer.ts'
import { liquidation } from './liquidation.ts'
import { oracleChange } from './oracle-change.ts'
import { ownerChange } from './owner-change.ts'
import { pause } from './pause.ts'
import { poolPrice } from './pool-price.ts'
import { reserveChange } from './reserve-change.ts'
import { safeChange } from './safe-change.ts'
import { transfer } from './transfer.ts'
import { upgrade } from './upgrade.ts'

export const eventKinds = [
  feedAnswer,
  poolPrice,
  transfer,
  largeTransfer,
  liquidation,
  pause,
  reserveChange,
  oracleChange,
  upgrade,
  ownerChange,
  blacklist,
  safeChange,
] as const
