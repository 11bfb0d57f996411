// The look of every SVG chart, in light and dark: text and lines keep 4.5:1 against the ground, neighbours differ for any colour vision.

import type { SeriesStyle } from './chart-content.ts'

/**
 * Colours in the order of series, chosen by a search for the greatest distances between the first four and between neighbours, as
 * seen with full vision and without each kind of cone, among colours that are readable as text.
 */
export const palette = {
  light: ['#2771d0', '#c45200', '#0a4718', '#670078', '#376983', '#724800', '#321f42', '#9d4254'],
  dark: ['#77a1f7', '#fda44d', '#90eade', '#de4887', '#5dccec', '#e6d992', '#817fce', '#be9a92'],
} as const

/** Dashes in the order of series, as lengths of line and gap; the first is solid. Five against eight colours: 40 pairs before one repeats. */
const dashes: readonly (readonly number[])[] = [[], [7, 3], [2, 3], [9, 3, 2, 3], [4, 2]]

const marked = [6, 4]

export function dashOf({ index, dashed }: SeriesStyle): readonly number[] {
  if (dashed !== undefined) return dashed ? marked : []
  return dashes[index % dashes.length] ?? []
}

export function colourClass({ index }: SeriesStyle): string {
  return `c${index % palette.light.length}`
}

export const grounds = { light: '#ffffff', dark: '#14171b' } as const

const theme = (colours: readonly string[], [ground, ink, soft, grid, zero, marker, band]: readonly string[]) =>
  `.chart .ground{fill:${ground}}.chart text{fill:${ink};stroke:none}.chart .soft{fill:${soft}}.chart .halo{stroke:${ground}}` +
  `.chart .grid{stroke:${grid}}.chart .edge{stroke:${zero}}.chart .zero{stroke:${zero}}.chart .marker{stroke:${marker}}` +
  `.chart .leader{stroke:${soft}}.chart .band{fill:${band}}.chart .outlined{stroke:${zero}}` +
  colours.map((colour, index) => `.chart .l.c${index}{stroke:${colour}}.chart .f.c${index}{fill:${colour}}`).join('')

/** One rule a class instead of variables, so that viewers without a browser's style engine draw the light chart right. */
export const styleSheet =
  `.chart{max-width:100%;height:auto;font:12px "Helvetica Neue",Helvetica,Arial,"Segoe UI",Roboto,"Noto Sans",sans-serif;font-variant-numeric:tabular-nums}` +
  `.chart .heading{font-size:17px;font-weight:600}.chart .title{font-size:13px;font-weight:600}.chart .l{fill:none;stroke-width:1.8;stroke-linejoin:round;stroke-linecap:round}` +
  `.chart .grid,.chart .leader{stroke-width:1}.chart .zero,.chart .edge{stroke-width:1}.chart .leader{stroke-dasharray:1 3}.chart .marker{stroke-width:1;stroke-dasharray:3 3}` +
  `.chart .halo{stroke-width:4;stroke-linejoin:round;paint-order:stroke}` +
  theme(palette.light, [grounds.light, '#16191d', '#5a636e', '#e3e7ec', '#7b8592', '#5a636e', '#eaf0f8']) +
  `@media (prefers-color-scheme:dark){${theme(palette.dark, [grounds.dark, '#e8eaed', '#9aa4b0', '#2a3139', '#76818e', '#9aa4b0', '#202a36'])}}`
