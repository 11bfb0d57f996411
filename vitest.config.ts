// The tests by floor: `npx vitest run --project unit` is the fast loop; `world` runs real contracts on anvil.

import { defineConfig } from 'vitest/config'

const project = (name: string, include: readonly string[], options: object = {}) => ({
  test: { name, include: [...include], setupFiles: ['test/seed.ts'], ...options },
})

/**
 * Projects that start chains, emulators, synthesis or a browser: one file at a time and after the others, because they measure
 * real time and two cores are all that they may find.
 */
const heavy = { fileParallelism: false, testTimeout: 60_000, hookTimeout: 120_000 }

export default defineConfig({
  test: {
    projects: [
      project(
        'unit',
        [
          'test/{base,bin,quant,instruments,model,sources,snapshot,risk,decisions,actions,store,bus,web,wiring,registry,golden}/**/*.test.ts',
        ],
        { testTimeout: 30_000, hookTimeout: 30_000 },
      ),
      project('flows', ['test/flows/**/*.test.ts'], { testTimeout: 30_000, hookTimeout: 30_000 }),
      project('fences', ['test/fences/**/*.test.ts'], { testTimeout: 60_000, hookTimeout: 120_000 }),
      project('infra', ['test/{infra,lambdas}/**/*.test.ts'], heavy),
      project('world', ['test/{world,local,faults}/**/*.test.ts'], heavy),
      project('browser', ['test/browser/**/*.test.ts'], heavy),
    ],
  },
})
