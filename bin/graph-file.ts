// A dependency graph on disk, as `homeostat contagion --graph` reads it.

import { readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { HomeostatError } from '../lib/base/homeostat-error.ts'
import * as z from '../lib/base/schema.ts'
import { parse } from '../lib/base/schema.ts'
import type { DependencyGraph } from '../lib/model/dependency-graph.ts'
import { graphLimits } from '../lib/risk/contagion/balance-sheets.ts'

const id = z.string().check(z.minLength(1), z.maxLength(200))
const share = z.number().check(z.gte(0), z.lte(1))
const hazard = z.strictObject({ low: share, mid: share, high: share, reasons: z.array(z.string()) })
const graphSchema = z.object({
  nodes: z.array(
    z.object({
      id,
      kind: id,
      label: z.optional(z.string()),
      equityUsd: z.optional(z.number()),
      externalAssetsUsd: z.optional(z.number()),
      externalLiabilitiesUsd: z.optional(z.number()),
      hazard: z.optional(hazard),
    }),
  ),
  edges: z.array(
    z.object({
      from: id,
      to: id,
      kind: id,
      usd: z.number(),
      lossGivenFailure: z.optional(share),
      threshold: z.optional(z.object({ of: z.number(), all: z.number() })),
      delaySeconds: z.optional(z.number()),
      evidence: z.optional(z.string()),
    }),
  ),
  at: z.optional(z.number()),
})

/** `-` is standard input. Amounts and ends of edges are checked where balance sheets are made. @throws HomeostatError `no-input`, `invalid-graph`, `invalid-input` */
export async function readGraph(path: string): Promise<DependencyGraph> {
  const value = parsed(path, await textOf(path))
  const count = (key: 'nodes' | 'edges') => {
    const found = (value as Readonly<Record<string, unknown>> | null)?.[key]
    return Array.isArray(found) ? found.length : 0
  }
  if (count('nodes') > graphLimits.nodes || count('edges') > graphLimits.edges)
    throw new HomeostatError('invalid-graph', {
      message: `${path} has ${count('nodes')} nodes and ${count('edges')} edges.`,
      retry: 'never',
      hint: `At most ${graphLimits.nodes} nodes and ${graphLimits.edges} edges: merge what is small.`,
    })
  return parse(graphSchema, value, `graph ${path}`) as DependencyGraph
}

function parsed(path: string, content: string): unknown {
  try {
    return JSON.parse(content)
  } catch (cause) {
    throw unreadable(path, 'it is not JSON', cause)
  }
}

async function textOf(path: string): Promise<string> {
  try {
    if (path !== '-') return await readFile(path, 'utf8')
    if (process.stdin.isTTY === true) throw new Error('standard input is the terminal')
    return await text(process.stdin)
  } catch (cause) {
    throw unreadable(path, cause instanceof Error ? cause.message : String(cause), cause)
  }
}

function unreadable(path: string, why: string, cause: unknown): HomeostatError {
  return new HomeostatError('no-input', {
    message: `${path} is no graph: ${why}.`,
    retry: 'never',
    facts: { path },
    hint: 'One JSON document { "nodes": [{ "id", "kind" }], "edges": [{ "from", "to", "kind", "usd" }] }: see homeostat contagion --help.',
    cause,
  })
}
