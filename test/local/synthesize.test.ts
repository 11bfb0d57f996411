import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { synthesize } from '../../lib/local/synthesize.ts'
import { readAssembly } from '../../lib/local/template/read-assembly.ts'

const cwd = mkdtempSync(join(tmpdir(), 'homeostat-synth-'))
afterAll(() => rmSync(cwd, { recursive: true, force: true }))

const app = (name: string, source: string): string => {
  writeFileSync(join(cwd, name), source)
  return name
}
const library = new URL('../../node_modules/aws-cdk-lib/core/index.js', import.meta.url).href

describe('synthesize', () => {
  it('writes a cloud assembly with the context it was given', async () => {
    const source = `
      import cdk from '${library}'
      const app = new cdk.App()
      const stack = new cdk.Stack(app, 'Only')
      new cdk.CfnResource(stack, 'Thing', { type: 'AWS::SQS::Queue' })
      new cdk.CfnOutput(stack, 'Said', { value: app.node.getContext('word') })
      app.synth()`
    const directory = await synthesize({ app: app('good.mjs', source), cwd, context: { word: 'hello' } })
    expect(directory).toBe(join(cwd, '.homeostat/cdk.out'))
    expect(readAssembly(directory).template.Outputs?.Said?.Value).toBe('hello')
    expect(() => readAssembly(directory, 'Other')).toThrowError(
      expect.objectContaining({ code: 'assembly-stack-unknown' }),
    )
  })

  it('says what the app said when it failed', async () => {
    const failing = synthesize({ app: app('bad.mjs', 'throw new Error("no such table")'), cwd })
    await expect(failing).rejects.toMatchObject({
      code: 'synthesis-failed',
      message: expect.stringContaining('no such table'),
    })
  })

  it('ends an app that does not end', async () => {
    const endless = synthesize({ app: app('endless.mjs', 'setInterval(() => {}, 1000)'), cwd, timeoutSeconds: 0.5 })
    await expect(endless).rejects.toMatchObject({ code: 'synthesis-timed-out' })
  })

  it('leads to a clear error when nothing was synthesized', () => {
    expect(() => readAssembly(join(cwd, 'nowhere'))).toThrowError(
      expect.objectContaining({ code: 'assembly-unreadable' }),
    )
  })
})
