// A larger account than that of the other tests: the door that anybody may call gets a share that it cannot leave.

import { App } from 'aws-cdk-lib'
import { expect, it } from 'vitest'
import { HomeostatStack } from '../../lib/infra/stacks/homeostat-stack.ts'
import type { FreeTemplate } from './fixture/synthesized-stack.ts'

it('only the door for webhooks reserves concurrency, and as much as its share', () => {
  // Nothing is bundled: the template is all that is asked for.
  const app = new App({ context: { 'aws:cdk:bundling-stacks': [] } })
  new HomeostatStack(app, 'Homeostat', {
    deployment: 'homeostat',
    configurationFile: 'homeostat.yaml',
    accountConcurrency: 1_000,
  })
  const template = app.synth().getStackByName('Homeostat').template as FreeTemplate
  const reserving = Object.entries(template.Resources).flatMap(([id, { Properties }]) =>
    Properties?.ReservedConcurrentExecutions === undefined ? [] : [[id, Properties.ReservedConcurrentExecutions]],
  )
  expect(reserving).toEqual([[expect.stringMatching(/^HearWebhook/), 20]])
})
