// `homeostat history fetch`: past prices of a public source as CSV on standard output.

import { setTimeout as pause } from 'node:timers/promises'
import { HomeostatError } from '../../lib/base/homeostat-error.ts'
import { nearestWord } from '../../lib/base/nearest-word.ts'
import { type BarInterval, missingBars } from '../../lib/model/history.ts'
import type { CandleSource } from '../../lib/sources/history/candles/define-candle-source.ts'
import type { FetchedCandles } from '../../lib/sources/history/candles/fetch-candles.ts'
import { colours as pc } from '../colours.ts'
import { progress } from '../progress.ts'
import { barTime, gapCells } from './bar-cells.ts'
import { printCsvBars, printCsvHeader } from './export-bars.ts'

export interface FetchFlags {
  readonly source: string
  readonly asset: string
  readonly product?: string
  readonly from: number
  readonly to?: number
  readonly interval: BarInterval
  readonly url?: string
}

/** Prints what was fetched, also where it ended early; then the reason, and from where to go on. */
export async function fetchPrices(flags: FetchFlags): Promise<void> {
  const [{ fetchCandles }, { systemClock }] = await Promise.all([
    import('../../lib/sources/history/candles/fetch-candles.ts'),
    import('../../lib/wiring/clock.ts'),
  ])
  const source = await sourceCalled(flags.source)
  const say = progress()
  const what = `${flags.asset} from ${source.name}`
  say.begin(what)
  const began = performance.now()
  const fetched = await fetchCandles(
    { now: systemClock.now, pause: async (milliseconds) => void (await pause(milliseconds)), chance: Math.random },
    {
      source,
      asset: flags.asset,
      interval: flags.interval,
      from: flags.from,
      to: flags.to ?? systemClock.now(),
      ...(flags.product === undefined ? {} : { product: flags.product }),
      ...(flags.url === undefined ? {} : { baseUrl: flags.url }),
    },
  )
  const { history } = fetched
  const [missing] = gapCells(missingBars(history.bars, history.interval), history.interval)
  say.done(
    `${what}: ${history.bars.length} bars in ${fetched.requests} requests, ${missing} missing`,
    performance.now() - began,
  )
  for (const note of notesOn(fetched)) say.note(`${pc.yellow('!')} ${note}`)
  await printCsvHeader(history.quote)
  await printCsvBars(history)
  if (fetched.stopped !== undefined) throw endedEarly(fetched.stopped, history.interval)
}

function notesOn({ history, product, refused }: FetchedCandles): readonly string[] {
  const notes = Object.entries(refused).map(
    ([reason, count]) => `${count} rows were not believed: ${reason}. They are gaps.`,
  )
  if (history.quote === 'USD') return notes
  return [
    `The prices of ${product} are in ${history.quote}, not in dollars; the columns say so, and import refuses them as dollars.`,
    ...notes,
  ]
}

function endedEarly({ at, error }: NonNullable<FetchedCandles['stopped']>, interval: BarInterval): HomeostatError {
  const from = barTime(at, interval)
  return new HomeostatError(error.code, {
    message: `${error.message} Bars up to ${from} are printed.`,
    retry: error.retry,
    facts: { ...error.facts, from },
    hint: `${error.hint ?? ''} Go on with --from ${from}.`.trim(),
    cause: error,
  })
}

/** @throws HomeostatError `unknown-source` */
async function sourceCalled(name: string): Promise<CandleSource> {
  const { candleSources } = await import('../../lib/sources/history/candles/index.ts')
  const found = candleSources.find((source) => source.name === name)
  if (found !== undefined) return found
  const names = candleSources.map((source) => source.name)
  const nearest = nearestWord(name, names)
  throw new HomeostatError('unknown-source', {
    message: `There is no source ${name}.`,
    retry: 'never',
    facts: { source: name },
    hint: `${nearest === undefined ? '' : `Did you mean ${nearest}? `}There are ${candleSources.map((source) => `${source.name} (${source.title})`).join(', ')}.`,
  })
}
