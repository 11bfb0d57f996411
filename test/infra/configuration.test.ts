import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { synthesize } from '../../lib/local/synthesize.ts'
import { type FreeTemplate, readTemplate, root, shelf, synthesizedStack } from './fixture/synthesized-stack.ts'

// A blank and a quote in the path, because the file is packed by a shell.
const folder = mkdtempSync(join(tmpdir(), "desk's configuration "))
// Beside the assembly that it is compared with: source maps tell how far away the sources are.
const outDir = join(shelf, `configuration-${process.pid}`)
afterAll(() => {
  for (const made of [folder, outDir]) rmSync(made, { recursive: true, force: true })
})

const configured = (text: string): string => {
  const file = join(folder, 'desk.yaml')
  writeFileSync(file, text)
  return file
}
const synthesizedWith = (configuration: string, context: Readonly<Record<string, string>> = {}) =>
  synthesize({ outDir, cwd: root, context: { configuration, ...context } })

/** The template with the two names that follow from apply-config's asset replaced. */
function withoutAsset(template: FreeTemplate): string {
  const ids = Object.keys(template.Resources)
  const door = ids.find((id) => id.startsWith('ApplyConfigFunction') && !id.includes('CurrentVersion')) ?? ''
  const version = ids.find((id) => id.startsWith('ApplyConfigFunctionCurrentVersion')) ?? ''
  const asset = String(template.Resources[door]?.Properties.Code.S3Key).replace('.zip', '')
  return JSON.stringify(template, undefined, 1).replaceAll(asset, '(asset)').replaceAll(version, '(version)')
}

describe('the template', () => {
  it('depends on the configuration in nothing but the asset that carries it, and carries the file as it is', async () => {
    const text = `# Another desk.\n${readFileSync(join(root, 'homeostat.yaml'), 'utf8').replaceAll('healthFactor <', 'healthFactor <=')}`
    const [one, other] = [readTemplate(await synthesizedStack()), readTemplate(await synthesizedWith(configured(text)))]
    expect(other).not.toEqual(one)
    expect(withoutAsset(other)).toBe(withoutAsset(one))
    const [, door] = Object.entries(other.Resources).find(([id]) => /^ApplyConfigFunction[0-9A-F]{8}$/.test(id)) ?? []
    const asset = `asset.${String(door?.Properties.Code.S3Key).replace('.zip', '')}`
    expect(readFileSync(join(outDir, asset, 'homeostat.yaml'), 'utf8')).toBe(text)
  })
})

describe('the synthesis', () => {
  it('refuses a configuration that is not there, and says how to name one', async () => {
    await expect(synthesizedWith(join(folder, 'nowhere.yaml'))).rejects.toThrow(
      /no configuration at .*nowhere\.yaml.*-c configuration=/s,
    )
  })

  it('refuses a configuration with a mistake, at its line and with the nearest right word', async () => {
    const text = readFileSync(join(root, 'homeostat.yaml'), 'utf8').replace('portfolios:', 'portfolioz:')
    const line = text.split('\n').findIndex((each) => each.startsWith('portfolioz:')) + 1
    await expect(synthesizedWith(configured(text))).rejects.toThrow(
      new RegExp(`desk\\.yaml:${line}:1 unknown key .portfolioz.[^]*did you mean portfolios\\?`),
    )
  })

  it('refuses a concurrency that no account has', async () => {
    const configuration = join(root, 'homeostat.yaml')
    await expect(synthesizedWith(configuration, { concurrency: 'plenty' })).rejects.toThrow('at least 10, not NaN')
  })
})
