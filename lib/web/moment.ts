// An instant on a page: the same markup for the same data, whatever the time is; the page's script shows it as an age.

import type { UnixSeconds } from '../base/units.ts'
import { isoInstant } from './figures.ts'
import { html, type Markup } from './markup.ts'

/** A moment as an absolute time that the script shows as an age. */
export function moment(at: UnixSeconds): Markup {
  const iso = isoInstant(at)
  return html`<time data-at="${at}" datetime="${iso}" title="${iso}">${iso.replace('T', ' ').replace('Z', ' UTC')}</time>`
}
