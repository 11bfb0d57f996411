// A published table that is one object, read in place; absent where the folder is.
import { existsSync, readFileSync } from 'node:fs'

export function publishedFile<Table>(name: string): Table | undefined {
  const path = `../shared/tables/${name}.json`
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : undefined
}
