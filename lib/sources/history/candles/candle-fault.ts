// What can go wrong between us and a source of candles, as one kind of error; other people's texts stay short and without URLs.

import { HomeostatError } from '../../../base/homeostat-error.ts'

export type CandleFaultCode =
  | 'candles-unreachable'
  | 'candles-timeout'
  | 'candles-http-status'
  | 'candles-refused'
  | 'candles-limited'
  | 'candles-malformed'
  | 'candles-too-large'
  | 'candles-budget'
  | 'candles-url'
  | 'candles-clock'
  | 'unknown-quote'

const hints: Partial<Record<CandleFaultCode, string>> = {
  'candles-refused':
    'Look at the name of the product (--product names another), and whether the source serves this country (HTTP 403 and 451 say no).',
  'candles-limited': 'Wait as long as it says before asking again, from this address at all.',
  'candles-budget': 'Ask for a shorter span or a longer interval, or go on from where it ended.',
  'candles-url': 'It must be an https URL, or http on this machine.',
  'candles-clock': 'Look at the clock of this machine first.',
  'unknown-quote': 'Name a product whose quote is known, such as BTC-USD or BTCUSDT.',
}

export function candleFault(
  code: CandleFaultCode,
  message: string,
  facts: Readonly<Record<string, string | number | boolean>> = {},
): HomeostatError {
  const isFinal = code === 'candles-refused' || code === 'candles-url' || code === 'unknown-quote'
  const hint = hints[code] ?? 'Try again later; what was fetched before it is good.'
  return new HomeostatError(code, { message, retry: isFinal ? 'never' : 'later', facts, hint })
}

/** What somebody else wrote, as it may stand in one of our sentences. */
export function quotedReason(text: string): string {
  return text
    .replace(/[a-z]+:\/\/\S+/gi, '[url]')
    .replaceAll(/[^\x20-\x7e]+/g, ' ')
    .slice(0, 120)
}
