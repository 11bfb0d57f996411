// The shape of a notifier: one kind of channel, and how a notice is sent through it.

import type { SNSClient } from '@aws-sdk/client-sns'
import type { Redacted } from '../../base/redacted.ts'
import type { NotifierConfig } from '../../model/configuration.ts'
import type { Notice } from '../../model/receipt.ts'

export interface NotifierDeps {
  readonly sns: SNSClient
  /** The value of a secret by its name. */
  readonly secret: (name: string) => Promise<Redacted>
  /** Writes one line where the operator of this machine sees it. */
  readonly print: (line: string) => void
}

export type NotifierKind = NotifierConfig['kind']
type ConfigOf<K extends NotifierKind> = Extract<NotifierConfig, { kind: K }>

export interface Notifier<Kind extends NotifierKind> {
  readonly kind: Kind
  /** One line for people and for the README's table. */
  readonly title: string
  /**
   * Resolves with the channel's reference for what it accepted.
   * @throws HomeostatError saying why not, without secrets, and whether a retry can help
   */
  readonly send: (
    deps: NotifierDeps,
    params: { readonly notifier: ConfigOf<Kind>; readonly notice: Notice },
  ) => Promise<string>
}

export function defineNotifier<const Kind extends NotifierKind>(notifier: Notifier<Kind>): Notifier<Kind> {
  return notifier
}
