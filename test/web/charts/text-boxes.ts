// Where the texts of an SVG chart stand, by a measure that is rather too wide: boxes that do not meet are texts that do not.

import { pixelsOf } from '../../../lib/web/charts/plain-text.ts'
import { textOf, type XmlElement } from './well-formed.ts'

export interface TextBox {
  readonly text: string
  readonly left: number
  readonly right: number
  readonly top: number
  readonly bottom: number
}

/** Boxes of all texts but empty ones, in the coordinates of the document. */
export function textBoxes(element: XmlElement, shift = 0): readonly TextBox[] {
  const [, dy = '0'] = /^translate\(0,([-\d.]+)\)$/.exec(element.attributes.transform ?? '') ?? []
  const y = shift + Number(dy)
  const inner = element.children.flatMap((child) => (typeof child === 'string' ? [] : textBoxes(child, y)))
  return element.name === 'text' && textOf(element) !== '' ? [boxOf(element, y), ...inner] : inner
}

/** Pairs of texts that stand over each other. */
export function overlaps(boxes: readonly TextBox[]): readonly string[] {
  return boxes.flatMap((one, index) =>
    boxes
      .slice(index + 1)
      .filter(
        (other) => one.left < other.right && other.left < one.right && one.top < other.bottom && other.top < one.bottom,
      )
      .map((other) => `${one.text} / ${other.text}`),
  )
}

function boxOf({ attributes, ...element }: XmlElement, shift: number): TextBox {
  const text = textOf({ attributes, ...element })
  const looks = attributes.class?.split(' ') ?? []
  const size = looks.includes('heading') ? 17 : looks.includes('title') ? 13 : 12
  const width = pixelsOf(text, size)
  const share = { start: 0, middle: 0.5, end: 1 }[attributes['text-anchor'] ?? 'start'] ?? 0
  const left = Number(attributes.x) - share * width
  const baseline = Number(attributes.y) + shift
  return { text, left, right: left + width, top: baseline - size * 0.75, bottom: baseline + size * 0.2 }
}
