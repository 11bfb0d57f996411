// Synthesizes the CDK app in a process of its own, with a time limit, and says in its own words what went wrong.

import { spawn } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { resolve } from 'node:path'
import { HomeostatError } from '../base/homeostat-error.ts'

export interface SynthesizeOptions {
  /** The app's entry, `bin/app.ts` unless told otherwise. */
  readonly app?: string
  /** Made anew, `.homeostat/cdk.out` unless told otherwise. */
  readonly outDir?: string
  /** CDK context. */
  readonly context?: Readonly<Record<string, unknown>>
  readonly timeoutSeconds?: number
  readonly cwd?: string
}

const keptLines = 20
/** Node prints the source line of an error, which in a bundle is the whole bundle. */
const keptColumns = 240

function tailOf(output: string): string {
  const lines = output
    .trimEnd()
    .split('\n')
    .filter((line) => line.trim() !== '')
  return lines
    .map((line) => (line.length > keptColumns ? `${line.slice(0, keptColumns)} ...` : line))
    .slice(-keptLines)
    .join('\n')
}

/** The child sees neither an account to bind to nor loaders of the parent. */
function environmentFor(outDir: string, context: Readonly<Record<string, unknown>>): NodeJS.ProcessEnv {
  const { CDK_DEFAULT_ACCOUNT: _, CDK_DEFAULT_REGION: __, NODE_OPTIONS: ___, ...environment } = process.env
  return { ...environment, CDK_OUTDIR: outDir, CDK_CONTEXT_JSON: JSON.stringify(context) }
}

interface Ending {
  readonly code: number | null
  readonly timedOut: boolean
  readonly tail: string
}

function run(entry: string, env: NodeJS.ProcessEnv, cwd: string, timeoutMs: number): Promise<Ending> {
  return new Promise((settle, reject) => {
    const child = spawn(process.execPath, [entry], { cwd, env, stdio: ['ignore', 'ignore', 'pipe'] })
    let output = ''
    let timedOut = false
    const timer = setTimeout(() => {
      timedOut = true
      child.kill('SIGKILL')
    }, timeoutMs)
    const killWithParent = () => child.kill('SIGKILL')
    process.once('exit', killWithParent)
    child.stderr.on('data', (chunk: Buffer) => {
      output = (output + chunk.toString('utf8')).slice(-60_000)
    })
    const finish = () => {
      clearTimeout(timer)
      process.off('exit', killWithParent)
    }
    child.on('error', (error) => {
      finish()
      reject(error)
    })
    child.on('close', (code) => {
      finish()
      settle({ code, timedOut, tail: tailOf(output) })
    })
  })
}

/**
 * Synthesizes the app as `cdk synth` would, without its start-up time.
 * @returns the directory of the cloud assembly
 * @throws HomeostatError `synthesis-failed` with the last lines of stderr, `synthesis-timed-out`
 */
export async function synthesize(options: SynthesizeOptions = {}): Promise<string> {
  const {
    app = 'bin/app.ts',
    outDir = '.homeostat/cdk.out',
    context = {},
    timeoutSeconds = 60,
    cwd = process.cwd(),
  } = options
  const directory = resolve(cwd, outDir)
  await rm(directory, { recursive: true, force: true })
  const { code, timedOut, tail } = await run(app, environmentFor(directory, context), cwd, timeoutSeconds * 1_000)
  if (code === 0 && !timedOut) return directory
  throw new HomeostatError(timedOut ? 'synthesis-timed-out' : 'synthesis-failed', {
    message: timedOut
      ? `Synthesizing ${app} took longer than ${timeoutSeconds} s.`
      : `Synthesizing ${app} failed:\n${tail}`,
    retry: timedOut ? 'later' : 'never',
    facts: { app, tail, code: code ?? -1 },
    hint: `Run it alone to see more: node ${app}`,
  })
}
