// `homeostat market`: drives the local world of a running `npm start` from another terminal.

import { readFileSync } from 'node:fs'
import { type Command, InvalidArgumentError } from 'commander'
import { HomeostatError } from '../../lib/base/homeostat-error.ts'
import type { LocalProvider } from '../../lib/local/providers.ts'
import type { DriveWorldParams } from '../../lib/local/world/drive-world.ts'
import { localWorldFile } from '../../lib/wiring/outputs-file.ts'

export function addMarket(program: Command): void {
  const group = program.command('market').description('Drive the prices, fees and time of a running local world.')
  group.command('show').description('Show feeds and pools.').option('--json', 'print JSON').action(show)
  group
    .command('set')
    .description('Set the price of an asset on its feed and in its pool.')
    .argument('<asset>', 'ETH, BTC or USDC')
    .argument('<usd>', 'dollars', positive)
    .option('--stale <seconds>', 'date the feed this many seconds back', positive)
    .action(set)
  group
    .command('fall')
    .description('Let ETH and BTC fall by a fraction.')
    .argument('<fraction>', 'e.g. 0.1 for 10 %', fraction)
    .action(fall)
  group
    .command('pool')
    .description('Move a pool alone, away from its feed.')
    .argument('<asset>', 'ETH or BTC')
    .argument('<usdc>', 'price in USDC', positive)
    .action(pool)
  group
    .command('feed')
    .description('Make a feed misbehave: normal, reverting, empty, truncated or hanging.')
    .argument('<asset>', 'ETH, BTC or USDC')
    .argument('<mode>', 'normal, reverting, empty, truncated or hanging')
    .action(feed)
  group
    .command('base-fee')
    .description('Set the base fee.')
    .argument('<gwei>', 'gwei per gas', positive)
    .action(baseFee)
  group
    .command('warp')
    .description('Let time pass on the chain.')
    .argument('<seconds>', 'seconds', positive)
    .action(warp)
  group
    .command('provider')
    .description('Let a provider fail, or a whole chain: normal, down, hanging, failing, lying or behind.')
    .argument('[name]', 'a provider, or a chain for all of its providers; absent: show how each does, and its URL')
    .argument('[mode]', 'normal, down, hanging, failing, lying or behind')
    .option('--json', 'print JSON')
    .action(provider)
  group
    .command('reorg')
    .description('Replace the newest blocks by empty ones: what happened in them has not happened.')
    .argument('<blocks>', 'how many, at most 64', reorgBlocks)
    .action(reorg)
}

async function show(flags: { readonly json?: true }): Promise<void> {
  const { drive } = await openWorld()
  const feeds = await drive.feeds()
  const pools = { ETH: await drive.poolPrice('ETH'), BTC: await drive.poolPrice('BTC') }
  if (flags.json === true) {
    console.log(JSON.stringify({ feeds, pools }, null, 2))
    return
  }
  for (const [asset, feed] of Object.entries(feeds))
    console.log(
      `${asset.padEnd(5)} feed ${feed.usd.toFixed(2).padStart(11)} USD  ${new Date(feed.updatedAt * 1_000).toISOString()}  ${feed.mode}${asset in pools ? `   pool ${pools[asset as 'ETH' | 'BTC'].toFixed(2)} USDC` : ''}`,
    )
}

async function fall(by: number): Promise<void> {
  const { drive } = await openWorld()
  const before = await drive.feeds()
  await drive.setPrices({ ETH: before.ETH.usd * (1 - by), BTC: before.BTC.usd * (1 - by) })
  const after = await drive.feeds()
  for (const asset of ['ETH', 'BTC'] as const) changed(asset, inUsd(before[asset].usd), inUsd(after[asset].usd))
}

async function set(asset: string, usd: number, flags: { readonly stale?: number }): Promise<void> {
  const name = assetNamed(asset)
  const { drive } = await openWorld()
  const before = (await drive.feeds())[name]
  await drive.setPrice(name, usd, flags.stale === undefined ? {} : { stale: flags.stale })
  const after = (await drive.feeds())[name]
  changed(name, inUsd(before.usd), `${inUsd(after.usd)}, dated ${instant(after.updatedAt)}`)
}

async function pool(asset: string, usdc: number): Promise<void> {
  const name = assetNamed(asset)
  if (name === 'USDC') throw unknownWord('USDC', ['ETH', 'BTC'])
  const { drive } = await openWorld()
  const before = await drive.poolPrice(name)
  await drive.movePool(name, usdc)
  changed(`${name} pool`, `${before.toFixed(2)} USDC`, `${(await drive.poolPrice(name)).toFixed(2)} USDC`)
}

async function baseFee(gwei: number): Promise<void> {
  const { drive, rpcUrl } = await openWorld()
  const { makeRpc } = await import('../../lib/local/world/rpc.ts')
  const rpc = makeRpc(rpcUrl)
  const current = async () => {
    const block = (await rpc.request('eth_getBlockByNumber', ['latest', false])) as { readonly baseFeePerGas: string }
    return `${Number(block.baseFeePerGas) / 1e9} gwei`
  }
  const before = await current()
  await drive.setBaseFee(BigInt(Math.round(gwei * 1e9)))
  changed('base fee', before, await current())
}

async function warp(seconds: number): Promise<void> {
  const { drive } = await openWorld()
  const before = await drive.blockTime()
  await drive.warp(seconds)
  changed('time', instant(before), instant(await drive.blockTime()))
}

async function provider(
  name: string | undefined,
  mode: string | undefined,
  flags: { readonly json?: true },
): Promise<void> {
  const { providerMode, providerModes, setProviderMode } = await import('../../lib/local/world/provider-proxy.ts')
  const { providers } = await openWorld()
  if (name === undefined || mode === undefined) {
    if (name !== undefined) throw noMode(name, providerModes)
    const rows = await Promise.all(
      providers.map(async ({ chain, name, url }) => ({ chain, name, mode: await providerMode(url), url })),
    )
    if (flags.json === true) console.log(JSON.stringify(rows, null, 2))
    else
      for (const row of rows)
        console.log(`${row.chain.padEnd(8)} ${row.name.padEnd(10)} ${row.mode.padEnd(8)} ${row.url}`)
    return
  }
  const chosen = providerModes.find((one) => one === mode)
  if (chosen === undefined) throw unknownWord(mode, providerModes)
  const meant = providers.filter((one) => one.name === name || one.chain === name)
  if (meant.length === 0) throw unknownWord(name, [...new Set(providers.flatMap((one) => [one.chain, one.name]))])
  for (const one of meant) {
    const before = await providerMode(one.url)
    changed(`provider ${one.name}`, before, await setProviderMode(one.url, chosen))
  }
}

async function reorg(blocks: number): Promise<void> {
  const { drive } = await openWorld()
  const { from, before, after } = await drive.reorg(blocks)
  changed(`block ${from}`, before, after)
}

function changed(what: string, before: string, after: string): void {
  console.log(`${what}  ${before} → ${after}`)
}

function inUsd(price: number): string {
  return `${price.toFixed(price < 10 ? 4 : 2)} USD`
}

function instant(at: number): string {
  return new Date(at * 1_000).toISOString()
}

function noMode(name: string, modes: readonly string[]): HomeostatError {
  return new HomeostatError('missing-word', {
    message: `What ${name} shall do is missing.`,
    retry: 'never',
    facts: { name },
    hint: `Name one of ${modes.join(', ')} after it.`,
  })
}

function unknownWord(word: string, known: readonly string[]): HomeostatError {
  return new HomeostatError('unknown-word', {
    message: `${word} is none of ${known.join(', ')}.`,
    retry: 'never',
    facts: { word },
    hint: `Name one of ${known.join(', ')}.`,
  })
}

async function feed(asset: string, mode: string): Promise<void> {
  const { feedModes } = await import('../../lib/local/world/drive-feeds.ts')
  const chosen = feedModes.find((one) => one === mode)
  if (chosen === undefined) throw unknownWord(mode, feedModes)
  const name = assetNamed(asset)
  const { drive } = await openWorld()
  const before = (await drive.feeds())[name]
  await drive.setFeed(name, { mode: chosen })
  changed(`${name} feed`, before.mode, (await drive.feeds())[name].mode)
}

interface WorldFile extends DriveWorldParams {
  readonly providers: readonly LocalProvider[]
}

async function openWorld() {
  const { driveWorld } = await import('../../lib/local/world/drive-world.ts')
  try {
    const world: WorldFile = JSON.parse(readFileSync(localWorldFile, 'utf8'))
    return { drive: driveWorld(world), rpcUrl: world.rpcUrl, providers: world.providers }
  } catch (cause) {
    throw new HomeostatError('no-local-world', {
      message: `No local world is running here: ${localWorldFile} cannot be read.`,
      retry: 'later',
      hint: 'Run `npm start` in another terminal, from the same folder.',
      cause,
    })
  }
}

function assetNamed(text: string): 'ETH' | 'BTC' | 'USDC' {
  const name = text.toUpperCase().replace(/^W(?=ETH|BTC)/, '')
  if (name === 'ETH' || name === 'BTC' || name === 'USDC') return name
  throw unknownWord(text, ['ETH', 'BTC', 'USDC'])
}

function positive(text: string): number {
  const value = Number(text)
  if (Number.isFinite(value) && value > 0) return value
  throw new InvalidArgumentError('must be a number above zero')
}

function fraction(text: string): number {
  const value = Number(text)
  if (Number.isFinite(value) && value > 0 && value < 1) return value
  throw new InvalidArgumentError('must be a fraction between 0 and 1')
}

/** Deeper ones would take the contracts of the world away, which nothing brings back. */
function reorgBlocks(text: string): number {
  const value = Number(text)
  if (Number.isInteger(value) && value >= 1 && value <= 64) return value
  throw new InvalidArgumentError('must be a whole number from 1 to 64')
}
