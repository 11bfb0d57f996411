// Prints notices on the machine that runs the house: for the local run, and for a desk that reads logs.

import type { Notice } from '../../model/receipt.ts'
import { defineNotifier } from './define-notifier.ts'
import { markerOf } from './marker-of.ts'

export const consoleNotifier = defineNotifier({
  kind: 'console',
  title: 'Console: printed where the function logs',
  send: async ({ print }, { notice }) => {
    for (const line of printedLines(notice)) print(line)
    return `printed:${notice.id}`
  },
})

/** The notice line by line, without characters that could move a terminal's cursor or fake another line. */
function printedLines(notice: Notice): readonly string[] {
  const { title, lines, link } = notice
  const all = [
    `[${markerOf(notice)}] ${title}`,
    ...lines.map((line) => `  ${line}`),
    ...(link === undefined ? [] : [`  ${link}`]),
  ]
  return all.map((line) => line.replace(/\p{C}/gu, ' '))
}
