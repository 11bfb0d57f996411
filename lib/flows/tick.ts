// Once a minute: which chains and portfolios are due, the latter spread over the minute so that a thousand do not read the chain in the same second.

import { identityOf } from '../model/messages.ts'
import type { Bus, Clock, ConfigStore, Log, Sending } from '../model/ports.ts'
import { chainDue } from './chain-due.ts'
import { holdersDue } from './holders-due.ts'

export interface TickDeps {
  readonly config: ConfigStore
  readonly bus: Bus
  readonly clock: Clock
  readonly log: Log
}

const tickSeconds = 60
/**
 * A portfolio is due if its current slot began less than this ago. Two ticks, because the scheduler keeps its minute only roughly and a slot
 * may fall between; take-snapshot knows the second message of a slot when it sees it.
 */
const dueSeconds = 2 * tickSeconds

/** Queues every chain and every due portfolio of the configuration in force; a second tick in the same slot is harmless. */
export async function tick(deps: TickDeps): Promise<void> {
  const pointer = await deps.config.pointer()
  if (pointer === undefined) {
    deps.log.line('tick.no-configuration', { hint: 'Run `homeostat config apply` or deploy with a homeostat.yaml.' })
    return
  }
  const now = deps.clock.now()
  const [portfolios, chains] = await Promise.all([
    deps.config.portfolios(pointer.version),
    deps.config.chains(pointer.version),
  ])
  const sendings = portfolios.flatMap(({ id, everySeconds }): readonly Sending[] => {
    const slot = slotOf(now, everySeconds)
    if (now - slot >= dueSeconds) return []
    const message = { kind: 'portfolio-due', portfolioId: id, slot, cause: 'schedule' } as const
    return [
      {
        message,
        deduplicationId: identityOf(message),
        delaySeconds: phaseOf(id) % Math.min(tickSeconds, everySeconds),
      },
    ]
  })
  const ofChains = chains.map(({ chainId }) => chainDue({ chainId, slot: slotOf(now, tickSeconds), cause: 'schedule' }))
  const ofHolders = chains.flatMap(({ chainId, countsHolders }) =>
    countsHolders === true ? [holdersDue({ chainId, slot: slotOf(now, tickSeconds), round: 0 })] : [],
  )
  await deps.bus.send([...ofChains, ...sendings, ...ofHolders])
  const { version } = pointer
  deps.log.line('tick', { due: sendings.length, portfolios: portfolios.length, chains: chains.length, version })
}

function slotOf(now: number, everySeconds: number): number {
  return Math.floor(now / everySeconds) * everySeconds
}

/** A portfolio's own place in the minute; the same at every tick. */
function phaseOf(id: string): number {
  let hash = 0
  for (const character of id) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) >>> 0
  return hash
}
