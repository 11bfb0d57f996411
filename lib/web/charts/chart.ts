// What a chart says, apart from how it is drawn: the same value becomes an SVG document or text in a terminal.

/** How the numbers of an axis are written: `1,234`, `$1,234`, or a fraction as `12.3%`. */
export type Figures = 'plain' | 'usd' | 'percent'

/** A point with an absent or non-finite `y` is a gap: the line breaks there, and nothing stands for it. */
export type ChartPoint = readonly [x: number, y: number | undefined]

/** A line. Its points are joined in the order given, so a curve may also turn back. */
export interface ChartSeries {
  /** The same name in several panels has the same colour and dash. */
  readonly name: string
  readonly points: readonly ChartPoint[]
  /** True: dashed; false: solid; absent: dashed as needed to tell the lines apart without colour. */
  readonly dashed?: boolean | undefined
  /** True: each point is a dot by itself, joined with no other. */
  readonly isMarks?: boolean | undefined
}

/** A vertical line over all panels, such as the price now. Its value is written after the label: leave it out of the label. */
export interface ChartMarker {
  readonly at: number
  readonly label: string
}

/** A shaded range of x over all panels; an infinite end means that it goes on beyond the chart. */
export interface ChartBand {
  readonly from: number
  readonly to: number
  readonly label: string
}

export interface ChartAxis {
  readonly label: string
  /** Written after the label, such as `USD`. */
  readonly unit?: string | undefined
  readonly figures?: Figures | undefined
  /** `log` leaves out what is not above zero and says so. `time` takes UnixSeconds and writes UTC. */
  readonly scale?: 'linear' | 'log' | 'time' | undefined
  /** True: the greatest value stands left. */
  readonly reversed?: boolean | undefined
}

export interface ChartPanel {
  readonly title: string
  /** Written after the title, such as `ETH per USD`. */
  readonly unit?: string | undefined
  readonly figures?: Figures | undefined
  readonly series: readonly ChartSeries[]
}

/** Panels stand under each other and share the x axis. */
export interface Chart {
  readonly title: string
  readonly subtitle?: string | undefined
  readonly x: ChartAxis
  readonly panels: readonly ChartPanel[]
  readonly markers?: readonly ChartMarker[] | undefined
  readonly bands?: readonly ChartBand[] | undefined
}

/** A signed amount with a name; an absent or non-finite value is shown as not known, never as zero. */
export interface Bar {
  readonly name: string
  readonly value: number | undefined
}

/** Signed bars from a common zero, in the order given. */
export interface Bars {
  readonly title: string
  readonly subtitle?: string | undefined
  /** What the bars measure, such as `change in value`. */
  readonly label?: string | undefined
  readonly unit?: string | undefined
  readonly figures?: Figures | undefined
  readonly bars: readonly Bar[]
}
