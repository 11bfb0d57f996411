// How a door is bundled, in one place: the fences on bundles measure what is deployed.

/** Options of esbuild under its own names. */
export const bundling = {
  platform: 'node',
  format: 'esm',
  target: 'node24',
  mainFields: ['module', 'main'],
  // The SDK is bundled: what was tested is what runs.
  external: [],
  minify: true,
  sourcemap: true,
  sourcesContent: false,
  // Some of the SDK's parts are CommonJS and ask for node's own modules by `require`.
  banner: "import{createRequire as __createRequire}from'module';const require=__createRequire(import.meta.url);",
} as const
