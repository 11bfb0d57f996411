// `npm run bench -- positions`: how many requests, rounds and milliseconds it takes to read five hundred positions of one account.

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { stderr, stdout } from 'node:process'
import { setTimeout as pause } from 'node:timers/promises'
import { Redacted } from '../../lib/base/redacted.ts'
import { mintRange, poolTerms } from '../../lib/local/world/deploy-uniswap.ts'
import { makeDeployer } from '../../lib/local/world/deployer.ts'
import { makeRpc } from '../../lib/local/world/rpc.ts'
import { startWorld, type World } from '../../lib/local/world/world.ts'
import type { PortfolioSettings } from '../../lib/model/configuration.ts'
import type { Address } from '../../lib/model/identity.ts'
import { assess } from '../../lib/risk/assess.ts'
import { assemble } from '../../lib/snapshot/assemble.ts'
import { chainSources } from '../../lib/sources/chain-sources.ts'
import { settingsOfWorld } from '../../test/world/chain-of-world.ts'

interface Options {
  readonly positions: number
  readonly providers: number
  /** Of each answer: what a network would add. */
  readonly delayMs: number
}

const lower = (address: string) => address.toLowerCase() as Address

/** Mints so many ranges to the treasury, a hundred in a block. */
async function mintRanges(world: World, count: number): Promise<void> {
  const { accounts, assets, uniswap, treasury } = world.addresses
  const rpc = makeRpc(world.rpcUrl)
  await rpc.batch([
    { method: 'evm_setAutomine', params: [false] },
    { method: 'evm_setBlockGasLimit', params: ['0x77359400'] },
  ])
  const deployer = await makeDeployer({ rpc }, accounts.deployer)
  const { spacing } = poolTerms.ETH
  const prices = { ETH: 2_914, BTC: 60_700, USDC: 1 }
  for (let index = 0; index < count; index++) {
    // Around the price or beside it: a range of its own for each.
    const lower = -197_000 - (197_000 % spacing) - spacing * (index % 250)
    const range = [lower - (lower % spacing), lower - (lower % spacing) + spacing * (40 + index)] as const
    mintRange(
      { deployer, positions: uniswap.positions },
      { asset: 'ETH', assets, prices, range, usd: 2_000, recipient: treasury.safe },
    )
    if (index % 100 === 99) await deployer.flush()
  }
  await deployer.flush()
  await rpc.batch([
    { method: 'evm_setAutomine', params: [true] },
    { method: 'evm_setBlockGasLimit', params: ['0x2255100'] },
  ])
}

/** In front of the chain: tells when each request began, and keeps each answer back for a while. */
async function slowed(upstream: string, delayMs: number) {
  const asked: { readonly at: number; readonly method: string; readonly bytes: number }[] = []
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    asked.push({ at: performance.now(), method: (JSON.parse(body) as { method: string }).method, bytes: body.length })
    const answer = await fetch(upstream, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
    const text = await answer.text()
    await pause(delayMs)
    response.writeHead(200, { 'content-type': 'application/json' }).end(text)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    stop: () => new Promise((resolve) => server.close(resolve).closeAllConnections()),
  }
}

/** Requests that went out before the answer of the first of them could be there are one round. */
function roundsOf(asked: readonly { readonly at: number }[], delayMs: number): number {
  let rounds = 0
  let begun = Number.NEGATIVE_INFINITY
  for (const { at } of asked) {
    if (at - begun < delayMs) continue
    rounds += 1
    begun = at
  }
  return rounds
}

export async function benchPositions({ positions, providers, delayMs }: Options): Promise<void> {
  stderr.write(`starting a chain with Uniswap and minting ${positions} ranges\n`)
  const world = await startWorld()
  const proxies = await Promise.all(Array.from({ length: providers }, () => slowed(world.rpcUrl, delayMs)))
  try {
    await mintRanges(world, positions)
    const plain = settingsOfWorld(world)
    const rpc = proxies.map(({ url }, index) => ({ name: `provider-${index + 1}`, url }))
    const quorum = Math.floor(providers / 2) + 1
    const settings: PortfolioSettings = {
      ...plain,
      portfolio: { ...plain.portfolio, account: lower(world.addresses.treasury.safe) },
      chain: { ...plain.chain, rpc, quorum },
    }
    const sources = chainSources({ secret: async (name) => new Redacted(name), requestMs: 10_000, deadlineMs: 30_000 })
    for (const what of ['found', 'known', 'known, a block later']) {
      if (what.endsWith('later')) await world.mine(1)
      for (const proxy of proxies) proxy.asked.length = 0
      const began = performance.now()
      const reading = await sources.read({ settings, at: await world.blockTime() })
      const milliseconds = Math.round(performance.now() - began)
      const [first] = proxies
      const after = (first?.asked ?? []).filter(({ method }, index) => index > 2 || method === 'eth_call')
      const calls = after.filter(({ method }) => method === 'eth_call').length
      const kilobytes = Math.round(after.reduce((sum, { bytes }) => sum + bytes, 0) / 1_000)
      const snapshot = assemble({ reading, settings })
      const { navUsd } = assess({ snapshot })
      stdout.write(
        `${what}: ${snapshot.positions.length} positions worth ${Math.round(navUsd)} USD (${snapshot.dataState.kind}, ${reading.gaps.length} gaps), ` +
          `${providers} providers at ${delayMs} ms: ${milliseconds} ms; after agreement, a provider: ${roundsOf(after, delayMs)} rounds, ` +
          `${after.length} requests (${calls} multicalls), ${kilobytes} kB asked\n`,
      )
    }
  } finally {
    await Promise.all(proxies.map(({ stop }) => stop()))
    await world.stop()
  }
}
