// Sudden death: whoever runs a door dies at each of its calls, before or after it took effect, and the story ends the same.

import { describe, expect, it } from 'vitest'
import type { Bus, Sending } from '../../lib/model/ports.ts'
import { fuse, Killed, type Moment, runUntilDeath } from './dying-deps.ts'
import type { Around, Door } from './house-of-twins.ts'
import { type Desk, endState, twinDesk, untilProposed, wholeLine } from './twin-desk.ts'

type Story = (desk: Desk) => Promise<void>

/** Which part of the story each door is killed in; the fall is enough for those that do the same again later. */
const doors: readonly (readonly [Door, Story])[] = [
  ['apply-config', untilProposed],
  ['tick', untilProposed],
  ['take-snapshot', wholeLine],
  ['assess-risk', wholeLine],
  ['propose', wholeLine],
  ['notify', untilProposed],
  ['approve', wholeLine],
  ['execute', wholeLine],
  ['settle', wholeLine],
]

interface Death {
  readonly blownAt: string | undefined
  readonly calls: number
  readonly end: Awaited<ReturnType<typeof endState>>
  readonly tellings: number
}

const undisturbed = await told(wholeLine, twinDesk())
const fall = await told(untilProposed, twinDesk())

async function told(story: Story, desk: Desk) {
  await story(desk)
  return { end: await endState(desk), tellings: desk.house.told.length }
}

async function deathAt(story: Story, door: Door, k: number, when: Moment): Promise<Death> {
  const burning = fuse(k, when)
  const around: Around = (at, deps, act) => (at === door ? runUntilDeath(deps, burning, act) : act(deps))
  const ending = await told(story, twinDesk({ around }))
  return { ...ending, blownAt: burning.blownAt, calls: burning.burned }
}

/** Every call of the door in the whole story, until there is none left to die at. */
async function everyDeath(story: Story, door: Door, when: Moment): Promise<readonly Death[]> {
  const deaths: Death[] = []
  for (let k = 1; ; k++) {
    const death = await deathAt(story, door, k, when)
    if (death.blownAt === undefined) return deaths
    deaths.push(death)
  }
}

describe('the undisturbed story', () => {
  it('ends with a confirmed order, one transaction, everybody told once, and nothing left', () => {
    expect(undisturbed.end).toMatchObject({
      orders: [{ status: 'CONFIRMED', isChained: true, bytes: 1, outbox: [] }],
      sent: 1,
      executions: 1,
      outbox: [],
      left: [],
    })
    expect(undisturbed.tellings).toBe(undisturbed.end.accepted.length)
  })
})

describe.each(doors)('%s, killed', (door, story) => {
  it.each(['before', 'after'] as const)(
    'just %s each of its calls took effect, ends in the same state',
    async (when) => {
      const deaths = await everyDeath(story, door, when)
      expect(deaths.length).toBeGreaterThan(2)
      const without = story === wholeLine ? undisturbed : fall
      for (const { blownAt, end, tellings } of deaths) {
        expect({ blownAt, end }).toEqual({ blownAt, end: without.end })
        // Only the notice that was being told can have been told twice, through each of its three channels.
        expect(tellings).toBeLessThanOrEqual(without.tellings + 3)
      }
    },
  )
})

describe.each(['assess-risk', 'propose', 'execute', 'settle'] as const)('%s', (refused) => {
  it('sends what the bus refused when its message comes again; nobody waits for `deliver`', async () => {
    let refusals = 1
    const around: Around = (door, deps, act) => {
      if (door !== refused || !('bus' in deps)) return act(deps)
      const { send } = deps.bus as Bus
      const bus = { send: (all: readonly Sending[]) => (refusals-- > 0 ? Promise.reject(new Killed()) : send(all)) }
      return act({ ...deps, bus })
    }
    const desk = twinDesk({ around })
    expect((await told(wholeLine, desk)).end).toEqual(undisturbed.end)
    expect(refusals).toBeLessThan(0)
    // The one at the end of the story.
    expect(desk.house.lines.filter(({ event }) => event === 'deliver')).toHaveLength(1)
  })
})

describe('deliver, killed', () => {
  /** The doors that send at the end die there and are never run again: only `deliver` can go on. */
  const mute: ReadonlySet<Door> = new Set(['assess-risk', 'propose', 'approve', 'execute', 'settle'])
  const around =
    (burning: ReturnType<typeof fuse>): Around =>
    async (door, deps, act) => {
      if (door === 'deliver') return await runUntilDeath(deps, burning, act)
      if (!mute.has(door)) return await act(deps)
      const bus = { send: () => Promise.reject(new Killed()) }
      return await act({ ...deps, bus }).catch((error: unknown) => {
        if (error instanceof Killed) return undefined as never
        throw error
      })
    }

  async function deathOfDeliver(k: number, when: Moment) {
    const burning = fuse(k, when)
    const ending = await told(wholeLine, twinDesk({ around: around(burning) }))
    return { ...ending, blownAt: burning.blownAt, calls: burning.burned }
  }

  it('sends everything that its writers left, to the same end', async () => {
    expect((await deathOfDeliver(0, 'before')).end).toEqual(undisturbed.end)
  })

  it.each(['before', 'after'] as const)(
    'just %s each of its calls took effect, ends in the same state',
    async (when) => {
      const { calls } = await deathOfDeliver(0, when)
      for (let k = 1; k <= calls; k++) {
        const { blownAt, end } = await deathOfDeliver(k, when)
        expect({ k, blownAt, end }).toEqual({ k, blownAt, end: undisturbed.end })
      }
    },
  )
})
