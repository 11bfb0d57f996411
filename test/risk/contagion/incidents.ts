// Real failures as dependency graphs, from the facts that were published of them. Amounts in millions of dollars; where only a share or a total is known, the note says so.

import type { DependencyGraph } from '../../../lib/model/dependency-graph.ts'

export interface Incident {
  readonly id: string
  readonly graph: DependencyGraph
  readonly fails: { readonly node: string; readonly recovery: number }
  /** Who stands on it directly, and over one more step. */
  readonly oneHop: readonly string[]
  readonly twoHops: readonly string[]
  /** A path that has to be named: nodes from the failed one. */
  readonly path: readonly string[]
}

/** What it has and owes outside of the graph, such as the supply of a token that others hold. */
const node = (id: string, kind: string, externalAssetsUsd?: number, externalLiabilitiesUsd?: number) => ({
  id,
  kind,
  ...(externalAssetsUsd === undefined ? {} : { externalAssetsUsd }),
  ...(externalLiabilitiesUsd === undefined ? {} : { externalLiabilitiesUsd }),
})
const edge = (from: string, to: string, kind: string, usd: number) => ({ from, to, kind, usd })

export const incidents: readonly Incident[] = [
  {
    // stETH at 0.937 (June 2022): leveraged loops on Aave and the Curve pool, of which 111,300 ETH faced 491,000 stETH (~1,100 USD an ETH).
    id: 'H04',
    graph: {
      nodes: [
        node('stETH', 'token'),
        node('curve-steth', 'pool', 122),
        node('aave', 'market', 0, 1_100),
        node('loop-vault', 'vault', 0),
        node('lp-fund', 'portfolio'),
        node('treasury', 'portfolio'),
      ],
      edges: [
        edge('stETH', 'curve-steth', 'holds', 540),
        edge('stETH', 'aave', 'collateral-for', 1_500),
        edge('curve-steth', 'lp-fund', 'holds', 662),
        edge('aave', 'loop-vault', 'holds', 400),
        edge('loop-vault', 'treasury', 'holds', 400),
      ],
    },
    fails: { node: 'stETH', recovery: 0.937 },
    oneHop: ['curve-steth', 'aave'],
    twoHops: ['lp-fund', 'loop-vault'],
    path: ['stETH', 'curve-steth', 'lp-fund'],
  },
  {
    // Circle had 3.3 bn of about 40 bn at Silicon Valley Bank; Maker held 3.1 bn USDC.
    id: 'H06',
    graph: {
      nodes: [
        node('SVB', 'issuer'),
        node('USDC', 'token', 36_700, 35_800),
        node('DAI', 'token', 3_000, 5_870),
        node('FRAX', 'token', 100, 1_000),
        node('3pool', 'pool', 170),
        node('lp', 'portfolio'),
        node('dai-holder', 'portfolio'),
      ],
      edges: [
        edge('SVB', 'USDC', 'backed-by', 3_300),
        edge('USDC', 'DAI', 'backed-by', 3_100),
        edge('USDC', 'FRAX', 'backed-by', 900),
        edge('USDC', '3pool', 'holds', 200),
        edge('DAI', '3pool', 'holds', 180),
        edge('DAI', 'dai-holder', 'holds', 50),
        edge('3pool', 'lp', 'holds', 550),
      ],
    },
    fails: { node: 'USDC', recovery: 0.87 },
    oneHop: ['DAI', 'FRAX', '3pool'],
    twoHops: ['dai-holder', 'lp'],
    path: ['USDC', 'DAI', '3pool', 'lp'],
  },
  {
    // Euler, 197 m; Angle over 17 m of about 34 m, Balancer's bb-e-USD about 12 of 23.2 m, Idle's tranches whole, Harvest through Idle, Yearn 1.38 m through both, Sherlock a claim of 4.5 m.
    id: 'H07',
    graph: {
      nodes: [
        node('euler', 'protocol'),
        node('angle', 'protocol', 17, 6.32),
        node('bb-e-USD', 'pool', 11.2),
        node('idle', 'vault', 0, 3.3),
        node('harvest', 'vault'),
        node('yearn', 'vault'),
        node('sherlock', 'protocol', 30),
        node('agEUR-holder', 'portfolio'),
        node('balancer-lp', 'portfolio'),
        node('depositor', 'portfolio'),
      ],
      edges: [
        edge('euler', 'angle', 'holds', 17),
        edge('euler', 'bb-e-USD', 'holds', 12),
        edge('euler', 'idle', 'holds', 7),
        edge('euler', 'sherlock', 'holds', 4.5),
        edge('idle', 'harvest', 'holds', 3),
        edge('idle', 'yearn', 'holds', 0.7),
        edge('angle', 'yearn', 'holds', 0.68),
        edge('angle', 'agEUR-holder', 'holds', 27),
        edge('bb-e-USD', 'balancer-lp', 'holds', 23.2),
        edge('harvest', 'depositor', 'holds', 3),
      ],
    },
    fails: { node: 'euler', recovery: 0 },
    oneHop: ['angle', 'bb-e-USD', 'idle', 'sherlock'],
    twoHops: ['harvest', 'yearn', 'agEUR-holder', 'balancer-lp'],
    path: ['euler', 'idle', 'harvest', 'depositor'],
  },
  {
    // Stream lost 93 m; TelosC 123.6 m, Elixir 68 m = 65 % of what backed deUSD; xUSD fell to 0.33, then 0.11.
    id: 'H14',
    graph: {
      nodes: [
        node('xUSD', 'token'),
        node('telosC', 'vault', 0, 43.6),
        node('elixir', 'issuer'),
        node('deUSD', 'token', 36.6, 64.6),
        node('euler-market', 'market'),
        node('silo', 'market', 0, 20),
        node('morpho-vault', 'vault'),
        node('lender', 'portfolio'),
        node('fund', 'portfolio'),
      ],
      edges: [
        edge('xUSD', 'telosC', 'collateral-for', 123.6),
        edge('xUSD', 'elixir', 'collateral-for', 68),
        edge('elixir', 'deUSD', 'backed-by', 68),
        edge('telosC', 'euler-market', 'lends-to', 80),
        edge('xUSD', 'silo', 'collateral-for', 20),
        edge('deUSD', 'morpho-vault', 'holds', 30),
        edge('deUSD', 'fund', 'holds', 10),
        edge('morpho-vault', 'lender', 'holds', 30),
      ],
    },
    fails: { node: 'xUSD', recovery: 0.11 },
    oneHop: ['telosC', 'elixir', 'silo'],
    twoHops: ['deUSD', 'euler-market'],
    path: ['xUSD', 'elixir', 'deUSD', 'fund'],
  },
  {
    // A service key minted 80 m USR; it fell to 0.025; Fluid had over 10 m of bad debt, 15 Morpho vaults stood on it. Vaults' sizes are ours.
    id: 'H19',
    graph: {
      nodes: [
        node('service-key', 'admin-key'),
        node('USR', 'token', 140, 116),
        node('usr-oracle', 'oracle'),
        node('fluid', 'market', 20, 17),
        node('morpho-1', 'vault', 5),
        node('morpho-2', 'vault', 5, 9),
        node('saver', 'portfolio'),
      ],
      edges: [
        edge('service-key', 'USR', 'controlled-by', 136.5),
        edge('USR', 'fluid', 'collateral-for', 12),
        edge('USR', 'morpho-1', 'collateral-for', 8),
        edge('USR', 'morpho-2', 'collateral-for', 4),
        edge('fluid', 'saver', 'holds', 15),
        edge('morpho-1', 'saver', 'holds', 13),
      ],
    },
    fails: { node: 'service-key', recovery: 0 },
    oneHop: ['USR'],
    twoHops: ['fluid', 'morpho-1', 'morpho-2'],
    path: ['service-key', 'USR', 'fluid', 'saver'],
  },
  {
    // 116,500 rsETH (about 292 m) minted over a bridge whose verifier was lied to; 236 m WETH borrowed against it on Aave, whose WETH was lent out to the last.
    id: 'H21',
    graph: {
      nodes: [
        node('dvn', 'bridge'),
        node('rsETH', 'token', 800, 780),
        node('aave-weth', 'market', 100, 136),
        node('rseth-borrower', 'portfolio', 0),
        node('fund', 'portfolio'),
        node('weth-vault', 'vault'),
        node('saver', 'portfolio'),
      ],
      edges: [
        edge('dvn', 'rsETH', 'bridged-by', 292),
        edge('rsETH', 'rseth-borrower', 'holds', 292),
        edge('rseth-borrower', 'aave-weth', 'lends-to', 236),
        edge('rsETH', 'fund', 'holds', 20),
        edge('aave-weth', 'weth-vault', 'holds', 200),
        edge('weth-vault', 'saver', 'holds', 200),
      ],
    },
    fails: { node: 'dvn', recovery: 0 },
    oneHop: ['rsETH'],
    twoHops: ['rseth-borrower', 'fund'],
    path: ['dvn', 'rsETH', 'fund'],
  },
]
