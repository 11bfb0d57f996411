// Which inputs a market model was made of, in sixteen digits: part of its id, so that the same inputs are the same model.

/** Bytes of a double, to be hashed as they are: two numbers that differ at all differ here. */
const double = new Float64Array(1)
const words = new Uint32Array(double.buffer)

/** MurmurHash3's mixing (Appleby 2011) in two lanes of 32 bits with different seeds. It tells inputs apart and proves nothing. */
export function inputsDigest(): {
  text(value: string): void
  number(value: number | undefined): void
  digits(): string
} {
  let [high, low, length] = [0x9747b28c, 0x3c6ef372, 0]
  const word = (value: number) => {
    const mixed = Math.imul(value, 0xcc9e2d51)
    const turned = Math.imul((mixed << 15) | (mixed >>> 17), 0x1b873593)
    high ^= turned
    high = (Math.imul((high << 13) | (high >>> 19), 5) + 0xe6546b64) | 0
    low ^= Math.imul((turned << 9) | (turned >>> 23), 0x85ebca6b)
    low = (Math.imul((low << 17) | (low >>> 15), 5) + 0x38495ab5) | 0
    length += 1
  }
  return {
    text(value) {
      word(value.length)
      for (let index = 0; index < value.length; index += 1) word(value.charCodeAt(index))
    },
    /** A gap is a word of its own, unlike every number. */
    number(value) {
      double[0] = value ?? 0
      word(words[0] ?? 0)
      word(words[1] ?? 0)
      word(value === undefined ? 1 : 0)
    },
    digits: () => [high, low].map((lane) => hexOf(lane ^ length)).join(''),
  }
}

/** The last mixing spreads each bit over all others. */
function hexOf(lane: number): string {
  let value = lane
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b)
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35)
  return ((value ^ (value >>> 16)) >>> 0).toString(16).padStart(8, '0')
}
