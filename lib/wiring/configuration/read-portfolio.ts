// How a portfolio is written: what is watched, by which rules, who is asked and told, and how far an order may go.

import type { BooleanExpression } from '../../decisions/rules/expression.ts'
import type { OrderLimits, PlanConfig, PortfolioConfig, RuleConfig } from '../../model/configuration.ts'
import { severities } from '../../model/configuration.ts'
import { lendingProtocols } from '../../model/telemetry.ts'
import { defaults } from './defaults.ts'
import type { KnownChain, KnownNames, KnownNotifier } from './known-names.ts'
import { declaredMarket, declaredPosition, requireDeclaredInputs, requireKnownKeys } from './read-declared.ts'
import { accountsElsewhere, namesOfAll, requireElsewhere } from './read-elsewhere.ts'
import { withVenues } from './read-venues.ts'
import { refuseUnmeantLimits, requireUsefulTarget, warnOfNoMacro } from './rule-checks.ts'
import { address, basisPoints, fraction, id, number, oneOf, reference, seconds, text, whole } from './scalars.ts'
import { derived, listOf, mapOf, optional, type Reader, required, withDefault } from './shapes.ts'
import type { Place, Sheet } from './sheet.ts'

/** Says whether a text is a rule; `known` are the names that it may use, if they could be read. */
export type CompileRule = (
  text: string,
  known?: {
    readonly underlyings: readonly string[]
    readonly assets: readonly string[]
    readonly accounts?: readonly string[]
    readonly series?: readonly string[]
  },
) => /** The expression, for what the language alone cannot refuse. */
  | { readonly ok: true; readonly expression?: BooleanExpression }
  | { readonly ok: false; readonly reason: string; readonly column?: number | undefined }

const shortestSeconds = 60
/** Of anvil and Hardhat. */
const developmentChainId = 31_337

const plan = mapOf<PlanConfig>({
  kind: required(oneOf(['restore-health'])),
  target: required(number({ min: 0, max: 100, above: 1 })),
})

const limits = mapOf<OrderLimits>({
  maxSlippageBps: withDefault(basisPoints(2_000), defaults.limits.maxSlippageBps),
  maxGasUsd: withDefault(number({ min: 0, max: 1e6, above: 0 }), defaults.limits.maxGasUsd),
  maxPriceMoveBps: withDefault(basisPoints(5_000), defaults.limits.maxPriceMoveBps),
  validitySeconds: withDefault(seconds({ min: 60, max: 86_400 }), defaults.limits.validitySeconds),
  maxOrderUsd: withDefault(number({ min: 0, max: 1e12, above: 0 }), defaults.limits.maxOrderUsd),
})

const rule = mapOf<RuleConfig>({
  id: required(id),
  when: required(text({ what: 'an expression of at most 500 characters, such as healthFactor < 1.3', max: 500 })),
  severity: withDefault(oneOf(severities), defaults.rule.severity),
  message: optional(text({ what: 'text of at most 140 characters', max: 140 })),
  plan: optional(plan),
  deadBand: withDefault(fraction, defaults.rule.deadBand),
  calmSamples: withDefault(whole({ min: 1, max: 1_000 }), defaults.rule.calmSamples),
})

/** @param known ids and names of the rest of the file */
export function portfolio(known: KnownNames, compileRule: CompileRule): Reader<PortfolioConfig> {
  return mapOf<PortfolioConfig>(
    {
      id: required(id),
      name: derived(text({ what: 'text of at most 80 characters', max: 80 }), (draft) =>
        typeof draft.id === 'string' ? draft.id : undefined,
      ),
      chain: required(
        reference(
          'chain',
          known.chains.map((chain) => chain.id),
        ),
      ),
      account: required(address),
      elsewhere: optional(accountsElsewhere(known.chains)),
      venues: optional(
        listOf(
          reference(
            'venue',
            known.venues.map((one) => one.id),
          ),
          { min: 1, uniqueItems: 'venue' },
        ),
      ),
      everySeconds: withDefault(seconds({ min: 1, max: 86_400 }), defaults.portfolio.everySeconds),
      rules: required(listOf(rule, { min: 1, unique: ['id'] })),
      approvers: withDefault(listOf(reference('approver', known.approvers), { uniqueItems: 'approver' }), []),
      notifiers: required(
        listOf(
          reference(
            'notifier',
            known.notifiers.map((one) => one.id),
          ),
          { min: 1, uniqueItems: 'notifier' },
        ),
      ),
      limits: withDefault(limits, defaults.limits),
      positions: optional(listOf(declaredPosition, { unique: ['id'] })),
      marketData: optional(declaredMarket),
    },
    ({ sheet, place, draft, at }) => {
      const home = known.chains.find((candidate) => candidate.id === draft.chain)
      const { elsewhere = [] } = draft
      if (home !== undefined)
        requireElsewhere(sheet, at('elsewhere'), { elsewhere, home: home.id, chains: known.chains })
      const isElsewhere = ({ id: other }: KnownChain) => elsewhere.some((one) => one.chain === other)
      const venues = known.venues.filter((one) => draft.venues?.includes(one.id))
      const chain = home && withVenues(namesOfAll(home, known.chains.filter(isElsewhere)), venues)
      const told = venues.flatMap(({ underlyings }) => underlyings)
      if (chain !== undefined && draft.marketData !== undefined)
        requireKnownKeys(sheet, at('marketData'), draft.marketData, chain)
      draft.positions?.forEach((position, index) => {
        const placed = sheet.items(at('positions'))?.[index] ?? at('positions')
        if (chain !== undefined)
          requireDeclaredInputs(sheet, placed, { position, market: draft.marketData, chain, told })
      })
      requirePace(sheet, at('everySeconds'), { everySeconds: draft.everySeconds, chain })
      const contract = chain?.contracts.get(draft.account ?? '')
      if (contract !== undefined)
        sheet.report(at('account'), {
          reason: `\`account\` is the address of a contract of the chain (${contract}): it holds no portfolio`,
        })
      for (const rulePlace of rulePlacesOf(sheet, place)) {
        const series = known.series.length === 0 ? {} : { series: known.series }
        const accounts = [...lendingProtocols, ...(draft.positions ?? []).map((position) => position.id)]
        compileAt(sheet, rulePlace, { compileRule, known: chain && { ...chain, accounts, ...series } })
        requireListener(
          sheet,
          rulePlace,
          known.notifiers.filter((one) => draft.notifiers?.includes(one.id)),
        )
        requireMeans(sheet, rulePlace, { chain, hasApprovers: (draft.approvers?.length ?? 1) > 0 })
      }
    },
  )
}

function rulePlacesOf(sheet: Sheet, place: Place): readonly Place[] {
  const rules = valueAt(sheet, place, 'rules')
  return (rules && sheet.items(rules)) ?? []
}

function valueAt(sheet: Sheet, place: Place, key: string): Place | undefined {
  return sheet.entries(place)?.find((entry) => entry.key === key)?.value
}

function compileAt(
  sheet: Sheet,
  rulePlace: Place,
  { compileRule, known }: { readonly compileRule: CompileRule; readonly known: Parameters<CompileRule>[1] },
): void {
  const when = valueAt(sheet, rulePlace, 'when')
  const scalar = when && sheet.scalar(when)
  if (when === undefined || typeof scalar?.value !== 'string' || scalar.value.length > 500) return
  const outcome = compileRule(scalar.value, known)
  if (outcome.ok) {
    if (outcome.expression === undefined) return
    const before = sheet.reports()
    refuseUnmeantLimits(sheet, when, outcome.expression)
    if (known !== undefined && known.series === undefined) warnOfNoMacro(sheet, when, outcome.expression)
    // A limit that is not meant says nothing about the target.
    if (sheet.reports() === before) requireUsefulTarget(sheet, rulePlace, outcome.expression)
    return
  }
  const isOneLine = !scalar.value.includes('\n')
  sheet.report(when, {
    reason: outcome.reason,
    shift: outcome.column === undefined || !isOneLine ? 0 : outcome.column - 1 + sheet.quotes(when),
  })
}

/** The clock of the cloud ticks once a minute; a chain on this machine has one of its own. */
function requirePace(
  sheet: Sheet,
  place: Place,
  { everySeconds, chain }: { readonly everySeconds: number | undefined; readonly chain: KnownChain | undefined },
): void {
  if (everySeconds === undefined || everySeconds >= shortestSeconds) return
  if (chain?.chainId === undefined || chain.chainId === developmentChainId) return
  const reason = `\`everySeconds\` must be at least ${shortestSeconds}, not ${everySeconds}: the clock ticks once a minute`
  sheet.report(place, { reason, suggestion: String(shortestSeconds) })
}

/** A rule that no notifier of its portfolio would pass on is watched for nobody. */
function requireListener(sheet: Sheet, rulePlace: Place, notifiers: readonly KnownNotifier[]): void {
  const place = valueAt(sheet, rulePlace, 'severity')
  const severity = rankOf(place === undefined ? defaults.rule.severity : sheet.scalar(place)?.value)
  const lowest = Math.min(...notifiers.map((one) => Math.max(0, rankOf(one.minSeverity))))
  if (severity < 0 || notifiers.length === 0 || lowest <= severity) return
  const reason = `nobody would be told: the rule is \`${severities[severity]}\`, and every notifier of the portfolio begins at \`${severities[lowest]}\``
  sheet.report(place ?? rulePlace, { reason })
}

function rankOf(severity: unknown): number {
  const ranks: readonly unknown[] = severities
  return ranks.indexOf(severity)
}

/** A plan can only be made where its venue is, and an order only approved by somebody. */
function requireMeans(
  sheet: Sheet,
  rulePlace: Place,
  { chain, hasApprovers }: { readonly chain: KnownChain | undefined; readonly hasApprovers: boolean },
): void {
  const planPlace = valueAt(sheet, rulePlace, 'plan')
  if (planPlace === undefined || chain === undefined) return
  if (!chain.keys.includes('aaveV3'))
    sheet.report(planPlace, { reason: `a plan restores a loan on Aave v3, and chain ${chain.id} has no \`aaveV3\`` })
  if (chain.keys.includes('safe') && !hasApprovers)
    sheet.report(planPlace, { reason: 'a plan becomes an order, and the portfolio has no `approvers` to approve it' })
}
