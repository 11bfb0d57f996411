import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isHomeostatError } from '../../lib/base/homeostat-error.ts'
import { compileRule } from '../../lib/decisions/rules/language.ts'
import { vocabulary } from '../../lib/decisions/rules/vocabulary.ts'
import type { Report } from '../../lib/model/report.ts'
import { aHolding, aPrice } from '../risk/a-snapshot.ts'
import { aReport, aReportAtHealth } from './a-report.ts'

const report = aReport()

describe('a rule', () => {
  it.each<[string, 'holds' | 'not', number | undefined, number | undefined]>([
    ['healthFactor < 1.3', 'not', report.healthFactor, 1.3],
    ['healthFactor < 1.6', 'holds', report.healthFactor, 1.6],
    ['1.6 > healthFactor', 'holds', report.healthFactor, 1.6],
    ['1.6 <= healthFactor', 'not', report.healthFactor, 1.6],
    [
      'abs(netDelta.ETH) * price.ETH > 0.25 * nav',
      'holds',
      (report.netGreeks.delta.ETH ?? 0) * 2_914,
      0.25 * report.navUsd,
    ],
    ['abs(netDelta["ETH"]) > 100', 'holds', report.netGreeks.delta.ETH, 100],
    ['-netDelta.USDC > 1', 'holds', -(report.netGreeks.delta.USDC ?? 0), 1],
    ['min(nav, debt) < 5', 'not', 1_186_000, 5],
    ['max(healthFactor, 2, 1) >= 2', 'holds', 2, 2],
    ['(healthFactor) < (((1.6)))', 'holds', report.healthFactor, 1.6],
    ['nav - 2 * 3 / 4 == nav - 1.5', 'holds', report.navUsd - 1.5, report.navUsd - 1.5],
    ['dataAgeSeconds != 10', 'not', 10, 10],
    ['healthFactor < 1.3 or nav < 0', 'not', undefined, undefined],
    ['healthFactor < 1.6 and nav > 0', 'holds', undefined, undefined],
    ['not (healthFactor >= 1.6)', 'holds', undefined, undefined],
    ['not (nav > 0) or debt > 1 and collateral > 1', 'holds', undefined, undefined],
  ])('%s: %s', (text, kind, value, limit) => {
    const evaluation = compileRule(text).evaluate(report)
    expect(evaluation.kind).toBe(kind)
    if (evaluation.kind !== 'holds' && evaluation.kind !== 'not') return
    if (value === undefined) expect(evaluation.value).toBeUndefined()
    else expect(evaluation.value).toBeCloseTo(value, 6)
    if (limit === undefined) expect(evaluation.limit).toBeUndefined()
    else expect(evaluation.limit).toBeCloseTo(limit, 6)
  })

  it('says what it reads', () => {
    expect(compileRule('abs(netDelta.ETH) * price.ETH > 0.25 * nav and price.ETH > 1').reads).toEqual([
      { term: 'netDelta', key: 'ETH' },
      { term: 'price', key: 'ETH' },
      { term: 'nav' },
    ])
  })

  it('is calm only once every limit is cleared by the dead band', () => {
    const calm = (text: string, healthFactor: number) => {
      const evaluation = compileRule(text).evaluate(aReportAtHealth(healthFactor), 0.1)
      return evaluation.kind === 'not' && evaluation.calm
    }
    expect([1.99, 2, 2.19, 2.21].map((one) => calm('healthFactor < 2', one))).toEqual([false, false, false, true])
    expect([2.01, 2, 1.81, 1.79].map((one) => calm('healthFactor > 2', one))).toEqual([false, false, false, true])
    expect([1.99, 2, 2.19, 2.21].map((one) => calm('not (healthFactor >= 2)', one))).toEqual([
      false,
      false,
      false,
      true,
    ])
    expect([2.19, 2.21].map((one) => calm('healthFactor < 2 or nav < 0', one))).toEqual([false, true])
    expect([2.19, 2.21].map((one) => calm('healthFactor < 2 and nav > 0', one))).toEqual([false, true])
  })
})

describe('what cannot be evaluated is an error, never "not breached"', () => {
  const leftOut = aReport({
    change: { prices: [aPrice('WETH', 2_914), aPrice('WBTC', undefined), aPrice('USDC', 1)] },
  })
  const unread = aReport({
    change: {
      positions: [aHolding('USDC', 1)],
      gaps: [
        {
          subject: 'aave-v3 account',
          code: 'reverted',
          reason: 'x',
          touches: { kind: 'position', positionId: 'aave-v3' },
        },
      ],
    },
  })
  const noLens = aReport({
    change: { prices: [{ ...aPrice('WETH', 1), lensGap: undefined } as never, aPrice('USDC', 1)] },
  })

  it.each<[string, string, Report, RegExp]>([
    ['0/0 > healthFactor', 'not-a-number', report, /0 \/ 0/],
    ['(nav - nav) / (nav - nav) > 1', 'not-a-number', report, /0 \/ 0/],
    ['1 / (nav - nav) > 1', 'not-a-number', report, /1 \/ 0/],
    ['nav > 0 or 0/0 > 1', 'not-a-number', report, /0 \/ 0/],
    ['nav < 0 and 0/0 > 1', 'not-a-number', report, /0 \/ 0/],
    ['1e300 * 1e300 > nav', 'not-a-number', report, /finite/],
    ['min(0/0, nav) > 1', 'not-a-number', report, /0 \/ 0/],
    ['netDelta.DOGE > 1', 'unknown-key', report, /knows no underlying DOGE/],
    ['price.WETH > 1', 'unknown-key', report, /WETH/],
    ['lensGap.ETH > 1', 'unknown-key', report, /knows no asset ETH/],
    ['lensGap.WETH > 1', 'no-lens-gap', noLens, /two prices/],
    ['price.BTC > 1', 'no-price', leftOut, /BTC/],
    ['nav > 1', 'left-out', leftOut, /label of wallet:WBTC/],
    ['netDelta.ETH > 1', 'left-out', leftOut, /without/],
    ['stress.worst < 0', 'left-out', leftOut, /without/],
    ['healthFactor < 1.3', 'account-unknown', unread, /aave-v3 account/],
    ['debt > 1', 'account-unknown', unread, /aave-v3 account/],
    ['stress.worstHealthFactor < 1', 'account-unknown', unread, /aave-v3 account/],
    ['nav > 1', 'not-a-number', { ...report, navUsd: Number.NaN }, /NaN/],
  ])('%s: %s', (text, code, on, reason) => {
    const evaluation = compileRule(text).evaluate(on)
    expect(evaluation).toMatchObject({ kind: 'error', code })
    expect(evaluation).toHaveProperty('reason', expect.stringMatching(reason))
  })
})

describe('without debt', () => {
  const free = aReport({ usdc: 0 })
  it.each<[string, string]>([
    ['healthFactor < 1.3', 'not-applicable'],
    ['liquidationDistance < 0.2', 'not-applicable'],
    ['stress.worstHealthFactor < 1', 'not-applicable'],
    ['not (healthFactor > 1.3)', 'not-applicable'],
    ['2 * abs(healthFactor) < 1.3 and nav > 0', 'not-applicable'],
    ['healthFactor < 1.3 or nav > 0', 'holds'],
    ['healthFactor < 1.3 or nav < 0', 'not'],
    ['healthFactor < 1.3 and nav < 0', 'not'],
    ['debt > 0', 'not'],
  ])('%s: %s', (text, kind) => {
    expect(compileRule(text).evaluate(free).kind).toBe(kind)
  })
})

describe('a refusal names the reason and the nearest right word', () => {
  it.each<[string, string, RegExp]>([
    ['', 'syntax', /empty/],
    ['   ', 'syntax', /empty/],
    ['healthFactor <', 'syntax', /Unexpected end/],
    ['helthFactor < 1.3', 'unknown-name', /Did you mean healthFactor\?/],
    ['NAV < 1', 'unknown-name', /Did you mean nav\?/],
    ['abz(nav) < 1', 'unknown-name', /Did you mean abs\?/],
    ['stress.wrost < 1', 'unknown-key', /Did you mean worst\?/],
    ['hf = 99', 'not-allowed', /assigns/],
    ['healthFactor = 99', 'not-allowed', /assigns/],
    ['netDelta.ETH = 99', 'not-allowed', /assigns/],
    ['f(x) = x', 'not-allowed', /defines no functions/],
    ['1 < healthFactor < 2', 'chained-comparison', /a < b and b < c/],
    ['2 nav > 1', 'not-allowed', /operator is missing/],
    ['2 (nav) > 1', 'not-allowed', /operator is missing/],
    ['"a" < nav', 'wrong-type', /Text/],
    ['[1, 2] < nav', 'not-allowed', /lists or matrices/],
    ['ones(20000, 20000) > nav', 'unknown-name', /no function ones/],
    ['0:1:1e9 > nav', 'not-allowed', /ranges/],
    ['{a: 1} > nav', 'not-allowed', /objects/],
    ['nav > 1 ? nav > 2 : nav > 3', 'not-allowed', /\? :/],
    ['nav > 1; nav > 2', 'not-allowed', /;/],
    ['nav > 1\nnav > 2', 'syntax', /single line/],
    ['nav > 1 # quiet', 'not-allowed', /comments/],
    ['nav > 5%', 'not-allowed', /write 0\.05/],
    ['nav ^ 2 > 1', 'not-allowed', /operator \^/],
    ['nav! > 1', 'not-allowed', /operator !/],
    ['nav mod 2 > 1', 'not-allowed', /operator mod/],
    ['+nav > 1', 'not-allowed', /operator \+/],
    ['nav', 'not-boolean', /compare it/],
    ['nav + 1', 'not-boolean', /compare it/],
    ['nav > 1 and debt', 'not-boolean', /compare it/],
    ['not nav', 'not-boolean', /compare it/],
    ['(nav > 1) + 1 > 2', 'not-a-number', /true or false/],
    ['nav > 1e400', 'not-a-number', /Infinity/],
    ['nav > NaN', 'not-a-number', /NaN/],
    ['true', 'not-allowed', /true/],
    ['null < nav', 'not-allowed', /null/],
    ['1 < 2', 'reads-nothing', /always say the same/],
    ['nav.ETH > 1', 'unknown-key', /takes no key/],
    ['netDelta > 1', 'unknown-key', /netDelta\.ETH/],
    ['netDelta[1] > 1', 'not-allowed', /literal name/],
    ['netDelta["E" + "TH"] > 1', 'not-allowed', /literal name/],
    ['netDelta.ETH.x > 1', 'not-allowed', /literal name/],
    ['netDelta?.ETH > 1', 'not-allowed', /literal name/],
    ['netDelta["ETH", "BTC"] > 1', 'not-allowed', /literal name/],
    ['nav(1) > 1', 'not-allowed', /a value, not a function/],
    ['netDelta.ETH(1) > 1', 'not-allowed', /abs, min and max/],
    ['abs > 1', 'not-allowed', /is a function/],
    ['abs() > nav', 'not-allowed', /one value/],
    ['abs(nav, nav) > 1', 'not-allowed', /one value/],
    ['min(nav) > 1', 'not-allowed', /2 to 20/],
    ['netDelta.__proto__ > 1', 'unknown-key', /cannot be the name/],
    ['netDelta["constructor"] > 1', 'unknown-key', /cannot be the name/],
    ['netDelta.toString > 1', 'unknown-key', /cannot be the name/],
    ['constructor > 1', 'unknown-name', /no constructor/],
    ['__proto__ > 1', 'unknown-name', /no __proto__/],
    ['toString() > nav', 'unknown-name', /no function toString/],
    ['import("fs") > nav', 'unknown-name', /no function import/],
    [`${'('.repeat(21)}nav${')'.repeat(21)} > 1`, 'too-deep', /20 deep/],
    [`${'-'.repeat(22)}nav > 1`, 'too-deep', /20 deep/],
    [`${'not '.repeat(22)}(nav > 1)`, 'too-deep', /20 deep/],
    [`nav > ${'1 + '.repeat(130)}1`, 'too-long', /at most 500/],
  ])('%s', (text, because, message) => {
    const refused = () => compileRule(text)
    expect(refused).toThrow(message)
    expect(refused).toThrow(
      expect.objectContaining({ code: 'rule-refused', facts: expect.objectContaining({ because }) }),
    )
  })

  it('also for keys, once the portfolio’s are known', () => {
    const known = { underlyings: ['ETH', 'BTC', 'USDC'], assets: ['WETH', 'WBTC', 'USDC'] }
    expect(() => compileRule('netDelta.BTH > 1', known)).toThrow(/Did you mean ETH\?/)
    expect(() => compileRule('lensGap.ETH > 1', known)).toThrow(/Did you mean WETH\?/)
    expect(compileRule('lensGap.WETH < 0 and netDelta.BTC > 1', known).reads).toHaveLength(2)
  })

  it('up to the caps everything is read', () => {
    expect(compileRule(`${'('.repeat(20)}nav${')'.repeat(20)} > 1`).evaluate(report).kind).toBe('holds')
    const long = `nav < 1${' or nav < 1'.repeat(44)}`
    expect(long.length).toBeLessThanOrEqual(500)
    expect(compileRule(long).evaluate(report).kind).toBe('not')
  })
})

describe('whatever text comes', () => {
  const pieces = [
    ...vocabulary.map((term) => term.name),
    ...[
      '.ETH',
      '["BTC"]',
      '.__proto__',
      '.worst',
      'abs(',
      'min(',
      'max(',
      '(',
      ')',
      '[',
      ']',
      '{',
      '}',
      ',',
      ';',
      ':',
      '?',
      '?.',
      '??',
    ],
    ...[
      '+',
      '-',
      '*',
      '/',
      '^',
      '.^',
      '%',
      '!',
      "'",
      '"',
      '<',
      '<=',
      '>',
      '>=',
      '==',
      '!=',
      '=',
      ' and ',
      ' or ',
      ' not ',
      ' xor ',
      ' mod ',
      ' to ',
      ' in ',
    ],
    ...[
      '0',
      '1',
      '1.3',
      '1e9',
      '1e400',
      '0x1F',
      'NaN',
      'Infinity',
      'true',
      'null',
      'end',
      'i',
      'pi',
      ' ',
      '  ',
      '\n',
      '#',
      '\\',
      'é',
      '\u0000',
    ],
    ...[
      'evaluate(',
      'parse(',
      'import(',
      'createUnit(',
      'constructor',
      'cos.constructor("return process")()',
      'f(x)=',
      'ones(1e9)',
    ],
  ]
  const scraps = fc.array(fc.constantFrom(...pieces), { maxLength: 40 }).map((parts) => parts.join(''))

  it('it is compiled or refused with one code, at once, and changes nothing', () => {
    const before = JSON.stringify(report)
    const prototype = Object.getOwnPropertyNames(Object.prototype).toSorted()
    fc.assert(
      fc.property(fc.oneof(scraps, fc.string({ maxLength: 600 })), (text) => {
        try {
          const { kind } = compileRule(text).evaluate(report)
          expect(['holds', 'not', 'not-applicable', 'error']).toContain(kind)
        } catch (error) {
          expect(isHomeostatError(error) && error.code).toBe('rule-refused')
        }
      }),
      { numRuns: 20_000, interruptAfterTimeLimit: 20_000, markInterruptAsFailure: true },
    )
    expect(JSON.stringify(report)).toBe(before)
    expect(Object.getOwnPropertyNames(Object.prototype).toSorted()).toEqual(prototype)
  })

  const number: fc.Memo<string> = fc.memo((depth) =>
    depth <= 1
      ? fc.oneof(
          fc.constantFrom('nav', 'healthFactor', 'debt', 'netDelta.ETH', 'price.BTC', 'stress.worst'),
          fc.double({ min: 0, max: 1e6, noNaN: true }).map(String),
        )
      : fc.oneof(
          number(depth - 1),
          fc
            .tuple(number(depth - 1), fc.constantFrom('+', '-', '*', '/'), number(depth - 1))
            .map(([a, o, b]) => `(${a} ${o} ${b})`),
          number(depth - 1).map((a) => `-${a}`),
          fc
            .tuple(fc.constantFrom('min', 'max'), number(depth - 1), number(depth - 1))
            .map(([f, a, b]) => `${f}(${a}, ${b})`),
        ),
  )
  const comparison = fc
    .tuple(number(3), fc.constantFrom('<', '<=', '>', '>='), number(3))
    .map(([a, operator, b]) => ({ a, operator, b, text: `${a} ${operator} ${b}` }))

  it('a well-formed rule agrees with JavaScript on the same numbers, and is an error exactly where those are not finite', () => {
    const read = {
      nav: report.navUsd,
      healthFactor: report.healthFactor,
      debt: 1_186_000,
      netDelta: report.netGreeks.delta,
      price: report.price,
    }
    const worst = Math.min(...report.stress.map((row) => row.changeUsd))
    const scope = { ...read, stress: { worst }, min: Math.min, max: Math.max }
    const calculate = (text: string): unknown =>
      // The oracle: generated text only, from the grammar above.
      new Function(...Object.keys(scope), `return (${text.replaceAll('--', '- -')})`)(...Object.values(scope))
    fc.assert(
      fc.property(comparison, ({ a, b, text }) => {
        fc.pre(text.length <= 500 && /[a-z]{3}/.test(text.replaceAll(/min|max/g, '')))
        const evaluation = compileRule(text).evaluate(report)
        const finite = [a, b].every((side) => Number.isFinite(calculate(side)))
        if (evaluation.kind === 'holds' || evaluation.kind === 'not')
          expect(evaluation.kind === 'holds').toBe(calculate(text))
        else expect(evaluation.kind).toBe('error')
        if (!finite) expect(evaluation.kind).toBe('error')
      }),
      { numRuns: 2_000 },
    )
  })
})
