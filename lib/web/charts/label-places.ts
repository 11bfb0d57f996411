// Where labels stand so that none covers another: beside vertical lines in lanes, and at the ends of curves.

export interface LaneParams {
  /** Where each line stands and how wide its label is, in any one unit. */
  readonly labels: readonly { readonly at: number; readonly width: number }[]
  readonly from: number
  readonly to: number
  /** Room between a line and its label, and between neighbours. */
  readonly gap: number
  readonly maxLanes: number
}

export interface LanePlace {
  /** 0 is the lane nearest to the plot. */
  readonly lane: number
  readonly start: number
}

interface Placed extends LanePlace {
  readonly at: number
  readonly end: number
}

/**
 * A place for each label right of its line, or left of it near the right edge. Going from right to left, a label that another line
 * would cross stands above the label of that line. `undefined` where no lane is free.
 */
export function labelLanes(params: LaneParams): readonly (LanePlace | undefined)[] {
  const { labels, gap } = params
  const order = labels.map((_, index) => index).toSorted((a, b) => (labels[b]?.at ?? 0) - (labels[a]?.at ?? 0))
  const placed = new Map<number, Placed>()
  for (const index of order) {
    const label = labels[index]
    if (label === undefined) continue
    const start = startOf(label, params)
    const span = { at: label.at, start, end: start + label.width }
    const lane = freeLane(span, [...placed.values()], gap, params.maxLanes)
    if (lane !== undefined) placed.set(index, { ...span, lane })
  }
  return labels.map((_, index) => {
    const found = placed.get(index)
    return found && { lane: found.lane, start: found.start }
  })
}

function startOf({ at, width }: LaneParams['labels'][number], { from, to, gap }: LaneParams): number {
  if (at + gap + width <= to) return at + gap
  return at - gap - width >= from ? at - gap - width : Math.max(from, to - width)
}

type Span = Omit<Placed, 'lane'>

function freeLane(span: Span, others: readonly Placed[], gap: number, maxLanes: number): number | undefined {
  const covers = (one: Span, at: number) =>
    at > Math.min(one.at, one.start) - gap && at < Math.max(one.at, one.end) + gap
  const touches = (other: Placed) =>
    Math.min(span.at, span.start) - gap < Math.max(other.at, other.end) &&
    Math.min(other.at, other.start) - gap < Math.max(span.at, span.end)
  // A line runs from its lane down into the plot: it must start below the labels that stand in its way.
  const isUncrossed = (lane: number) =>
    others.every((other) => {
      if (covers(span, other.at) && lane <= other.lane) return false
      return !covers(other, span.at) || lane < other.lane
    })
  const lanes = Array.from({ length: maxLanes }, (_, lane) => lane)
  const free = lanes.filter((lane) => others.every((other) => other.lane !== lane || !touches(other)))
  return free.find(isUncrossed) ?? free[0]
}

/**
 * Places as near as possible to the wanted ones, in the same order, at least `distance` apart and within the bounds.
 * `undefined` if there is no room for all.
 */
export function spreadOut(
  wanted: readonly number[],
  { from, to, distance }: { readonly from: number; readonly to: number; readonly distance: number },
): readonly number[] | undefined {
  if ((wanted.length - 1) * distance > to - from) return undefined
  const order = wanted.map((_, index) => index).toSorted((a, b) => (wanted[a] ?? 0) - (wanted[b] ?? 0))
  // Neighbours that collide form a block around the mean of what they wanted; blocks that collide are merged.
  const blocks: { readonly members: number[]; start: number }[] = []
  for (const index of order) {
    blocks.push({ members: [index], start: clamped(wanted[index] ?? from, from, to) })
    for (;;) {
      const [before, last] = blocks.slice(-2)
      if (before === undefined || last === undefined) break
      if (before.start + before.members.length * distance <= last.start) break
      blocks.pop()
      before.members.push(...last.members)
      const length = (before.members.length - 1) * distance
      const mean = before.members.reduce((sum, member, rank) => sum + (wanted[member] ?? from) - rank * distance, 0)
      before.start = clamped(mean / before.members.length, from, to - length)
    }
  }
  const places = new Map(
    blocks.flatMap(({ members, start }) => members.map((member, rank) => [member, start + rank * distance] as const)),
  )
  return wanted.map((_, index) => places.get(index) ?? from)
}

const clamped = (value: number, low: number, high: number) => Math.min(Math.max(value, low), high)

/** The labels that can stand centred at their places with a gap between them: lower ranks first, then from the first on. */
export function withoutOverlap<Label extends { readonly at: number; readonly text: string; readonly rank: number }>(
  labels: readonly Label[],
  widthOf: (text: string) => number,
  gap: number,
): readonly Label[] {
  const kept: Label[] = []
  for (const label of labels.toSorted((a, b) => a.rank - b.rank || a.at - b.at)) {
    const room = (other: Label) => (widthOf(label.text) + widthOf(other.text)) / 2 + gap
    if (kept.every((other) => Math.abs(other.at - label.at) >= room(other))) kept.push(label)
  }
  return kept.toSorted((a, b) => a.at - b.at)
}
