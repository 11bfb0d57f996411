// What a benchmark of a kernel has to say about itself, so that a new one is a file here and a line in kernels/index.ts.

/** Numbers that a peer reads by name: inputs of each op, one Float64Array a column. */
export type Columns = Readonly<Record<string, Float64Array>>

/** A kernel with its inputs, ready to be timed. */
export interface PreparedBench {
  /** Ops in a pass. */
  readonly n: number
  /** Does all n ops and returns a number that depends on their results, so that none of them can be optimised away. */
  readonly pass: () => number
  /** The results of the last pass, in the order in which a peer gives its own; called after a pass. */
  readonly results: () => Float64Array
  /** A result that is known from elsewhere, compared before anything is timed. */
  readonly known: KnownResult
  /** The inputs, for a peer. */
  readonly columns?: Columns
}

export interface KnownResult {
  readonly got: number
  readonly expected: number
  /** Largest absolute difference, such as half a unit of the last printed digit. */
  readonly tolerance: number
  /** Who says so. */
  readonly source: string
}

/** Software that does the same ops on the same inputs: a script in peers/ whose `prepare(columns)` gives the pass. */
export interface PeerSpec {
  /** As in peers/requirements.txt. */
  readonly name: 'numpy' | 'scipy' | 'QuantLib' | 'py_lets_be_rational'
  /** File in peers/ without `.py`. */
  readonly script: string
  /** Handed to `prepare`, where one script serves several kernels. */
  readonly variant?: string
  /** Largest ratio ours / peer that is aimed at; absent where none is. */
  readonly target?: number
  /** How far results may lie apart: abs(ours - peer) <= absolute + relative abs(peer). */
  readonly agreement: { readonly absolute: number; readonly relative: number }
}

export interface Bench {
  readonly name: string
  /** What one op is. */
  readonly unit: string
  /** Most nanoseconds an op may take, where the aim is a time instead of a ratio. */
  readonly targetNs?: number
  readonly peer?: PeerSpec
  /** Draws the inputs from a seed and computes the known result; called once in a fresh process. */
  readonly prepare: () => PreparedBench
}

/** A benchmark as it is; the types do the work. */
export const defineBench = (bench: Bench): Bench => bench
