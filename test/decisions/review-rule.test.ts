import { describe, expect, it } from 'vitest'
import { isHomeostatError } from '../../lib/base/homeostat-error.ts'
import { compileRule } from '../../lib/decisions/rules/language.ts'
import { reviewRule } from '../../lib/decisions/rules/review-rule.ts'

const review = (text: string) => {
  try {
    return reviewRule(compileRule(text))
  } catch (error) {
    if (!isHomeostatError(error)) throw error
    return error.message
  }
}

describe('a rule that is checked without a file', () => {
  it.each([
    ['es99d1 > 0.08', 'less than a dollar. Did you mean 0.08 * nav?'],
    ['liquidationProbability.aave > 5', '500 %. Did you mean 0.05?'],
    ['liquidationProbability > 1', 'Did you mean 0.01?'],
    ['volatility.ETH > 60', '6000 %. Did you mean 0.6?'],
    ['correlation > 90', 'Did you mean 0.9?'],
    ['stress.worst > 0.2 * nav', '0.2 * nav is above 0. Did you mean -0.2 * nav?'],
    ['nav > 0 and 100000 < stress.worstCrisis', 'Did you mean -100000?'],
  ])('%s is refused as a file with it is', (text, told) => {
    expect(review(text)).toContain(told)
  })

  it.each([
    'es99d1 > 0.08 * nav',
    'liquidationProbability.aave > 0.05',
    'volatility.ETH > 0.6',
    'stress.worst < -0.2 * nav',
    'abs(stress.worst) > 0.2 * nav',
    '-stress.worst > 0.2 * nav',
    'stress.worst < 0',
    'stress.worstHealthFactor < 1.1',
    'stress.worst < netDelta.ETH',
    'liquidationProbability["arbitrum/aave-v3"] > 0.05',
  ])('%s is left alone', (text) => {
    expect(review(text)).toEqual([])
  })

  it('says what only a file can decide', () => {
    expect(review('liquidationProbability.avae > 0.05')).toEqual([
      'avae is no lending protocol: a configuration must declare a position of that id; did you mean aave?',
    ])
    expect(review('beta.SPX > 0.8')).toEqual(['beta.SPX needs a line for SPX under `macro` of the configuration'])
  })

  it('suggests the word that was meant, also beside text and among accounts', () => {
    expect(review('Regime == "crisis"')).toMatch(/There is no Regime\. Did you mean regime\?$/)
    expect(review('nav == "crisis"')).toMatch(/Text is compared only/)
    const known = { underlyings: [], assets: [], accounts: ['aave-v3', 'compound-v3'] }
    expect(() => compileRule('liquidationProbability.avae > 0.05', known)).toThrow(
      /knows no avae\. Did you mean aave\?$/,
    )
  })
})
