// `npm run bench -- clean-day`: a day of minutes on a chain where nothing is wrong; how many of its snapshots could not be trusted.

import { existsSync, readFileSync } from 'node:fs'
import { stderr, stdout } from 'node:process'
import { setTimeout as pause } from 'node:timers/promises'
import { numberToHex } from 'viem'
import { Redacted } from '../../lib/base/redacted.ts'
import { startProviderProxy } from '../../lib/local/world/provider-proxy.ts'
import { makeRpc } from '../../lib/local/world/rpc.ts'
import { startWorld } from '../../lib/local/world/world.ts'
import type { ChainHealth } from '../../lib/model/chain-health.ts'
import type { PortfolioSettings } from '../../lib/model/configuration.ts'
import type { Address } from '../../lib/model/identity.ts'
import { random } from '../../lib/quant/random.ts'
import { assess } from '../../lib/risk/assess.ts'
import { assemble } from '../../lib/snapshot/assemble.ts'
import { chainSources } from '../../lib/sources/chain-sources.ts'
import { settingsOfWorld } from '../../test/world/chain-of-world.ts'

interface Options {
  readonly minutes: number
  readonly providers: number
}

const panel = new URL('../../../shared/data/minute_binance_celsius_3ac_2022.csv', import.meta.url)

/** BTC by the minute of a real day in a falling market where the data is at hand, else a walk from a seed. */
function bitcoin(minutes: number): { readonly prices: readonly number[]; readonly source: string } {
  if (existsSync(panel)) {
    const rows = readFileSync(panel, 'utf8').split('\n')
    const prices = rows.flatMap((row) => {
      const [at = '', symbol, , , , close] = row.split(',')
      return symbol === 'BTCUSDT' && at >= '2022-06-13' ? [Number(close)] : []
    })
    if (prices.length >= minutes) return { prices: prices.slice(0, minutes), source: 'BTC on 2022-06-13 by the minute' }
  }
  const rng = random(20_220_613)
  const prices = [26_500]
  while (prices.length < minutes)
    prices.push((prices.at(-1) ?? 0) * Math.exp(0.001 * (rng.uniform() + rng.uniform() + rng.uniform() - 1.5)))
  return { prices, source: 'a walk from a seed' }
}

/** Feeds answer when the price has moved by half a per cent, or after an hour; a block may come while a provider reads. */
export async function benchCleanDay({ minutes, providers }: Options): Promise<void> {
  const { prices, source } = bitcoin(minutes)
  stderr.write(`starting a chain; ${source}, ${minutes} minutes\n`)
  const first = prices[0] ?? 1
  const world = await startWorld({ prices: { BTC: first, ETH: first / 18 } })
  const names = Array.from({ length: providers }, (_, index) => `provider-${index + 1}`)
  const proxies = await Promise.all(names.map((name) => startProviderProxy({ name, upstream: world.rpcUrl })))
  try {
    const plain = settingsOfWorld(world)
    const rpc = proxies.map(({ name, url }) => ({ name, url }))
    const account = world.addresses.treasury.safe.toLowerCase() as Address
    const settings: PortfolioSettings = {
      ...plain,
      portfolio: { ...plain.portfolio, account },
      chain: { ...plain.chain, rpc, quorum: Math.floor(providers / 2) + 1, maxBlockAgeSeconds: 120 },
    }
    const sources = chainSources({ secret: async (name) => new Redacted(name) })
    const counts: Record<string, number> = {}
    const count = (what: string) => {
      counts[what] = (counts[what] ?? 0) + 1
    }
    const reasons = new Map<string, number>()
    /** Alike but for the numbers in them. */
    const tell = (reason: string) => {
      const alike = reason.replaceAll(/[\d.,]+/g, '#')
      reasons.set(alike, (reasons.get(alike) ?? 0) + 1)
    }
    const node = makeRpc(world.rpcUrl)
    // Not by shifting the node's clock: until the block comes, anvil would answer calls with the shifted time.
    const blockAfter = async (seconds: number) => {
      const next = numberToHex((await world.blockTime()) + seconds)
      await node.batch([
        { method: 'evm_setNextBlockTimestamp', params: [next] },
        { method: 'evm_mine', params: [] },
      ])
    }
    let answered = first
    let answeredAt = 0
    let chains: readonly ChainHealth[] = []
    const began = performance.now()
    for (const [minute, price] of prices.entries()) {
      await blockAfter(48)
      if (Math.abs(price / answered - 1) > 0.005 || minute - answeredAt >= 50) {
        await world.setPrices({ BTC: price, ETH: price / 18, USDC: 1 })
        answered = price
        answeredAt = minute
      }
      const at = (await world.blockTime()) + 3
      const reading = sources.read({ settings, at })
      await pause(minute % 7)
      await blockAfter(12)
      const snapshot = assemble({ reading: await reading, settings, chains })
      chains = snapshot.chains ?? []
      const { dataState } = assess({ snapshot })
      count(dataState.kind)
      for (const { mode, reasons: causes } of chains) {
        count(mode)
        for (const cause of causes) tell(cause)
      }
      if (dataState.kind !== 'FRESH') for (const reason of dataState.reasons) tell(reason)
      if (minute % 240 === 239) stderr.write(`  ${minute + 1} minutes: ${JSON.stringify(counts)}\n`)
    }
    const seconds = (performance.now() - began) / 1_000
    const { BLIND = 0, DEGRADED = 0 } = counts
    stdout.write(
      `${source}: ${prices.length} snapshots in ${seconds.toFixed(0)} s, ${providers} providers: ${BLIND} BLIND (${((100 * BLIND) / prices.length).toFixed(3)} %), ` +
        `${DEGRADED} DEGRADED, chain NORMAL ${counts.NORMAL ?? 0}, CONGESTED ${counts.CONGESTED ?? 0}, FROZEN ${counts.FROZEN ?? 0}\n`,
    )
    for (const [reason, times] of reasons) stdout.write(`  ${times} x ${reason}\n`)
  } finally {
    await Promise.all(proxies.map(({ stop }) => stop()))
    await world.stop()
  }
}
