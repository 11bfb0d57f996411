// Macro series out of files, for every command that takes --macro.

import { readFile, stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { HomeostatError } from '../lib/base/homeostat-error.ts'
import { type MacroSeries, macroKindOf, macroName } from '../lib/model/macro.ts'
import { unreadableFile } from './price-file.ts'

export interface FileMacro {
  readonly macro: readonly MacroSeries[]
  /** What was refused and what else a person should know, in sentences. */
  readonly notes: readonly string[]
}

const maxBytes = 50_000_000

/**
 * Reads files of macro series: `date,series,value`, `date,SPX,VIX`, or bars (`DATE,OPEN,HIGH,LOW,CLOSE`). `SPX=path` names the one series of a file; without it
 * a file of bars is named by itself, up to the first sign that is neither letter nor digit (`vix_daily.csv` is VIX). Dates are closes of New York.
 * @throws HomeostatError `input-failed`, `macro-csv-header`, `macro-csv-empty`, `invalid-input` for a name that cannot be one, that fits more than one series, or stands twice
 */
export async function readMacro(files: readonly string[]): Promise<FileMacro> {
  const { readMacroCsv } = await import('../lib/sources/macro/macro-csv.ts')
  const { systemClock } = await import('../lib/wiring/clock.ts')
  const notAfter = systemClock.now() + 86_400
  const macro: MacroSeries[] = []
  const notes: string[] = []
  for (const argument of files) {
    const { file, given } = partsOf(argument)
    const csv = readMacroCsv({ text: await textOf(file), notAfter })
    if (given !== undefined && csv.series.length !== 1)
      throw invalid(`${file} holds ${csv.series.length} series, and ${given} can name only one.`, { file })
    for (const { name, observations } of csv.series) {
      const series = given ?? name ?? ownName(file)
      if (!macroName.test(series))
        throw invalid(`${series.slice(0, 40)} in ${file} cannot be the name of a series.`, { file })
      if (macro.some((one) => one.series === series)) throw invalid(`${series} stands in two files.`, { file })
      macro.push({ series, kind: macroKindOf(series), observations })
      if (observations.length < 2)
        notes.push(`${series} of ${file} has ${observations.length} values: too few to move.`)
    }
    const { refused, unsorted } = csv
    if (refused.count > 0)
      notes.push(`${refused.count} values of ${file} were refused (${refused.first.slice(0, 3).join('; ')}).`)
    if (unsorted > 0) notes.push(`${unsorted} rows of ${file} were out of order and were sorted.`)
  }
  return { macro, notes }
}

function partsOf(argument: string): { readonly file: string; readonly given?: string } {
  const [, given, file] = /^([A-Za-z][A-Za-z0-9_]*)=(.+)$/.exec(argument) ?? []
  return given === undefined || file === undefined ? { file: argument } : { file, given }
}

function ownName(file: string): string {
  return (/^[A-Za-z0-9]+/.exec(basename(file))?.[0] ?? basename(file)).toUpperCase()
}

async function textOf(file: string): Promise<string> {
  try {
    const { size } = await stat(file)
    if (size > maxBytes) throw new Error(`it has ${size} bytes, more than ${maxBytes}`)
    return await readFile(file, 'utf8')
  } catch (cause) {
    throw unreadableFile(file, cause)
  }
}

function invalid(message: string, facts: Readonly<Record<string, string>>): HomeostatError {
  return new HomeostatError('invalid-input', {
    message,
    retry: 'never',
    facts,
    hint: 'Name the series of a file yourself: --macro SPX=FILE, letters, digits and _, at most 20.',
  })
}
