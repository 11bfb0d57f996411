// Readers for single values, each with the slips that people make: percent for fraction, quotes around numbers, a lost checksum.

import { getAddress } from 'viem/utils'
import { nearestWord } from '../../base/nearest-word.ts'
import type { Address } from '../../model/identity.ts'
import { isPlaceholder } from './placeholders.ts'
import { secretLook } from './secret-look.ts'
import { listed, nameOf, type Reader } from './shapes.ts'
import type { Place, Sheet } from './sheet.ts'

/** Text of a shape. */
export function text(rules: {
  readonly what: string
  readonly max: number
  readonly pattern?: RegExp
  readonly suggest?: (text: string) => string | undefined
}): Reader<string> {
  return (sheet, place) => {
    const value = textAt(sheet, place)
    if (value === undefined) return undefined
    if (value.trim() !== '' && value.length <= rules.max && (rules.pattern?.test(value) ?? true)) return value
    const suggestion = rules.suggest?.(value)
    const isBetter = suggestion !== undefined && suggestion !== '' && (rules.pattern?.test(suggestion) ?? true)
    return refused(sheet, place, `must be ${rules.what}`, isBetter ? suggestion : undefined)
  }
}

/** `main`, `low-health`: what everything else refers to. */
export const id: Reader<string> = text({
  what: 'an id: lower-case letters, digits and hyphens, at most 40, beginning with a letter or digit',
  max: 40,
  pattern: /^[a-z0-9][a-z0-9-]*$/,
  suggest: (given) =>
    given
      .trim()
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-+|-+$/g, ''),
})

/** One of the words. */
export function oneOf<const Word extends string>(words: readonly Word[]): Reader<Word> {
  return (sheet, place) => {
    const value = textAt(sheet, place)
    if (value === undefined) return undefined
    const match = words.find((word) => word === value)
    return match ?? refused(sheet, place, `must be one of ${listed(words)}`, nearestWord(value, words))
  }
}

/** An id that stands in another list of the file. */
export function reference(what: string, known: readonly string[]): Reader<string> {
  return (sheet, place) => {
    const value = textAt(sheet, place)
    if (value === undefined || known.includes(value)) return value
    const suggestion = nearestWord(value, known)
    const others = suggestion === undefined && known.length > 0 ? `; there are ${listed(known)}` : ''
    sheet.report(place, { reason: `${clipped(value)} names no ${what}${others}`, suggestion })
    return undefined
  }
}

interface Bounds {
  readonly min: number
  readonly max: number
}

/** A number within bounds, both allowed. */
export function number(bounds: Bounds & { readonly above?: number }): Reader<number> {
  return (sheet, place) => {
    const value = numberAt(sheet, place, (parsed) => String(parsed))
    if (value === undefined) return undefined
    if (value < 0 && bounds.min >= 0) return refused(sheet, place, 'must not be negative', String(-value))
    if (bounds.above !== undefined && value <= bounds.above)
      return refused(sheet, place, `must be more than ${bounds.above}`)
    return inBounds(sheet, place, value, bounds)
  }
}

/** A whole number within bounds. */
export function whole(bounds: Bounds): Reader<number> {
  return (sheet, place) => {
    const value = numberAt(sheet, place, (parsed) => String(Math.ceil(parsed)))
    if (value === undefined) return undefined
    if (value < 0 && bounds.min >= 0) return refused(sheet, place, 'must not be negative', String(-value))
    if (!Number.isInteger(value)) return refused(sheet, place, 'must be a whole number', String(Math.ceil(value)))
    return inBounds(sheet, place, value, bounds)
  }
}

const unitSeconds: Readonly<Record<string, number>> = { s: 1, m: 60, min: 60, h: 3_600, d: 86_400 }

/** Whole seconds; `5m` gets the answer in seconds. */
export function seconds(bounds: Bounds): Reader<number> {
  return (sheet, place) => {
    const match = /^(\d+)\s*(s|m|min|h|d)$/.exec(sheet.scalar(place)?.source ?? '')
    const unit = unitSeconds[match?.[2] ?? '']
    if (unit !== undefined)
      return refused(sheet, place, 'must be a number of seconds', String(Number(match?.[1]) * unit))
    return whole(bounds)(sheet, place)
  }
}

/** A fraction, 0 included and 1 excluded: 0.03 is three per cent. */
export const fraction: Reader<number> = (sheet, place) => {
  const percent = /^"?([\d.]+)\s*%"?$/.exec(sheet.scalar(place)?.source ?? '')
  if (percent !== null)
    return refused(sheet, place, 'must be a fraction, not a percentage', percentAsFraction(Number(percent[1])))
  const value = numberAt(sheet, place, (parsed) => (parsed < 1 ? String(parsed) : percentAsFraction(parsed)))
  if (value === undefined) return undefined
  if (value < 0) return refused(sheet, place, 'must not be negative', String(-value))
  if (value < 1) return value
  const isPercent = value > 0 && value < 100
  return refused(
    sheet,
    place,
    'must be a fraction below 1: 0.03 is three per cent',
    isPercent ? percentAsFraction(value) : undefined,
  )
}

/** Whole basis points: 100 is one per cent. */
export function basisPoints(max: number): Reader<number> {
  return (sheet, place) => {
    const source = sheet.scalar(place)?.source ?? ''
    const percent = /^"?([\d.]+)\s*%"?$/.exec(source)
    if (percent !== null)
      return refused(sheet, place, 'must be in basis points: 100 is one per cent', rounded(Number(percent[1]) * 100))
    const value = numberAt(sheet, place, (parsed) => String(Math.ceil(parsed)))
    if (value === undefined) return undefined
    if (value > 0 && value < 1)
      return refused(
        sheet,
        place,
        'must be in whole basis points: 50 is half a per cent, 100 is one',
        // 0.005 is a fraction; 0.5 may be meant as half a per cent or as a half, and the wrong guess would be dear.
        value <= 0.05 ? rounded(value * 10_000) : undefined,
      )
    return whole({ min: 1, max })(sheet, place)
  }
}

/** An address in lower case. Mixed case carries a checksum (EIP-55), which must be right. */
export const address: Reader<Address> = (sheet, place) => {
  const given = sheet.scalar(place)?.source
  if (given === undefined || !/^0x[0-9a-fA-F]{40}$/.test(given)) {
    const digits = /^0x([0-9a-fA-F]+)$/.exec(given ?? '')?.[1]?.length
    const count = digits === undefined ? '' : `, and this has ${digits}`
    return refused(sheet, place, `must be an address: 0x and 40 hexadecimal digits${count}`)
  }
  const lower = given.toLowerCase() as Address
  if (/^0x0{40}$/.test(lower)) return refused(sheet, place, 'must not be the zero address')
  const hasCase = /[a-f]/.test(given.slice(2)) && /[A-F]/.test(given.slice(2))
  const right = getAddress(lower)
  if (!hasCase || given === right) {
    if (isPlaceholder(lower)) {
      const reason = `${nameOf(place)} still holds the example's address, whose key nobody has: put your own here`
      sheet.warn(place, { reason, isPlaceholder: true })
    }
    return lower
  }
  return refused(
    sheet,
    place,
    'has a wrong checksum (EIP-55), so a digit may be mistyped: copy it again from its source',
    isSlipOfCase(given, right) ? right : undefined,
  )
}

/** A mistyped digit gives every letter another case by chance; one or two wrong letters are a slip, and the address is the right one. */
function isSlipOfCase(given: string, right: string): boolean {
  return [...given].filter((character, index) => character !== right[index]).length <= 2
}

/** E.164. */
export const phone: Reader<string> = (sheet, place) => {
  const given = sheet.scalar(place)?.source ?? ''
  if (/^\+[1-9]\d{6,14}$/.test(given)) return given
  const tight = given.replace(/[\s().-]/g, '').replace(/^00/, '+')
  const suggestion = /^\+[1-9]\d{6,14}$/.test(tight) ? `"${tight}"` : undefined
  return refused(
    sheet,
    place,
    'must be a phone number with its country: + and 7 to 15 digits, such as "+41791234567"',
    suggestion,
  )
}

/** The name under which a secret is stored, below the prefix that its readers reach; what looks like the secret itself is refused. */
export function secretName(prefix: string): Reader<string> {
  return (sheet, place) => {
    const value = textAt(sheet, place)
    if (value === undefined) return undefined
    if (/^[A-Za-z0-9]{32,}$/.test(value) && /\d/.test(value))
      return silent(sheet, place, 'must be the name of a secret; this looks like the secret itself')
    if (!/^[\w/+=.@-]{1,512}$/.test(value))
      return silent(sheet, place, 'must be the name of a secret: letters, digits and any of /_+=.@-')
    if (value.startsWith(prefix) && value.length > prefix.length && !/\/$|\/\//.test(value)) return value
    // What could be a secret after all is not repeated.
    const looksPlain = value.length <= 80 && !/[A-Za-z0-9]{20,}/.test(value)
    const own = value
      .replace(/^\/?(?:homeostat\/+)?(?:(?:rpc|notify|webhook|venue)(?:\/+|$))?/, '')
      .replace(/\/+/g, '/')
      .replace(/\/$/, '')
    const reason = `must begin with ${prefix} and go on: the roles that need it can read no other secret`
    sheet.report(place, {
      reason: `${nameOf(place)} ${reason}`,
      suggestion: looksPlain && own !== '' ? `${prefix}${own}` : undefined,
    })
    return undefined
  }
}

/** https; http only to a machine in the house. Keys belong into a secret. */
export const rpcUrl: Reader<string> = (sheet, place) => {
  const value = textAt(sheet, place)
  if (value === undefined) return undefined
  const url = URL.parse(value)
  if (url === null || !/^[a-z]+:\/\//i.test(value))
    return refused(sheet, place, 'must be a URL such as https://rpc.example')
  if (url.protocol === 'https:') return value
  if (url.protocol === 'http:' && isInTheHouse(url.hostname)) return value
  const reasons: Readonly<Record<string, string>> = {
    'http:':
      'must be https: whoever sits on the way could change prices (http is for this machine and private networks)',
    'ws:': 'must be http(s): websockets are not used',
    'wss:': 'must be http(s): websockets are not used',
  }
  const isWeb = reasons[url.protocol] !== undefined
  return refused(
    sheet,
    place,
    reasons[url.protocol] ?? `must be https, not ${url.protocol.slice(0, -1)}`,
    isWeb ? value.replace(/^\w+:/, 'https:') : undefined,
  )
}

/** A plain URL of a machine in the house, which may do without https. */
export function isHouseUrl(url: string): boolean {
  const { protocol, hostname } = new URL(url)
  return protocol === 'http:' && isInTheHouse(hostname)
}

function isInTheHouse(host: string): boolean {
  return (
    host === 'localhost' ||
    host === '[::1]' ||
    /^127\./.test(host) ||
    /^10\./.test(host) ||
    /^192\.168\./.test(host) ||
    /^172\.(1[6-9]|2\d|3[01])\./.test(host) ||
    /\.(internal|local|localhost)$/.test(host)
  )
}

function textAt(sheet: Sheet, place: Place): string | undefined {
  const scalar = sheet.scalar(place)
  if (typeof scalar?.value === 'string') return scalar.value
  if (scalar === undefined) return refused(sheet, place, 'must be text')
  return refused(sheet, place, 'must be text', `"${scalar.source}"`)
}

/** @param suggest what to type instead, for a number in quotes */
function numberAt(sheet: Sheet, place: Place, suggest: (parsed: number) => string): number | undefined {
  const value = sheet.scalar(place)?.value
  if (typeof value === 'number' && Number.isFinite(value)) return value
  const plain = typeof value === 'string' ? value.replace(/[\s_,']/g, '') : ''
  const isNumber = plain !== '' && Number.isFinite(Number(plain))
  return refused(sheet, place, 'must be a number', isNumber ? suggest(Number(plain)) : undefined)
}

function inBounds(sheet: Sheet, place: Place, value: number, { min, max }: Bounds): number | undefined {
  if (value >= min && value <= max) return value
  return refused(sheet, place, `must be between ${min} and ${max}`)
}

/** Reports with the value as it was typed, unless it could be a secret. */
function refused(sheet: Sheet, place: Place, reason: string, suggestion?: string): undefined {
  const source = sheet.scalar(place)?.source
  const shown = source === undefined || secretLook(source) !== undefined ? '' : `, not ${clipped(source)}`
  sheet.report(place, { reason: `${nameOf(place)} ${reason}${shown}`, suggestion })
  return undefined
}

function silent(sheet: Sheet, place: Place, reason: string): undefined {
  sheet.report(place, { reason: `${nameOf(place)} ${reason}` })
  return undefined
}

function clipped(source: string): string {
  return source.length <= 60 ? `\`${source}\`` : `\`${source.slice(0, 57)}...\``
}

function percentAsFraction(percent: number): string {
  return rounded(percent / 100)
}

function rounded(value: number): string {
  return String(Number(value.toPrecision(12)))
}
