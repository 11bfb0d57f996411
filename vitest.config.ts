// The tests by floor: `npx vitest run --project unit` is the fast loop; `world` runs real contracts on anvil.

import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

// Many tests start the command line or the app as a child: node keeps what it compiled of them from one to the next.
process.env.NODE_COMPILE_CACHE ??= fileURLToPath(new URL('node_modules/.cache/homeostat/compiled', import.meta.url))

/** Two even on two cores, where vitest would take one: a heavy test mostly waits for children of its own. */
const maxWorkers = Math.max(2, availableParallelism() - 1)

/** The files that a process runs one after the other share their modules: to load viem and the rooms for each took longer than the tests. */
const shared = { isolate: false, testTimeout: 30_000, hookTimeout: 30_000 }
/** The same for tests that start chains. */
const sharedAndHeavy = { isolate: false, testTimeout: 60_000, hookTimeout: 120_000 }
/** A process for each file, because they start threads, emulators, synthesis or a browser. */
const heavy = { isolate: true, testTimeout: 60_000, hookTimeout: 120_000 }

const project = (name: string, include: readonly string[], options: object) => ({
  test: { name, include: [...include], setupFiles: ['test/seed.ts'], maxWorkers, ...options },
})

export default defineConfig({
  test: {
    maxWorkers,
    projects: [
      project(
        'unit',
        [
          'test/{base,bin,quant,instruments,model,sources,snapshot,risk,decisions,actions,store,bus,web,wiring,registry,golden}/**/*.test.ts',
        ],
        shared,
      ),
      project('flows', ['test/flows/**/*.test.ts'], shared),
      project('fences', ['test/fences/**/*.test.ts'], sharedAndHeavy),
      project('infra', ['test/{infra,lambdas}/**/*.test.ts'], heavy),
      project('local', ['test/local/**/*.test.ts'], heavy),
      project('world', ['test/{world,faults}/**/*.test.ts'], sharedAndHeavy),
      project('browser', ['test/browser/**/*.test.ts'], heavy),
    ],
  },
})
