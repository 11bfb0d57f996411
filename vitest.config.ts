import { defineConfig } from 'vitest/config'

const project = (name: string, include: readonly string[], options: object = {}) => ({
  test: { name, include: [...include], ...options },
})

/** One project a floor: `npx vitest run --project unit` is the fast loop; `world` runs real contracts on anvil. */
export default defineConfig({
  test: {
    projects: [
      project('unit', [
        'test/{base,quant,instruments,model,sources,snapshot,risk,decisions,actions,store,bus,web,wiring,registry,golden}/**/*.test.ts',
      ]),
      project('flows', ['test/flows/**/*.test.ts'], { testTimeout: 30_000 }),
      project('fences', ['test/fences/**/*.test.ts'], { testTimeout: 60_000 }),
      project('infra', ['test/{infra,lambdas}/**/*.test.ts'], { testTimeout: 60_000, hookTimeout: 60_000 }),
      project('world', ['test/{world,local,faults}/**/*.test.ts'], { testTimeout: 60_000, hookTimeout: 60_000 }),
    ],
  },
})
