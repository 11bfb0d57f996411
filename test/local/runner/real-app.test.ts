import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openResourcePolicies } from '../../../lib/local/runner/resource-policies.ts'
import { openRoles } from '../../../lib/local/runner/roles.ts'
import { synthesize } from '../../../lib/local/synthesize.ts'
import { openTemplate, type Template } from '../../../lib/local/template/open-template.ts'
import { localPlace } from '../../../lib/local/template/place.ts'
import { type Assembly, readAssembly } from '../../../lib/local/template/read-assembly.ts'
import { resourceTypeOf } from '../../../lib/local/template/resource-types.ts'

const outDir = mkdtempSync(join(tmpdir(), 'homeostat-app-'))
const place = { ...localPlace, endpointUrl: 'http://127.0.0.1:1' }
let assembly: Assembly
let template: Template
beforeAll(async () => {
  const cwd = new URL('../../..', import.meta.url).pathname
  // What the bundles hold does not matter here, and making them takes longer than everything else.
  assembly = readAssembly(await synthesize({ outDir, cwd, context: { 'aws:cdk:bundling-stacks': [] } }))
  template = openTemplate(assembly, { place, functionUrl: () => 'http://127.0.0.1:2/' })
})
afterAll(() => rmSync(outDir, { recursive: true, force: true }))

describe("the product's template", () => {
  it('has no resource that is neither wired nor ignored for a written reason', () => {
    expect(template.resources.length).toBeGreaterThan(50)
    for (const { type, logicalId } of template.resources) {
      const entry = resourceTypeOf(type)
      expect(entry?.kind === 'wired' || (entry?.kind === 'ignored' && entry.reason.length > 15), logicalId).toBe(true)
    }
  })

  it('has no policy that the front would have to guess at', () => {
    const roles = openRoles(template)
    expect(roles.length).toBeGreaterThan(10)
    const policyOf = openResourcePolicies(template, place)
    const keys = template.take('AWS::KMS::Key').map(({ attributes }) => policyOf(attributes.Arn ?? '')?.role)
    expect(keys.length).toBeGreaterThan(0)
    expect(new Set(keys)).toEqual(new Set(['gate']))
  })

  it('grants no scan, through which a condition on leading keys would be waved', () => {
    const allowed = openRoles(template).flatMap(({ caller }) => caller.identityPolicies)
    const patterns = allowed.flatMap(({ actions }) => (actions.kind === 'these' ? actions.patterns : ['*']))
    expect(patterns.filter((pattern) => /^(\*|dynamodb:(\*|s.*\*|scan))$/i.test(pattern))).toEqual([])
  })
})
