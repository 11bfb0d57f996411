// A line to start from for `homeostat surface fit`: an ETH smile in each of the ways that a quote can be stated.

export const sliceExample = {
  id: 'ETH-26JUN26',
  surface: 'ETH',
  at: '2026-06-01T08:00:00Z',
  expiry: '2026-06-26T08:00:00Z',
  forward: 2000,
  priceIn: 'coin',
  quotes: [
    { strike: 1600, volatility: 0.736 },
    { strike: 1800, kind: 'put', bid: 0.0261, ask: 0.0264 },
    { strike: 1900, kind: 'put', bid: 0.0406, ask: 0.041 },
    { strike: 2000, kind: 'call', price: 0.0621, weight: 2 },
    { strike: 2100, kind: 'call', bid: 0.0409, ask: 0.0413 },
    { strike: 2200, kind: 'call', bid: 0.0267, ask: 0.0271 },
    { strike: 2600, volatility: 0.659 },
  ],
} as const
