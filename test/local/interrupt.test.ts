// Ctrl-C while the house on this machine starts, and while it rehearses: it ends at once, with everything that it started.

import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { root } from '../infra/fixture/synthesized-stack.ts'

const undo: (() => unknown)[] = []
afterEach(() => {
  for (const step of undo.splice(0).reverse()) step()
})

/** A checkout of its own: the house keeps its files in the directory where it is started. */
function checkout(): string {
  const folder = mkdtempSync(join(tmpdir(), 'homeostat-interrupt-'))
  undo.push(() => rmSync(folder, { recursive: true, force: true }))
  for (const name of ['bin', 'lib', 'lambdas', 'node_modules', 'package.json', 'package-lock.json', 'tsconfig.json'])
    symlinkSync(join(root, name), join(folder, name))
  return folder
}

/** Starts `homeostat local --once` and interrupts it as soon as its progress shows the text. */
function interruptedAt(shown: string) {
  const folder = checkout()
  const child = spawn(process.execPath, ['bin/homeostat.ts', 'local', '--once'], { cwd: folder, stdio: 'pipe' })
  undo.push(() => child.kill('SIGKILL'))
  let output = ''
  let sentAt: number | undefined
  return new Promise<{ code: number | null; seconds: number; output: string; folder: string }>((resolve) => {
    child.stderr.on('data', (chunk: Buffer) => {
      output += chunk.toString()
      if (sentAt !== undefined || !output.includes(shown)) return
      sentAt = performance.now()
      child.kill('SIGINT')
      // As npm does, which passes on what the terminal sends to both.
      child.kill('SIGINT')
    })
    child.on('close', (code) => resolve({ code, seconds: (performance.now() - (sentAt ?? 0)) / 1_000, output, folder }))
  })
}

it.each([
  ['while it starts', '✓ deploy Aave, Uniswap, Safe and a treasury on anvil'],
  ['while it rehearses', '✓ first snapshot and report'],
])('%s: ends within seconds with 130, and leaves nothing for the CLI to find', async (_, shown) => {
  const { code, seconds, output, folder } = await interruptedAt(shown)
  expect(output).toContain(shown)
  expect([code, output]).toEqual([130, expect.stringContaining('stopping')])
  expect(seconds).toBeLessThan(8)
  expect(existsSync(join(folder, '.homeostat/local/outputs.json'))).toBe(false)
})
