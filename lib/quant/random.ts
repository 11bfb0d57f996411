// Seeded random numbers: the same seed gives the same numbers on every machine, so that a result can be recomputed from its inputs.
import { normalQuantile } from './normal.ts'
import { outOfDomain } from './out-of-domain.ts'

/** A stream of random numbers. Drawing changes its state; `split` and `at` give further streams. */
export interface Random {
  /** A whole number in 0 .. 2^32 - 1. */
  readonly uint32: () => number
  /** Uniform on the open interval (0, 1): (k + 1/2) 2^-52. Never 0 or 1; 1 - u is drawn as often as u. */
  readonly uniform: () => number
  /** Standard normal by inversion: one uniform each, so that a change of one number never shifts the others. */
  readonly normal: () => number
  /** Fills `out` with standard normals, the same ones as `normal` would give. */
  readonly fillNormal: (out: Float64Array) => void
  /** Uniform on the whole numbers 0 .. n - 1, without bias; 1 <= n <= 2^32. Throws `out-of-domain`. */
  readonly below: (n: number) => number
  /** A stream that starts here; this one jumps 2^64 numbers ahead, so the two never overlap. */
  readonly split: () => Random
  /** The four words of the state, to be stored and resumed by `randomFrom`. */
  readonly state: () => readonly [number, number, number, number]
}

/** x^(2^64) modulo the characteristic polynomial of the generator (Blackman & Vigna 2021). */
const JUMP = [0x8764000b, 0xf542d2d3, 0x6fa035c3, 0x77f2db5b] as const
const TWO_POW_32 = 4294967296
const TWO_POW_MINUS_52 = 2 ** -52

/** One step of xoshiro128**, in place (Blackman & Vigna 2021, "Scrambled linear pseudorandom number generators"). */
function step(s: Int32Array): number {
  const s1 = s[1] ?? 0
  const by5 = Math.imul(s1, 5)
  const result = Math.imul((by5 << 7) | (by5 >>> 25), 9)
  const s2 = (s[2] ?? 0) ^ (s[0] ?? 0)
  const s3 = (s[3] ?? 0) ^ s1
  s[1] = s1 ^ s2
  s[0] = (s[0] ?? 0) ^ s3
  s[2] = s2 ^ (s1 << 9)
  s[3] = (s3 << 11) | (s3 >>> 21)
  return result >>> 0
}

/** 26 bits of either of two draws. */
function uniformOf(s: Int32Array): number {
  const high = step(s) >>> 6
  const low = step(s) >>> 6
  return (high * 67108864 + low + 0.5) * TWO_POW_MINUS_52
}

/** 2^64 steps at once. */
function jump(s: Int32Array): void {
  const sum = new Int32Array(4)
  for (const word of JUMP)
    for (let bit = 0; bit < 32; bit += 1) {
      if ((word >>> bit) & 1) for (let i = 0; i < 4; i += 1) sum[i] = (sum[i] ?? 0) ^ (s[i] ?? 0)
      step(s)
    }
  s.set(sum)
}

/** Rejects the draws that would favour the small numbers. */
function belowOf(s: Int32Array, n: number): number {
  if (!(Number.isInteger(n) && n >= 1 && n <= TWO_POW_32))
    throw outOfDomain('random.below', 'n has to be a whole number from 1 to 2^32.', { n })
  const fair = TWO_POW_32 - (TWO_POW_32 % n)
  let draw = step(s)
  while (draw >= fair) draw = step(s)
  return draw % n
}

function streamOf(s: Int32Array): Random {
  return {
    uint32: () => step(s),
    uniform: () => uniformOf(s),
    normal: () => normalQuantile(uniformOf(s)),
    fillNormal: (out) => {
      for (let i = 0; i < out.length; i += 1) out[i] = normalQuantile(uniformOf(s))
    },
    below: (n) => belowOf(s, n),
    split: () => {
      const child = streamOf(Int32Array.from(s))
      jump(s)
      return child
    },
    state: () => [(s[0] ?? 0) >>> 0, (s[1] ?? 0) >>> 0, (s[2] ?? 0) >>> 0, (s[3] ?? 0) >>> 0],
  }
}

/** A stream resumed from a stored state: four words of 32 bits, not all of them zero. Throws `out-of-domain`. */
export function randomFrom(state: readonly [number, number, number, number]): Random {
  const words = Int32Array.from(state)
  if (
    words.every((word) => word === 0) ||
    state.some((word) => !Number.isInteger(word) || Math.abs(word) >= TWO_POW_32)
  )
    throw outOfDomain('randomFrom', 'The state has to be four words of 32 bits, not all zero.', {
      state: state.join(' '),
    })
  return streamOf(words)
}

/**
 * A stream from a seed, any safe whole number. Period 2^128 - 1; passes BigCrush; not for secrets.
 * The state is the seed spread by the finaliser of MurmurHash3 over a Weyl sequence (Steele, Lea & Flood 2014).
 * Throws `out-of-domain` for any other number.
 */
export function random(seed: number): Random {
  if (!Number.isSafeInteger(seed)) throw outOfDomain('random', 'The seed has to be a safe whole number.', { seed })
  const low = seed | 0
  const high = Math.floor(seed / TWO_POW_32) | 0
  const words = new Int32Array(4)
  let weyl = low
  for (let i = 0; i < 4; i += 1) {
    weyl = (weyl + 0x9e3779b9) | 0
    let z = weyl ^ Math.imul(high, 0x85ebca6b + 2 * i)
    z = Math.imul(z ^ (z >>> 16), 0x85ebca6b)
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35)
    words[i] = z ^ (z >>> 16)
  }
  if (words.every((word) => word === 0)) words[0] = 1
  return streamOf(words)
}
