// A headless Chromium driven over its own protocol: enough to open a page, press a button and look at it. Absent browsers are said, not failed.

import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const candidates = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/opt/google/chrome/chrome',
]

/** Where a browser is installed; undefined if there is none. */
export const chromiumPath: string | undefined = candidates.find((path) => existsSync(path))

export interface Page {
  open(url: string): Promise<void>
  /** The value of an expression in the page; promises are awaited. */
  evaluate<T>(expression: string): Promise<T>
  /** Resolves once the expression is true in the page. */
  until(expression: string): Promise<void>
  /** Runs before any script of every page opened from now on. */
  beforeEach(script: string): Promise<void>
  resize(width: number, height: number, scheme: 'light' | 'dark'): Promise<void>
  /** PNG of the whole page. */
  picture(): Promise<Uint8Array>
  /** Errors of scripts and of the content policy since the start. */
  readonly complaints: readonly string[]
}

export interface Chromium {
  page(): Promise<Page>
  close(): Promise<void>
}

/** Starts the browser with an empty profile; whoever starts it closes it. */
export async function startChromium(path: string): Promise<Chromium> {
  const profile = mkdtempSync(join(tmpdir(), 'homeostat-chromium-'))
  const child = spawn(path, [...flags, `--user-data-dir=${profile}`, 'about:blank'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const stop = () => child.kill('SIGKILL')
  process.once('exit', stop)
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const link = await connect(await endpointOf(child))
  return {
    page: () => newPage(link),
    async close() {
      link.close()
      stop()
      await exited
      process.off('exit', stop)
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

const flags = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-dev-shm-usage',
  '--remote-debugging-port=0',
]

function endpointOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    child.stderr?.on('data', (chunk: Buffer) => {
      text += chunk.toString()
      const found = /DevTools listening on (ws:\/\/\S+)/.exec(text)?.[1]
      if (found !== undefined) resolve(found)
    })
    child.once('exit', (code) => reject(new Error(`chromium ended with ${code}: ${text.slice(-500)}`)))
  })
}

interface Link {
  send(method: string, params?: object, sessionId?: string): Promise<Record<string, unknown>>
  listen(sessionId: string, listener: (method: string, params: Record<string, unknown>) => void): void
  close(): void
}

async function connect(url: string): Promise<Link> {
  const socket = new WebSocket(url)
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve, { once: true })
    socket.addEventListener('error', reject, { once: true })
  })
  const waiting = new Map<number, { resolve(value: Record<string, unknown>): void; reject(error: Error): void }>()
  const listeners = new Map<string, (method: string, params: Record<string, unknown>) => void>()
  let last = 0
  socket.addEventListener('message', ({ data }) => {
    const { id, result, error, method, params, sessionId } = JSON.parse(String(data))
    if (id === undefined) {
      listeners.get(sessionId)?.(method, params)
      return
    }
    const call = waiting.get(id)
    waiting.delete(id)
    if (error === undefined) call?.resolve(result)
    else call?.reject(new Error(error.message))
  })
  return {
    send(method, params = {}, sessionId) {
      const id = ++last
      return new Promise((resolve, reject) => {
        waiting.set(id, { resolve, reject })
        socket.send(JSON.stringify({ id, method, params, ...(sessionId === undefined ? {} : { sessionId }) }))
      })
    },
    listen: (sessionId, listener) => listeners.set(sessionId, listener),
    close: () => socket.close(),
  }
}

async function newPage(link: Link): Promise<Page> {
  const { targetId } = await link.send('Target.createTarget', { url: 'about:blank' })
  const { sessionId } = await link.send('Target.attachToTarget', { targetId, flatten: true })
  const session = String(sessionId)
  const send = (method: string, params?: object) => link.send(method, params, session)
  const complaints: string[] = []
  let loaded = () => {}
  link.listen(session, (method, params) => {
    if (method === 'Page.loadEventFired') loaded()
    if (method === 'Runtime.exceptionThrown') complaints.push(JSON.stringify(params.exceptionDetails))
    if (method === 'Log.entryAdded') complaints.push(JSON.stringify(params.entry))
  })
  await Promise.all([send('Page.enable'), send('Runtime.enable'), send('Log.enable')])
  const evaluate = async <T>(expression: string): Promise<T> => {
    const answer = await send('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true })
    if (answer.exceptionDetails !== undefined) throw new Error(JSON.stringify(answer.exceptionDetails))
    return (answer.result as { value: T }).value
  }
  return {
    complaints,
    evaluate,
    async open(url) {
      const done = new Promise<void>((resolve) => {
        loaded = resolve
      })
      await send('Page.navigate', { url })
      await done
    },
    async until(expression) {
      const poll = `new Promise((resolve, reject) => { const end = Date.now() + 15000; const look = () => {
        if (${expression}) resolve(true); else if (Date.now() > end) reject(new Error('never true: ' + ${JSON.stringify(expression)})); else setTimeout(look, 20) }; look() })`
      for (;;) {
        try {
          await evaluate(poll)
          return
        } catch (error) {
          // The page that was asked went away; its successor is asked.
          if (!(error instanceof Error && /navigated|context was destroyed|Cannot find context/.test(error.message)))
            throw error
        }
      }
    },
    async beforeEach(source) {
      await send('Page.addScriptToEvaluateOnNewDocument', { source })
    },
    async resize(width, height, scheme) {
      await send('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile: width < 600 })
      await send('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value: scheme }] })
    },
    async picture() {
      const { data } = await send('Page.captureScreenshot', { format: 'png', captureBeyondViewport: true })
      return Buffer.from(String(data), 'base64')
    },
  }
}
