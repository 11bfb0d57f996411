// How a door is bundled, in one place: the fences on bundles measure what is deployed.

/** Options of esbuild under its own names. */
export const bundling = {
  platform: 'node',
  format: 'esm',
  target: 'node24',
  mainFields: ['module', 'main'],
  // The SDK is bundled: what was tested is what runs. Only browsers ever load this one.
  external: ['bowser'],
  // Clients that log in, ask metadata services and read files for credentials: 94 KB in each door, and a Lambda has its own in its environment.
  alias: { '@aws-sdk/credential-provider-node': './lib/wiring/lambda-credentials.ts' },
  minify: true,
  sourcemap: true,
  sourcesContent: false,
  // Some of the SDK's parts are CommonJS and ask for node's own modules by `require`.
  banner: "import{createRequire as __createRequire}from'module';const require=__createRequire(import.meta.url);",
} as const
