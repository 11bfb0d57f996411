// Names come from anywhere: before they are drawn they are made one line of printable characters, and cut to the room there is.

import stringWidth from 'string-width'

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })

/** Control and direction characters (which could move a terminal's cursor or turn text around) and what XML forbids. */
const unprintable = /[\p{Cc}\u061c\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufffe\uffff]+/gu

/** One line without control characters and with single spaces. At most 500 characters: nobody reads more in a chart. */
export function plainText(text: string): string {
  return text.slice(0, 500).toWellFormed().replace(unprintable, ' ').replace(/\s+/g, ' ').trim()
}

/** The text itself if it fits, else its beginning and an ellipsis; nothing if not even that fits. */
export function fitted(text: string, room: number, widthOf: (text: string) => number, ellipsis = '…'): string {
  if (widthOf(text) <= room) return text
  const left = room - widthOf(ellipsis)
  if (left < 0) return ''
  let width = 0
  let kept = ''
  for (const { segment } of graphemes.segment(text)) {
    width += widthOf(segment)
    if (width > left) break
    kept += segment
  }
  return `${kept.trimEnd()}${ellipsis}`
}

/** The text in lines that fit, broken between words where possible; the last of `most` lines is cut. */
export function wrapped(text: string, room: number, widthOf: (text: string) => number, most = 3): readonly string[] {
  const lines: string[] = []
  let rest = text
  while (rest !== '' && lines.length < most - 1) {
    if (widthOf(rest) <= room) break
    const words = rest.split(' ')
    let count = 1
    while (count < words.length && widthOf(words.slice(0, count + 1).join(' ')) <= room) count += 1
    const line = words.slice(0, count).join(' ')
    if (widthOf(line) > room) break
    lines.push(line)
    rest = words.slice(count).join(' ')
  }
  return rest === '' ? lines : [...lines, fitted(rest, room, widthOf)]
}

/** Columns of a terminal. */
export function columnsOf(text: string): number {
  return stringWidth(text)
}

/**
 * Width in pixels of text in a common sans-serif face (Helvetica, Segoe, Roboto, Noto), rather too wide than too narrow:
 * a page of text cannot measure, and nothing may overlap.
 */
export function pixelsOf(text: string, size: number): number {
  let ems = 0
  for (const { segment } of graphemes.segment(text)) ems += emsOf(segment)
  return ems * size
}

function emsOf(grapheme: string): number {
  if (/^[ -~]$/.test(grapheme)) {
    if ("iIjl.,:;'|! ft()[]/\\".includes(grapheme)) return 0.34
    if ('mwMW@%'.includes(grapheme)) return 0.95
    return /[A-Z&]/.test(grapheme) ? 0.74 : 0.6
  }
  return stringWidth(grapheme) > 1 ? 1.1 : 0.7
}
