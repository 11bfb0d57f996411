// `npm run bench`: how fast the numerical kernels are, next to software that others know; `npm run bench -- NAME` measures the line. Never gates anything on time.

import { argv, stderr, stdout } from 'node:process'
import { benches } from './kernels/index.ts'
import { runBenches } from './run-benches.ts'

/** What is measured on a local chain, loaded when asked for: one line a measurement. */
const measurements: Readonly<Record<string, () => Promise<void>>> = {
  positions: async () =>
    (await import('./known-positions.ts')).benchPositions({ positions: 500, providers: 3, delayMs: 50 }),
}

const [first = ''] = argv.slice(2)
const measurement = Object.hasOwn(measurements, first) ? measurements[first] : undefined
if (measurement !== undefined) await measurement()
else
  process.exitCode = await runBenches(
    { benches, registry: new URL('./kernels/index.ts', import.meta.url).href },
    argv.slice(2),
    { line: (text) => stdout.write(text), note: (text) => stderr.write(text), live: stderr.isTTY === true },
  )
