// How each chain does, as people see it: its mode, why, and its vital signs in one line.

import { describeSpan } from '../base/time.ts'
import type { ChainHealth, ChainMode, ChainVitals, ProviderRecord } from '../model/chain-health.ts'
import type { PortfolioSettings } from '../model/configuration.ts'
import { placesOf } from '../model/place.ts'
import { gwei, percent, quantity } from './figures.ts'

export interface ChainView {
  /** `arbitrum (42161)`; `chain 42161` where its id is not known. */
  readonly name: string
  readonly mode: ChainMode
  readonly tone: 'good' | 'warn' | 'bad'
  readonly reasons: readonly string[]
  /** `base fee 5 gwei, higher than 62% of the last 300 blocks; ...`; what was not read is left out. */
  readonly signs: string
}

const toneOf = { NORMAL: 'good', CONGESTED: 'warn', FROZEN: 'bad' } as const satisfies Record<
  ChainMode,
  ChainView['tone']
>

export function chainView(
  { chainId, mode, reasons, vitals, providers = [] }: ChainHealth,
  settings: PortfolioSettings | undefined,
): ChainView {
  const signs = [...(vitals === undefined ? ['no vital signs'] : signsOf(vitals)), ...providers.flatMap(scoreOf)]
  return { name: chainName(chainId, settings), mode, tone: toneOf[mode], reasons, signs: signs.join('; ') }
}

/** `alpha 19 of 20 runs, 42 ms, rpc-timeout`: how often it answered well, how fast (the median), and its last fault. */
function scoreOf({ name, runs, milliseconds, lastFault }: ProviderRecord): readonly string[] {
  if (runs.length < 2) return []
  const good = [...runs].filter((run) => run === '.').length
  const middle = milliseconds.toSorted((a, b) => a - b)[Math.floor(milliseconds.length / 2)]
  const latency = middle === undefined ? '' : `, ${middle} ms`
  return [
    `${name} ${good} of ${runs.length} runs${latency}${good < runs.length && lastFault ? `, ${lastFault.code}` : ''}`,
  ]
}

export function chainName(chainId: number, settings: PortfolioSettings | undefined): string {
  const known = settings && placesOf(settings).find(({ chain }) => chain.chainId === chainId)?.chain
  return known === undefined ? `chain ${chainId}` : `${known.id} (${chainId})`
}

function signsOf(vitals: ChainVitals): readonly string[] {
  const { baseFeeGwei, feeHistory, gasUsedShare, headAgeSeconds, finalised, sequencer } = vitals
  const standing =
    feeHistory === undefined
      ? ''
      : `, higher than ${percent(feeHistory.percentile, 0)} of the last ${quantity(feeHistory.blocks)} blocks`
  return [
    `base fee ${gwei(baseFeeGwei)}${standing}`,
    ...(gasUsedShare === undefined ? [] : [`block ${percent(gasUsedShare, 0)} full`]),
    `block ${describeSpan(headAgeSeconds)} old when read`,
    ...(finalised === undefined
      ? []
      : [`final up to ${quantity(finalised.lagBlocks)} blocks before (${describeSpan(finalised.lagSeconds)})`]),
    providersOf(vitals),
    ...(sequencer === undefined ? [] : [`sequencer ${sequencer.status}`]),
  ]
}

function providersOf({ providers: { agreed, configured, behind, contradicting } }: ChainVitals): string {
  const late = behind.length === 0 ? '' : `, behind: ${behind.join(', ')}`
  const apart = contradicting.length === 0 ? '' : `, contradicting: ${contradicting.join(', ')}`
  return `${agreed} of ${configured} ${configured === 1 ? 'provider agrees' : 'providers agree'}${late}${apart}`
}
