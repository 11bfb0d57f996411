// What the contracts said that people may want to know, newest first: an upgrade, a pause, a liquidation.

import type { UnixSeconds } from '../base/units.ts'
import type { ChainCursor, ChainEvent } from '../model/chain-cursor.ts'
import type { PortfolioSettings, Severity } from '../model/configuration.ts'
import type { Hash } from '../model/identity.ts'
import { chainName } from './chain-view.ts'
import { quantity } from './figures.ts'
import { html, type Markup } from './markup.ts'
import { moment } from './moment.ts'

export interface EventView {
  readonly at: UnixSeconds
  readonly severity: Severity
  /** `aaveV3.pool was upgraded: 0x1234…cdef`. */
  readonly says: string
  /** `block 20,412,345 of arbitrum (42161)`. */
  readonly where: string
  /** Absent for what was found by looking. */
  readonly transaction?: Hash
}

/** How far a chain has been heard: silence means something only up to there. */
export interface HeardView {
  /** `arbitrum (42161) up to block 20,412,345`. */
  readonly upTo: string
  readonly at: UnixSeconds
  /** `500 blocks behind its head`; absent: at its head. */
  readonly behind?: string
}

export function heardView(
  { chainId, at, blocks, lagBlocks }: ChainCursor,
  settings: PortfolioSettings | undefined,
): HeardView {
  const upTo = `${chainName(chainId, settings)} up to block ${quantity(blocks.at(-1)?.number ?? 0)}`
  return { upTo, at, ...(lagBlocks > 0 ? { behind: `${quantity(lagBlocks)} blocks behind its head` } : {}) }
}

export function eventView(event: ChainEvent, settings: PortfolioSettings | undefined): EventView {
  const { at, severity, says, block, chainId, transactionHash } = event
  const where = `block ${quantity(block)} of ${chainName(chainId, settings)}`
  return { at, severity, says, where, ...(transactionHash === undefined ? {} : { transaction: transactionHash }) }
}

/** A hint, and shown as one: that it was said is agreed upon, what it means is for a person to find out. */
export function eventList({
  events,
  heard,
}: {
  readonly events: readonly EventView[]
  readonly heard: readonly HeardView[]
}): Markup {
  const tones = { critical: 'bad', warning: 'warn', info: 'soft' } as const
  const items = events.map(
    ({
      at,
      severity,
      says,
      where,
      transaction,
    }) => html`<div class="item"><p><span class="pill ${tones[severity]}">${severity}</span>
${says} <span class="small soft">${moment(at)}, ${where}</span></p><p class="small mono soft">${transaction}</p></div>`,
  )
  const quiet = heard.length === 0 ? 'Nobody listens yet.' : 'Nothing of note for a day.'
  const places = heard.map(
    ({ upTo, at, behind }) =>
      html`<p class="small soft">${upTo}, ${moment(at)}${behind !== undefined && html` <strong class="warn">${behind}</strong>`}</p>`,
  )
  return html`<h2>What the chains said</h2>${items.length > 0 ? items : html`<p class="soft">${quiet}</p>`}${places}`
}
