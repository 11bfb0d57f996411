// What a Uniswap v4 hook may do to a position, as far as its address tells: permissions are the lowest 14 bits of it.

/** Flags of v4-core's Hooks library (Adams et al. 2024, Uniswap v4 whitepaper, section 2). The others concern what is done before a position stands. */
const permissions = [
  {
    bits: (1 << 3) | (1 << 2),
    says: 'its hook may change what a swap gives and takes: the curve, and with it value and Greeks, may not hold',
  },
  { bits: 1 << 0, says: 'its hook may keep a part of what is withdrawn' },
  { bits: (1 << 9) | (1 << 8), says: 'its hook runs when liquidity is withdrawn and may refuse it' },
] as const

/** Clauses for the reader of a value; none for a pool without a hook (the zero address) or with a harmless one. */
export function hookWarnings(hooks: `0x${string}`): readonly string[] {
  const flags = Number.parseInt(hooks.slice(-4), 16)
  return permissions.filter(({ bits }) => (flags & bits) !== 0).map(({ says }) => says)
}
