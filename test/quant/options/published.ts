// Published numbers lie beside the checkout; where they do not, the tests that want them say so and are skipped.
import { existsSync, readFileSync } from 'node:fs'

/** Rows of a table, and what stands beside them; absent where the folder is. The tables write `vol` for what we call `volatility`. */
export function published<Row>(
  name: string,
):
  | { readonly rows: readonly Row[]; readonly tol?: number; readonly common?: Readonly<Record<string, number>> }
  | undefined {
  const path = `../shared/tables/${name}.json`
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8').replaceAll('"vol"', '"volatility"')) : undefined
}
