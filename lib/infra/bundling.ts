// How a door is bundled, in one place: the fences on bundles measure what is deployed.

import type { BundlingOptions } from 'aws-cdk-lib/aws-lambda-nodejs'

/** Options of esbuild under the CDK's names for them; the format, ESM, is an enum of the CDK and is added by `Worker`. */
export const bundling = {
  target: 'node24',
  mainFields: ['module', 'main'],
  // The SDK is bundled: what was tested is what runs.
  externalModules: [],
  minify: true,
  sourceMap: true,
  sourcesContent: false,
  // Some of the SDK's parts are CommonJS and ask for node's own modules by `require`.
  banner: "import{createRequire as __createRequire}from'module';const require=__createRequire(import.meta.url);",
} satisfies BundlingOptions
