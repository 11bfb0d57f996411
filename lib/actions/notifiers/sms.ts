// Short messages through SNS: severity, title and a link. It tells and never approves, and is never the only channel.

import { PublishCommand } from '@aws-sdk/client-sns'
import { HomeostatError } from '../../base/homeostat-error.ts'
import type { Notice } from '../../model/receipt.ts'
import { defineNotifier } from './define-notifier.ts'
import { markerOf } from './marker-of.ts'

export const sms = defineNotifier({
  kind: 'sms',
  title: 'SMS: SNS to one phone number',
  send: async ({ sns }, { notifier, notice }) => {
    // Without this type SNS treats a message as advertising: cheaper, later, and dropped first.
    const kind = { DataType: 'String', StringValue: 'Transactional' }
    const message = {
      PhoneNumber: notifier.phone,
      Message: smsText(notice),
      MessageAttributes: { 'AWS.SNS.SMS.SMSType': kind },
    }
    try {
      const { MessageId } = await sns.send(new PublishCommand(message))
      return MessageId ?? notice.id
    } catch (error) {
      throw refused(error)
    }
  },
})

/** Characters of the text before the link, as GSM counts them. */
const textLimit = 140
/** GSM 03.38, basic set as far as it is printable, and the extension, whose characters count twice. */
const basic =
  '@£$¥èéùìòÇØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà'
const extension = '^{}\\[~]|€'
const spelled: Readonly<Record<string, string>> = {
  '…': '...',
  '–': '-',
  '—': '-',
  '−': '-',
  '’': "'",
  '‘': "'",
  '“': '"',
  '”': '"',
  '→': '->',
  '≥': '>=',
  '≤': '<=',
  '×': 'x',
  '≈': '~',
  '`': "'",
}

/**
 * `CRITICAL title. first line`, cut to 140 at the end of a sentence or else of a word, then the whole link on its own line: a link that is cut leads nowhere. One character
 * outside of GSM's alphabet would switch the message to UCS-2 and halve what fits, so all are spelled in it.
 */
export function smsText(notice: Notice): string {
  const sentences = [`${markerOf(notice).toUpperCase()} ${notice.title}`, ...notice.lines]
  const text = sentences.reduce((before, next) => `${before}${/[.!?:…]$/.test(before) ? '' : '.'} ${next}`)
  const body = cut(gsmSafe(text), textLimit)
  return notice.link === undefined ? body : `${body}\n${notice.link}`
}

/** The text in GSM's alphabet: spelled out where there is a spelling, without its accents, else `?`. Line breaks become spaces. */
export function gsmSafe(text: string): string {
  return [...text.replace(/\s+/g, ' ')].map(gsmCharacter).join('')
}

function gsmCharacter(character: string): string {
  if (gsmLength(character) > 0) return character
  const known = spelled[character]
  if (known !== undefined) return known
  const plain = [...character.normalize('NFKD')].filter((part) => gsmLength(part) > 0).join('')
  return plain === '' ? '?' : plain
}

/** How much of a message the text takes: septets. Characters outside of the alphabet count nothing. */
export function gsmLength(text: string): number {
  return [...text].reduce(
    (sum, character) => sum + (basic.includes(character) ? 1 : extension.includes(character) ? 2 : 0),
    0,
  )
}

/** A number that is cut is a wrong number: so at a sentence's end, else at a word's with dots; inside of a word only if it is endless. */
function cut(text: string, limit: number): string {
  if (gsmLength(text) <= limit) return text
  const half = limit / 2
  const whole = beginning(text, limit)
  // A full stop that a space follows in the text: the point of 1.23 ends nothing.
  const sentence = text.lastIndexOf('. ', whole.length - 1)
  if (sentence >= half) return text.slice(0, sentence + 1)
  const words = beginning(text, limit - 3)
  const word = words.lastIndexOf(' ')
  if (word >= half) return `${words.slice(0, word).replace(/[\s.,;:(-]{1,3}$/, '')} ...`
  return `${words.trimEnd()}...`
}

/** As many characters from the start as fit. */
function beginning(text: string, limit: number): string {
  let length = 0
  let end = 0
  for (const character of text) {
    length += gsmLength(character)
    if (length > limit) break
    end += character.length
  }
  return text.slice(0, end)
}

const hopeless = new Set([
  'InvalidParameterException',
  'InvalidParameter',
  'InvalidParameterValueException',
  'OptedOutException',
  'AuthorizationErrorException',
  'AuthorizationError',
  'AccessDeniedException',
  'AccessDenied',
  'UserErrorException',
])

/** Only the error's name is told: SNS's messages repeat the phone number. */
function refused(error: unknown): HomeostatError {
  const name = error instanceof Error ? error.name : 'unknown'
  return new HomeostatError('sms-refused', {
    message: `SNS did not take the message: ${name}.`,
    retry: hopeless.has(name) ? 'never' : 'later',
    facts: { name },
    hint: 'Check the number, the account’s SMS sandbox and its monthly spending limit.',
  })
}
