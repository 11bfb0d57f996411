// `npm run bench`: how fast the numerical kernels are, next to software that others know; `npm run bench -- NAME` measures the line on a local chain.
// Never gates anything on time.

import { argv, stderr, stdout } from 'node:process'

type Measurement = (words: readonly string[]) => Promise<void>

/** Each is loaded when asked for. */
const measurements: Readonly<Record<string, Measurement>> = {
  assess: async ([count = '10000']) => (await import('./assess.ts')).benchAssess({ count: Number(count) }),
  'clean-day': async ([minutes = '1440']) =>
    (await import('./clean-day.ts')).benchCleanDay({ minutes: Number(minutes), providers: 3 }),
  'loan-to-value': async ([dates = '400', from = '2019-01-01']) =>
    (await import('./loan-to-value-study.ts')).benchLoanToValue({ dates: Number(dates), from }),
  covariance: (words) => benchKernels(['--only', 'covariance|garch', '--peers', ...words]),
  latency: async (words) => {
    const { benchLatency, latencySettings } = await import('./latency.ts')
    await benchLatency(latencySettings(words))
  },
  positions: async ([positions = '500']) =>
    (await import('./known-positions.ts')).benchPositions({ positions: Number(positions), providers: 3, delayMs: 50 }),
  regime: async (words) => (await import('./regime-study.ts')).studyRegime(words),
}

const [what = '', ...words] = argv.slice(2)
const measure = Object.hasOwn(measurements, what) ? measurements[what] : undefined
if (measure !== undefined) await measure(words)
else await benchKernels(argv.slice(2))

async function benchKernels(args: readonly string[]): Promise<void> {
  const [{ benches }, { runBenches }] = await Promise.all([import('./kernels/index.ts'), import('./run-benches.ts')])
  process.exitCode = await runBenches(
    { benches, registry: new URL('./kernels/index.ts', import.meta.url).href },
    args,
    { line: (text) => stdout.write(text), note: (text) => stderr.write(text), live: stderr.isTTY === true },
  )
}
