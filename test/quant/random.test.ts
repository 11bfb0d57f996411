import { describe, expect, it } from 'vitest'
import { isHomeostatError } from '../../lib/base/homeostat-error.ts'
import { normalCdf } from '../../lib/quant/normal.ts'
import { random, randomFrom } from '../../lib/quant/random.ts'

const MASK = 0xffffffffn

/** xoshiro128** as its authors define it, in whole numbers of any size. */
function reference(seed: readonly number[]): () => number {
  const s = seed.map(BigInt)
  const rotl = (x: bigint, k: bigint) => ((x << k) | (x >> (32n - k))) & MASK
  return () => {
    const [a = 0n, b = 0n, c = 0n, d = 0n] = s
    const result = (rotl((b * 5n) & MASK, 7n) * 9n) & MASK
    const c2 = c ^ a
    const d2 = d ^ b
    s[1] = b ^ c2
    s[0] = a ^ d2
    s[2] = c2 ^ ((b << 9n) & MASK)
    s[3] = rotl(d2, 11n)
    return Number(result)
  }
}

/** One step of the state as a matrix over two elements, as the images of the 128 unit states. */
function stepMatrix(): bigint[] {
  return Array.from({ length: 128 }, (_, bit) => {
    const words = [0, 0, 0, 0].map((_, i) => (i === bit >> 5 ? 2 ** (bit & 31) : 0)) as [number, number, number, number]
    const stream = randomFrom(words)
    stream.uint32()
    return stream.state().reduce((sum, word, i) => sum | (BigInt(word) << BigInt(32 * i)), 0n)
  })
}

function applied(matrix: readonly bigint[], vector: bigint): bigint {
  let image = 0n
  for (let bit = 0; bit < 128; bit += 1) if ((vector >> BigInt(bit)) & 1n) image ^= matrix[bit] ?? 0n
  return image
}

describe('seeded random numbers', () => {
  it('are xoshiro128**: the published first outputs of the state 1, 2, 3, 4 (Blackman & Vigna), and a definition in big integers', () => {
    const stream = randomFrom([1, 2, 3, 4])
    const expected = reference([1, 2, 3, 4])
    expect([stream.uint32(), stream.uint32(), stream.uint32(), stream.uint32()]).toEqual([11520, 0, 5927040, 70819200])
    for (let i = 0; i < 4; i += 1) expected()
    for (let i = 0; i < 1000; i += 1) expect(stream.uint32()).toBe(expected())
  })

  it('jump 2^64 numbers ahead on a split, and leave a stream that begins where the parent stood', () => {
    let power = stepMatrix()
    for (let doubling = 0; doubling < 64; doubling += 1) power = power.map((column) => applied(power, column))
    const parent = random(2026)
    const before = parent.state()
    const child = parent.split()
    expect(child.state()).toEqual(before)
    const start = before.reduce((sum, word, i) => sum | (BigInt(word) << BigInt(32 * i)), 0n)
    const jumped = applied(power, start)
    expect(parent.state()).toEqual([0n, 32n, 64n, 96n].map((shift) => Number((jumped >> shift) & MASK)))
  })

  it('repeat for the same seed, differ for others, and resume from a stored state', () => {
    const draws = (seed: number) => Array.from({ length: 5 }, random(seed).uint32)
    expect(draws(42)).toEqual(draws(42))
    const seeds = [0, 1, -1, 2, 2 ** 32, 2 ** 32 + 1, -(2 ** 40), Number.MAX_SAFE_INTEGER]
    expect(new Set(seeds.map((seed) => draws(seed).join())).size).toBe(seeds.length)
    const stream = random(7)
    stream.normal()
    const resumed = randomFrom(stream.state())
    expect(resumed.uniform()).toBe(stream.uniform())
  })

  it('are uniform, normal and fair to the accuracy of their number', () => {
    const stream = random(11)
    const n = 200_000
    const normals = new Float64Array(n)
    stream.fillNormal(normals)
    const sorted = normals.toSorted()
    let distance = 0
    for (const [i, x] of sorted.entries()) distance = Math.max(distance, Math.abs(normalCdf(x) - (i + 0.5) / n))
    // Kolmogorov's distance at 1 in 10,000.
    expect(distance * Math.sqrt(n)).toBeLessThan(2.23)
    const pairs = normals.reduce((sum, x, i) => sum + x * (normals[i + 1] ?? 0), 0)
    expect(Math.abs(pairs) / Math.sqrt(n)).toBeLessThan(4)
    const counts = new Float64Array(6)
    for (let i = 0; i < 60_000; i += 1) {
      const face = stream.below(6)
      counts[face] = (counts[face] ?? 0) + 1
    }
    const chiSquare = counts.reduce((sum, count) => sum + (count - 10_000) ** 2 / 10_000, 0)
    expect(chiSquare).toBeLessThan(25.7)
  })

  it('never give 0 or 1, and give the same normals one by one as in bulk', () => {
    const stream = random(5)
    const bulk = new Float64Array(64)
    random(5).fillNormal(bulk)
    for (const x of bulk) expect(stream.normal()).toBe(x)
    for (let i = 0; i < 1e5; i += 1) {
      const u = stream.uniform()
      if (!(u > 0 && u < 1)) expect.fail(`${u}`)
    }
  })

  it('refuse seeds, states and ranges that are none', () => {
    const refusals = [
      () => random(0.5),
      () => random(Number.NaN),
      () => randomFrom([0, 0, 0, 0]),
      () => randomFrom([1, 2 ** 32, 0, 0]),
      () => random(1).below(0),
      () => random(1).below(1.5),
    ]
    for (const refusal of refusals)
      expect(refusal).toThrow(expect.toSatisfy((error) => isHomeostatError(error) && error.code === 'out-of-domain'))
  })
})
