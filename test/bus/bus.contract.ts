// What every Bus promises; run on the twin and on SQS.

import { describe, expect, it } from 'vitest'
import { chainDue } from '../../lib/flows/chain-due.ts'
import type { Message, QueueName } from '../../lib/model/messages.ts'
import type { Bus, Sending } from '../../lib/model/ports.ts'

export interface BusUnderTest {
  readonly bus: Bus
  /** Takes everything out of a queue that it gives now, in the order in which it gives it. */
  takeAll(queue: QueueName): Promise<readonly Message[]>
}

export function due(slot: number): Sending {
  const message = { kind: 'portfolio-due', portfolioId: 'main', slot, cause: 'tick' } as const
  return { message, deduplicationId: `portfolio-due:main:${slot}` }
}

export function approved(orderId: string, group: string): Sending {
  return { message: { kind: 'order-approved', orderId }, deduplicationId: `order-approved:${orderId}`, group }
}

/** @param makeBus empty queues */
export function busContract(makeBus: () => Promise<BusUnderTest>): void {
  const slotOf = (message: Message) => (message.kind === 'portfolio-due' ? message.slot : -1)

  describe('a bus', () => {
    it('carries each message, as it was, to the queue of its kind', async () => {
      const { bus, takeAll } = await makeBus()
      const sendings: readonly Sending[] = [
        due(1),
        { message: { kind: 'snapshot-taken', portfolioId: 'ü', snapshotId: 'ü#1#d' }, deduplicationId: 's' },
        { message: { kind: 'plan-made', portfolioId: 'a', planId: 'p', requote: true }, deduplicationId: 'p' },
        { message: { kind: 'alert-raised', portfolioId: 'a', alertId: 'x' }, deduplicationId: 'x' },
        { message: { kind: 'order-news', orderId: 'o', status: 'PROPOSED', quote: 2 }, deduplicationId: 'n' },
        approved('o', '1:0xabc'),
        { message: { kind: 'settlement-due', orderId: 'o', round: 0 }, deduplicationId: 'd' },
      ]
      await bus.send(sendings)
      const [first, second, third, alert, news, execution, settlement] = sendings.map(({ message }) => message)
      await bus.send([chainDue({ chainId: 1, slot: 5, cause: 'webhook', block: 9 })])
      expect(await takeAll('chains')).toEqual([{ kind: 'chain-due', chainId: 1, slot: 5, cause: 'webhook', block: 9 }])
      expect(await takeAll('snapshots')).toEqual([first])
      expect(await takeAll('assessments')).toEqual([second])
      expect(await takeAll('proposals')).toEqual([third])
      expect(await takeAll('notifications')).toHaveLength(2)
      expect(await takeAll('executions')).toEqual([execution])
      expect(await takeAll('settlements')).toEqual([settlement])
      expect([alert?.kind, news?.kind]).toEqual(['alert-raised', 'order-news'])
    })

    it('sends nothing when there is nothing to send', async () => {
      const { bus, takeAll } = await makeBus()
      await bus.send([])
      expect(await takeAll('snapshots')).toEqual([])
    })

    it('carries more than fit into one batch', async () => {
      const { bus, takeAll } = await makeBus()
      await bus.send(Array.from({ length: 37 }, (_, slot) => due(slot)))
      const slots = (await takeAll('snapshots')).map(slotOf)
      expect([...new Set(slots)].sort((a, b) => a - b)).toEqual(Array.from({ length: 37 }, (_, slot) => slot))
    })

    it('keeps the order of a group over several batches', async () => {
      const { bus, takeAll } = await makeBus()
      const ids = Array.from({ length: 23 }, (_, index) => `main~restore-health~${index}`)
      await bus.send(ids.map((id) => approved(id, '1:0xabc')))
      const taken = (await takeAll('executions')).map((message) => ('orderId' in message ? message.orderId : ''))
      expect(taken).toEqual(ids)
    })

    it('takes one order once, however often it is sent', async () => {
      const { bus, takeAll } = await makeBus()
      const long = `main~${'x'.repeat(300)}~ü~0001`
      await bus.send([approved('a', '1:0xabc'), approved('a', '1:0xabc'), approved(long, '1:0xabc')])
      await bus.send([approved('a', '1:0xabc')])
      await bus.send([approved(long, '1:0xabc')])
      expect(await takeAll('executions')).toHaveLength(2)
      await bus.send([approved('a', '1:0xabc')])
      expect(await takeAll('executions')).toEqual([])
    })

    it('takes the hints of one second about one block once, in the order of the chain', async () => {
      const { bus, takeAll } = await makeBus()
      const hint = (block: number) => chainDue({ chainId: 1, slot: 5, cause: 'webhook', block })
      await bus.send([hint(7), hint(7), hint(8)])
      await bus.send([hint(7)])
      const blocks = (await takeAll('chains')).map((message) => ('block' in message ? message.block : undefined))
      expect(blocks).toEqual([7, 8])
    })

    it('refuses an execution that belongs to no account', async () => {
      const { bus, takeAll } = await makeBus()
      const { group: _, ...stray } = approved('a', '')
      await expect(bus.send([stray])).rejects.toMatchObject({ retry: 'never' })
      expect(await takeAll('executions')).toEqual([])
    })
  })
}
