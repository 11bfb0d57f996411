// The chain itself: anvil's binary from npm, spawned without a shell or wrapper, so that it is ready in 0.1 s and dies with us.

import { type ChildProcess, spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { HomeostatError } from '../../base/homeostat-error.ts'

const fromHere = createRequire(import.meta.url)

/** Accounts 0..9 of this well-known phrase are unlocked and funded on every anvil. */
export const demoMnemonic = 'test test test test test test test test test test test junk'

export interface Anvil {
  readonly rpcUrl: string
  readonly chainId: number
  readonly pid: number
  /** Resolves when the process has ended. Safe to call twice. */
  stop(): Promise<void>
}

export interface AnvilOptions {
  readonly chainId: number
  /** How long it may take to listen; it needs about 0.1 s. */
  readonly timeoutSeconds?: number
}

/**
 * Starts a chain on a free port of 127.0.0.1 that mines a block per transaction.
 * @throws HomeostatError `anvil-missing`, `anvil-not-ready`, `anvil-ended`
 */
export async function startAnvil({ chainId, timeoutSeconds = 15 }: AnvilOptions): Promise<Anvil> {
  const child = spawn(
    anvilBinary(),
    // With two slots in flight, `safe` and `finalized` resolve after three blocks. Requests may carry a whole saved chain.
    [
      '--host',
      '127.0.0.1',
      '--port',
      '0',
      '--chain-id',
      String(chainId),
      '--slots-in-an-epoch',
      '1',
      '--no-request-size-limit',
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  )
  killWithUs(child)
  const rpcUrl = await listening(child, timeoutSeconds)
  // An embedding process that forgets to stop the chain shall still be able to end; its exit ends the chain.
  child.unref()
  for (const stream of [child.stdout, child.stderr]) (stream as unknown as { unref(): void }).unref()
  return { rpcUrl, chainId, pid: child.pid ?? 0, stop: () => ended(child) }
}

function anvilBinary(): string {
  const architecture = { x64: 'amd64', arm64: 'arm64' }[process.arch as string] ?? process.arch
  const platformPackage = `@foundry-rs/anvil-${process.platform}-${architecture}`
  const file = process.platform === 'win32' ? 'anvil.exe' : 'anvil'
  try {
    const fromAnvil = createRequire(fromHere.resolve('@foundry-rs/anvil/package.json'))
    return fromAnvil.resolve(`${platformPackage}/bin/${file}`)
  } catch (error) {
    throw new HomeostatError('anvil-missing', {
      message: `The package ${platformPackage} with anvil's binary is not installed.`,
      retry: 'never',
      facts: { platformPackage },
      hint: 'Run npm ci with optional dependencies on a platform that anvil supports (linux, macOS, Windows x64).',
      cause: error,
    })
  }
}

function listening(child: ChildProcess, timeoutSeconds: number): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = ''
    const fail = (code: string, message: string, cause?: unknown) => {
      clearTimeout(timer)
      child.kill('SIGKILL')
      const said = output.trim().slice(-2_000)
      const hint = said === '' ? 'Try again with less load on the machine.' : `It said: ${said}`
      reject(new HomeostatError(code, { message, retry: 'later', hint, cause }))
    }
    const timer = setTimeout(
      () => fail('anvil-not-ready', `anvil did not listen within ${timeoutSeconds} s.`),
      timeoutSeconds * 1_000,
    )
    child.once('error', (error) => fail('anvil-not-ready', 'anvil could not be started.', error))
    child.once('close', (code, signal) => fail('anvil-ended', `anvil ended at once (${signal ?? `code ${code}`}).`))
    const read = (chunk: Buffer) => {
      if (output.length > 100_000) return
      output += chunk.toString()
      const address = /Listening on (\S+)/.exec(output)?.[1]
      if (address === undefined) return
      clearTimeout(timer)
      child.removeAllListeners('close')
      // Its log of requests goes on: an undrained pipe would stop it.
      for (const stream of [child.stdout, child.stderr]) stream?.removeAllListeners('data').resume()
      resolve(`http://${address}`)
    }
    child.stdout?.on('data', read)
    child.stderr?.on('data', read)
  })
}

function ended(child: ChildProcess): Promise<void> {
  running.delete(child)
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve()
  return new Promise((resolve) => {
    child.ref()
    child.once('exit', () => resolve())
    // There is nothing on this chain that a gentle end would save.
    child.kill('SIGKILL')
  })
}

const running = new Set<ChildProcess>()
const endingSignals = { SIGINT: 2, SIGTERM: 15, SIGHUP: 1 } as const

function killAll(): void {
  for (const child of running) child.kill('SIGKILL')
  running.clear()
}

let guarded = false

/** anvil survives its parent, so every way in which the parent ends has to end it too. */
function killWithUs(child: ChildProcess): void {
  running.add(child)
  if (guarded) return
  guarded = true
  process.once('exit', killAll)
  for (const [signal, number] of Object.entries(endingSignals)) {
    process.on(signal, () => {
      // Somebody else who listens ends the process in their own order, and then `exit` comes by.
      if (process.listenerCount(signal) > 1) return
      killAll()
      process.exit(128 + number)
    })
  }
}
