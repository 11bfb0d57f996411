import { describe, expect, it } from 'vitest'
import { explainRule } from '../../lib/decisions/rules/explain.ts'
import { compileRule } from '../../lib/decisions/rules/language.ts'
import { regimes } from '../../lib/model/regime.ts'
import type { Report } from '../../lib/model/report.ts'
import { aHolding, aPrice } from '../risk/a-snapshot.ts'
import { aChance, aRegime, aTail, calm, usdcPeg, withMarket } from './a-market.ts'
import { aReport } from './a-report.ts'

const report = withMarket(aReport())
const evaluate = (rule: string, on: Report = report) => compileRule(rule).evaluate(on, 0.03)
const kind = (rule: string, on?: Report) => evaluate(rule, on).kind
const reasonOf = (rule: string, on?: Report) => {
  const evaluation = evaluate(rule, on)
  return 'reason' in evaluation ? evaluation.reason : evaluation.kind
}

describe('a word whose values are words', () => {
  const inRegime = (regime: (typeof regimes)[number]) => withMarket(aReport(), { regime: aRegime({ regime }) })

  it.each<[string, readonly string[]]>([
    ['regime == "crisis"', ['crisis']],
    ["regime == 'crisis'", ['crisis']],
    ['"crisis" == regime', ['crisis']],
    ['(regime) == ("crisis")', ['crisis']],
    ['regime != "calm"', ['tense', 'crisis']],
    ['regime >= "tense"', ['tense', 'crisis']],
    ['"tense" <= regime', ['tense', 'crisis']],
    ['regime > "calm"', ['tense', 'crisis']],
    ['regime < "tense"', ['calm']],
    ['"tense" > regime', ['calm']],
    ['not (regime <= "tense")', ['crisis']],
    ['regime == "tense" or regimeProbability > 0.99', ['tense']],
    ['regime == "crisis" and nav > 0', ['crisis']],
  ])('%s holds in %j and in no other', (rule, held) => {
    expect(regimes.filter((regime) => kind(rule, inRegime(regime)) === 'holds')).toEqual(held)
  })

  it('is calm as soon as it does not hold, however wide the dead band: between two words is nothing', () => {
    const evaluation = compileRule('regime >= "crisis"').evaluate(inRegime('tense'), 0.9)
    expect(evaluation).toMatchObject({ kind: 'not', calm: true })
  })

  it('gets worse along its order where the operator has one', () => {
    expect(evaluate('regime >= "tense"')).toMatchObject({ value: 2, limit: 1, worse: 'higher', levels: regimes })
    expect(evaluate('regime == "crisis"')).not.toHaveProperty('worse')
  })

  it.each<[string, string, RegExp]>([
    ['regime == "crysis"', 'unknown-value', /"calm", "tense" or "crisis".*Did you mean "crisis"\?/],
    ['regime == "Crisis"', 'unknown-value', /Did you mean "crisis"\?/],
    ['regime == ""', 'unknown-value', /never ""/],
    ['regime == "__proto__"', 'unknown-value', /never "__proto__"/],
    ['regime == crisis', 'wrong-type', /in quotes\. Did you mean "crisis"\?$/],
    ['regime > 0.8', 'wrong-type', /not compared with a number: write regime == "crisis"/],
    ['0.8 < regime', 'wrong-type', /not compared with a number/],
    ['regime > nav', 'wrong-type', /not compared with a number/],
    ['regime + 1 > 2', 'wrong-type', /not a number/],
    ['-regime < 1', 'wrong-type', /not a number/],
    ['abs(regime) > 1', 'wrong-type', /not a number/],
    ['max(regime, 1) > 1', 'wrong-type', /not a number/],
    ['nav == "crisis"', 'wrong-type', /regime.*"crisis" stands against a number/],
    ['"crisis" == nav', 'wrong-type', /against a number/],
    ['es99d1 > "8 %"', 'not-allowed', /%/],
    ['regimeProbability == "crisis"', 'wrong-type', /against a number/],
    ['"crisis" == "crisis"', 'wrong-type', /Text is compared only/],
    ['nav + "crisis" > 1', 'not-allowed', /Text has no place/],
    ['min(nav, "crisis") > 1', 'not-allowed', /Text has no place/],
    ['regime == "cri" + "sis"', 'wrong-type', /not compared/],
    ['regime == regime', 'always-the-same', /itself/],
    ['regime > "crisis"', 'always-the-same', /never true/],
    ['"calm" <= regime', 'always-the-same', /always true/],
    ['regime', 'not-boolean', /"calm", "tense" or "crisis"/],
    ['not regime', 'not-boolean', /compare it/],
    ['nav > 1 and regime', 'not-boolean', /compare it/],
    ['regime.ETH == "crisis"', 'unknown-key', /takes no key/],
    ['regime() == "crisis"', 'wrong-type', /against a number/],
    ['"calm" < regime < "crisis"', 'chained-comparison', /a < b and b < c/],
    ['regime = "crisis"', 'not-allowed', /assigns/],
    ['regimes == "crisis"', 'unknown-name', /Did you mean regime/],
    ['regimes > 1', 'unknown-name', /Did you mean regime\?/],
    ['es99d2 > 1', 'unknown-name', /Did you mean es99d1\?/],
  ])('%s is refused: %s', (text, because, message) => {
    const refused = () => compileRule(text)
    expect(refused).toThrow(message)
    expect(refused).toThrow(expect.objectContaining({ facts: expect.objectContaining({ because }) }))
  })

  it('is explained in words', () => {
    expect(explainRule({ rule: compileRule('regime >= "tense"'), report, deadBand: 0.03 })).toMatchObject({
      says: 'in breach when regime is at least tense',
      reads: [expect.stringMatching(/\[calm, tense or crisis, in this order\]; now crisis$/)],
      now: 'in breach: crisis against tense',
    })
    expect(explainRule({ rule: compileRule('regime == "tense"'), report }).now).toBe(
      'not in breach: crisis against tense',
    )
  })
})

describe('words of the market', () => {
  it.each<[string, number]>([
    ['regimeProbability > 0', 0.91],
    ['posture.budgetMultiplier > 0', 0.5],
    ['posture.putFloor > 0', 0.3],
    ['brokenPegs > 0', 0],
    ['pegDeviation.USDC > 0', -0.001],
    ['pegDeviation["USDC"] > 0', -0.001],
    ['correlation > 0', 0.86],
    ['volatility["ETH"] > 0', 0.8],
    ['var95h1 > 0', 20_000],
    ['es99d1 > 0.08 * nav', 130_000],
    ['es95d10 > 0', 234_000],
    ['liquidationProbability > 0', 0.023],
    ['liquidationProbability.aave > 0.01', 0.023],
    ['liquidationProbability["aave-v3"] > 0.01', 0.023],
    ['liquidationProbability1h.aave > 0.01', 0.001],
    ['liquidationProbability10d.aave > 0.01', 0.11],
    ['liquidationLossUsd > 0', 1_380],
    ['loanToValue.aave > loanToValueForTarget.aave', 0.55],
  ])('%s reads %d', (rule, value) => {
    const evaluation = evaluate(rule)
    expect(evaluation.kind).toMatch(/holds|not$/)
    expect(evaluation).toHaveProperty('value', expect.closeTo(value, 9))
  })

  it('the beta of the book is the sum of delta in USD times the beta of each, over net asset value; dollars have none', () => {
    const { delta } = report.netGreeks
    const follows = 1.5 * (delta.ETH ?? 0) * 2_914 + 1 * (delta.BTC ?? 0) * 60_000
    expect(evaluate('beta.SPX > 0.8')).toMatchObject({
      kind: 'holds',
      value: expect.closeTo(follows / report.navUsd, 9),
    })
    const dollars = withMarket(aReport({ change: { positions: [aHolding('USDC', 100)] } }))
    expect(evaluate('beta.SPX > 0.8', dollars)).toMatchObject({ kind: 'not-applicable' })
  })

  it('a position without a beta is missing from the sum, unless it is dust', () => {
    const macro = (report.macro ?? []).filter(({ asset }) => asset !== 'BTC')
    expect(reasonOf('beta.SPX > 0.8', { ...report, macro })).toMatch(/without BTC/)
    const dusty = aReport({ change: { positions: [aHolding('WETH', 100), aHolding('WBTC', 1e-4)] } })
    expect(kind('beta.SPX > 0.8', withMarket(dusty, { macro }))).toBe('holds')
  })

  it('a book that owes more than it has has no beta', () => {
    const poor = withMarket(aReport({ usdc: 9e6 }))
    expect(poor.navUsd).toBeLessThan(0)
    expect(reasonOf('beta.SPX > 0.8', poor)).toMatch(/not above 0/)
  })
})

describe('what is not known is an error, never "not breached"', () => {
  const bare = aReport()
  const marketRules = [
    'regime == "crisis"',
    'regime != "crisis"',
    'regimeProbability > 0.5',
    'posture.putFloor > 0',
    'brokenPegs > 0',
    'pegDeviation.USDC < -0.01',
    'correlation > 0.8',
    'volatility.ETH > 1',
    'beta.SPX > 0.8',
    'es99d1 > 0.08 * nav',
    'var95h1 > 1',
    'liquidationProbability.aave > 0.01',
    'liquidationLossUsd > 1',
    'loanToValueForTarget.aave < 0.5',
  ]
  it.each(marketRules)('%s without a market model', (rule) => {
    expect(evaluate(rule, bare)).toMatchObject({ kind: 'error', code: 'no-market-model' })
    expect(reasonOf(rule, { ...bare, marketModelMissing: 'no history of two assets' })).toMatch(/no history of two/)
  })
  it.each(marketRules)('%s with a market model that knows nothing of this week', (rule) => {
    const old = { at: bare.at - 4 * 86_400, madeAt: bare.at, dataState: { kind: 'FRESH' }, notes: [] } as const
    expect(evaluate(rule, withMarket(bare, { marketModel: old }))).toMatchObject({ kind: 'error', code: 'model-stale' })
  })
  it.each(marketRules)('%s with a market model that is empty', (rule) => {
    const { regime: _regime, tail: _tail, macro: _macro, volatility: _volatility, ...empty } = report
    expect(evaluate(rule, empty)).toMatchObject({ kind: 'error' })
  })
  it('a key that nobody knows', () => {
    expect(reasonOf('beta.SPY > 0.8')).toMatch(/no series SPY, only SPX, DXY/)
    expect(reasonOf('volatility.DOGE > 1')).toMatch(/knows no underlying DOGE/)
    expect(reasonOf('pegDeviation.DOGE > 1')).toMatch(/knows no asset DOGE/)
    expect(reasonOf('pegDeviation.WETH > 1')).toMatch(/no stablecoin/)
    expect(reasonOf('liquidationProbability.kamino > 0.01')).toMatch(/no lending account kamino/)
  })

  it('a book from which something is left out has neither value at risk nor expected shortfall: it may lose or hedge', () => {
    const unpriced = aReport({
      change: { prices: [aPrice('WETH', 2_914), aPrice('WBTC', undefined), aPrice('USDC', 1)] },
    })
    expect(evaluate('es99d1 > 1', withMarket(unpriced))).toMatchObject({ kind: 'error', code: 'left-out' })
    const leftOut = [{ positionId: 'eth-puts', reason: 'no value in scenario 12' }]
    expect(reasonOf('es99d1 > 1', withMarket(aReport(), { tail: aTail({ leftOut }) }))).toMatch(/without eth-puts/)
  })
})

describe('the accounts that a key names', () => {
  const [account] = report.accounts
  if (account === undefined) throw new Error('the report has an account')
  const at = (positionId: string, protocol = 'unknown') => ({ ...account, positionId, protocol })
  const chances = (...pairs: readonly (readonly [string, number])[]) =>
    aTail({ liquidations: pairs.map(([positionId, probability]) => aChance({ positionId, probability })) })
  const two = withMarket(aReport(), {
    accounts: [at('aave-v3', 'aave-v3'), at('arbitrum/aave-v3', 'aave-v3'), at('compound-v3:USDC')],
    tail: chances(['aave-v3', 0.01], ['arbitrum/aave-v3', 0.2], ['compound-v3:USDC', 0.3]),
  })
  const value = (rule: string, on = two) => {
    const evaluation = evaluate(rule, on)
    return 'value' in evaluation ? evaluation.value : evaluation
  }

  it('are one by its exact id, all of a protocol by the beginning of its name, or all', () => {
    expect(value('liquidationProbability["aave-v3"] > 0')).toBe(0.01)
    expect(value('liquidationProbability["arbitrum/aave-v3"] > 0')).toBe(0.2)
    expect(value('liquidationProbability.aave > 0')).toBe(0.2)
    expect(value('liquidationProbability.compound > 0')).toBe(0.3)
    expect(value('liquidationProbability["compound-v3:USDC"] > 0')).toBe(0.3)
    expect(value('liquidationProbability > 0')).toBe(0.3)
    expect(value('liquidationLossUsd > 0')).toBe(3 * 1_380)
  })

  it('a beginning that two protocols share is refused', () => {
    const both = { ...two, accounts: [at('aave-v2', 'aave-v2'), at('aave-v3', 'aave-v3')] }
    expect(value('liquidationProbability.aave > 0', both)).toMatchObject({ kind: 'error', code: 'unknown-key' })
    expect(reasonOf('liquidationProbability.aave > 0', both)).toMatch(/aave-v2 or aave-v3/)
  })

  it('a protocol at which nothing is owed, or nothing is held, cannot be liquidated', () => {
    const free = withMarket(aReport({ usdc: 0 }), { tail: aTail({ liquidations: [] }) })
    expect(kind('liquidationProbability.aave > 0.01', free)).toBe('not-applicable')
    expect(kind('liquidationProbability > 0.01', free)).toBe('not-applicable')
    expect(kind('liquidationProbability.morpho > 0.01')).toBe('not-applicable')
  })

  it('of accounts of which one is not known the rest decides only what is beyond the limit already', () => {
    const partial = withMarket(two, { accounts: two.accounts, tail: chances(['aave-v3', 0.02]) })
    expect(evaluate('liquidationProbability > 0.01', partial)).toMatchObject({ kind: 'holds', value: 0.02 })
    expect(evaluate('0.01 < liquidationProbability', partial)).toMatchObject({ kind: 'holds' })
    expect(reasonOf('liquidationProbability > 0.05', partial)).toMatch(/at least 0.02: arbitrum\/aave-v3/)
    expect(kind('liquidationProbability < 0.05', partial)).toBe('error')
    expect(kind('2 * liquidationProbability > 0.01', partial)).toBe('error')
    expect(kind('liquidationProbability["aave-v3"] > 0.05', partial)).toBe('not')
    const rule = compileRule('liquidationProbability > 0.05')
    expect(explainRule({ rule, report: partial }).reads[0]).toMatch(/now at least 0.02/)
  })

  it('an account that could not be read hides nothing of other protocols', () => {
    const unread = { positionId: 'compound-v3:USDC', label: 'Compound', kind: 'unread-account', valueUsd: 0 }
    const positions = [...report.positions, { ...unread, dataState: { kind: 'BLIND', reasons: ['x'] } as const }]
    const hidden = withMarket(aReport(), { positions })
    expect(kind('liquidationProbability.aave > 0.05', hidden)).toBe('not')
    expect(kind('liquidationProbability.compound > 0.05', hidden)).toBe('error')
    expect(kind('liquidationProbability > 0.05', hidden)).toBe('error')
    expect(kind('liquidationProbability > 0.01', hidden)).toBe('holds')
  })
})

describe('keys that a configuration knows', () => {
  const known = {
    underlyings: ['ETH', 'USDC'],
    assets: ['WETH', 'USDC'],
    series: ['SPX', 'DXY'],
    accounts: ['aave-v3', 'compound-v3', 'desk-loan'],
  }
  it.each(['aave', 'aave-v3', 'arbitrum/aave-v3', 'compound-v3:USDC', 'desk-loan'])('take the account %s', (key) => {
    expect(compileRule(`liquidationProbability["${key}"] > 0.01`, known).reads).toHaveLength(1)
  })
  it.each([
    ['liquidationProbability["aave-v4"] > 0.01', /Did you mean aave-v3\?/],
    ['liquidationProbability["ETH/kamino"] > 0.01', /knows no ETH\/kamino/],
    ['beta.SPY > 0.8', /Did you mean SPX\?/],
    ['volatility.ETG > 0.8', /Did you mean ETH\?/],
    ['pegDeviation.USDT < -0.01', /Did you mean USDC\?/],
    ['posture.putFlor > 0.1', /Did you mean putFloor\?/],
    ['beta > 0.8', /beta\.SPX/],
  ])('%s is refused', (rule, message) => {
    expect(() => compileRule(rule, known)).toThrow(message)
  })
})

it('in a calm market no rule of the market holds', () => {
  const quiet = withMarket(aReport(), { regime: calm, tail: aTail({ liquidations: [aChance({ probability: 0 })] }) })
  for (const rule of ['regime == "crisis"', 'brokenPegs > 0', 'liquidationProbability > 0.01'])
    expect(kind(rule, quiet)).toBe('not')
  const broken = { ...usdcPeg, deviation: -0.05, isBroken: true }
  expect(kind('brokenPegs > 0', withMarket(aReport(), { regime: aRegime({ pegs: [broken] }) }))).toBe('holds')
})
