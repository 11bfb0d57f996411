// Writes the tables of README.md that are made from registries, so that nobody keeps them by hand: `npm run tables`.

import { readFileSync, writeFileSync } from 'node:fs'
import { argv, stdout } from 'node:process'
import { fileURLToPath } from 'node:url'
import { instruments } from '../lib/instruments/index.ts'
import { eventKinds } from '../lib/sources/events/index.ts'
import { priceSources } from '../lib/sources/prices/index.ts'
import { protocols } from '../lib/sources/protocols/index.ts'
import { venues } from '../lib/sources/venues/index.ts'

const readme = new URL('../README.md', import.meta.url)
const marker = (name: string) => ({ from: `<!-- ${name}: made by npm run tables -->`, to: `<!-- end of ${name} -->` })

/** One row for each registered instrument, family by family in the order of the registry. */
export function instrumentTable(): string {
  const families = [...new Set(instruments.map(({ family }) => family))]
  const rows = families.flatMap((family) =>
    instruments
      .filter((one) => one.family === family)
      .map(({ kind, title, method }) => row([`\`${kind}\``, title, method])),
  )
  return [row(['kind', 'what', 'valued by']), '|---|---|---|', ...rows].join('\n')
}

/** One row for each protocol that is read, with what its tests read. */
export function protocolTable(): string {
  const rows = protocols.map(({ name, title, evidence }) => row([`\`${name}\``, title, evidence]))
  return [row(['name', 'what is read', 'tested on']), '|---|---|---|', ...rows].join('\n')
}

/** One row for each further source of an asset's price, with what its tests read. */
export function priceTable(): string {
  const rows = priceSources.map(({ kind, title, evidence }) => row([`\`${kind}\``, title, evidence]))
  return [row(['kind', 'what it tells', 'tested on']), '|---|---|---|', ...rows].join('\n')
}

/** One row for each exchange that is read, with what its tests read. */
export function venueTable(): string {
  const rows = venues.map(({ kind, title, evidence }) => row([`\`${kind}\``, title, evidence]))
  return [row(['kind', 'what is read', 'tested on']), '|---|---|---|', ...rows].join('\n')
}

/** One row for each event that is listened to. */
export function eventTable(): string {
  return [
    row(['name', 'what is heard']),
    '|---|---|',
    ...eventKinds.map(({ name, title }) => row([`\`${name}\``, title])),
  ].join('\n')
}

function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
}

/** The text with each table renewed. @throws Error if a marker is missing */
export function withTables(text: string): string {
  const tables = {
    instruments: instrumentTable(),
    protocols: protocolTable(),
    prices: priceTable(),
    events: eventTable(),
    venues: venueTable(),
  }
  return Object.entries(tables).reduce((renewed, [name, table]) => {
    const { from, to } = marker(name)
    const [start, end] = [renewed.indexOf(from), renewed.indexOf(to)]
    if (start < 0 || end < start) throw new Error(`README.md lacks the markers ${from} and ${to}.`)
    return `${renewed.slice(0, start + from.length)}\n${table}\n${renewed.slice(end)}`
  }, text)
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  const text = readFileSync(readme, 'utf8')
  const renewed = withTables(text)
  if (renewed !== text) writeFileSync(readme, renewed)
  stdout.write(renewed === text ? 'README.md is up to date.\n' : 'README.md is renewed.\n')
}
