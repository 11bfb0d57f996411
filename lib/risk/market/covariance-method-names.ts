// The ways to estimate a covariance that can be asked for by name, in words; light, for whoever only lists them.

/** One more is a line here, and its function in covariance-methods.ts, which does not compile without it. `pools`: pairs with a short common history are drawn to the others. */
export const covarianceMethods = [
  { name: 'ewma', title: 'exponential weights, correlations shrunk to their mean', pools: true },
  { name: 'ewma-identity', title: 'exponential weights, correlations shrunk to none', pools: true },
  { name: 'sample', title: 'equal weights, as the returns were', pools: false },
  { name: 'ledoit-wolf', title: 'equal weights, shrunk to one correlation (Ledoit & Wolf 2004a)', pools: true },
  {
    name: 'ledoit-wolf-identity',
    title: 'equal weights, shrunk to one variance without correlation (Ledoit & Wolf 2004b)',
    pools: true,
  },
  { name: 'dcc', title: 'GARCH variances, correlations that follow the days (Engle 2002)', pools: true },
  { name: 'constant', title: 'equal weights, one correlation for all pairs', pools: true },
] as const

export type CovarianceMethodName = (typeof covarianceMethods)[number]['name']
