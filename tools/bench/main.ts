// `npm run bench`: how fast the numerical kernels are, next to software that others know. Never gates anything on time.

import { argv, stderr, stdout } from 'node:process'

const [what, ...words] = argv.slice(2)
if (what === 'latency') {
  const { benchLatency, latencySettings } = await import('./latency.ts')
  await benchLatency(latencySettings(words))
} else {
  const [{ benches }, { runBenches }] = await Promise.all([import('./kernels/index.ts'), import('./run-benches.ts')])
  process.exitCode = await runBenches(
    { benches, registry: new URL('./kernels/index.ts', import.meta.url).href },
    argv.slice(2),
    { line: (text) => stdout.write(text), note: (text) => stderr.write(text), live: stderr.isTTY === true },
  )
}
