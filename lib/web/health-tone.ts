// The colour of a health factor, the same wherever one is shown. Colour only: what is a breach is decided by the desk's rules.

type Tone = 'good' | 'warn' | 'bad' | 'plain'

/** @param distance of the nearest price that liquidates, as a fraction; absent: not known */
export function healthTone(factor: number | undefined, distance?: number): Tone {
  if (factor === undefined) return 'plain'
  if (factor < 1.1 || (distance !== undefined && distance < 0.1)) return 'bad'
  return factor < 1.3 || (distance !== undefined && distance < 0.2) ? 'warn' : 'good'
}
