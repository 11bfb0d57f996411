// How people are written: who approves, who may look, and how they are told.

import { secretPrefixes } from '../../base/deployment-names.ts'
import { type ApproverConfig, type NotifierConfig, severities } from '../../model/configuration.ts'
import { defaults } from './defaults.ts'
import { address, id, oneOf, phone, secretName } from './scalars.ts'
import { mapOf, type Reader, required, withDefault } from './shapes.ts'

export const approver: Reader<ApproverConfig> = mapOf<ApproverConfig>({ id: required(id), address: required(address) })

type Kind = NotifierConfig['kind']
type NotifierOf<K extends Kind> = Extract<NotifierConfig, { readonly kind: K }>

const common = { id: required(id), minSeverity: withDefault(oneOf(severities), defaults.notifier.minSeverity) }

const byKind: { readonly [K in Kind]: Reader<NotifierOf<K>> } = {
  console: mapOf<NotifierOf<'console'>>({ ...common, kind: required(oneOf(['console'])) }),
  sms: mapOf<NotifierOf<'sms'>>({ ...common, kind: required(oneOf(['sms'])), phone: required(phone) }),
  slack: mapOf<NotifierOf<'slack'>>({
    ...common,
    kind: required(oneOf(['slack'])),
    secret: required(secretName(secretPrefixes.notify)),
  }),
}
const kinds = Object.keys(byKind) as Kind[]

export const notifier: Reader<NotifierConfig> = (sheet, place) => {
  const kindPlace = sheet.entries(place)?.find(({ key }) => key === 'kind')?.value
  // Without a kind the smallest map says what is missing.
  if (kindPlace === undefined) return byKind.console(sheet, place)
  const kind = oneOf(kinds)(sheet, kindPlace)
  return kind && byKind[kind](sheet, place)
}
