import { rmSync } from 'node:fs'
import { privateKeyToAddress } from 'viem/accounts'
import { afterEach, describe, expect, it } from 'vitest'
import type { House } from '../../../lib/local/runner/house.ts'
import { startHouse } from '../../../lib/local/runner/start-house.ts'
import { pendingAttribute, withTold } from '../../../lib/local/template/pending-attribute.ts'
import { alteredStack, type FreeTemplate, stripGrant, synthesizedStack } from '../../infra/fixture/synthesized-stack.ts'

const undo: (() => unknown)[] = []
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step()
})

async function startAltered(alter: (template: FreeTemplate) => void): Promise<House> {
  const cdkOut = await alteredStack(alter)
  undo.push(() => rmSync(cdkOut, { recursive: true, force: true }))
  const house = await startHouse({ cdkOut })
  undo.push(() => house.stop())
  return house
}
const idIn = ({ Resources }: FreeTemplate, prefix: string): string => {
  const found = Object.keys(Resources).find((id) => new RegExp(`^${prefix}[0-9A-F]{8}$`).test(id))
  if (found === undefined) throw new Error(`no ${prefix} in the template`)
  return found
}

describe('a custom resource that tells something', () => {
  it('is created by its function, and its answer is the output: the address of the very key that signs', async () => {
    const demoKmsPrivateKey = `0x${'4b'.repeat(32)}` as const
    const house = await startHouse({ cdkOut: await synthesizedStack(), demoKmsPrivateKey })
    undo.push(() => house.stop())
    expect(house.outputs.RelayerAddress).toBe(privateKeyToAddress(demoKmsPrivateKey))
    expect(house.refusals()).toEqual([])
  })

  it('stops the start with the reason if its function may not look', async () => {
    const starting = startAltered((template) => stripGrant(template, 'RelayerDoor', 'kms:GetPublicKey'))
    await expect(starting).rejects.toMatchObject({
      code: 'custom-resource-failed',
      message: expect.stringMatching(/RelayerDoor.* AccessDeniedException.*role may use it/),
    })
  })

  it('stops the start if its function ends without an answer', async () => {
    const starting = startAltered((template) => {
      const tick = { 'Fn::GetAtt': [idIn(template, 'TickFunction'), 'Arn'] }
      Object.assign(template.Resources[idIn(template, 'RelayerAddress')]?.Properties, { ServiceToken: tick })
    })
    await expect(starting).rejects.toMatchObject({ code: 'custom-resource-silent' })
  })

  it('is for outputs only: what was built on it would have been built on a mark', async () => {
    const starting = startAltered((template) => {
      const address = { 'Fn::GetAtt': [idIn(template, 'RelayerAddress'), 'Address'] }
      Object.assign(template.Resources[idIn(template, 'TickFunction')]?.Properties.Environment.Variables, { address })
    })
    await expect(starting).rejects.toMatchObject({ code: 'custom-attribute-too-early' })
  })
})

describe('a mark', () => {
  it('is replaced wherever it stands in a text', () => {
    const text = `a ${pendingAttribute('One', 'Address')} b ${pendingAttribute('Two', 'Name')}`
    const told = new Map([
      ['One', { Address: '0x1' }],
      ['Two', { Name: 'n' }],
    ])
    expect(withTold(text, told)).toBe('a 0x1 b n')
  })

  it('that nobody told fails', () => {
    expect(() => withTold(pendingAttribute('One', 'Address'), new Map([['One', {}]]))).toThrow('no Address')
  })
})
