// A file of prices, for every command that takes one: `homeostat history import`, and --history of regime, risk and backtest.

import { open } from 'node:fs/promises'
import { HomeostatError } from '../lib/base/homeostat-error.ts'
import type { PriceCsv } from '../lib/sources/history/price-csv.ts'
import { wholeLines } from './whole-lines.ts'

/**
 * Reads a file, or standard input where it is `-`.
 * @param asset of the whole file, where no column names one
 * @throws HomeostatError `input-failed`, `no-input` and those of `readPriceCsv`
 */
export async function readPriceFile(file: string, asset?: string): Promise<PriceCsv> {
  const { readPriceCsv } = await import('../lib/sources/history/read-price-csv.ts')
  const { systemClock } = await import('../lib/wiring/clock.ts')
  const lines = wholeLines(await openBytes(file))
  // A day for time zones, and for bars that are stamped at their end.
  const notAfter = systemClock.now() + 86_400
  return readPriceCsv({ lines, notAfter, ...(asset === undefined ? {} : { asset }) })
}

async function openBytes(file: string): Promise<AsyncIterable<Uint8Array>> {
  if (file === '-') {
    if (process.stdin.isTTY !== true) return process.stdin
    throw new HomeostatError('no-input', {
      message: 'There is nothing to read: standard input is the terminal.',
      retry: 'never',
      hint: 'Name a file, or pipe one in.',
    })
  }
  try {
    const handle = await open(file)
    if ((await handle.stat()).isDirectory()) {
      await handle.close()
      throw new Error('it is a folder')
    }
    return handle.createReadStream({ highWaterMark: 2 ** 20 })
  } catch (cause) {
    throw unreadableFile(file, cause)
  }
}

/** Says which file, and why. */
export function unreadableFile(file: string, cause: unknown): HomeostatError {
  const why = cause instanceof Error ? (/ENOENT/.test(cause.message) ? 'there is no such file' : cause.message) : ''
  return new HomeostatError('input-failed', {
    message: `${file} cannot be read: ${why}.`,
    retry: 'never',
    facts: { file },
    hint: 'Look at the path and at the permissions.',
    cause,
  })
}
