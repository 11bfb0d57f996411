// The command that watches from one machine, run as its own process against a provider that is not there.

import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'

/** A port that was free a moment ago: nobody answers there. */
async function deadPort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('the port has no number')
  return address.port
}

interface Run {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

function watch(args: readonly string[]): Promise<Run> {
  const command = ['bin/homeostat.ts', 'watch', '--once', ...args]
  return new Promise((resolve) => {
    execFile(process.execPath, command, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    )
  })
}

it('a provider that does not answer is a failed look: its host and the reason once, no value, exit code 1', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'homeostat-watch-'))
  try {
    const example = await readFile('homeostat.yaml', 'utf8')
    const file = join(folder, 'homeostat.yaml')
    // The example's own addresses are refused: nobody has their keys.
    const owned = example
      .replaceAll('0x5afe00000000000000000000000000000000cafe', `0x${'51'.repeat(20)}`)
      .replaceAll('0xa11ce00000000000000000000000000000000001', `0x${'a1'.repeat(20)}`)
    await writeFile(file, owned)
    const host = `http://127.0.0.1:${await deadPort()}`
    const { code, stdout, stderr } = await watch(['--rpc', `${host}/a-key`, '--portfolio', file])
    const all = stdout + stderr
    const times = (text: string) => all.split(text).length - 1
    expect(stderr).toContain('✗ read treasury on ethereum')
    expect(all).not.toContain('✓')
    expect(times(host)).toBe(1)
    expect(times('The connection failed')).toBe(1)
    expect(stdout).toMatch(/Net asset value +not known/)
    expect(all).not.toContain('a-key')
    expect(code).toBe(1)
  } finally {
    await rm(folder, { recursive: true })
  }
}, 60_000)

it('a chain that the portfolio is not on is named, with those that it is on', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'homeostat-watch-'))
  try {
    const example = await readFile('homeostat.yaml', 'utf8')
    const file = join(folder, 'homeostat.yaml')
    await writeFile(
      file,
      example
        .replaceAll('0x5afe00000000000000000000000000000000cafe', `0x${'51'.repeat(20)}`)
        .replaceAll('0xa11ce00000000000000000000000000000000001', `0x${'a1'.repeat(20)}`),
    )
    const { code, stderr } = await watch(['--rpc', 'arbitrum=https://rpc.example/a-key', '--portfolio', file])
    expect(stderr).toContain('The portfolio is on ethereum, not on arbitrum.')
    expect(stderr).not.toContain('a-key')
    expect(code).toBe(1)
  } finally {
    await rm(folder, { recursive: true })
  }
}, 60_000)
