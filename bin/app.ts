// The CDK app: settings to stacks, nothing else.

import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { App, Validations } from 'aws-cdk-lib'
import { AwsSolutionsChecks } from 'cdk-nag'
import { HomeostatStack } from '../lib/infra/stacks/homeostat-stack.ts'

const app = new App()
const name = String(app.node.tryGetContext('name') ?? 'homeostat')
const configurationFile = resolve(String(app.node.tryGetContext('configuration') ?? 'homeostat.yaml'))
if (!existsSync(configurationFile))
  throw new Error(
    `There is no configuration at ${configurationFile}: write one, or name it with -c configuration=FILE.`,
  )

new HomeostatStack(app, 'Homeostat', {
  stackName: name,
  deployment: name,
  configurationFile,
  accountConcurrency: Number(app.node.tryGetContext('concurrency') ?? 10),
  description: 'Homeostat: serverless risk monitor for crypto portfolios.',
})
Validations.of(app).addPlugins(new AwsSolutionsChecks(app))
