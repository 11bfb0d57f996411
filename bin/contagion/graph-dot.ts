// A dependency graph in the language of Graphviz.

import type { DependencyGraph } from '../../lib/model/dependency-graph.ts'
import { isControl } from '../../lib/risk/contagion/balance-sheets.ts'
import { dollars } from './dollars.ts'

/** `dot -Tsvg graph.dot`. What governs is dashed. */
export function graphDot({ nodes, edges }: DependencyGraph): string {
  const quoted = (text: string) => `"${text.replace(/["\\]/g, '\\$&').replace(/[\r\n]+/g, ' ')}"`
  return [
    'digraph dependencies {',
    '  rankdir=LR; node [shape=box, style=rounded, fontname="Helvetica"]; edge [fontname="Helvetica", fontsize=10];',
    ...nodes.map(({ id, kind, label }) => `  ${quoted(id)} [label=${quoted(`${label ?? id} (${kind})`)}];`),
    ...edges.map(
      (edge) =>
        `  ${quoted(edge.from)} -> ${quoted(edge.to)} [label=${quoted(`${edge.kind} ${dollars(edge.usd)}`)}${isControl(edge) ? ', style=dashed' : ''}];`,
    ),
    '}',
    '',
  ].join('\n')
}
