// A picture of a dependency graph: what fails stands on the left, who is hurt on the right, the width of a line says how many dollars.

import { Graph, layout } from '@dagrejs/dagre'
import { curveMonotoneX, line } from 'd3-shape'
import { html, joined, type Markup } from '../markup.ts'
import { chartHeading, labelWidth, edge as margin } from './svg-heading.ts'
import { box, px, svgDocument, textAt } from './svg-parts.ts'

export interface GraphNode {
  readonly id: string
  readonly label: string
  /** A second line, such as its kind and its dollars. */
  readonly detail: string
  /** Number of its colour, by kind. */
  readonly colour: number
  /** `failed`: filled; `hurt`: with a thick edge. */
  readonly state?: 'failed' | 'hurt'
}

export interface GraphEdge {
  readonly from: string
  readonly to: string
  readonly label: string
  /** Share of the largest edge, 0..1. */
  readonly weight: number
  /** Governs instead of owing. */
  readonly dashed: boolean
}

export interface GraphPicture {
  readonly title: string
  readonly subtitle: string
  readonly nodes: readonly GraphNode[]
  readonly edges: readonly GraphEdge[]
  /** Names of the colours in use, in order. */
  readonly legend: readonly { readonly colour: number; readonly name: string }[]
}

const nodeHeight = 38
const padding = 12
/** Smooth from left to right, through the points that the layout left free of nodes. */
const curve = line<[number, number]>().curve(curveMonotoneX).digits(1)
/** Labels are cut to it. */
const longest = 34
/** Widths of lines for the least and the largest edge, in pixels. */
const thin = 1
const thick = 7

/** Layered from left to right (Sugiyama, by dagre); up to a few hundred nodes it takes less than a second. */
export function graphChart(picture: GraphPicture): string {
  const placed = placedGraph(picture)
  const { width: inner, height: tall } = placed.graph()
  const width = Math.max(520, (inner ?? 0) + 2 * margin)
  const heading = chartHeading({ title: picture.title, subtitle: picture.subtitle, width })
  const legend = legendAt(picture, { top: heading.bottom, width })
  const top = legend.bottom + 14
  return svgDocument({
    title: picture.title,
    description: `${picture.nodes.length} nodes and ${picture.edges.length} edges. ${picture.subtitle}`,
    width,
    height: top + (tall ?? 0) + margin,
    parts: [
      heading.markup,
      legend.markup,
      html`<g transform="translate(${px(margin)} ${px(top)})">${joined(
        [
          ...picture.edges.map((edge, index) =>
            edgeMarkup(edge, placed.edge(edge.from, edge.to, String(index)) as Routed),
          ),
          ...picture.nodes.map((node) => nodeMarkup(node, placed.node(node.id) as Box)),
        ],
        '\n',
      )}</g>`,
    ],
  })
}

interface Box {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}
interface Routed {
  readonly points: readonly { readonly x: number; readonly y: number }[]
}

function placedGraph({ nodes, edges }: GraphPicture): Graph {
  const graph = new Graph({ directed: true, multigraph: true })
  graph.setGraph({ rankdir: 'LR', nodesep: 14, ranksep: 74, edgesep: 8 })
  graph.setDefaultEdgeLabel(() => ({}))
  for (const { id, label, detail } of nodes)
    graph.setNode(id, {
      width: Math.ceil(Math.max(labelWidth(cut(label)), labelWidth(detail))) + 2 * padding,
      height: nodeHeight,
    })
  for (const [index, { from, to }] of edges.entries()) graph.setEdge(from, to, {}, String(index))
  layout(graph)
  return graph
}

function nodeMarkup(node: GraphNode, { x, y, width, height }: Box): Markup {
  const [left, top] = [x - width / 2, y - height / 2]
  const line = node.state === 'hurt' ? 3 : 1.4
  return html`<g><title>${node.label}: ${node.detail}</title>${box('ground', left, top, width, height)}<rect class="l c${node.colour}" style="stroke-width:${px(line)}" x="${px(left)}" y="${px(top)}" width="${px(width)}" height="${px(height)}" rx="7"/>${
    node.state === 'failed'
      ? html`<rect class="f c${node.colour}" opacity="0.25" x="${px(left)}" y="${px(top)}" width="${px(width)}" height="${px(height)}" rx="7"/>`
      : undefined
  }${textAt({ x, y: y - 3, text: cut(node.label), anchor: 'middle', look: 'title' })}${textAt({ x, y: y + 13, text: node.detail, anchor: 'middle', look: 'soft' })}</g>`
}

function edgeMarkup({ label, weight, dashed }: GraphEdge, { points }: Routed): Markup {
  const path = curve(points.map(({ x, y }) => [x, y])) ?? ''
  const end = points.at(-1)
  const before = points.at(-2)
  const width = thin + (thick - thin) * Math.sqrt(Math.max(0, Math.min(1, weight)))
  const dash = dashed ? html` stroke-dasharray="5 4"` : undefined
  return html`<g><title>${label}</title><path class="edge" fill="none" opacity="0.75" style="stroke-width:${px(width)}"${dash} d="${path}"/>${
    end === undefined || before === undefined ? undefined : arrow(before, end, 4 + width)
  }</g>`
}

function arrow(
  from: { readonly x: number; readonly y: number },
  tip: { readonly x: number; readonly y: number },
  size: number,
): Markup {
  const length = Math.hypot(tip.x - from.x, tip.y - from.y) || 1
  const [dx, dy] = [(tip.x - from.x) / length, (tip.y - from.y) / length]
  const corner = (side: number) =>
    `${px(tip.x - size * dx - side * 0.6 * size * dy)} ${px(tip.y - size * dy + side * 0.6 * size * dx)}`
  return html`<path class="soft" d="M${px(tip.x)} ${px(tip.y)}L${corner(1)}L${corner(-1)}Z"/>`
}

function legendAt({ legend }: GraphPicture, { top, width }: { readonly top: number; readonly width: number }) {
  const parts: Markup[] = []
  let [x, y] = [margin, top + 6]
  for (const { colour, name } of legend) {
    const wide = labelWidth(name) + 34
    if (x + wide > width - margin) [x, y] = [margin, y + 18]
    parts.push(
      html`<rect class="l c${colour}" x="${px(x)}" y="${px(y - 9)}" width="14" height="10" rx="3"/>${textAt({ x: x + 20, y, text: name })}`,
    )
    x += wide
  }
  return { markup: joined(parts, '\n'), bottom: y }
}

function cut(text: string): string {
  return text.length <= longest ? text : `${text.slice(0, longest - 1)}…`
}
