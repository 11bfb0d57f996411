import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { startAnvil } from '../../lib/local/world/anvil.ts'
import { makeRpc } from '../../lib/local/world/rpc.ts'

describe('anvil', () => {
  it('listens on 127.0.0.1 with the chain id asked for, two at a time on ports of their own, and ends when stopped', async () => {
    const [first, second] = await Promise.all([startAnvil({ chainId: 1 }), startAnvil({ chainId: 42_161 })])
    expect(new URL(first.rpcUrl).hostname).toBe('127.0.0.1')
    expect(await makeRpc(first.rpcUrl).request('eth_chainId')).toBe('0x1')
    expect(await makeRpc(second.rpcUrl).request('eth_chainId')).toBe('0xa4b1')
    await Promise.all([first.stop(), second.stop()])
    await first.stop()
    expect(() => process.kill(first.pid, 0)).toThrow('ESRCH')
    await expect(makeRpc(first.rpcUrl, 2).request('eth_chainId')).rejects.toMatchObject({
      code: 'world-rpc-unreachable',
    })
  })

  it('that is not ready in time is an error with a hint, and leaves no process', async () => {
    await expect(startAnvil({ chainId: 1, timeoutSeconds: 0.001 })).rejects.toMatchObject({
      code: 'anvil-not-ready',
      retry: 'later',
    })
  })

  it('that refuses its options is an error with what it said', async () => {
    await expect(startAnvil({ chainId: 2.5 })).rejects.toMatchObject({
      code: 'anvil-ended',
      hint: expect.stringContaining('--chain-id'),
    })
  })

  it.each(['SIGTERM', 'SIGINT', 'exit'] as const)('does not survive a parent that ends by %s', async (way) => {
    const anvil = new URL('../../lib/local/world/anvil.ts', import.meta.url).href
    const ending = way === 'exit' ? 'setImmediate(() => process.exit(0))' : 'setInterval(() => undefined, 1000)'
    const script = `const { startAnvil } = await import('${anvil}'); console.log((await startAnvil({ chainId: 1 })).pid); ${ending}`
    const parent = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [output] = (await once(parent.stdout, 'data')) as [Buffer]
    const pid = Number(output.toString())
    expect(pid).toBeGreaterThan(0)
    if (way !== 'exit') parent.kill(way)
    const [code] = await once(parent, 'exit')
    expect(code).toBe({ SIGTERM: 143, SIGINT: 130, exit: 0 }[way])
    await expect.poll(() => isRunning(pid), { timeout: 5_000, interval: 20 }).toBe(false)
  })
})

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
