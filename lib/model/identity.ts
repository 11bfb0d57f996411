// The plain words by which everything else refers to chains, accounts, assets and moments.

/** A lower-case EVM address. */
export type Address = `0x${string}`
/** Whole bytes in hexadecimal. */
export type Hex = `0x${string}`
/** 32 bytes in hexadecimal. */
export type Hash = `0x${string}`

/** `WETH`, `USDC`: the symbol of a configured token; unique within a chain. */
export type AssetSymbol = string
/** `ETH`, `BTC`, `USDC`: what an asset's price follows. WETH and wstETH both stand for ETH. */
export type Underlying = string

/** The block at which everything of one chain in a snapshot was read. */
export interface PinnedBlock {
  readonly chainId: number
  /** As a double: exact below 2^53, which block numbers stay under. */
  readonly number: number
  readonly hash: Hash
  /** Seconds. */
  readonly timestamp: number
  /** Gwei per gas. */
  readonly baseFeeGwei: number
}
