// A venue that fails and comes back, over several snapshots: what it held is named as long as nobody can see it, and the chain goes on.

import { expect, it } from 'vitest'
import type { VenueReading } from '../../lib/model/venue-reading.ts'
import { houseOfTwins } from './house-of-twins.ts'
import { twinChain } from './twin-chain.ts'
import { calm, configuration, portfolioId, start } from './twin-desk.ts'
import { twinRooms } from './twin-rooms.ts'

const venues = [{ id: 'deribit', kind: 'deribit', url: 'https://venue.example', underlyings: ['BTC'] }] as const
const told = (at: number, isUp: boolean): VenueReading => ({
  venue: 'deribit',
  kind: 'deribit',
  at,
  account: isUp ? 'read' : 'unread',
  positions: isUp
    ? [
        {
          id: 'deribit:balance:BTC',
          label: 'BTC at deribit',
          instrument: { kind: 'spot', terms: { asset: 'BTC', quantity: 2 } },
          needs: ['BTC'],
        },
      ]
    : [],
  accounts: [],
  indices: [],
  marketData: { asOf: at },
  gaps: isUp
    ? []
    : [
        {
          subject: 'account at deribit',
          code: 'venue-timeout',
          reason: 'account at deribit: no answer',
          touches: { kind: 'position', positionId: 'deribit:account' },
        },
      ],
  outcome: { name: 'deribit', host: 'https://venue.example', ok: isUp, milliseconds: 5 },
})

it('names what a venue held in every snapshot in which it cannot be read, and forgets the names once it is', async () => {
  const chain = twinChain({ at: start, state: calm })
  let isUp = true
  const rooms = {
    ...twinRooms(chain),
    venueSources: { read: async ({ at }: { readonly at: number }) => [told(at, isUp)] },
  }
  const portfolios = configuration.portfolios.map((one) => ({ ...one, venues: ['deribit'] }))
  const house = houseOfTwins({
    rooms,
    configuration: { ...configuration, portfolios, venues },
    portfolioId,
    start,
    onTime: async (at) => chain.mine(at),
  })
  await house.applyConfig()
  const seen: { readonly state: string; readonly nav: number; readonly unread: readonly string[] }[] = []
  for (const up of [true, false, false, true]) {
    isUp = up
    await house.pass(60)
    await house.tick()
    await house.settleDown()
    const [report] = await house.watch.latestReports(portfolioId, 1)
    const unread = (report?.positions ?? []).filter(({ kind }) => kind === 'unread').map(({ positionId }) => positionId)
    seen.push({ state: report?.dataState.kind ?? '', nav: report?.navUsd ?? Number.NaN, unread })
  }
  const missing = ['deribit:account', 'deribit:balance:BTC']
  expect(seen.map(({ state }) => state)).toEqual(['FRESH', 'DEGRADED', 'DEGRADED', 'FRESH'])
  expect(seen.map(({ unread }) => unread)).toEqual([[], missing, missing, []])
  expect((seen[0]?.nav ?? 0) - (seen[1]?.nav ?? 0)).toBeCloseTo(2 * (calm.prices.WBTC ?? 0), 6)
  expect(seen[3]?.nav).toBeCloseTo(seen[0]?.nav ?? 0, 6)
})
