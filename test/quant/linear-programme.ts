// An independent solver (HiGHS, compiled to WebAssembly) for linear and quadratic programmes, to hold our own results against.

import * as module from 'highs'

interface Solver {
  solve(
    programme: string,
    options: Readonly<Record<string, string | number>>,
  ): { readonly Status: string; readonly ObjectiveValue: number }
}

/** Its types describe the CommonJS form, whose only export is the loader. */
const load = (module as unknown as { readonly default: () => Promise<Solver> }).default

/** Minimises or maximises a programme in CPLEX's LP format to tight tolerances. */
export async function referenceSolver(): Promise<
  (programme: string) => { readonly status: string; readonly objective: number }
> {
  const solver = await load()
  return (programme) => {
    const { Status, ObjectiveValue } = solver.solve(programme, {
      presolve: 'off',
      primal_feasibility_tolerance: 1e-10,
      dual_feasibility_tolerance: 1e-10,
    })
    return { status: Status, objective: ObjectiveValue }
  }
}
