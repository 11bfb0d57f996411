// Rules to begin with, as far as what is held suggests them; how much is too much is for a person to say.

/** A desk writes its own; more would only be deleted. */
const mostRules = 4

/** Quiet in a market that is: a day in which one in a hundred costs a quarter is far beyond what an unlevered book of coins has in calm. */
const marketRules = [
  { id: 'crisis', when: 'regime == "crisis"', severity: 'warning', message: 'The market is in a crisis' },
  {
    id: 'bad-day',
    when: 'es99d1 > 0.25 * nav',
    severity: 'warning',
    message: 'The worst day in a hundred costs too much',
  },
]

export function draftRules({
  hasLoan,
  underlyings,
}: {
  readonly hasLoan: boolean
  readonly underlyings: readonly string[]
}): readonly unknown[] {
  const names = [...new Set(underlyings)]
  const dollars = names.filter((name) => /USD|DAI/.test(name))
  const risky = names.filter((name) => !dollars.includes(name)).slice(0, mostRules)
  const health = {
    id: 'low-health',
    when: 'healthFactor < 1.3',
    severity: 'critical',
    message: 'Aave loan close to liquidation',
    plan: { kind: 'restore-health', target: 1.5 },
  }
  const liquidation = {
    id: 'liquidation-odds',
    when: 'liquidationProbability > 0.01',
    severity: 'warning',
    message: 'More than 1 % to be liquidated within a day',
  }
  const rules = [
    ...(hasLoan ? [health, liquidation] : []),
    ...risky.map((name) => {
      return {
        id: idOf('exposure', name),
        when: `abs(netDelta.${name}) * price.${name} > 0.5 * nav`,
        severity: 'warning',
      }
    }),
    ...dollars.slice(0, mostRules).map((name) => {
      return { id: idOf('depeg', name), when: `price.${name} < 0.985`, severity: 'warning' }
    }),
    ...(risky.length === 0 ? [] : marketRules),
  ]
  // Names that differ by case or sign only would share an id.
  return rules.filter(({ id }, index) => rules.findIndex((one) => one.id === id) === index)
}

function idOf(what: string, name: string): string {
  return `${what}-${name.toLowerCase().replace(/[^a-z0-9]+/g, '-')}`
}
