// `homeostat market`: drives the local world of a running `npm start` from another terminal.

import { readFileSync } from 'node:fs'
import { type Command, InvalidArgumentError } from 'commander'
import { HomeostatError } from '../../lib/base/homeostat-error.ts'
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
    .action(async (by: number) => {
      const drive = await openDrive()
      const { ETH, BTC } = await drive.feeds()
      await drive.setPrices({ ETH: ETH.usd * (1 - by), BTC: BTC.usd * (1 - by) })
    })
  group
    .command('pool')
    .description('Move a pool alone, away from its feed.')
    .argument('<asset>', 'ETH or BTC')
    .argument('<usdc>', 'price in USDC', positive)
    .action(async (asset: string, usdc: number) => {
      const name = assetNamed(asset)
      if (name === 'USDC') throw new InvalidArgumentError('pools are against USDC: name ETH or BTC')
      await (await openDrive()).movePool(name, usdc)
    })
  group
    .command('feed')
    .description('Make a feed misbehave: normal, reverting, empty, truncated or hanging.')
    .argument('<asset>')
    .argument('<mode>')
    .action(feed)
  group
    .command('base-fee')
    .description('Set the base fee.')
    .argument('<gwei>', 'gwei per gas', positive)
    .action(async (gwei: number) => (await openDrive()).setBaseFee(BigInt(Math.round(gwei * 1e9))))
  group
    .command('warp')
    .description('Let time pass on the chain.')
    .argument('<seconds>', 'seconds', positive)
    .action(async (seconds: number) => (await openDrive()).warp(seconds))
}

async function show(flags: { readonly json?: true }): Promise<void> {
  const drive = await openDrive()
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

async function set(asset: string, usd: number, flags: { readonly stale?: number }): Promise<void> {
  await (await openDrive()).setPrice(assetNamed(asset), usd, flags.stale === undefined ? {} : { stale: flags.stale })
}

async function feed(asset: string, mode: string): Promise<void> {
  const { feedModes } = await import('../../lib/local/world/drive-feeds.ts')
  const chosen = feedModes.find((one) => one === mode)
  if (chosen === undefined) throw new InvalidArgumentError(`${mode} is none of ${feedModes.join(', ')}`)
  await (await openDrive()).setFeed(assetNamed(asset), { mode: chosen })
}

async function openDrive() {
  const { driveWorld } = await import('../../lib/local/world/drive-world.ts')
  try {
    return driveWorld(JSON.parse(readFileSync(localWorldFile, 'utf8')))
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
  throw new InvalidArgumentError(`${text} is none of ETH, BTC, USDC`)
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
