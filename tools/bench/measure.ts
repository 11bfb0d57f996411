// Times a pass in this process by the protocol that peers/run.py follows too, so that both sides are treated alike.

export interface Protocol {
  /** Milliseconds of passes, at least two of them, whose time is not taken: compilers and caches settle. */
  readonly warmMs: number
  /** Milliseconds of passes in a sample, at least one pass. */
  readonly sampleMs: number
  /** Samples in a process, of which the fastest counts. */
  readonly samples: number
}

export const fullProtocol: Protocol = { warmMs: 300, sampleMs: 200, samples: 3 }
export const quickProtocol: Protocol = { warmMs: 60, sampleMs: 40, samples: 1 }

export interface Measurement {
  readonly nsPerOp: number
  /** Sum over what the passes returned: whoever prints it has used every result. */
  readonly consumed: number
}

/** Nanoseconds an op of the fastest sample of this process; a pass does n ops. */
export function measure(pass: () => number, n: number, { warmMs, sampleMs, samples }: Protocol): Measurement {
  let consumed = pass()
  const timed = (leastMs: number): number => {
    const start = performance.now()
    let passes = 0
    let elapsed = 0
    do {
      consumed += pass()
      passes += 1
      elapsed = performance.now() - start
    } while (elapsed < leastMs)
    return (elapsed * 1e6) / (passes * n)
  }
  timed(warmMs)
  let nsPerOp = Number.POSITIVE_INFINITY
  for (let sample = 0; sample < samples; sample += 1) nsPerOp = Math.min(nsPerOp, timed(sampleMs))
  return { nsPerOp, consumed }
}
