// Names that portfolios refer to, gathered from a file before its portfolios are read.

/** What a portfolio can refer to, taken from the file before its portfolios are read. */
export interface KnownNames {
  readonly chains: readonly KnownChain[]
  readonly approvers: readonly string[]
  readonly notifiers: readonly KnownNotifier[]
  readonly venues: readonly KnownVenue[]
  /** Names of macro series; none: where betas come from is not said here. */
  readonly series: readonly string[]
}

export interface KnownNotifier {
  readonly id: string
  readonly minSeverity: string
}

export interface KnownChain {
  readonly id: string
  readonly assets: readonly string[]
  readonly underlyings: readonly string[]
  readonly underlyingOf: Readonly<Record<string, string>>
  /** Keys that the chain's map has. */
  readonly keys: readonly string[]
  /** Undefined if it could not be read. */
  readonly chainId: number | undefined
  /** Tokens, feeds and contracts of venues, with the path of each. */
  readonly contracts: ReadonlyMap<string, string>
}

/** As much of a venue as portfolios refer to. */
export interface KnownVenue {
  readonly id: string
  readonly underlyings: readonly string[]
  /** It has a key, so that positions are read. */
  readonly hasKey: boolean
}
