import { beforeAll, describe, expect, it } from 'vitest'
import { openTemplate, type Template } from '../../lib/local/template/open-template.ts'
import { localPlace } from '../../lib/local/template/place.ts'
import { type Assembly, readAssembly } from '../../lib/local/template/read-assembly.ts'
import { resourceTypeOf } from '../../lib/local/template/resource-types.ts'
import { type Free, synthesizedStack } from './fixture/synthesized-stack.ts'

let assembly: Assembly
let template: Template
beforeAll(async () => {
  assembly = readAssembly(await synthesizedStack())
  template = openTemplate(assembly, {
    place: { ...localPlace, endpointUrl: 'http://127.0.0.1:1' },
    functionUrl: (logicalId) => `http://127.0.0.1:1/${logicalId}/`,
  })
})

/** Every object that still is an intrinsic function. */
function intrinsicsIn(value: Free, path: string): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((each, index) => intrinsicsIn(each, `${path}[${index}]`))
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, each]) =>
    key === 'Ref' || key.startsWith('Fn::') ? [`${path}.${key}`] : intrinsicsIn(each, `${path}.${key}`),
  )
}

describe('the local runner', () => {
  it('wires every resource type of the real template, or says why it need not', () => {
    const types = [...new Set(Object.values(assembly.template.Resources).map(({ Type }) => Type))]
    expect(types.length).toBeGreaterThan(15)
    for (const type of types) {
      const known = resourceTypeOf(type)
      expect(known, type).toBeDefined()
      if (known?.kind === 'ignored') expect(known.reason.length, type).toBeGreaterThan(20)
      for (const reason of Object.values((known?.kind === 'wired' && known.ignored) || {}))
        expect(reason.length, type).toBeGreaterThan(10)
    }
  })

  it('ignores only what cannot change the answer of a call: logs, alarms, and how failed clock runs are repeated', () => {
    const ignored = template.resources.filter(({ type }) => resourceTypeOf(type)?.kind === 'ignored')
    expect([...new Set(ignored.map(({ type }) => type))].sort()).toEqual([
      'AWS::CloudWatch::Alarm',
      'AWS::Lambda::EventInvokeConfig',
      'AWS::Logs::LogGroup',
    ])
  })

  it('resolves every reference and intrinsic function', () => {
    for (const { logicalId, properties } of template.resources) expect(intrinsicsIn(properties, logicalId)).toEqual([])
    for (const [name, value] of Object.entries(template.outputs)) expect(value, name).not.toMatch(/undefined|\[object/)
  })

  it('finds the bundle of every function', () => {
    for (const { properties } of template.resources.filter(({ type }) => type === 'AWS::Lambda::Function'))
      expect(assembly.assetDirectory((properties.Code as { S3Key: string }).S3Key)).toMatch(/asset\.[0-9a-f]{64}$/)
  })
})
