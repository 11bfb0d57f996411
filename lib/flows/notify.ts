// Tells people: one alert or one piece of order news, through every channel that wants it, each exactly as often as needed.

import { HomeostatError } from '../base/homeostat-error.ts'
import { type NotifierConfig, type PortfolioSettings, severities } from '../model/configuration.ts'
import type { MessageOf } from '../model/messages.ts'
import type { Clock, ConfigStore, Log, Notifiers, OrderStore, WatchStore } from '../model/ports.ts'
import type { Notice } from '../model/receipt.ts'
import { currentSettings } from './current-settings.ts'
import { noticeOfAlert, noticeOfOrder, orderNoticeId } from './notice-of.ts'

export interface NotifyDeps {
  readonly config: ConfigStore
  readonly watch: WatchStore
  readonly orders: OrderStore
  readonly notifiers: Notifiers
  readonly clock: Clock
  readonly log: Log
  /** Where orders are opened; an approve link is this and the order's path. */
  readonly approveUrl: string | undefined
  /** Where the page is; alerts link to it. */
  readonly consoleUrl: string | undefined
}

/** A notice and whom its portfolio tells; without them, what to call it in the log. */
type Found =
  | { readonly notice: Notice; readonly settings: PortfolioSettings }
  | { readonly notice?: undefined; readonly noticeId: string; readonly portfolioId: string }

/**
 * At least once to each channel: a channel that accepted is not told again, one that failed for now is tried again by redelivery,
 * and one that failed for good is recorded so that it shows. News of a portfolio that was renamed or taken out in between goes to
 * the people of the configuration that it was made under; if even that is gone, the log says so.
 */
export async function notify(
  deps: NotifyDeps,
  message: MessageOf<'alert-raised'> | MessageOf<'order-news'>,
): Promise<void> {
  const found = message.kind === 'alert-raised' ? await alertNotice(deps, message) : await orderNotice(deps, message)
  if (found.notice === undefined) {
    // Never silent: an operator who looks for this notice finds why nobody heard of it.
    deps.log.line('notify.nobody', {
      noticeId: found.noticeId,
      portfolioId: found.portfolioId,
      reason: 'neither the configuration in force nor the one that it was made under knows the portfolio',
    })
    return
  }
  const { notice, settings } = found
  const wanted = settings.notifiers.filter((notifier) => wants(notifier, notice))
  const outcomes = await Promise.all(wanted.map((notifier) => tell(deps, notifier, notice)))
  const later = outcomes.filter((outcome) => outcome.result === 'later').map((outcome) => outcome.notifierId)
  deps.log.line('notify', {
    noticeId: notice.id,
    severity: notice.severity,
    channels: outcomes.map((outcome) => `${outcome.notifierId}:${outcome.result}`),
  })
  if (later.length > 0) {
    throw new HomeostatError('notice-undelivered', {
      message: `${later.join(', ')} did not take notice ${notice.id} yet.`,
      retry: 'later',
      facts: { noticeId: notice.id, channels: later.join(', ') },
      hint: 'It is tried again; the delivery receipts say why.',
    })
  }
}

async function alertNotice(deps: NotifyDeps, message: MessageOf<'alert-raised'>): Promise<Found> {
  const { portfolioId, alertId } = message
  const [alert, current] = await Promise.all([
    deps.watch.alert(portfolioId, alertId),
    currentSettings(deps.config, portfolioId),
  ])
  if (alert === undefined) throw gone('alert', alertId)
  const settings = current ?? (await settingsOfReport(deps, portfolioId, alert.reportId))
  if (settings === undefined) return { noticeId: alertId, portfolioId }
  return { settings, notice: noticeOfAlert(alert, settings, deps.consoleUrl) }
}

/** Under which the report was made that raised the alert. */
async function settingsOfReport(
  deps: NotifyDeps,
  portfolioId: string,
  reportId: string,
): Promise<PortfolioSettings | undefined> {
  const report = await deps.watch.report(portfolioId, reportId)
  return report && deps.config.settings(report.configVersion, portfolioId)
}

async function orderNotice(deps: NotifyDeps, message: MessageOf<'order-news'>): Promise<Found> {
  const order = await deps.orders.order(message.orderId)
  if (order === undefined) throw gone('order', message.orderId)
  const { portfolioId, policyVersion } = order
  const current = await currentSettings(deps.config, portfolioId)
  const settings = current ?? (await deps.config.settings(policyVersion, portfolioId))
  if (settings === undefined) return { noticeId: orderNoticeId(message), portfolioId }
  return { settings, notice: noticeOfOrder(order, message, settings, deps.approveUrl) }
}

function wants(notifier: NotifierConfig, notice: Notice): boolean {
  return severities.indexOf(notice.severity) >= severities.indexOf(notifier.minSeverity)
}

async function tell(
  deps: NotifyDeps,
  notifier: NotifierConfig,
  notice: Notice,
): Promise<{ readonly notifierId: string; readonly result: 'told' | 'known' | 'later' | 'never' }> {
  const known = await deps.watch.receipt(notice.portfolioId, notice.id, notifier.id)
  if (known !== undefined && (known.delivery.kind === 'accepted' || known.delivery.retry === 'never'))
    return { notifierId: notifier.id, result: 'known' }
  const delivery = await deps.notifiers.deliver({ notifier, notice })
  await deps.watch.putReceipt({
    noticeId: notice.id,
    portfolioId: notice.portfolioId,
    notifierId: notifier.id,
    channel: notifier.kind,
    at: deps.clock.now(),
    delivery,
  })
  return { notifierId: notifier.id, result: delivery.kind === 'accepted' ? 'told' : delivery.retry }
}

function gone(what: string, id: string): HomeostatError {
  return new HomeostatError('not-found', {
    message: `There is no ${what} ${id} to tell about.`,
    retry: 'later',
    facts: { what, id },
    hint: 'It is written before it is announced: look for an expired item or another table.',
  })
}
