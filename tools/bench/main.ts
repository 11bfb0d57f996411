// `npm run bench`: how fast the numerical kernels are, next to software that others know. Never gates anything on time.

import { argv, stderr, stdout } from 'node:process'
import { benches } from './kernels/index.ts'
import { runBenches } from './run-benches.ts'

process.exitCode = await runBenches(
  { benches, registry: new URL('./kernels/index.ts', import.meta.url).href },
  argv.slice(2),
  { line: (text) => stdout.write(text), note: (text) => stderr.write(text), live: stderr.isTTY === true },
)
